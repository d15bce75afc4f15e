/* SPDX-License-Identifier: Apache-2.0 */

/* The modifiers: what each matches, and which do not go together (Sigma digest, Modifiers). */

#include "monitor/sigma/modifier.h"
#include "tests/unit/sigma_record.h"

static const struct sigma_case cases[] = {
        { "contains", "{a|contains: b}", "{a: aBc}", true },
        { "contains not", "{a|contains: d}", "{a: abc}", false },
        { "contains number", "{a|contains: 2}", "{a: 123}", true },
        { "contains escaped", "{a|contains: '\\*'}", "{a: 'a*b'}", true },
        { "contains trailing backslash", "{a|contains: 'x\\'}", "{a: 'x\\y'}", true },
        { "startswith", "{a|startswith: ab}", "{a: ABc}", true },
        { "startswith not", "{a|startswith: b}", "{a: abc}", false },
        { "endswith", "{a|endswith: '\\cmd.exe'}", "{a: 'C:\\CMD.EXE'}", true },
        { "endswith not", "{a|endswith: ab}", "{a: abc}", false },
        { "contains all", "{a|contains|all: [x, 'y']}", "{a: yx}", true },
        { "contains all not", "{a|contains|all: [x, 'y']}", "{a: xx}", false },
        { "all over an array", "{a|all: [x, 'y']}", "{a: [x, 'y', z]}", true },
        { "cased", "{a|cased: Ab}", "{a: ab}", false },
        { "cased contains", "{a|contains|cased: B}", "{a: aBc}", true },
        { "re", "{a|re: b.d}", "{a: abcde}", true },
        { "re case", "{a|re: B}", "{a: abc}", false },
        { "re anchors", "{a|re: '^b'}", "{a: ab}", false },
        { "re i", "{a|re|i: B}", "{a: abc}", true },
        { "re m", "{a|re|m: '^b$'}", "{a: \"a\\nb\\nc\"}", true },
        { "re without m", "{a|re: '^b$'}", "{a: \"a\\nb\\nc\"}", false },
        { "re s", "{a|re|s: a.b}", "{a: \"a\\nb\"}", true },
        { "re without s", "{a|re: a.b}", "{a: \"a\\nb\"}", false },
        { "re flags", "{a|re|i|s: A.b}", "{a: \"a\\nB\"}", true },
        { "re number", "{a|re: '^4\\d\\d$'}", "{a: 404}", true },
        { "re backslashes", "{a|re: '\\\\x'}", "{a: '\\x'}", true },
        { "re missing", "{a|re: '.*'}", "{}", false },
        { "cidr", "{a|cidr: '10.0.0.0/8'}", "{a: '10.1.2.3'}", true },
        { "cidr not", "{a|cidr: '10.0.0.0/8'}", "{a: '11.1.2.3'}", false },
        { "cidr v6", "{a|cidr: '2001:db8::/32'}", "{a: '2001:DB8:1::1'}", true },
        { "cidr v4 in v6", "{a|cidr: '::/0'}", "{a: '1.2.3.4'}", false },
        { "cidr no ip", "{a|cidr: '0.0.0.0/0'}", "{a: ec2.amazonaws.com}", false },
        { "cidr number", "{a|cidr: '0.0.0.0/0'}", "{a: 5}", false },
        { "cidr list", "{a|cidr: ['10.0.0.0/8', '192.168.0.0/16']}", "{a: '192.168.3.4'}", true },
        { "base64", "{a|base64: foobar}", "{a: Zm9vYmFy}", true },
        { "base64 contains", "{a|base64|contains: foo}", "{a: xxZm9vYmFy}", true },
        { "base64offset 0", "{a|base64offset|contains: secret}", "{a: 'c2VjcmV0IQ=='}", true },
        { "base64offset 1", "{a|base64offset|contains: secret}", "{a: 'MXNlY3JldCE='}", true },
        { "base64offset 2", "{a|base64offset|contains: secret}", "{a: 'MTJzZWNyZXQ='}", true },
        { "base64offset not", "{a|base64offset|contains: secret}", "{a: 'MTJzYWNyZXQ='}", false },
        { "base64offset bytes", "{a|base64offset|contains: 'é€'}", "{a: 'eMOp4oKseXo='}", true },
        { "wide", "{a|wide: ab}", "{a: \"a\\0b\\0\"}", true },
        { "wide base64", "{a|wide|base64: 'é'}", "{a: '6QA='}", true },
        { "utf16le base64offset", "{a|utf16le|base64offset|contains: ping}", "{a: 'YQAgAHAAaQBuAGcAIABiAA=='}", true },
        { "utf16be base64", "{a|utf16be|base64: ping}", "{a: 'AHAAaQBuAGc='}", true },
        { "utf16 base64", "{a|utf16|base64: ping}", "{a: '//5wAGkAbgBnAA=='}", true },
        { "windash dash", "{a|windash|contains: ' -f'}", "{a: x -f}", true },
        { "windash slash", "{a|windash|contains: ' -f'}", "{a: x /f}", true },
        { "windash en dash", "{a|contains|windash: ' -f'}", "{a: 'x –f'}", true },
        { "windash em dash", "{a|contains|windash: ' /f'}", "{a: 'x —f'}", true },
        { "windash bar", "{a|contains|windash: ' /f'}", "{a: 'x ―f'}", true },
        { "windash many", "{a|windash: '-a -b'}", "{a: '/a –b'}", true },
        { "windash other", "{a|windash: '-a'}", "{a: '+a'}", false },
        { "windash all", "{a|windash|contains|all: ['-a', '-b']}", "{a: '/a -b'}", true },
        { "windash base64", "{a|windash|base64: '-a'}", "{a: 'L2E='}", true },
        { "exists", "{a|exists: true}", "{a: null}", true },
        { "exists not", "{a|exists: true}", "{}", false },
        { "exists false", "{a|exists: false}", "{}", true },
        { "exists false not", "{a.b|exists: false}", "{a: {b: ''}}", false },
        { "exists empty array", "{a|exists: true}", "{a: []}", true },
        { "lt", "{a|lt: 5}", "{a: 4.5}", true },
        { "lt not", "{a|lt: 5}", "{a: 5}", false },
        { "lte", "{a|lte: 5}", "{a: 5}", true },
        { "gt", "{a|gt: 5}", "{a: '6'}", true },
        { "gt not", "{a|gt: 5}", "{a: 5}", false },
        { "gte", "{a|gte: '5'}", "{a: 5}", true },
        { "gte word", "{a|gte: 5}", "{a: six}", false },
        { "gte bool", "{a|gte: 0}", "{a: true}", false },
        { "numbers are not compared as text", "{a|gt: 9}", "{a: 10}", true },
        { "fieldref", "{a|fieldref: b.c}", "{a: X, b: {c: x}}", true },
        { "fieldref not", "{a|fieldref: b}", "{a: x, b: 'y'}", false },
        { "fieldref missing", "{a|fieldref: b}", "{c: 1}", false },
        { "fieldref neq", "{a|fieldref|neq: b}", "{a: x, b: 'y'}", true },
        { "fieldref startswith", "{a|fieldref|startswith: b}", "{a: xyz, b: xy}", true },
        { "fieldref plain", "{a|fieldref: b}", "{a: xy, b: 'x*'}", false },
        { "neq", "{a|neq: x}", "{a: 'y'}", true },
        { "neq not", "{a|neq: [x, 'y']}", "{a: 'Y'}", false },
        { "neq missing", "{a|neq: x}", "{}", true },
        { "minute", "{a|minute: 5}", "{a: '2024-02-03T04:05:06Z'}", true },
        { "hour", "{a|hour: [3, 4]}", "{a: '2024-02-03T04:05:06+09:00'}", true },
        { "hour range", "{a|hour|gte: 5}", "{a: '2024-02-03T04:05:06Z'}", false },
        { "day", "{a|day: 3}", "{a: '2024-02-03'}", true },
        { "week", "{a|week: 5}", "{a: '2024-02-03T04:05:06Z'}", true },
        { "month", "{a|month: 2}", "{a: '2024-02-03 04:05:06.123'}", true },
        { "year", "{a|year: 2023}", "{a: '2024-02-03T04:05:06Z'}", false },
        { "no date", "{a|year: 2024}", "{a: yesterday}", false },
        { "contains nothing", "{a|contains: ''}", "{a: x}", true },
        { "contains is one string", "{a|contains: [xy, z]}", "{a: 'x y'}", false },
        { "startswith and endswith", "{a|startswith|endswith: b}", "{a: abc}", true },
        { "cased endswith", "{a|endswith|cased: C}", "{a: abc}", false },
        { "all over an array, one is missing", "{a|all: [x, y]}", "{a: [x, z]}", false },
        { "neq all", "{a|neq|all: [x, y]}", "{a: [x, z]}", true },
        { "neq all null", "{a|neq|all: null}", "{}", false },
        { "neq null", "{a|neq: null}", "{a: x}", true },
        { "re over an object", "{a|re: '\"b\":\\d'}", "{a: {b: 1}}", true },
        { "re ASCII digits", "{a|re: '^\\d$'}", "{a: '٣'}", false },
        { "re ASCII words", "{a|re: '^\\w$'}", "{a: 'é'}", false },
        { "re one character", "{a|re: '^.$'}", "{a: '€'}", true },
        { "re i beyond ASCII", "{a|re|i: 'ä'}", "{a: 'Ä'}", true },
        { "re no wildcards", "{a|re: '^a*$'}", "{a: aaa}", true },
        { "cidr host bits", "{a|cidr: 192.0.2.77/24}", "{a: 192.0.2.1}", true },
        { "cidr one address", "{a|cidr: 192.0.2.1}", "{a: 192.0.2.2}", false },
        { "cidr /31", "{a|cidr: 192.0.2.2/31}", "{a: [192.0.2.1, 192.0.2.4]}", false },
        { "cidr /31 inside", "{a|cidr: 192.0.2.2/31}", "{a: 192.0.2.3}", true },
        { "cidr mapped is not v4", "{a|cidr: 0.0.0.0/0}", "{a: '::ffff:192.0.2.1'}", false },
        { "cidr with a zone", "{a|cidr: 'fe80::/10'}", "{a: 'fe80::1%eth0'}", true },
        { "cidr v4 with a zone", "{a|cidr: 0.0.0.0/0}", "{a: '192.0.2.1%eth0'}", false },
        { "cidr with a zero byte", "{a|cidr: 0.0.0.0/0}", "{a: \"192.0.2.1\\0x\"}", false },
        { "base64 tells case apart", "{a|base64: foobar}", "{a: zm9VYmFy}", false },
        { "base64offset of two dashes", "{a|windash|base64offset|contains: '-a -b'}", "{a: 'eHgvYSAtYnh4'}", true },
        { "windash base64 en dash", "{a|windash|base64: '-a'}", "{a: '4oCTYQ=='}", true },
        { "windash wide base64", "{a|windash|wide|base64offset|contains: '-x'}", "{a: 'LwB4AA=='}", true },
        { "windash wide base64 other", "{a|windash|wide|base64offset|contains: '-x'}", "{a: 'KwB4AA=='}", false },
        { "windash wildcard", "{a|windash: '*-x ?'}", "{a: 'cmd /x y'}", true },
        { "windash inside a glob", "{a|contains|windash: '-a*-b'}", "{a: '1 /a 2 –b 3'}", true },
        { "wide with a wildcard", "{a|wide|contains: 'a*b'}", "{a: \"xa\\0-b\\0\"}", true },
        { "wide pairs of surrogates", "{a|wide|base64: '😀'}", "{a: 'PdgA3g=='}", true },
        { "lt exponent", "{a|lt: '1e3'}", "{a: 999.5}", true },
        { "gt 20 digits", "{a|gt: 12345678901234567890}", "{a: '12345678901234567891'}", true },
        { "gt with a sign", "{a|gt: -1.5}", "{a: -1}", true },
        { "gt of an array", "{a|gt: 5}", "{a: [1, 9]}", true },
        { "gt blank", "{a|gt: 5}", "{a: ' 9'}", false },
        { "fieldref any of either", "{a|fieldref: b}", "{a: [1, 2], b: [3, 2]}", true },
        { "fieldref contains", "{a|fieldref|contains: b}", "{a: xYz, b: y}", true },
        { "fieldref endswith", "{a|fieldref|endswith: b}", "{a: xyz, b: xy}", false },
        { "fieldref cased", "{a|fieldref|cased: b}", "{a: X, b: x}", false },
        { "fieldref of objects", "{a|fieldref: b}", "{a: {c: 1}, b: {c: 1}}", false },
        { "fieldref of nulls", "{a|fieldref: b}", "{a: null, b: null}", false },
        { "fieldref neq missing", "{a|fieldref|neq: b}", "{a: x}", true },
        { "week 53", "{a|week: 53}", "{a: 2021-01-01}", true },
        { "week 1 in December", "{a|week: 1}", "{a: '2024-12-30T00:00:00Z'}", true },
        { "week 52 in January", "{a|week: 52}", "{a: 2023-01-01}", true },
        { "hour of a date alone", "{a|hour: 0}", "{a: 2024-02-03}", false },
        { "hour without seconds", "{a|hour: 4}", "{a: '2024-02-03 04:05'}", true },
        { "hour with a zone", "{a|hour: 4}", "{a: '2024-02-03T04:05:06.5 +0900'}", true },
        { "29 February", "{a|day: 29}", "{a: 2023-02-29}", false },
        { "29 February of a leap year", "{a|day: 29}", "{a: 2024-02-29}", true },
        { "time with something behind", "{a|hour: 4}", "{a: '2024-02-03T04:05:06Zx'}", false },
        { "time with a zero byte", "{a|hour: 4}", "{a: \"2024-02-03\\04:05\"}", false },
        { "time is no number", "{a|year|gt: 5}", "{a: 2024}", false },
        { "month below", "{a|month|lt: 3}", "{a: 2024-02-03}", true },
};

