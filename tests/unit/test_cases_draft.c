/* SPDX-License-Identifier: Apache-2.0 */

/* What holds of every draft: all that the law asks for is there or marked as unknown, nothing sounds more certain than it is, and values
 * are only ever text. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/utf8.h"
#include "tests/unit/drafts_util.h"

static struct draft make(const struct casefile *c, const char *regime, const char *lang, enum draft_audience to, enum draft_stage stage, enum draft_channel channel)
{
        struct draft_request q = { .file = c, .regime = regime_find(&laws, str_of(regime)), .template = template_find(&words, str_of(lang)), .to = to, .stage = stage,
                                   .channel = channel, .now = NOW };
        struct draft d;
        struct err err = { 0 };

        cr_assert(q.regime && q.template, "%s %s", regime, lang);
        cr_assert_eq(draft_make(&q, arena, &d, &err), 0, "%s %s: %s", regime, lang, err.text);
        return d;
}

static struct str notice_of(const struct draft *d)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        draft_notice(d, &out);
        return arena_dup(arena, strbuf_str(&out));
}

static bool has(struct str text, const char *part)
{
        return str_find(text, str_of(part)) != SIZE_MAX;
}

static bool has_gap(const struct draft *d, enum draft_gap_kind kind, const char *field)
{
        for (size_t i = 0; i < d->n_gaps; i++)
                if (d->gaps[i].kind == kind && str_eqz(d->gaps[i].field, field))
                        return true;
        return false;
}

/* ---- Contents ---- */

static bool is_written(const struct draft *d, const struct content *c)
{
        for (size_t i = 0; i < d->n_parts; i++)
                if (d->parts[i].content == c && d->parts[i].kind != DRAFT_HEADING && d->parts[i].text.n > 0)
                        return true;
        return false;
}

static void check_contents(const struct casefile *c, const struct regime *r, const struct template *t, enum draft_audience to, enum duty_to duty)
{
        const char *const always[] = { "contact", "next-update", to == DRAFT_PEOPLE ? "advice" : "organisation" };

        for (int stage = 0; stage < _DRAFT_STAGE_MAX; stage++) {
                struct draft_request q = { .file = c, .regime = r, .template = t, .to = to, .stage = (enum draft_stage)stage, .channel = _DRAFT_CHANNEL_MAX, .now = NOW };
                struct draft d;
                struct err err = { 0 };

                cr_assert_eq(draft_make(&q, arena, &d, &err), 0, STR_FMT ": %s", STR_ARG(r->id), err.text);
                for (size_t i = 0; i < r->n_contents[duty]; i++)
                        cr_expect(is_written(&d, r->contents[duty][i].content), STR_FMT " to %s in " STR_FMT ": %s is missing", STR_ARG(r->id), draft_audience_name(to),
                                  STR_ARG(t->lang), r->contents[duty][i].content->id);
                for (size_t i = 0; i < 3; i++)
                        cr_expect(is_written(&d, content_find(str_of(always[i]))), STR_FMT ": %s is missing", STR_ARG(r->id), always[i]);
                cr_expect(str_find(notice_of(&d), STR("{")) == SIZE_MAX, STR_FMT " " STR_FMT, STR_ARG(r->id), STR_ARG(t->lang));
        }
}

static void check_all(const struct casefile *c)
{
        static const enum draft_audience audiences[] = { DRAFT_AUTHORITY, DRAFT_PEOPLE, DRAFT_PRINCIPAL, DRAFT_PARTNER };
        static const enum duty_to duties[] = { TO_AUTHORITY, TO_PEOPLE, TO_PRINCIPAL, TO_PARTNER };

        for (size_t i = 0; i < laws.n; i++)
                for (size_t j = 0; j < words.n; j++)
                        for (size_t k = 0; k < ARRAY_LEN(duties); k++) {
                                struct arena_mark mark = arena_mark(arena);

                                check_contents(c, &laws.items[i], &words.items[j], audiences[k], duties[k]);
                                arena_rewind(arena, &mark);
                        }
}

Test(cases_draft, all_that_a_law_asks_for_is_there, .init = load, .fini = unload)
{
        struct casefile c;

        add_everything();
        c = fold();
        check_all(&c);
}

Test(cases_draft, what_nobody_said_is_there_as_unknown, .init = load, .fini = unload)
{
        struct casefile c;

        add_nothing();
        c = fold();
        check_all(&c);
}

