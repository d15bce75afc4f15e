/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/input/journal_find.h"

#include <errno.h>
#include <systemd/sd-journal.h>

/* The value; data of a field is "NAME=value" and lives until the next is asked for. */
static struct str value_of(sd_journal *j, const char *field)
{
        size_t n_name = strlen(field) + 1, n = 0;
        const void *data = NULL;

        if (sd_journal_get_data(j, field, &data, &n) < 0 || n < n_name)
                return STR_NONE;
        return str_from((const char *)data + n_name, n - n_name);
}

static int each(sd_journal *j, const char *const *fields, size_t n_fields, int (*fn)(void *userdata, usec at, const struct str *values),
                void *userdata)
{
        int more = 0, r = 0;

        while (r >= 0 && (more = sd_journal_next(j)) > 0) {
                struct strbuf copies[JOURNAL_FIND_FIELDS_MAX] = { 0 };
                struct str values[JOURNAL_FIND_FIELDS_MAX] = { 0 };
                uint64_t at = 0;

                r = sd_journal_get_realtime_usec(j, &at);
                for (size_t i = 0; i < n_fields; i++) {
                        struct str value = value_of(j, fields[i]);

                        strbuf_add(&copies[i], value);
                        values[i] = value.p ? strbuf_str(&copies[i]) : STR_NONE;
                        if (strbuf_failed(&copies[i]))
                                r = -ENOMEM;
                }
                if (r >= 0)
                        r = fn(userdata, (usec)at, values);
                for (size_t i = 0; i < n_fields; i++)
                        strbuf_done(&copies[i]);
        }
        return r < 0 ? r : more;
}

int journal_find(const char *directory, const char *const *matches, size_t n_matches, const char *const *fields, size_t n_fields,
                 int (*fn)(void *userdata, usec at, const struct str *values), void *userdata, struct err *reterr)
{
        sd_journal *j = NULL;
        int r = directory ? sd_journal_open_directory(&j, directory, 0) : sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY);

        for (size_t i = 0; i < n_matches && r >= 0; i++)
                r = sd_journal_add_match(j, matches[i], 0);
        if (r >= 0)
                r = n_fields > JOURNAL_FIND_FIELDS_MAX ? -E2BIG : each(j, fields, n_fields, fn, userdata);
        sd_journal_close(j);
        return r < 0 ? err_set(reterr, r, "the journal%s%s cannot be read: %s", directory ? " in " : "", directory ? directory : "", strerror(-r))
                     : 0;
}
