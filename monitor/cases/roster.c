/* SPDX-License-Identifier: Apache-2.0 */

/* From bytes to lines, from lines to rows, from rows to people.
 *
 * A quoted cell may go on in the next lines. When that turns out to be no cell (something stands behind the closing quote, or it never
 * closes) the line that it began in is bad, and those behind it are looked at afresh. There are lines that open a cell and leave one open
 * (a","): where a cell that never closed begins in lines that were looked at afresh before, they count each for itself. So no line is
 * looked at more often than a few times. */

#include "monitor/cases/roster.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/csv.h"
#include "monitor/base/macros.h"
#include "monitor/base/map.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/nation.h"

enum { AGAIN_DEPTH_MAX = 2, CELL_KEY_MAX = 512, MAIL_BYTES_MAX = 320, PHONE_DIGITS_MIN = 5, HEADER_NAME_MAX = 60 };

/* In the order in which they say who somebody is; then where he lives. */
#define ROLES(X) \
        X(CUSTOMER, "customer's number") X(MAIL, "mail address") X(PHONE, "telephone number") X(ID, "number") X(CODE, "code of country") X(COUNTRY, "country") X(STATE, "state")
enum role {
#define X(id, title) ROLE_##id,
        ROLES(X)
#undef X
                _ROLE_MAX,
};
static const char *const role_titles[_ROLE_MAX] = {
#define X(id, title) title,
        ROLES(X)
#undef X
};

/* Names of columns, without blanks, dots, dashes and such, in small letters; of those of one role the first goes before. */
static const struct {
        enum role role;
        const char *names; /* divided by blanks */
} columns[] = {
        { ROLE_CUSTOMER, "customerid customernumber customerno customercode memberid memberno userid buyerid clientid shopperid subscriberid "
                         "고객번호 회원번호 고객id 회원id 顾客id 客户编号 客戶編號 会员编号 會員編號 顧客番号 顧客id 会員番号 会員id" },
        { ROLE_MAIL, "email emailaddress mail mailaddress customeremail buyeremail useremail billingemail contactemail 이메일 이메일주소 메일 邮箱 邮件 电子邮箱 电子邮件 電子郵件 "
                     "メール メールアドレス correo correoelectrónico courriel emailadresse อีเมล" },
        { ROLE_PHONE, "phone phonenumber telephone telephonenumber tel mobile mobilephone mobilenumber cellphone customerphone defaultaddressphone "
                      "billingphone shippingphone 전화번호 전화 휴대폰 휴대전화 휴대폰번호 연락처 电话 手机 手机号 電話 手機 電話番号 携帯電話 teléfono telefon" },
        { ROLE_ID, "id number no uid guid 번호 编号 編號 番号" },
        { ROLE_CODE, "countrycode countryiso countryisocode countrycodev2 addresscountrycode defaultaddresscountrycode billingcountrycode shippingcountrycode "
                     "국가코드 国家代码 國家代碼 国コード" },
        { ROLE_COUNTRY, "country countryname addresscountry defaultaddresscountry billingcountry shippingcountry countryregion market 국가 나라 国家 國家 国 país pays land "
                        "ประเทศ" },
        { ROLE_STATE, "statecode provincecode defaultaddressprovincecode addressprovincecode billingprovince shippingprovince state province" },
};

struct roster {
        struct headcount people;
        struct roster_result sum;
        struct strbuf part; /* a line whose end did not come yet */
        struct strbuf row; /* lines of a row whose last did not come yet */
        struct strbuf scratch, key;
        struct map spellings; /* of countries: their code, or `strange` */
        bool is_skipping; /* the rest of a line that is too long */
        bool has_begun, has_header;
        uint64_t line; /* number of the line that is read */
        uint64_t row_line; /* of the first of `row` */
        size_t row_lines;
        unsigned depth;
        bool is_single; /* no cell goes on in the next line */
        uint64_t again_to; /* lines up to this one were looked at afresh, for a cell that never closed */
        char delimiter;
        size_t n_columns;
        size_t at[_ROLE_MAX]; /* SIZE_MAX: there is none */
        struct err *err;
};

static const char strange[] = "";

const char *roster_flaw_text(enum roster_flaw flaw)
{
        static const char *const texts[_ROSTER_FLAW_MAX] = {
#define X(id, text) text,
                ROSTER_FLAWS(X)
#undef X
        };
        return texts[flaw];
}

struct roster *roster_new(void)
{
        struct roster *r = calloc(1, sizeof *r);

        if (!r)
                return NULL;
        for (size_t i = 0; i < _ROLE_MAX; i++)
                r->at[i] = SIZE_MAX;
        return r;
}