Test(cases_draft, with_everything_known_there_is_no_hole, .init = load, .fini = unload)
{
        struct casefile c;

        add_everything();
        add("set", "people", "5000", "confirmed");
        c = fold();
        for (size_t i = 0; i < laws.n; i++) {
                const struct regime *r = &laws.items[i];
                const char *id = arena_dup(arena, r->id).p;
                struct draft d = make(&c, id, "en", DRAFT_PEOPLE, DRAFT_CONFIRMED, _DRAFT_CHANNEL_MAX);

                for (size_t j = 0; j < d.n_gaps; j++)
                        cr_expect(d.gaps[j].kind != GAP_MISSING, "%s: " STR_FMT " is missing", id, STR_ARG(d.gaps[j].field));
                cr_expect(!has(notice_of(&d), "["), "%s", id);
        }
}

/* ---- What it may say ---- */

static const struct {
        const char *lang, *not_yet_whose, *at_least, *estimate, *unknown;
} phrases[] = {
        { "en", "not yet confirmed whose data", "at least 1,200 people (estimate) so far; the review", "(estimate)", "Not yet known. We will tell you by 30 November 2026." },
        { "ko", "어느 고객님의 정보가 유출되었는지는 아직 확인되지 않았습니다", "현재까지 최소 1,200명 (추정)", "(추정)", "2026년 11월 30일까지" },
        { "ja", "どのお客様のデータが対象かはまだ確認できていません", "現時点で少なくとも1,200人（推定）", "（推定）", "2026年11月30日までに" },
        { "zh-Hans", "尚未确认涉及哪些客户的信息", "目前至少1,200人（估计）", "（估计）", "2026年11月30日前" },
        { "ms", "belum mengesahkan data siapa", "sekurang-kurangnya 1,200 orang (anggaran) setakat ini", "(anggaran)", "30 November 2026" },
        { "id", "belum dapat memastikan data siapa", "sedikitnya 1.200 orang (perkiraan) sampai saat ini", "(perkiraan)", "30 November 2026" },
        { "th", "ยังไม่ได้ยืนยันว่าเป็นข้อมูลของผู้ใด", "อย่างน้อย 1,200 คน (ประมาณการ) ณ ขณะนี้", "(ประมาณการ)", "30 พฤศจิกายน 2569" },
        { "vi", "chưa xác nhận dữ liệu của ai", "đến nay ít nhất 1.200 người (ước tính);", "(ước tính)", "ngày 30 tháng 11 năm 2026" },
        { "de", "Wessen Daten betroffen sind, ist noch nicht bestätigt", "bisher mindestens 1.200 Personen (Schätzung);", "(Schätzung)", "30. November 2026" },
};

Test(cases_draft, under_investigation_nothing_is_certain, .init = load, .fini = unload)
{
        struct casefile c;

        add_nothing();
        set("next-update", "1796000000000000 Asia/Seoul");
        c = fold();
        for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
                struct draft d = make(&c, "kr-pipa", phrases[i].lang, DRAFT_PEOPLE, DRAFT_INVESTIGATING, DRAFT_EMAIL);
                struct str text = notice_of(&d);

                cr_expect(has(text, phrases[i].not_yet_whose), "%s:\n" STR_FMT, phrases[i].lang, STR_ARG(text));
                cr_expect(has(text, phrases[i].unknown), "%s:\n" STR_FMT, phrases[i].lang, STR_ARG(text));
                cr_expect(has(text, "2026") || has(text, "2569"));
                cr_expect(has_gap(&d, GAP_UNKNOWN, "data") && has_gap(&d, GAP_MISSING, "help-desk"));
        }
}

/* 4,536 became 33.7 million in nine days. */
Test(cases_draft, a_low_count_never_sounds_final, .init = load, .fini = unload)
{
        struct casefile c;

        add_nothing();
        add("set", "people.kr", "1200", "estimated");
        c = fold();
        for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
                struct draft d = make(&c, "kr-pipa", phrases[i].lang, DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET);

                cr_expect(has(notice_of(&d), phrases[i].at_least), "%s:\n" STR_FMT, phrases[i].lang, STR_ARG(notice_of(&d)));
                cr_expect(has(notice_of(&d), phrases[i].estimate), "%s", phrases[i].lang);
        }
}

