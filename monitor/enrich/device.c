/* SPDX-License-Identifier: Apache-2.0 */

/* Two ordered tables of words to look for; the first that is there wins, so the special stands before the general: all
 * browsers call themselves Mozilla, nearly all Safari, and Edge, Opera and others Chrome. */

#include "monitor/enrich/device.h"

#include <stdio.h>

#include "monitor/base/macros.h"

/* Needles in lower case. */
static const struct {
        const char *needle, *name;
        enum { ALONE, WITH_OS } kind; /* whether the system belongs to the family */
} programs[] = {
        /* Tools and libraries. */
        { "aws-cli", "aws-cli", ALONE },
        { "boto3", "python", ALONE },
        { "botocore", "python", ALONE },
        { "hashicorp", "terraform", ALONE },
        { "terraform", "terraform", ALONE },
        { "pulumi", "pulumi", ALONE },
        { "ansible", "ansible", ALONE },
        { "kubectl", "kubectl", ALONE },
        { "rclone", "rclone", ALONE },
        { "s3 browser", "S3 Browser", ALONE },
        { "cyberduck", "Cyberduck", ALONE },
        { "google-cloud-sdk", "gcloud", ALONE },
        { "gcloud", "gcloud", ALONE },
        { "gsutil", "gcloud", ALONE },
        { "aws-sdk-", "aws-sdk", ALONE },
        { "aws-internal", "AWS console", ALONE },
        { "console.amazonaws.com", "AWS console", ALONE },
        { "signin.amazonaws.com", "AWS console", ALONE },
        { ".amazonaws.com", "AWS service", ALONE },
        { "azure-cli", "azure-cli", ALONE },
        { "azurecli", "azure-cli", ALONE },
        { "powershell", "PowerShell", ALONE },
        { "postmanruntime", "Postman", ALONE },
        { "insomnia", "Insomnia", ALONE },
        { "curl/", "curl", ALONE },
        { "wget", "wget", ALONE },
        { "python", "python", ALONE },
        { "aiohttp", "python", ALONE },
        { "httpx", "python", ALONE },
        { "go-http-client", "go", ALONE },
        { "node-fetch", "node", ALONE },
        { "axios", "node", ALONE },
        { "undici", "node", ALONE },
        { "guzzlehttp", "php", ALONE },
        { "php/", "php", ALONE },
        { "libwww-perl", "perl", ALONE },
        { "ruby", "ruby", ALONE },
        { "apache-httpclient", "java", ALONE },
        { "java/", "java", ALONE },
        { "wordpress/", "WordPress", ALONE },
        { "woocommerce", "WooCommerce", ALONE },
        { "sqlmap", "sqlmap", ALONE },
        { "nikto", "nikto", ALONE },
        { "wpscan", "wpscan", ALONE },
        { "googlebot", "bot", ALONE },
        { "bingbot", "bot", ALONE },
        { "crawler", "bot", ALONE },
        { "spider", "bot", ALONE },
        /* Apps and browsers. */
        { "okhttp", "okhttp", WITH_OS },
        { "dalvik/", "Dalvik", WITH_OS },
        { "thunderbird", "Thunderbird", WITH_OS },
        { "outlook", "Outlook", WITH_OS },
        { "fban/", "Facebook", WITH_OS },
        { "fbav/", "Facebook", WITH_OS },
        { "instagram", "Instagram", WITH_OS },
        { "slack", "Slack", WITH_OS },
        { "electron/", "Electron", WITH_OS },
        { "headlesschrome", "Headless Chrome", WITH_OS },
        { "phantomjs", "PhantomJS", WITH_OS },
        { "edg/", "Edge", WITH_OS },
        { "edga/", "Edge", WITH_OS },
        { "edgios/", "Edge", WITH_OS },
        { "edge/", "Edge", WITH_OS },
        { "opr/", "Opera", WITH_OS },
        { "opera/", "Opera", WITH_OS },
        { "vivaldi", "Vivaldi", WITH_OS },
        { "yabrowser", "Yandex Browser", WITH_OS },
        { "samsungbrowser", "Samsung Internet", WITH_OS },
        { "ucbrowser", "UC Browser", WITH_OS },
        { "duckduckgo", "DuckDuckGo", WITH_OS },
        { "brave", "Brave", WITH_OS },
        { "seamonkey", "SeaMonkey", WITH_OS },
        { "firefox/", "Firefox", WITH_OS },
        { "fxios/", "Firefox", WITH_OS },
        { "crios/", "Chrome", WITH_OS },
        { "chromium/", "Chrome", WITH_OS },
        { "chrome/", "Chrome", WITH_OS },
        { "trident/", "Internet Explorer", WITH_OS },
        { "msie ", "Internet Explorer", WITH_OS },
        { "safari/", "Safari", WITH_OS },
        { "cfnetwork/", "CFNetwork", WITH_OS },
        { "applewebkit/", "WebKit", WITH_OS },
};

static const struct {
        const char *needle, *name;
} systems[] = {
        { "iphone", "iPhone" },
        { "ipad", "iPad" },
        { "ipod", "iPod" },
        { "android", "Android" },
        { "okhttp", "Android" }, /* says nothing else, and lives there */
        { "cros ", "ChromeOS" },
        { "windows", "Windows" },
        { "mac os x", "macOS" },
        { "macintosh", "macOS" },
        { "darwin", "Apple" },
        { "freebsd", "FreeBSD" },
        { "openbsd", "OpenBSD" },
        { "linux", "Linux" },
        { "x11", "Linux" },
};

static bool holds(struct str s, const char *needle)
{
        return memmem(s.p, s.n, needle, strlen(needle)) != NULL;
}

void device_of(struct str agent, char ret[static DEVICE_NAME_BYTES])
{
        char lower[DEVICE_AGENT_BYTES_MAX];
        struct str s = { lower, size_min(agent.n, sizeof lower) };
        size_t p = 0, o = 0;

        ret[0] = '\0';
        for (size_t i = 0; i < s.n; i++)
                lower[i] = str_lower(agent.p[i]);
        while (p < ARRAY_LEN(programs) && !holds(s, programs[p].needle))
                p++;
        if (p == ARRAY_LEN(programs))
                return;
        while (programs[p].kind == WITH_OS && o < ARRAY_LEN(systems) && !holds(s, systems[o].needle))
                o++;
        if (programs[p].kind == ALONE || o == ARRAY_LEN(systems))
                snprintf(ret, DEVICE_NAME_BYTES, "%s", programs[p].name);
        else
                snprintf(ret, DEVICE_NAME_BYTES, "%s on %s", programs[p].name, systems[o].name);
}
