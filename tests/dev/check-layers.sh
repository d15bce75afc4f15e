#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who may include whom, and which room a third-party header is locked to. Prints file:line and the rule for each break;
# exits 1 when there is one.
#
#     check-layers.sh [TOP]
#
# Dependencies point down only; rooms on one row never include each other:
#     hall (monitor/*.c)  cli  agent  send
#     parsers  detect  report  quiet  cases
#     sigma  store  input  enrich  notify
#     model
#     base
# To add a room: a row in the first table. To lock a header to a room: a row in the second.
set -eu
cd "${1:-.}"
find monitor parsers bench tests -name '*.c' -o -name '*.h' -o -name '*.cc' | sort | xargs awk '
BEGIN {
        # room -> the rooms it may include
        may["base"]    = "base"
        may["model"]   = "base model"
        may["sigma"]   = "base model sigma"
        may["store"]   = "base model store"
        may["input"]   = "base model input"
        may["enrich"]  = "base model enrich"
        may["notify"]  = "base model notify"
        may["parsers"] = "base model sigma parsers"
        may["detect"]  = "base model sigma detect"
        may["report"]  = "base model store enrich report"
        may["quiet"]   = "base model store quiet"
        may["cases"]   = "base model store cases"
        may["hall"]    = "base model sigma store input enrich notify parsers detect report quiet cases hall"
        may["cli"]     = "base model sigma store input enrich notify parsers detect report quiet cases hall cli"
        may["send"]    = "base model notify hall send"
        may["agent"]   = "base model agent"
        may["bench"]   = "base model sigma store input enrich notify parsers detect bench"

        # header -> the files that may include it: a room with its tests, or one file
        lock["simdjson.h"]           = "parsers/json_simd.cc bench/simd12.cc"
        lock["sqlite3.h"]            = "store"
        lock["systemd/sd-journal.h"] = "input monitor/witness.c monitor/notices.c"
        lock["systemd/sd-bus.h"]     = "monitor/bus.c"
        lock["libnotify/notify.h"]   = "monitor/agent/bubbles.c"
        lock["gio/gio.h"]            = "agent"
        lock["glib.h"]               = "agent"
        lock["pcre2.h"]              = "monitor/sigma/rx.c"
        lock["yaml.h"]               = "monitor/base/yaml.c"
        lock["sodium.h"]             = "monitor/base/hash.c monitor/base/digest.c monitor/base/passseal.c monitor/base/sealbox.c monitor/notify/sign.c monitor/main.c monitor/cli/main.c"
        lock["curl/curl.h"]          = "send"
        lock["libsmartcols.h"]       = "cli"
        lock["libsmartcols/libsmartcols.h"] = "cli"
        lock["zlib.h"]               = "input tests/unit/input_util.h"
        lock["maxminddb.h"]          = "monitor/enrich/database.c"
        lock["zstd.h"]               = "input"
        lock["criterion/criterion.h"]     = "tests"
        lock["criterion/parameterized.h"] = "tests"
}

# Room of a path from the top of the tree. A unit test belongs to the room it is named after.
function room(path,    part, n) {
        n = split(path, part, "/")
        if (part[1] == "monitor")
                return n > 2 ? part[2] : "hall"
        if (part[1] == "tests" && part[n] ~ /^test_[a-z]+_/) {
                split(part[n], part, "_")
                return part[2]
        }
        return part[1]
}

function is_in(word, list,    item, n, i) {
        n = split(list, item, " ")
        for (i = 1; i <= n; i++)
                if (item[i] == word)
                        return 1
        return 0
}

function broken(rule) {
        printf "%s:%d: %s\n", FILENAME, FNR, rule
        breaks++
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        from = room(FILENAME)
        to = room(quoted[2])
        if (quoted[2] !~ /\//)
                broken("\"" quoted[2] "\": includes carry the full path from the top of the tree")
        else if (from == "tests" || (FILENAME ~ /^tests\// && to == "tests"))
                ;
        else if (!(from in may))
                broken(from " is no room that tests/dev/check-layers.sh knows")
        else if (!is_in(to, may[from]))
                broken(from " may not include " to ": it may include " may[from])
        next
}

/^[ \t]*#[ \t]*include[ \t]*</ {
        header = $0
        sub(/^[^<]*</, "", header)
        sub(/>.*/, "", header)
        if (header in lock && !is_in(FILENAME, lock[header]) && !is_in(room(FILENAME), lock[header]) &&
            !(FILENAME ~ /^tests\// && is_in("tests", lock[header])))
                broken("<" header "> is locked to " lock[header])
}

END { exit breaks > 0 }
' || exit 1