Test(cases_draft, counts_are_of_the_laws_own_people, .init = load, .fini = unload)
{
        struct casefile c;
        struct str text;

        add_nothing();
        set("people.kr", "1200");
        set("people.de", "30");
        set("people.fr", ">=12");
        set("people", "5000");
        add("reviewed", "", "", "");
        c = fold();
        text = notice_of(&(struct draft[]){ make(&c, "kr-pipa", "en", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET) }[0]);
        cr_expect(has(text, "\n1,200 people\n") && has(text, "In all countries: 5,000 people") && !has(text, "at least"), STR_FMT, STR_ARG(text));
        text = notice_of(&(struct draft[]){ make(&c, "eu-gdpr", "en", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET) }[0]);
        cr_expect(has(text, "\nat least 42 people so far; the review continues\n"), STR_FMT, STR_ARG(text));
        cr_expect(has(text, "Germany: 30 people\n") && has(text, "France: at least 12 people"), STR_FMT, STR_ARG(text));
        text = notice_of(&(struct draft[]){ make(&c, "jp-appi", "en", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET) }[0]);
        cr_expect(has(text, "Number of people affected (Rules Art. 8(1) 3)\nNot yet known."), STR_FMT, STR_ARG(text));
}

Test(cases_draft, ranges_and_open_reviews, .init = load, .fini = unload)
{
        struct casefile c;
        struct str text;

        add_nothing();
        set("people.kr", "1000-1300");
        add("reviewed", "", "", "");
        c = fold();
        text = notice_of(&(struct draft[]){ make(&c, "kr-pipa", "en", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET) }[0]);
        cr_expect(has(text, "between 1,000 and 1,300 people"), STR_FMT, STR_ARG(text));
        c.is_reviewed = false;
        c.hold_from = NOW - 30 * USEC_PER_DAY;
        c.hold_to = INT64_MAX;
        text = notice_of(&(struct draft[]){ make(&c, "kr-pipa", "en", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET) }[0]);
        cr_expect(has(text, "at least 1,000 people so far; the review of 25 October 2026 to 24 November 2026 continues"), STR_FMT, STR_ARG(text));
        c.reach_from = NOW - 40 * USEC_PER_DAY;
        c.reach_to = NOW - 10 * USEC_PER_DAY;
        text = notice_of(&(struct draft[]){ make(&c, "kr-pipa", "en", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET) }[0]);
        cr_expect(has(text, "the review of 15 October 2026 to 14 November 2026 continues"), STR_FMT, STR_ARG(text));
}

Test(cases_draft, what_was_done_is_said_as_the_evidence_has_it, .init = load, .fini = unload)
{
        static const struct {
                const char *value, *status, *says;
        } rows[] = {
                { "viewed: the log has each page", "confirmed", "viewed personal data" },
                { "Copied, as the export shows", "confirmed", "took a copy of personal data" },
                { "sold in a forum", "confirmed", "offered for sale" },
                { "copied perhaps", "estimated", "gained access to personal data" },
                { "no sign that it was copied", "confirmed", "gained access to personal data" },
                { "soldering", "confirmed", "gained access to personal data" },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct casefile c;
                struct str text;

                n_entries = 0;
                add_nothing();
                add("mark", "aware", "1794898800000000 Asia/Seoul", "");
                add("set", "evidence-of-use", rows[i].value, rows[i].status);
                c = fold();
                text = notice_of(&(struct draft[]){ make(&c, "kr-pipa", "en", DRAFT_PEOPLE, DRAFT_CONFIRMED, DRAFT_EMAIL) }[0]);
                cr_expect(has(text, rows[i].says), "%s:\n" STR_FMT, rows[i].value, STR_ARG(text));
        }
}

Test(cases_draft, words_to_avoid_are_told, .init = load, .fini = unload)
{
        struct casefile c;
        struct draft d;

        add_nothing();
        set("narrative", "Addresses were Exposed.");
        set("consequences", "Messages that name orders, etc.");
        set("remedy", "Exposedness is no word.");
        c = fold();
        d = make(&c, "kr-pipa", "en", DRAFT_PEOPLE, DRAFT_CONFIRMED, DRAFT_EMAIL);
        cr_expect(has_gap(&d, GAP_AVOID, "exposed") && !has_gap(&d, GAP_AVOID, "expose"));
        n_entries = 0;
        add_everything();
        c = fold();
        for (size_t i = 0; i < words.n; i++)
                for (size_t j = 0; j < laws.n; j++) {
                        d = make(&c, arena_dup(arena, laws.items[j].id).p, arena_dup(arena, words.items[i].lang).p, DRAFT_PEOPLE, DRAFT_CONFIRMED, DRAFT_EMAIL);
                        for (size_t k = 0; k < d.n_gaps; k++)
                                cr_expect(d.gaps[k].kind != GAP_AVOID, STR_FMT ": " STR_FMT, STR_ARG(words.items[i].lang), STR_ARG(d.gaps[k].field));
                }
}

