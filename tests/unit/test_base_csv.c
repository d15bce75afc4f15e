/* SPDX-License-Identifier: Apache-2.0 */

/* Rows and cells: RFC 4180, and what is none. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "monitor/base/csv.h"

/* The cells joined by '|', doubled quotes undone; "!" behind them when the row is bad. */
static const char *cells(const char *text, char delimiter)
{
        static char out[512];
        struct csv_row row = csv_row(str_of(text), delimiter);
        struct csv_cell cell;
        size_t n = 0;
        int r;

        while ((r = csv_next(&row, &cell)) > 0) {
                if (cell.text.n > 0)
                        memcpy(out + n, cell.text.p, cell.text.n);
                n += cell.has_doubled ? csv_undouble(cell.text, out + n) : cell.text.n;
                out[n++] = '|';
        }
        if (r < 0)
                out[n++] = '!';
        out[n] = '\0';
        return out;
}

Test(base_csv, cells)
{
        static const struct {
                const char *text, *want;
                char delimiter;
        } rows[] = {
                { "a,b,c", "a|b|c|", ',' },
                { "", "|", ',' },
                { ",", "||", ',' },
                { "a,,", "a|||", ',' },
                { "\"a\",\"b,c\",\"\"", "a|b,c||", ',' },
                { "\"say \"\"hi\"\"\",x", "say \"hi\"|x|", ',' },
                { "\"\"\"\"", "\"|", ',' },
                { "\"two\r\nlines\";x", "two\r\nlines|x|", ';' },
                { "a\tb c\t", "a|b c||", '\t' },
                { "5\" disk,b\"\"c", "5\" disk|b\"\"c|", ',' },
                { " \"a\",b", " \"a\"|b|", ',' },
                { "\"a\"b,c", "!", ',' },
                { "x,\"a", "x|!", ',' },
                { "\"a\" ,b", "!", ',' },
                { "a long cell of many bytes,and another that is long,z", "a long cell of many bytes|and another that is long|z|", ',' },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const char *got = cells(rows[i].text, rows[i].delimiter);

                cr_expect(strcmp(got, rows[i].want) == 0, "%s: %s, not %s", rows[i].text, got, rows[i].want);
        }
}

Test(base_csv, where_a_row_ends)
{
        static const struct {
                const char *line;
                bool is_open;
                enum csv_line want;
        } lines[] = {
                { "a,b", false, CSV_WHOLE },        { "", false, CSV_WHOLE },          { "a,\"b", false, CSV_OPEN },
                { "\"", false, CSV_OPEN },          { "x", true, CSV_OPEN },           { "", true, CSV_OPEN },
                { "x\",y", true, CSV_WHOLE },       { "x\"\"", true, CSV_OPEN },       { "x\"\"\"", true, CSV_WHOLE },
                { "x\",\"y", true, CSV_OPEN },      { "a,\"b\"c", false, CSV_BAD },    { "next,\"x\",y", true, CSV_BAD },
                { "5\" disk,\"", false, CSV_OPEN }, { "5\" disk,x\"", false, CSV_WHOLE },
                { "a,\"\"", false, CSV_WHOLE },     { "\"\",\"\"", false, CSV_WHOLE }, { "a,b,", false, CSV_WHOLE },
        };

        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
                cr_expect(csv_scan_line(str_of(lines[i].line), ',', lines[i].is_open) == lines[i].want, "%s", lines[i].line);
}

/* What the scan calls whole the cells read whole, and the other way round. */
Test(base_csv, both_walks_agree)
{
        static const char soup[] = "\"\"\",,ab";

        srand(20261124);
        for (int round = 0; round < 100000; round++) {
                char text[24];
                size_t n = (size_t)(rand() % 24);
                struct csv_row row;
                struct csv_cell cell;
                enum csv_line line;
                int r;

                for (size_t i = 0; i < n; i++)
                        text[i] = soup[(size_t)rand() % (sizeof soup - 1)];
                row = csv_row(str_from(text, n), ',');
                while ((r = csv_next(&row, &cell)) > 0)
                        ;
                line = csv_scan_line(str_from(text, n), ',', false);
                cr_assert_eq(line == CSV_WHOLE, r == 0, "%.*s", (int)n, text);
        }
}

/* ---- Writing ---- */

/* What a spreadsheet shows is text, whatever it begins with, and stays in its cell. */
Test(base_csv, cells_are_no_formulas)
{
        static const char *const cells[][2] = {
                { "plain", "plain" },
                { "a,b", "\"a,b\"" },
                { "a;=1+1", "\"a;=1+1\"" },
                { "say \"x\"", "\"say \"\"x\"\"\"" },
                { "=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"" },
                { "+82 10", "\"'+82 10\"" },
                { "-1", "\"'-1\"" },
                { "@SUM(A1)", "\"'@SUM(A1)\"" },
                { "\t=1", "\"'\t=1\"" },
                { "  =1", "\"'  =1\"" },
                { "\n=1", "\"'\n=1\"" },
                { "＝1", "\"'＝1\"" },
                { "＠x", "\"'＠x\"" },
                { "a=1", "a=1" },
                { "", "" },
        };

        for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
                CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

                csv_put(&out, str_of(cells[i][0]), true);
                cr_expect(str_eqz(strbuf_str(&out), cells[i][1]), "%s", out.p);
        }
}

/* A carriage return never gets out. */
Test(base_csv, no_carriage_return_gets_out)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        csv_put(&out, STR("\r=1"), false);
        cr_expect(out.p[0] == ',' && str_find(strbuf_str(&out), STR("\r")) == SIZE_MAX);
}
