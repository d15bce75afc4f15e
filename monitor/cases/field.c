/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cases/field.h"

#include <errno.h>

#include "monitor/base/macros.h"
#include "monitor/cases/nation.h"

#define COMMON true
#define WAITS true
#define PERSONAL true
#define PARTS true

/* To add a field: a row, where it belongs in the list; contents (content.c) and templates name it. */
static const struct case_field fields[] = {
        /*  name                number kind          has_parts is_common may_wait is_personal   title, help */
        { "organisation", "A1", FIELD_TEXT, 0, COMMON, 0, 0, "Name, registration number, address and line of business", "Hanok Goods Co., Ltd.; 110-81-12345; 1 Jong-ro, Seoul; online shop" },
        { "seller", "A1", FIELD_COUNTRY, 0, COMMON, 0, 0, "Country of the shop", "kr" },
        { "role", "A2", FIELD_LIST, 0, COMMON, 0, 0, "Controller, or intermediary and for whom", "controller; or: intermediary,Acme Pte Ltd" },
        { "contact", "A3", FIELD_TEXT, 0, COMMON, 0, PERSONAL, "Contact: name, title, mail, telephone, hours", "" },
        { "officer", "A4", FIELD_TEXT, PARTS, COMMON, 0, PERSONAL, "Data protection officer, representative or local agent", "officer.kr=…" },
        { "size-class", "A5", FIELD_LIST, 0, 0, 0, 0, "Size or licence of the shop that a law asks about",
          "none; small-agent (Brazil), small-business (Australia), difc, adgm (free zones of the Emirates)" },
        { "processors", "A6", FIELD_TEXT, 0, 0, WAITS, 0, "Processors and platforms involved, and when they told us", "" },
        { "partners", "A6", FIELD_LIST, 0, 0, 0, 0, "Platforms and card schemes whose contracts ask to be told",
          "amazon,cards,lazada,shopee,shopify" },
        { "others-told", "A7", FIELD_TEXT, 0, 0, 0, 0, "Other authorities and police told, with number and time", "" },
        { "started", "B8", FIELD_TIME, 0, COMMON, WAITS, 0, "When the breach began", "" },
        { "ended", "B9", FIELD_TIME, 0, COMMON, WAITS, 0, "When it ended", "" },
        { "notices-given", "B15", FIELD_TEXT, 0, 0, 0, 0, "Notices given: when, over what, receipt", "" },
        { "delay-reason", "B16", FIELD_TEXT, PARTS, COMMON, 0, 0, "Reason for a delay, with its evidence", "" },
        { "hold", "B17", FIELD_TEXT, 0, 0, 0, 0, "Whoever asked to hold back notices: who, until when", "" },
        { "type", "C18", FIELD_LIST, 0, COMMON, 0, 0, "Type of breach: confidentiality, integrity, availability", "confidentiality" },
        { "narrative", "C19", FIELD_TEXT, 0, COMMON, WAITS, PERSONAL, "What happened: how, by what path", "" },
        { "cause", "C20", FIELD_TEXT, 0, COMMON, WAITS, PERSONAL, "Suspected cause", "insider, stolen key, phishing, bug, lost device, supplier" },
        { "wrongful-purpose", "C21", FIELD_YESNO, 0, 0, WAITS, 0, "Somebody meant to do wrong", "yes" },
        { "illegal-access", "C22", FIELD_YESNO, 0, 0, WAITS, 0, "Somebody outside got in without leave", "yes" },
        { "ransom", "C18", FIELD_TEXT, 0, 0, WAITS, 0, "Whether a ransom is asked for, and what was done about it", "" },
        { "systems", "C23", FIELD_TEXT, 0, 0, WAITS, 0, "Systems, stores, ad accounts, keys", "" },
        { "addresses", "C24", FIELD_TEXT, 0, 0, WAITS, PERSONAL, "Source addresses, countries, networks, programs", "" },
        { "recipient", "C25", FIELD_TEXT, 0, 0, WAITS, PERSONAL, "Who may hold the data now", "" },
        { "detected", "C26", FIELD_TEXT, 0, COMMON, 0, PERSONAL, "How it was found, and by whom", "" },
        { "chronology", "C27", FIELD_TEXT, 0, COMMON, 0, 0, "Steps taken since, the assessment among them", "" },
        { "data", "D28", FIELD_LIST, 0, COMMON, WAITS, 0, "Items of data: each by name, never \"and others\"",
          "name,email,phone,address,entrance-code,order,password,card" },
        { "people", "D29", FIELD_NUMBER, PARTS, COMMON, WAITS, 0, "Number of people, by country or state", "people.kr=1200, people.us-ca=\"at least 40\"" },
        { "records", "D30", FIELD_NUMBER, 0, 0, WAITS, 0, "Number of records", "" },
        { "base", "D31", FIELD_NUMBER, 0, 0, 0, 0, "How many customers the shop has in all", "" },
        { "third-parties", "D32", FIELD_NUMBER, 0, 0, WAITS, 0, "People who are no customers, such as those who were sent a gift", "" },
        { "children", "D33", FIELD_NUMBER, 0, 0, WAITS, 0, "Children, elderly and vulnerable people among them", "" },
        { "sensitive", "D34", FIELD_YESNO, 0, COMMON, WAITS, 0, "Identity numbers, health, biometric or other sensitive data", "no" },
        { "financial", "D34", FIELD_YESNO, 0, COMMON, WAITS, 0, "Card or bank data", "no" },
        { "credentials", "D34", FIELD_YESNO, 0, COMMON, WAITS, 0, "Names to log in together with passwords or codes", "no" },
        { "encryption", "D35", FIELD_TEXT, 0, COMMON, WAITS, 0, "Whether it was encrypted, and the keys are safe", "" },
        { "evidence-of-use", "D36", FIELD_TEXT, 0, 0, WAITS, 0, "Whether it was viewed, copied, published or sold (that word first), and how that is known", "viewed: the log has each page" },
        { "copies", "D37", FIELD_TEXT, 0, 0, WAITS, 0, "Backups and copies at third parties", "" },
        { "consequences", "E38", FIELD_TEXT, 0, COMMON, WAITS, 0, "Likely consequences", "" },
        { "risk", "E39", FIELD_YESNO, PARTS, COMMON, WAITS, 0, "A risk to people (a law's own word for it: risk.REGIME)", "" },
        { "high-risk", "E39", FIELD_YESNO, PARTS, COMMON, WAITS, 0, "A high risk, serious or significant harm (high-risk.REGIME)", "" },
        { "harm-reason", "E39", FIELD_TEXT, PARTS, COMMON, WAITS, 0, "Why harm is rated so", "" },
        { "secondary-damage", "E40", FIELD_TEXT, 0, 0, WAITS, 0, "Damage that followed so far", "" },
        { "not-notified", "E41", FIELD_TEXT, PARTS, 0, 0, 0, "Decision not to notify: rule, reasons, who approved", "" },
        { "containment", "F42", FIELD_TEXT, 0, COMMON, WAITS, 0, "What was done to contain it: keys revoked when, sessions ended", "" },
        { "mitigation", "F43", FIELD_TEXT, 0, COMMON, WAITS, 0, "What was done for the people affected", "" },
        { "remedy", "F44", FIELD_TEXT, 0, COMMON, WAITS, 0, "What mends the failing, and keeps it from coming again", "" },
        { "recovered", "F45", FIELD_YESNO, 0, 0, WAITS, 0, "Data recovered or deleted, with proof", "no" },
        { "security-before", "F46", FIELD_TEXT, 0, 0, 0, 0, "Security measures before the breach", "" },
        { "preserved", "F47", FIELD_TEXT, 0, COMMON, 0, 0, "Evidence kept: logs, ranges, digests, the hold on retention", "" },
        { "advice", "G48", FIELD_TEXT, 0, COMMON, 0, 0, "What people should do now", "" },
        { "help-desk", "G49", FIELD_TEXT, 0, COMMON, 0, 0, "Where people ask: mail, telephone, hours", "" },
        { "rights", "G50", FIELD_TEXT, PARTS, COMMON, 0, 0, "Rights: damages, mediation, complaint to an authority", "rights.kr=…" },
        { "protection-offer", "G51", FIELD_TEXT, 0, 0, 0, 0, "Protection of identity that is offered", "" },
        { "publication", "G53", FIELD_TEXT, PARTS, 0, 0, 0, "Public instead of personal notice: why, where, how long", "" },
        { "inform-plan", "G54", FIELD_TEXT, 0, 0, 0, 0, "Plan and time to inform people", "" },
        { "notice-report", "G55", FIELD_TEXT, 0, 0, 0, 0, "Report on notices given, and those that came back", "" },
        { "refund-options", "G56", FIELD_TEXT, 0, 0, 0, 0, "What the help desk may offer: refund, voucher, new card", "" },
        { "next-update", "H57", FIELD_TIME, 0, COMMON, 0, 0, "When the next update is due", "" },
        { "form-version", "H58", FIELD_TEXT, PARTS, 0, 0, 0, "Portal and version of the form", "" },
        { "sign-off", "H59", FIELD_TEXT, 0, 0, 0, PERSONAL, "Who approved the notices", "" },
        { "register", "H60", FIELD_TEXT, PARTS, 0, 0, 0, "Entry in the register, and how long it is kept", "" },
        { "critical-infrastructure", "C18", FIELD_YESNO, 0, 0, 0, 0, "Critical infrastructure is hit", "no" },
        { "loss", "E38", FIELD_NUMBER, 0, 0, WAITS, 0, "Loss in money, in the authority's currency", "" },
        { "support-needed", "F43", FIELD_TEXT, 0, 0, 0, 0, "Help that the shop asks of the authority", "" },
        { "law-enforcement", "A7", FIELD_TEXT, 0, 0, 0, 0, "Whether police or another authority asked for a delay", "" },
};