/* ---- Laws with a form or words of their own ---- */

Test(cases_draft, california_has_its_title_and_five_headings, .init = load, .fini = unload)
{
        static const char *const headings[] = { "What Happened", "What Information Was Involved", "What We Are Doing", "What You Can Do", "For More Information" };

        for (int everything = 0; everything < 2; everything++) {
                struct casefile c;
                struct draft d;
                size_t n = 0, said = 0;

                n_entries = 0;
                if (everything)
                        add_everything();
                else
                        add_nothing();
                c = fold();
                d = make(&c, "us-ca", "en", DRAFT_PEOPLE, everything ? DRAFT_CONFIRMED : DRAFT_INVESTIGATING, DRAFT_EMAIL);
                cr_assert(d.parts[0].kind == DRAFT_TITLE && str_eqz(d.parts[0].text, "Notice of Data Breach"));
                for (size_t i = 0; i < d.n_parts; i++) {
                        if (d.parts[i].kind == DRAFT_HEADING && d.parts[i].text.n > 0) {
                                cr_assert(n < 5 && str_eqz(d.parts[i].text, headings[n]), STR_FMT, STR_ARG(d.parts[i].text));
                                cr_assert(n == 0 || said > 0);
                                n++;
                                said = 0;
                        } else {
                                said++;
                        }
                }
                cr_assert_eq(n, 5);
        }
}

Test(cases_draft, korea_has_damages_and_mediation, .init = load, .fini = unload)
{
        struct casefile c;
        struct str text;

        add_nothing();
        c = fold();
        text = notice_of(&(struct draft[]){ make(&c, "kr-pipa", "ko", DRAFT_PEOPLE, DRAFT_INVESTIGATING, DRAFT_EMAIL) }[0]);
        cr_expect(has(text, "손해배상을 청구하실 수 있습니다") && has(text, "분쟁조정위원회"), STR_FMT, STR_ARG(text));
        cr_expect(has(text, "유출") && !has(text, "노출"));
}

Test(cases_draft, press_and_support, .init = load, .fini = unload)
{
        struct casefile c;
        struct str text;

        add_everything();
        c = fold();
        for (size_t i = 0; i < words.n; i++)
                for (int s = 0; s < _DRAFT_STAGE_MAX; s++) {
                        const char *lang = arena_dup(arena, words.items[i].lang).p;

                        text = notice_of(&(struct draft[]){ make(&c, "kr-pipa", lang, DRAFT_SUPPORT, (enum draft_stage)s, _DRAFT_CHANNEL_MAX) }[0]);
                        cr_expect(has(text, "A voucher of 10 USD.") && has(text, "https://hanok.example/help"), "%s: " STR_FMT, lang, STR_ARG(text));
                        text = notice_of(&(struct draft[]){ make(&c, "kr-pipa", lang, DRAFT_PRESS, (enum draft_stage)s, _DRAFT_CHANNEL_MAX) }[0]);
                        cr_expect(has(text, "Hanok Goods") && has(text, "revoked"), "%s: " STR_FMT, lang, STR_ARG(text));
                        text = notice_of(&(struct draft[]){ make(&c, "kr-pipa", lang, DRAFT_PEOPLE, (enum draft_stage)s, DRAFT_IN_APP) }[0]);
                        cr_expect(has(text, "https://hanok.example/help"), "%s: " STR_FMT, lang, STR_ARG(text));
                }
}

/* ---- SMS ---- */