Test(sigma_modifier, cases)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                sigma_case_check(&cases[i]);
}

static const struct sigma_bad bad[] = {
        { "{a|frob: 1}", "unknown modifier frob: known are contains, " },
        { "{a|contain: x}", "unknown modifier contain: write contains" },
        { "{a|startwith: x}", "write startswith" },
        { "{a|: x}", "unknown modifier" },
        { "{a|contains|: x}", "unknown modifier" },
        { "{a|re: '('}", "re: missing closing parenthesis" },
        { "{a|re: '\\C'}", "re: " },
        { "{a|re: '(*UCP)\\w'}", "re: " },
        { "{a|cidr: x}", "write 192.0.2.0/24" },
        { "{a|cidr: 192.0.2.0/33}", "no network" },
        { "{a|cidr: 192.0.2.0/}", "no network" },
        { "{a|cidr: 192.0.2/24}", "no network" },
        { "{a|lt: x}", "lt needs a number" },
        { "{a|gte: true}", "gte needs a number" },
        { "{a|hour: noon}", "hour needs a number" },
        { "{a|exists: 3}", "exists needs true or false" },
        { "{a|exists: null}", "exists needs true or false" },
        { "{a|i: x}", "belong to re" },
        { "{a|expand: '%x%'}", "placeholders are filled in rules only" },
        { "{a|contains|expand: '%x%'}", "placeholders are filled in rules only" },
        { "{a|exists|expand: true}", "exclude each other" },
        { "{a|expand: null}", "null does not go with expand" },
        { "{a|base64: 'x*'}", "wildcards" },
        { "{a|contains|base64: x}", "wildcards" },
        { "{a|windash|base64: '- - - - -'}", "more than 2048 forms" },
        { "{a|wide: 'é'}", "add base64" },
        { "{a|utf16: x}", "add base64" },
        { "{a|contains: null}", "null does not go with contains" },
        { "{a|re|cidr: x}", "re and cidr exclude each other" },
        { "{a|cidr|contains: x}", "cidr and contains exclude each other; beside cidr may stand all, neq" },
        { "{a|re|contains: x}", "beside re may stand all, cased" },
        { "{a|base64|re: x}", "base64 and re exclude each other" },
        { "{a|exists|cased: true}", "exists and cased exclude" },
        { "{a|lt|gt: 5}", "lt and gt exclude each other" },
        { "{a|hour|day: 5}", "hour and day exclude each other" },
        { "{a|lt|hour: 5}", "write |hour|lt" },
        { "{'|exists': true}", "exists needs a field" },
        { "{'|fieldref': b}", "fieldref needs a field" },
        { "{a|all|all|all|all|all|all|all|all|all|all|all|all|all: [x, y]}", "more than 12 modifiers" },
};