const struct case_field *case_fields(size_t *ret_n)
{
        *ret_n = ARRAY_LEN(fields);
        return fields;
}

const struct case_field *case_field_find(struct str name)
{
        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
                if (str_eqz(name, fields[i].name))
                        return &fields[i];
        return NULL;
}

static const char *const statuses[_FIELD_STATUS_MAX] = {
#define X(id, name) name,
        FIELD_STATUSES(X)
#undef X
};

const char *field_status_name(enum field_status s)
{
        return statuses[s];
}

enum field_status field_status_find(struct str name)
{
        for (int i = 0; i < _FIELD_STATUS_MAX; i++)
                if (str_eqz(name, statuses[i]))
                        return (enum field_status)i;
        return _FIELD_STATUS_MAX;
}

/* ---- Names ---- */

enum { PART_BYTES_MAX = 40 };

static bool is_letter(char c)
{
        return c >= 'a' && c <= 'z';
}

bool case_is_country(struct str code)
{
        bool is_country = code.n >= 2 && is_letter(code.p[0]) && is_letter(code.p[1]);

        if (code.n == 2)
                return is_country;
        if (!is_country || code.n < 4 || code.n > 6 || code.p[2] != '-')
                return false;
        for (size_t i = 3; i < code.n; i++)
                if (!is_letter(code.p[i]) && (code.p[i] < '0' || code.p[i] > '9'))
                        return false;
        return true;
}

