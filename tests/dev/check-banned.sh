#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Functions that are not used, and what to use instead. Prints file:line for each use; exits 1 when there is one.
# Comments and texts in quotes do not count. (Arrays of variable length are refused by the compiler: -Wvla.)
#
#     check-banned.sh [TOP]
set -eu
cd "${1:-.}"
find monitor parsers bench tests -name '*.c' -o -name '*.h' -o -name '*.cc' | sort | xargs awk '
BEGIN {
        everywhere["strcpy"]    = "no bound: strbuf_add() or memcpy()"
        everywhere["strcat"]    = "no bound: strbuf_add()"
        everywhere["strncpy"]   = "no NUL promised: strbuf_add() or memcpy()"
        everywhere["strncat"]   = "no NUL promised: strbuf_add()"
        everywhere["sprintf"]   = "no bound: snprintf() or strbuf_addf()"
        everywhere["vsprintf"]  = "no bound: vsnprintf() or strbuf_vaddf()"
        everywhere["strtok"]    = "hidden state: str_cut()"
        everywhere["gets"]      = "no bound: getline()"
        everywhere["gmtime"]    = "hidden state: gmtime_r()"
        everywhere["localtime"] = "hidden state: localtime_r()"
        everywhere["ctime"]     = "hidden state: the functions of base/clock.h"
        everywhere["asctime"]   = "hidden state: the functions of base/clock.h"
        everywhere["atoi"]      = "no errors: str_to_i64()"
        everywhere["atol"]      = "no errors: str_to_i64()"
        everywhere["atoll"]     = "no errors: str_to_i64()"
        everywhere["atof"]      = "no errors: number_parse()"
        everywhere["system"]    = "a shell: nothing runs programs"
        everywhere["popen"]     = "a shell: nothing runs programs"
        everywhere["alloca"]    = "no bound: arena_alloc()"
        everywhere["strdupa"]   = "no bound: arena_dup()"
        everywhere["tmpnam"]    = "a race: mkstemp()"
        everywhere["mktemp"]    = "a race: mkstemp()"

        rooms["printf"]        = "rooms do not print: they explain through struct err"
        rooms["fprintf"]       = "rooms do not print: they explain through struct err"
        rooms["puts"]          = "rooms do not print: they explain through struct err"
        rooms["fputs"]         = "rooms do not print: they explain through struct err"
        rooms["perror"]        = "rooms do not print: they explain through struct err"
        rooms["syslog"]        = "rooms do not log: they explain through struct err"
        rooms["log_error"]     = "rooms do not log: they explain through struct err"
        rooms["log_warning"]   = "rooms do not log: they explain through struct err"
        rooms["log_info"]      = "rooms do not log: they explain through struct err"
        rooms["log_debug"]     = "rooms do not log: they explain through struct err"
        rooms["exit"]          = "rooms do not end the program: they return -errno"
        rooms["_exit"]         = "rooms do not end the program: they return -errno"
        rooms["abort"]         = "rooms do not end the program: they return -errno"
        rooms["time"]          = "rooms do not read the clock: time is passed in"
        rooms["clock_gettime"] = "rooms do not read the clock: time is passed in"
        rooms["gettimeofday"]  = "rooms do not read the clock: time is passed in"
        rooms["rand"]          = "rooms draw no random numbers: they are passed in"
        rooms["random"]        = "rooms draw no random numbers: they are passed in"
        rooms["randombytes_buf"] = "rooms draw no random numbers: they are passed in"
}

# The hall, the command line and the doors of the desktop agent speak and read the clock; so do the two files of base made for it.
function is_room(path) {
        if (path !~ /^(monitor\/[^\/]+|parsers)\//)
                return 0
        return path !~ /^monitor\/(cli|send)\// && path !~ /^monitor\/agent\/(agent|bubbles|main)\.c$/ && path !~ /^monitor\/base\/(log|clock)\.[ch]$/
}

# The line without comments and quoted texts. A comment may go on: in_comment.
function code(line,    out, c, d, i, n) {
        n = length(line)
        for (i = 1; i <= n; i++) {
                c = substr(line, i, 1)
                d = substr(line, i, 2)
                if (in_comment) {
                        if (d == "*/") {
                                in_comment = 0
                                i++
                        }
                } else if (d == "/*") {
                        in_comment = 1
                        i++
                        out = out " "
                } else if (d == "//") {
                        break
                } else if (c == "\"" || c == "\047") {
                        for (i++; i <= n && substr(line, i, 1) != c; i++)
                                if (substr(line, i, 1) == "\\")
                                        i++
                        out = out " x "
                } else {
                        out = out c
                }
        }
        return out
}

FNR == 1 { in_comment = 0 }
{
        rest = code($0)
        while (match(rest, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
                before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : ""
                name = substr(rest, RSTART, RLENGTH - 1)
                sub(/[ \t]+$/, "", name)
                rest = substr(rest, RSTART + RLENGTH)
                if (before == "." || before == ">")             # a member of that name
                        continue
                if (name in everywhere)
                        why = everywhere[name]
                else if (name in rooms && is_room(FILENAME))
                        why = rooms[name]
                else
                        continue
                printf "%s:%d: %s: %s\n", FILENAME, FNR, name, why
                uses++
        }
}
END { exit uses > 0 }
' || exit 1