struct roster *roster_free(struct roster *r)
{
        if (!r)
                return NULL;
        headcount_done(&r->people);
        strbuf_done(&r->part);
        strbuf_done(&r->row);
        strbuf_done(&r->scratch);
        strbuf_done(&r->key);
        map_done(&r->spellings);
        free(r);
        return NULL;
}

static void bad(struct roster *r, enum roster_flaw flaw, uint64_t line)
{
        r->sum.rows++;
        r->sum.bad[flaw]++;
        r->sum.bad_all++;
        if (r->sum.n_first_bad < ROSTER_BAD_SHOWN) {
                r->sum.first_bad[r->sum.n_first_bad].line = line;
                r->sum.first_bad[r->sum.n_first_bad++].flaw = flaw;
        }
}

/* ---- The header ---- */

/* Letters and digits of any script, small. */
static void plain_name(struct str cell, struct strbuf *out)
{
        uint32_t c;

        strbuf_clear(out);
        while (out->n < HEADER_NAME_MAX && utf8_next(&cell, &c))
                if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
                        utf8_append(out, utf8_fold_char(c));
}

/* How early the name stands among those of the role; SIZE_MAX: it is none of them. */
static size_t rank_of(size_t i, struct str name)
{
        struct str rest = str_of(columns[i].names), word;

        for (size_t rank = 0; str_cut(&rest, ' ', &word); rank++)
                if (str_eq(word, name))
                        return rank;
        return SIZE_MAX;
}

static char find_delimiter(struct str line)
{
        static const char marks[] = { ',', ';', '\t', '|' };
        size_t best = 0;
        char ret = ',';

        for (size_t m = 0; m < sizeof marks; m++) {
                bool is_quoted = false;
                size_t n = 0;

                for (size_t i = 0; i < line.n; i++) {
                        is_quoted ^= line.p[i] == '"';
                        n += !is_quoted && line.p[i] == marks[m];
                }
                if (n > best) {
                        best = n;
                        ret = marks[m];
                }
        }
        return ret;
}

static int take_header(struct roster *r, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT;
        struct csv_row row = csv_row(text, r->delimiter);
        size_t ranks[_ROLE_MAX];
        struct csv_cell cell;
        int k;

        memset(ranks, 0xff, sizeof ranks);
        for (; (k = csv_next(&row, &cell)) > 0 && r->n_columns < CSV_COLUMNS_MAX; r->n_columns++) {
                plain_name(cell.text, &name);
                for (size_t i = 0; i < ARRAY_LEN(columns) && !strbuf_failed(&name); i++) {
                        size_t rank = rank_of(i, strbuf_str(&name));

                        if (rank >= ranks[columns[i].role])
                                continue;
                        ranks[columns[i].role] = rank;
                        r->at[columns[i].role] = r->n_columns;
                }
        }
        if (strbuf_failed(&name))
                return -ENOMEM;
        if (k < 0)
                return err_set(r->err, -EBADMSG, "the first row, which should name the columns, is no row of a table");
        r->has_header = true;
        for (size_t i = 0; i <= ROLE_ID; i++)
                if (r->at[i] != SIZE_MAX)
                        return 0;
        return err_set(r->err, -EBADMSG,
                       "no column of the first row says who a customer is: name one customer id, email, phone or id (and one country code or country)");
}

/* ---- Rows ---- */

static struct str cell_text(struct roster *r, const struct csv_cell *cell)
{
        char *to;

        if (!cell->has_doubled)
                return str_trim(cell->text);
        strbuf_clear(&r->scratch);
        to = strbuf_reserve(&r->scratch, cell->text.n);
        return to ? str_trim(str_from(to, csv_undouble(cell->text, to))) : STR("");
}

static bool is_mail(struct str s)
{
        size_t at = str_find(s, STR("@"));

        return at != SIZE_MAX && at > 0 && at + 1 < s.n && s.n <= MAIL_BYTES_MAX;
}

/* What stands for somebody: "m:mei@example.com". False: the cell says nothing. */
static bool make_key(struct roster *r, enum role role, struct str cell)
{
        size_t digits = 0;

        strbuf_clear(&r->key);
        strbuf_addc(&r->key, (char)('a' + role));
        strbuf_addc(&r->key, ':');
        if (cell.n == 0 || (role == ROLE_MAIL && !is_mail(cell)))
                return false;
        for (size_t i = 0; i < cell.n; i++) {
                bool is_digit = cell.p[i] >= '0' && cell.p[i] <= '9';

                digits += is_digit;
                if (role != ROLE_PHONE || is_digit)
                        strbuf_addc(&r->key, role == ROLE_MAIL ? str_lower(cell.p[i]) : cell.p[i]);
        }
        return role != ROLE_PHONE || digits >= PHONE_DIGITS_MIN;
}