int case_country_check(struct str code, struct err *reterr)
{
        struct str country = str_from(code.p, size_min(code.n, 2));
        const char *near;

        if (case_is_country(code) && nation_title(country).p)
                return 0;
        near = nation_find(code);
        if (!near && case_is_country(code))
                near = nation_find(country);
        return err_set(reterr, -EBADMSG, STR_FMT " is no code of a country: %s%s", STR_ARG(code), near ? "perhaps " : "write kr, sg, us-ca", near ? near : "");
}

/* A country, or the id of a regime. */
static bool is_part(struct str part)
{
        if (part.n == 0 || part.n > PART_BYTES_MAX)
                return false;
        for (size_t i = 0; i < part.n; i++)
                if (!is_letter(part.p[i]) && part.p[i] != '-' && (part.p[i] < '0' || part.p[i] > '9'))
                        return false;
        return true;
}

static int no_such_field(struct str name, struct err *reterr)
{
        enum { FAR = 3 };
        const char *near = NULL;
        size_t best = FAR;

        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
                if (str_distance(name, str_of(fields[i].name)) < best) {
                        best = str_distance(name, str_of(fields[i].name));
                        near = fields[i].name;
                }
        return err_set(reterr, -ENOENT, "no field is called " STR_FMT "%s%s; shopbell case fields lists them", STR_ARG(name),
                       near ? ": perhaps " : "", near ? near : "");
}