Test(cases_draft, sms_are_measured, .init = load, .fini = unload)
{
        char many[400];
        struct sms_size s;
        struct {
                const char *text;
                size_t units, parts;
                bool is_ucs2;
        } rows[] = { { "", 0, 1, false }, { "hello", 5, 1, false }, { "[x] €", 8, 1, false }, { "äöüß@£", 6, 1, false }, { "안녕", 2, 1, true }, { "a😀", 3, 1, true }, { "ạ", 1, 1, true } };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                sms_measure(str_of(rows[i].text), &s);
                cr_expect(s.units == rows[i].units && s.parts == rows[i].parts && s.is_ucs2 == rows[i].is_ucs2, "%s: %zu", rows[i].text, s.units);
        }
        memset(many, 'a', sizeof many);
        sms_measure(str_from(many, 160), &s);
        cr_expect_eq(s.parts, 1);
        sms_measure(str_from(many, 161), &s);
        cr_expect_eq(s.parts, 2);
        sms_measure(str_from(many, 306), &s);
        cr_expect_eq(s.parts, 2);
        many[152] = '['; /* does not go in two */
        sms_measure(str_from(many, 305), &s);
        cr_expect(s.units == 306 && s.parts == 3, "%zu %zu", s.units, s.parts);
}

static void check_sms(const struct casefile *c, const char *name, const char *desk)
{
        for (size_t i = 0; i < words.n; i++)
                for (int s = 0; s < _DRAFT_STAGE_MAX; s++) {
                        const char *lang = arena_dup(arena, words.items[i].lang).p;
                        struct draft d = make(c, "kr-pipa", lang, DRAFT_PEOPLE, (enum draft_stage)s, DRAFT_SMS);
                        struct str text = notice_of(&d);

                        cr_expect(d.sms.parts <= SMS_PARTS_MAX && d.sms.units > 0, "%s: %zu", lang, d.sms.parts);
                        cr_expect(has(text, desk), "%s: " STR_FMT, lang, STR_ARG(text));
                        cr_expect(has(text, name), "%s: " STR_FMT, lang, STR_ARG(text));
                        cr_expect(has(text, "2026") || has(text, "2569"));
                }
}

Test(cases_draft, an_sms_fits_in_every_language, .init = load, .fini = unload)
{
        char desk[300] = "Please see https://";
        struct casefile c;

        add_everything();
        c = fold();
        check_sms(&c, "Hanok Goods Co", "https://hanok.example/help");
        memset(desk + strlen(desk), 'a', SMS_DESK_MAX - 8);
        set("help-desk", desk);
        set("organisation", "한옥상회한옥상회한옥상회한옥상회한옥상회한옥상회; 서울");
        c = fold();
        check_sms(&c, "한옥상회한옥상회", desk + 11);
        n_entries = 0;
        add_nothing();
        c = fold();
        for (size_t i = 0; i < words.n; i++)
                (void)make(&c, "kr-pipa", arena_dup(arena, words.items[i].lang).p, DRAFT_PEOPLE, DRAFT_INVESTIGATING, DRAFT_SMS);
}

Test(cases_draft, an_sms_that_does_not_fit_is_an_error, .init = load, .fini = unload)
{
        struct err_list errors = ERR_LIST_INIT;
        CLEANUP(strbuf_done) struct strbuf yaml = STRBUF_INIT;
        struct casefile c;
        struct draft_request q = { .file = &c, .regime = regime_find(&laws, STR("kr-pipa")), .to = DRAFT_PEOPLE, .channel = DRAFT_SMS, .now = NOW };
        struct draft d;
        struct err err = { 0 };

        add_everything();
        c = fold();
        strbuf_addz(&yaml, "sms: {investigating: '");
        for (size_t i = 0; i < 62; i++)
                strbuf_addz(&yaml, "0123456789");
        strbuf_addz(&yaml, "'}\n");
        cr_assert_eq(templates_add(&words, strbuf_str(&yaml), "en.yml", &errors), 0);
        cr_assert_eq(errors.n, 0);
        q.template = template_find(&words, STR("en"));
        cr_assert_eq(draft_make(&q, arena, &d, &err), -E2BIG);
        cr_assert(strstr(err.text, "5 parts; at most 4"), "%s", err.text);
        q.channel = DRAFT_SHEET;
        cr_assert_eq(draft_make(&q, arena, &d, &err), -EINVAL);
        cr_assert(strstr(err.text, "email, in-app or sms"), "%s", err.text);
        err_list_done(&errors);
}

/* ---- Values are text ---- */

static void add_hostile(const char *value)
{
        size_t n;
        const struct case_field *fields = case_fields(&n);

        add("opened", "", value, "");
        add("mark", "signal", "1794888720000000 Asia/Seoul", "");
        add("mark", "aware", "1794898800000000 Asia/Seoul", "");
        for (size_t i = 0; i < n; i++)
                if (fields[i].kind == FIELD_TEXT || fields[i].kind == FIELD_LIST)
                        set(fields[i].name, value);
}