static void note_strange(struct roster *r, struct str text)
{
        if (r->sum.n_strange >= ROSTER_STRANGE_SHOWN)
                return;
        memcpy(r->sum.strange[r->sum.n_strange++], text.p, size_min(text.n, ROSTER_STRANGE_BYTES));
}

/* The code, "" for one that is unknown; NULL: out of memory. */
static const char *code_of(struct roster *r, struct str text)
{
        const char *code = text.n <= CELL_KEY_MAX ? map_get(&r->spellings, text) : strange;

        if (code)
                return code;
        code = nation_find(text);
        if (!code) {
                code = strange;
                note_strange(r, text);
        }
        if (map_count(&r->spellings) < ROSTER_SPELLINGS_MAX && map_put(&r->spellings, text, (void *)(uintptr_t)code) < 0)
                return NULL;
        return code;
}

/* "us-ca", where the state has a code. */
static size_t add_state(char ret[8], struct str state)
{
        size_t n = 2;

        if (state.n < 2 || state.n > 3)
                return n;
        ret[n++] = '-';
        for (size_t i = 0; i < state.n; i++) {
                char c = str_lower(state.p[i]);

                if (c < 'a' || c > 'z')
                        return 2;
                ret[n++] = c;
        }
        return n;
}

static int count(struct roster *r, const char country[3], struct str state)
{
        char code[8] = "";
        size_t n = strlen(country);
        int k;

        memcpy(code, country, n);
        if (n == 2 && state.n > 0 && (str_eqz(str_from(code, 2), "us") || str_eqz(str_from(code, 2), "ca") || str_eqz(str_from(code, 2), "au")))
                n = add_state(code, state);
        k = headcount_add(&r->people, strbuf_str(&r->key), str_from(code, n));
        r->sum.duplicates += k == 0;
        return k < 0 ? k : 0;
}

static int find_country(struct roster *r, const struct csv_cell cells[_ROLE_MAX], const char **ret)
{
        struct str text = cell_text(r, &cells[ROLE_CODE]);

        if (text.n == 0)
                text = cell_text(r, &cells[ROLE_COUNTRY]);
        *ret = "";
        if (text.n == 0) {
                r->sum.without_country++;
                return 0;
        }
        *ret = code_of(r, text);
        if (!*ret)
                return -ENOMEM;
        r->sum.strange_country += **ret == '\0';
        return 0;
}

/* The cells of the columns that count. */
static int read_cells(struct roster *r, struct str text, struct csv_cell cells[_ROLE_MAX])
{
        struct csv_row row = csv_row(text, r->delimiter);
        struct csv_cell cell;
        size_t i = 0;
        int k;

        for (; (k = csv_next(&row, &cell)) > 0; i++) {
                if (i >= r->n_columns && cell.text.n > 0)
                        return -E2BIG;
                for (size_t role = 0; role < _ROLE_MAX; role++)
                        if (r->at[role] == i)
                                cells[role] = cell;
        }
        return k;
}

static int take_row(struct roster *r, struct str text, uint64_t line)
{
        struct csv_cell cells[_ROLE_MAX] = { 0 };
        const char *country;
        bool is_somebody = false;
        int k;

        if (memchr(text.p, '\0', text.n))
                return bad(r, ROSTER_NUL, line), 0;
        if (!r->has_header)
                return take_header(r, text);
        k = read_cells(r, text, cells);
        if (k < 0)
                return bad(r, k == -E2BIG ? ROSTER_CELLS : ROSTER_QUOTE, line), 0;
        for (size_t role = 0; role <= ROLE_ID && !is_somebody; role++)
                is_somebody = make_key(r, (enum role)role, cell_text(r, &cells[role]));
        if (strbuf_failed(&r->key) || strbuf_failed(&r->scratch))
                return -ENOMEM;
        if (!is_somebody)
                return bad(r, ROSTER_NOBODY, line), 0;
        r->sum.rows++;
        k = find_country(r, cells, &country);
        return k < 0 ? k : count(r, country, cell_text(r, &cells[ROLE_STATE]));
}

/* ---- Lines ---- */

static int take_line(struct roster *r, struct str line, uint64_t number);

/* The first line of `row` is bad; those behind it are looked at afresh. `is_endless`: its cell never closed. */
static int row_again(struct roster *r, enum roster_flaw flaw, bool is_endless)
{
        CLEANUP(strbuf_done) struct strbuf lines = r->row;
        uint64_t number = r->row_line, last = number + r->row_lines - 1;
        struct str rest = strbuf_str(&lines), line;
        bool was_single = r->is_single;
        int k = 0;

        r->row = (struct strbuf)STRBUF_INIT;
        r->row_lines = 0;
        if (!r->has_header)
                return err_set(r->err, -EBADMSG, "the first row, which should name the columns, is no row of a table");
        bad(r, flaw, number);
        r->is_single |= r->depth >= AGAIN_DEPTH_MAX || (is_endless && number <= r->again_to);
        if (is_endless)
                r->again_to = last;
        str_cut(&rest, '\n', &line);
        r->depth++;
        while (k >= 0 && str_cut(&rest, '\n', &line))
                k = take_line(r, line, ++number);
        r->depth--;
        r->is_single = was_single;
        return k;
}