int case_field_split(struct str text, const struct case_field **ret, struct str *ret_part, struct err *reterr)
{
        struct str rest = text, name;

        str_cut(&rest, '.', &name);
        *ret = case_field_find(name);
        *ret_part = rest;
        if (!*ret)
                return no_such_field(name, reterr);
        if (rest.p && !(*ret)->has_parts)
                return err_set(reterr, -EBADMSG, "%s has no parts: write %s=…", (*ret)->name, (*ret)->name);
        if (rest.p && case_is_country(rest) && (rest.n == 2 || (*ret)->kind == FIELD_NUMBER) && case_country_check(rest, reterr) < 0)
                return -EBADMSG;
        if (rest.p && !is_part(rest))
                return err_set(reterr, -EBADMSG, "%s." STR_FMT ": a part is a country (kr, us-ca) or the name of a regime", (*ret)->name,
                               STR_ARG(rest));
        return 0;
}

/* ---- Values ---- */

static bool take_number(struct str *s, uint64_t *ret)
{
        size_t n = 0;
        char digits[24];
        size_t at = 0;

        for (; n < s->n && ((s->p[n] >= '0' && s->p[n] <= '9') || (s->p[n] == ',' && n > 0)); n++)
                if (s->p[n] != ',') {
                        if (at >= sizeof digits)
                                return false;
                        digits[at++] = s->p[n];
                }
        *s = str_trim(str_from(s->p + n, s->n - n));
        return at > 0 && str_to_u64(str_from(digits, at), ret) == 0;
}

int case_number(struct str value, uint64_t *ret_least, uint64_t *ret_most, bool *ret_open)
{
        struct str s = str_trim(value);

        *ret_open = str_starts(s, STR("at least ")) || str_starts(s, STR(">="));
        if (*ret_open)
                s = str_trim(str_from(s.p + (s.p[0] == '>' ? 2 : 9), s.n - (s.p[0] == '>' ? 2 : 9)));
        if (!take_number(&s, ret_least))
                return -EBADMSG;
        *ret_most = *ret_open ? UINT64_MAX : *ret_least;
        if (s.n == 0)
                return 0;
        if (*ret_open || !str_take(&s, '-'))
                return -EBADMSG;
        s = str_trim(s);
        return take_number(&s, ret_most) && s.n == 0 && *ret_most >= *ret_least ? 0 : -EBADMSG;
}

/* Words of letters, digits, dashes, divided by commas. */
static bool is_list(struct str value)
{
        struct str rest = value, word;

        while (str_cut(&rest, ',', &word)) {
                word = str_trim(word);
                if (word.n == 0)
                        return false;
                for (size_t i = 0; i < word.n; i++)
                        if (word.p[i] == '=' || word.p[i] == '+' || (unsigned char)word.p[i] < ' ')
                                return false;
        }
        return true;
}

int case_field_check(const struct case_field *f, struct str value, struct err *reterr)
{
        uint64_t least, most;
        bool is_open;

        switch (f->kind) {
        case FIELD_NUMBER:
                return case_number(value, &least, &most, &is_open) == 0 ?
                               0 :
                               err_set(reterr, -EBADMSG, "%s takes a number: 1200, \"at least 1200\" or 1000-1300", f->name);
        case FIELD_YESNO:
                return str_eqz(value, "yes") || str_eqz(value, "no") ? 0 : err_set(reterr, -EBADMSG, "%s takes yes or no", f->name);
        case FIELD_COUNTRY:
                return case_country_check(value, reterr);
        case FIELD_LIST:
                return is_list(value) ? 0 : err_set(reterr, -EBADMSG, "%s takes words divided by commas", f->name);
        case FIELD_TEXT:
        case FIELD_TIME:
                break;
        }
        return 0;
}