static void check_html(struct str html)
{
        struct str rest = html;
        uint32_t c;

        cr_expect(!has(html, "<script") && !has(html, "<img") && !has(html, "onerror=\"") && !has(html, "\x02") && !has(html, "\x03"));
        cr_expect(utf8_is_valid(html));
        while (utf8_next(&rest, &c))
                cr_assert(c == '\n' || !utf8_is_harmful(c), "U+%04X", c);
}

Test(cases_draft, values_are_harmless, .init = load, .fini = unload)
{
        static char long_value[8001], long_list[8001];
        static const char *const values[] = {
                "<script>alert(1)</script><img src=x onerror=\"y\">", "{shop} {people} {nothing} {{law}}", "\x1b[31mred\x1b[0m\x02\x03\a", "\xe2\x80\xae" "txt.exe\xe2\x81\xa6", "a\xff\xfe\xc0\xaf",
                "&lt;b&gt; \" ' &amp;", "%s%n%s", long_value, long_list,
        };

        memset(long_value, 'x', sizeof long_value - 1);
        for (size_t i = 0; i < sizeof long_list - 1; i++)
                long_list[i] = i % 2 == 0 ? 'y' : ',';
        for (size_t i = 0; i < ARRAY_LEN(values); i++)
                for (int to = 0; to < _DRAFT_AUDIENCE_MAX; to++) {
                        CLEANUP(strbuf_done) struct strbuf html = STRBUF_INIT, text = STRBUF_INIT;
                        struct casefile c;
                        struct draft d;
                        struct str rest;
                        uint32_t ch;

                        n_entries = 0;
                        add_hostile(values[i]);
                        c = fold();
                        d = make(&c, "kr-pipa", "en", (enum draft_audience)to, DRAFT_CONFIRMED, _DRAFT_CHANNEL_MAX);
                        draft_html(&d, &html);
                        draft_text(&d, &text);
                        check_html(strbuf_str(&html));
                        rest = strbuf_str(&text);
                        while (utf8_next(&rest, &ch))
                                cr_assert(ch == '\n' || !utf8_is_harmful(ch), "U+%04X", ch);
                        if (i == 1)
                                cr_expect(has(strbuf_str(&text), "{people} {nothing} {{law}}"));
                        if (i == 7 && to == DRAFT_PEOPLE)
                                cr_expect(has(strbuf_str(&text), long_value), "a value was cut");
                        for (int s = 0; s < _DRAFT_STAGE_MAX && to == DRAFT_PEOPLE; s++)
                                (void)make(&c, "kr-pipa", "ko", DRAFT_PEOPLE, (enum draft_stage)s, DRAFT_SMS);
                }
}

/* ---- The page ---- */

static int put_path(void *userdata, const char *path)
{
        struct strbuf *yaml = userdata;
        struct str text = template_text(template_find(&words, STR("en")), path);
        struct str rest = str_of(path), part;

        if (strcmp(path, "dir") == 0)
                text = STR("rtl");
        /* one map a path: {a: {b: text}} */
        for (size_t depth = 0; str_cut(&rest, '.', &part); depth++) {
                strbuf_addf(yaml, "%*s'" STR_FMT "':", (int)depth, "", STR_ARG(part));
                strbuf_addz(yaml, rest.p ? "\n" : "");
        }
        strbuf_addz(yaml, " \"");
        for (size_t i = 0; i < text.n; i++) {
                strbuf_addz(yaml, text.p[i] == '"' ? "\\" : "");
                if (text.p[i] == '\n')
                        strbuf_addz(yaml, "\\n");
                else
                        strbuf_addc(yaml, text.p[i]);
        }
        strbuf_addz(yaml, "\"\n");
        return 0;
}

struct rtl {
        struct templates *to;
        struct err_list *errors;
};

static int add_path(void *userdata, const char *path)
{
        struct rtl *r = userdata;
        CLEANUP(strbuf_done) struct strbuf yaml = STRBUF_INIT;

        (void)put_path(&yaml, path);
        return templates_add(r->to, strbuf_str(&yaml), "ar.yml", r->errors);
}