static int take_line(struct roster *r, struct str line, uint64_t number)
{
        bool is_open = r->row.n > 0;
        enum csv_line state;
        int k;

        if (line.n > 0 && line.p[line.n - 1] == '\r')
                line.n--;
        if (line.n == 0 && !is_open)
                return 0;
        if (!r->has_header && !is_open)
                r->delimiter = find_delimiter(line);
        state = csv_scan_line(line, r->delimiter, is_open);
        if (state == CSV_WHOLE && !is_open)
                return take_row(r, line, number);
        if ((state == CSV_BAD || r->is_single) && !is_open && r->has_header)
                return bad(r, ROSTER_QUOTE, number), 0;
        if (is_open)
                strbuf_addc(&r->row, '\n');
        else
                r->row_line = number;
        strbuf_add(&r->row, line);
        r->row_lines++;
        if (strbuf_failed(&r->row))
                return -ENOMEM;
        if (state == CSV_BAD || r->row.n > ROSTER_ROW_BYTES_MAX || r->row_lines > CSV_ROW_LINES_MAX)
                return row_again(r, ROSTER_QUOTE, state != CSV_BAD);
        if (state == CSV_OPEN)
                return 0;
        k = take_row(r, strbuf_str(&r->row), r->row_line);
        strbuf_clear(&r->row);
        r->row_lines = 0;
        return k;
}

/* A line, of which `part` has the beginning. */
static int end_line(struct roster *r, struct str line)
{
        int k;

        r->line++;
        if (r->is_skipping) {
                r->is_skipping = false;
                bad(r, ROSTER_LONG, r->line);
                return 0;
        }
        if (r->part.n == 0)
                return line.n > ROSTER_ROW_BYTES_MAX ? (bad(r, ROSTER_LONG, r->line), 0) : take_line(r, line, r->line);
        strbuf_add(&r->part, line);
        k = strbuf_failed(&r->part) ? -ENOMEM : take_line(r, strbuf_str(&r->part), r->line);
        strbuf_clear(&r->part);
        return k;
}

static int keep_part(struct roster *r, struct str rest)
{
        if (r->is_skipping)
                return 0;
        if (r->part.n + rest.n > ROSTER_ROW_BYTES_MAX) {
                r->is_skipping = true;
                strbuf_clear(&r->part);
                return r->has_header ? 0 : err_set(r->err, -EBADMSG, "the first row, which should name the columns, is too long");
        }
        strbuf_add(&r->part, rest);
        return strbuf_failed(&r->part) ? -ENOMEM : 0;
}

int roster_feed(struct roster *r, struct str bytes, struct err *reterr)
{
        int k = 0;

        r->err = reterr;
        if (!r->has_begun && bytes.n > 0) {
                r->has_begun = true;
                if (str_starts(bytes, STR("\xef\xbb\xbf")))
                        bytes = str_from(bytes.p + 3, bytes.n - 3);
        }
        while (k >= 0 && bytes.n > 0) {
                const char *end = memchr(bytes.p, '\n', bytes.n);

                if (!end)
                        return keep_part(r, bytes);
                k = end_line(r, str_from(bytes.p, (size_t)(end - bytes.p)));
                bytes = str_from(end + 1, bytes.n - (size_t)(end - bytes.p) - 1);
        }
        return k;
}

int roster_end(struct roster *r, struct err *reterr)
{
        int k = 0;

        r->err = reterr;
        if (r->part.n > 0 || r->is_skipping)
                k = end_line(r, STR(""));
        while (k >= 0 && r->row.n > 0)
                k = row_again(r, ROSTER_QUOTE, true);
        if (k >= 0 && !r->has_header)
                return err_set(reterr, -EBADMSG, "it is empty: the first row should name the columns");
        return k;
}

void roster_result(const struct roster *r, struct roster_result *ret)
{
        *ret = r->sum;
        ret->people = &r->people;
        for (size_t i = 0; i <= ROLE_ID && !ret->who; i++)
                ret->who = r->at[i] != SIZE_MAX ? role_titles[i] : NULL;
        ret->country = r->at[ROLE_CODE] != SIZE_MAX ? role_titles[ROLE_CODE] : r->at[ROLE_COUNTRY] != SIZE_MAX ? role_titles[ROLE_COUNTRY] : NULL;
        ret->state = r->at[ROLE_STATE] != SIZE_MAX ? role_titles[ROLE_STATE] : NULL;
}
