#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What rules cost: `shopbell scan --threads 1` of the same CloudTrail with none, with the starter pack, and with 10, 100,
# 1,000 and all live rules of SigmaHQ, and the ratio of each to none. The rules for CloudTrail are taken first, so 100 and
# more hold all of them; the rest are those for Windows and all others. "None" is one rule of a product that no source has.
# All take turns, BENCH_RUNS times each; the medians count. Timed from outside: start, loading, reading and end included;
# loading is shown beside, since it is paid once.
#
#   SHOPBELL_BUILD    folder of shopbell
#   SHOPBELL_SRCDIR   top of the source tree
#   SHOPBELL_SHARED   folder with data/cloudtrail-attack/*.json and tools/gen_workload.py; without it nothing is measured
#   SHOPBELL_SIGMAHQ  a copy of SigmaHQ/sigma; without it only the starter pack is measured
#   BENCH_BYTES       size of the log (default 500000000), BENCH_RUNS (default 5)
#   BENCH_DIR         where the log is kept between runs; without it, a temporary folder
set -eu
: "${SHOPBELL_BUILD:?}" "${SHOPBELL_SRCDIR:?}"
bytes=${BENCH_BYTES:-500000000}
runs=${BENCH_RUNS:-5}
shopbell=$SHOPBELL_BUILD/shopbell
export SHOPBELL_SOURCES="$SHOPBELL_SRCDIR/parsers/sources"

if [ -z "${SHOPBELL_SHARED:-}" ] || [ ! -d "$SHOPBELL_SHARED/data/cloudtrail-attack" ]; then
        echo "bench-rules: skipped: SHOPBELL_SHARED names no folder with data/cloudtrail-attack"
        exit 0
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/shopbell-bench-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
dir=${BENCH_DIR:-$tmp}
mkdir -p "$dir"
log=$dir/big.ndjson
if [ ! -f "$log" ] || [ "$(stat -c %s "$log")" -lt "$bytes" ]; then
        echo "bench-rules: composing $((bytes / 1000000)) MB of CloudTrail"
        python3 "$SHOPBELL_SHARED/tools/gen_workload.py" "$SHOPBELL_SHARED/data/cloudtrail-attack" "$dir" ct "$bytes" >/dev/null
fi
cat "$log" >/dev/null                                   # read from memory

# ---- Rule folders ----
mkdir "$tmp/none"
printf 'title: None\nlogsource: {product: none}\nlevel: low\ndetection: {s: {a: b}, condition: s}\n' >"$tmp/none/none.yml"
ln -s "$(realpath "$SHOPBELL_SRCDIR")/rules.d" "$tmp/starter"
sets="none starter"
if [ -n "${SHOPBELL_SIGMAHQ:-}" ]; then
        (cd "$SHOPBELL_SIGMAHQ" && find rules/cloud/aws -name '*.yml' | sort
                find rules rules-* -name '*.yml' ! -path 'rules/cloud/aws/*' | sort) >"$tmp/files"
        for n in 10 100 1000 "$(wc -l <"$tmp/files")"; do
                mkdir "$tmp/$n"
                head -n "$n" "$tmp/files" | awk '{ print NR, $0 }' | while read -r number file; do
                        ln -s "$(realpath "$SHOPBELL_SIGMAHQ")/$file" "$tmp/$n/$number.yml"
                done
                sets="$sets $n"
        done
else
        echo "bench-rules: SHOPBELL_SIGMAHQ names no copy of SigmaHQ/sigma: only the starter pack is measured"
fi

# ---- Measuring ----
# timed NAME COMMAND…: appends the seconds it took to $tmp/NAME.times.
timed() {
        local name=$1 from to
        shift
        from=$(date +%s%N)
        "$@" >"$tmp/out" 2>"$tmp/err" || { cat "$tmp/err" >&2; echo "bench-rules: $name failed" >&2; exit 1; }
        to=$(date +%s%N)
        awk -v ns=$((to - from)) 'BEGIN { printf "%.4f\n", ns / 1e9 }' >>"$tmp/$name.times"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

for ((run = 1; run <= runs; run++)); do
        for set in $sets; do
                timed "$set" "$shopbell" scan --threads 1 -o ndjson --rules "$tmp/$set" "$log"
                sed -n 's/^[0-9]* records, \([0-9]*\) alerts*.*/\1/p' "$tmp/err" >"$tmp/$set.alerts"
                timed "$set.load" "$shopbell" rules list -o csv --rules "$tmp/$set"
        done
        echo "bench-rules: run $run of $runs done"
done
none=$(median "$tmp/none.times")
printf '%-8s %9s %8s %8s %10s %14s\n' RULES SECONDS RATIO LOAD ALERTS 'WITHOUT LOAD'
for set in $sets; do
        awk -v set="$set" -v none="$none" -v seconds="$(median "$tmp/$set.times")" -v alerts="$(cat "$tmp/$set.alerts")" \
                -v load="$(median "$tmp/$set.load.times")" -v load_none="$(median "$tmp/none.load.times")" 'BEGIN {
                printf "%-8s %9.3f %8.2f %8.3f %10d %14.2f\n", set, seconds, seconds / none, load, alerts,
                        (seconds - load) / (none - load_none) }'
done