Test(cases_draft, a_page_says_its_language_and_direction, .init = load, .fini = unload)
{
        struct templates arabic = { 0 };
        struct err_list errors = ERR_LIST_INIT;
        struct rtl rtl = { &arabic, &errors };
        CLEANUP(strbuf_done) struct strbuf html = STRBUF_INIT;
        struct casefile c;
        struct draft_request q = { .file = &c, .regime = regime_find(&laws, STR("ae-federal")), .to = DRAFT_PEOPLE, .stage = DRAFT_CONFIRMED, .channel = _DRAFT_CHANNEL_MAX,
                                   .now = NOW };
        struct err err = { 0 };

        cr_assert_eq(template_each_path(add_path, &rtl), 0);
        cr_assert_eq(templates_add(&arabic,
                                   STR("people: {greeting: 'عزيزنا العميل،', opening: {confirmed: ['في {aware} تأكدنا من وقوع خرق للبيانات الشخصية لدى {shop}.']}, closing: "
                                       "['مع خالص التقدير،', '{shop}']}\ntitles: {people: {confirmed: 'إشعار بخرق البيانات الشخصية'}}\n"),
                                   "ar.yml", &errors),
                     0);
        cr_assert_eq(templates_check(&arabic, &errors), 0);
        report(&errors);
        add_everything();
        set("organisation", "متجر هانوك; 123");
        c = fold();
        q.template = template_find(&arabic, STR("ar"));
        cr_assert_not_null(q.template);
        cr_assert_eq(draft_print(&q, DRAFT_AS_HTML, &html, &err), 0, "%s", err.text);
        cr_expect(has(strbuf_str(&html), "<html lang=\"ar\" dir=\"rtl\">") && has(strbuf_str(&html), "<aside lang=\"en\" dir=\"ltr\">"));
        cr_expect(has(strbuf_str(&html), "<bdi>متجر هانوك</bdi>"));
        cr_expect(has(strbuf_str(&html), "<title>إشعار بخرق البيانات الشخصية</title>"));
        if (getenv("SHOPBELL_KEEP_PAGE")) {
                FILE *f = fopen(getenv("SHOPBELL_KEEP_PAGE"), "w");

                cr_assert_not_null(f);
                cr_assert_eq(fwrite(html.p, 1, html.n, f), html.n);
                fclose(f);
        }
        err_list_done(&errors);
        templates_done(&arabic);
}

Test(cases_draft, the_digest_is_of_the_notice_alone, .init = load, .fini = unload)
{
        CLEANUP(strbuf_done) struct strbuf a = STRBUF_INIT, b = STRBUF_INIT, e = STRBUF_INIT;
        struct casefile c;
        struct draft d;

        add_everything();
        c = fold();
        d = make(&c, "kr-pipa", "ko", DRAFT_PEOPLE, DRAFT_CONFIRMED, DRAFT_EMAIL);
        draft_digest(&d, &a);
        d.n_gaps = 0;
        draft_digest(&d, &b);
        cr_assert(a.n == 64 && str_eq(strbuf_str(&a), strbuf_str(&b)));
        set("narrative", "Otherwise.");
        c = fold();
        d = make(&c, "kr-pipa", "ko", DRAFT_PEOPLE, DRAFT_CONFIRMED, DRAFT_EMAIL);
        draft_digest(&d, &e);
        cr_assert(!str_eq(strbuf_str(&a), strbuf_str(&e)));
}

/* Words that a law asks for under several headings. */
static size_t count(struct str text, const char *part)
{
        size_t n = 0, at;

        while ((at = str_find(text, str_of(part))) != SIZE_MAX) {
                text = str_from(text.p + at + 1, text.n - at - 1);
                n++;
        }
        return n;
}

Test(cases_draft, nothing_is_said_twice, .init = load, .fini = unload)
{
        static const struct {
                const char *regime;
                enum draft_audience to;
                const char *says;
        } rows[] = {
                { "kr-pipa", DRAFT_PEOPLE, "We change entrance codes" }, { "kr-pipa", DRAFT_AUTHORITY, "We change entrance codes" },
                { "tw-pdpa", DRAFT_PEOPLE, "We change entrance codes" }, { "ph-dpa", DRAFT_PEOPLE, "We change entrance codes" },
                { "eu-gdpr", DRAFT_AUTHORITY, "Kim Mei, manager" },      { "kr-pipa", DRAFT_AUTHORITY, "https://hanok.example/help" },
                { "cn-cac", DRAFT_AUTHORITY, "40 addresses in 4" },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct casefile c;
                struct draft d;

                n_entries = 0;
                add_everything();
                c = fold();
                d = make(&c, rows[i].regime, "en", rows[i].to, DRAFT_CONFIRMED, _DRAFT_CHANNEL_MAX);
                cr_expect_eq(count(notice_of(&d), rows[i].says), 1, "%s: %s\n" STR_FMT, rows[i].regime, rows[i].says, STR_ARG(notice_of(&d)));
        }
}