Test(sigma_modifier, what_does_not_compile)
{
        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                sigma_bad_check(&bad[i], true);
}

Test(sigma_modifier, the_place_of_an_error_is_the_key_or_the_value)
{
        struct sigma_bench b;

        sigma_bench_open(&b);
        cr_assert(sigma_bench_compile(&b, "a: x\nb|frob: y\n", true) < 0);
        cr_expect_eq(b.err.line, 2);
        cr_expect_eq(b.err.col, 1);
        cr_assert(sigma_bench_compile(&b, "a: x\nb|cidr:\n  - 192.0.2.0/24\n  - y\n", true) < 0);
        cr_expect_eq(b.err.line, 4);
        cr_expect_eq(b.err.col, 5);
        sigma_bench_close(&b);
}

Test(sigma_modifier, every_row_is_whole)
{
        size_t n = 0;

        for (const struct modifier *m; (m = modifier_at(n)); n++) {
                cr_expect(m->name && m->help && *m->help, "row %zu", n);
                cr_expect_eq(modifier_find(str_of(m->name)), m, "%s is there twice", m->name);
                cr_expect((m->kind & (m->kind - 1)) == 0 && m->kind, "%s: one kind", m->name);
                cr_expect_eq(m->apply != NULL, m->kind == MODIFIER_AFFIX || m->kind == MODIFIER_ENCODING, "%s",
                             m->name);
        }
        cr_expect_eq(n, 31);
        cr_expect_null(modifier_find(STR("Contains")));
}

Test(sigma_modifier, the_nearest_is_offered)
{
        cr_expect_str_eq(modifier_nearest(STR("base64ofset")), "base64offset");
        cr_expect_null(modifier_nearest(STR("something")));
}
