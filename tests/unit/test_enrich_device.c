/* SPDX-License-Identifier: Apache-2.0 */

/* Device families: what user agents of browsers, apps and tools become, and that versions never show. */

#include <criterion/criterion.h>

#include "monitor/base/macros.h"
#include "monitor/enrich/device.h"

static const struct {
        const char *agent, *device; /* NULL: unknown */
} rows[] = {
        { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
          "Chrome on Windows" },
        { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
          "Chrome on Windows" },
        { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0",
          "Edge on Windows" },
        { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15",
          "Safari on macOS" },
        { "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 "
          "Mobile/15E148 Safari/604.1",
          "Safari on iPhone" },
        { "Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/119.0 Mobile/15E148 Safari/604.1",
          "Chrome on iPad" },
        { "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0 Mobile Safari/537.36",
          "Samsung Internet on Android" },
        { "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0", "Firefox on Linux" },
        { "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Safari/537.36",
          "Chrome on ChromeOS" },
        { "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0 Safari/537.36",
          "Headless Chrome on Linux" },
        { "aws-cli/2.13.0 Python/3.11.4 Linux/5.10 exe/x86_64.amzn.2 prompt/off command/s3.ls", "aws-cli" },
        { "Boto3/1.26.0 Python/3.9.2 Linux/5.10 Botocore/1.29.0", "python" },
        { "python-requests/2.31.0", "python" },
        { "APN/1.0 HashiCorp/1.0 Terraform/1.6.2 aws-sdk-go/1.44", "terraform" },
        { "okhttp/4.9.3", "okhttp on Android" },
        { "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7)", "Dalvik on Android" },
        { "cloudtrail.amazonaws.com", "AWS service" },
        { "signin.amazonaws.com", "AWS console" },
        { "curl/7.88.1", "curl" },
        { "Go-http-client/2.0", "go" },
        { "CURL/8", "curl" },
        { "Chrome/1", "Chrome" },
        { "Mozilla/5.0", NULL },
        { "", NULL },
        { "\x01\x02 nothing", NULL },
};

Test(enrich_device, families)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char device[DEVICE_NAME_BYTES] = "before";

                device_of(str_of(rows[i].agent), device);
                cr_expect_str_eq(device, rows[i].device ? rows[i].device : "", "%s: %s", rows[i].agent, device);
        }
}

Test(enrich_device, only_the_beginning_is_looked_at)
{
        char agent[DEVICE_AGENT_BYTES_MAX + 16], device[DEVICE_NAME_BYTES];

        memset(agent, 'x', sizeof agent);
        memcpy(agent + sizeof agent - 5, "curl/", 5);
        device_of(str_from(agent, sizeof agent), device);
        cr_expect_str_eq(device, "");
        memcpy(agent + DEVICE_AGENT_BYTES_MAX - 5, "curl/", 5);
        device_of(str_from(agent, sizeof agent), device);
        cr_expect_str_eq(device, "curl");
}