Test(cases_draft, no_label_repeats_its_heading, .init = load, .fini = unload)
{
        struct casefile c;

        add_everything();
        c = fold();
        for (size_t i = 0; i < words.n; i++) {
                struct draft d = make(&c, "eu-gdpr", arena_dup(arena, words.items[i].lang).p, DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET);

                for (size_t k = 1; k < d.n_parts; k++)
                        cr_expect(d.parts[k].kind != DRAFT_ROW || d.parts[k - 1].kind != DRAFT_HEADING || !str_eq(d.parts[k].label, d.parts[k - 1].text),
                                  STR_FMT, STR_ARG(d.parts[k].label));
                cr_expect_eq(count(notice_of(&d), "Kim Mei, manager"), 1, STR_FMT, STR_ARG(notice_of(&d)));
        }
}

/* What is asked of an authority is not what is done for people. */
Test(cases_draft, support_that_is_needed_is_a_field_of_its_own, .init = load, .fini = unload)
{
        struct casefile c;
        struct draft d;

        add_nothing();
        set("mitigation", "We change codes.");
        set("support-needed", "A copy of the server.");
        c = fold();
        d = make(&c, "cn-cac", "en", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET);
        cr_expect(has(notice_of(&d), "Support that is needed\nA copy of the server."), STR_FMT, STR_ARG(notice_of(&d)));
}

Test(cases_draft, one_is_no_plural, .init = load, .fini = unload)
{
        struct casefile c;
        struct draft d;

        add_nothing();
        set("people.de", "1");
        set("records", "1");
        c = fold();
        d = make(&c, "eu-gdpr", "en", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET);
        cr_expect(has(notice_of(&d), "at least 1 person so far") && has(notice_of(&d), "at least 1 record so far"), STR_FMT, STR_ARG(notice_of(&d)));
        d = make(&c, "eu-gdpr", "de", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET);
        cr_expect(has(notice_of(&d), "mindestens 1 Person;") && has(notice_of(&d), "mindestens 1 Datensatz;"), STR_FMT, STR_ARG(notice_of(&d)));
        d = make(&c, "eu-gdpr", "ko", DRAFT_AUTHORITY, DRAFT_CONFIRMED, DRAFT_SHEET);
        cr_expect(has(notice_of(&d), "1명"), STR_FMT, STR_ARG(notice_of(&d)));
}

Test(cases_draft, the_authority_is_told_what_time_is_known, .init = load, .fini = unload)
{
        struct casefile c;
        struct draft d;

        add_nothing();
        c = fold();
        for (size_t i = 0; i < laws.n; i++) {
                d = make(&c, arena_dup(arena, laws.items[i].id).p, "en", DRAFT_AUTHORITY, DRAFT_INVESTIGATING, DRAFT_SHEET);
                cr_expect(has(notice_of(&d), "First sign: "), STR_FMT, STR_ARG(notice_of(&d)));
        }
}

static bool has_note(const struct draft *d, const char *part)
{
        for (size_t i = 0; i < d->n_gaps; i++)
                if (d->gaps[i].kind == GAP_NOTE && has(d->gaps[i].why, part))
                        return true;
        return false;
}

Test(cases_draft, a_law_is_asked_whether_it_was_in_force_at_the_time, .init = load, .fini = unload)
{
        static const struct {
                const char *regime, *aware;
                bool is_in_force;
        } rows[] = {
                { "kr-pipa-2025", "1763362800000000 Asia/Seoul", true }, /* 2025-11-17 16:00 */
                { "kr-pipa", "1763362800000000 Asia/Seoul", false },     { "kr-pipa-2025", "1794898800000000 Asia/Seoul", false },
                { "kr-pipa", "1794898800000000 Asia/Seoul", true },      { "in-dpdp", "1794898800000000 Asia/Seoul", false },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct casefile c;
                struct draft d;

                n_entries = 0;
                add("opened", "", "A customer wrote", "");
                add("mark", "aware", rows[i].aware, "");
                c = fold();
                d = make(&c, rows[i].regime, "en", DRAFT_PEOPLE, DRAFT_CONFIRMED, DRAFT_EMAIL);
                cr_expect(has_note(&d, "in force") != rows[i].is_in_force, "row %zu", i);
        }
}
