#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records a second of `shopbell scan --threads 1` with all rules, beside bench/simd12 on the same bytes, and their ratio.
# The log is real CloudTrail, repeated with shifted times and ids up to BENCH_BYTES. Both run alternately, BENCH_RUNS times
# each; the medians count. Both are timed from outside: start, reading and end included.
#
#   SHOPBELL_BUILD    folder of shopbell and bench/simd12
#   SHOPBELL_SRCDIR   top of the source tree
#   SHOPBELL_SHARED   folder with data/cloudtrail-attack/*.json and tools/gen_workload.py; without it nothing is measured
#   BENCH_BYTES       size of the log (default 500000000), BENCH_RUNS (default 3)
#   BENCH_DIR         where the log is kept between runs; without it, a temporary folder
set -eu
: "${SHOPBELL_BUILD:?}" "${SHOPBELL_SRCDIR:?}"
bytes=${BENCH_BYTES:-500000000}
runs=${BENCH_RUNS:-3}
export SHOPBELL_SOURCES="${SHOPBELL_SOURCES:-$SHOPBELL_SRCDIR/parsers/sources}"
export SHOPBELL_RULES="${SHOPBELL_RULES:-$SHOPBELL_SRCDIR/rules.d}"

if [ -z "${SHOPBELL_SHARED:-}" ] || [ ! -d "$SHOPBELL_SHARED/data/cloudtrail-attack" ]; then
        echo "bench: skipped: SHOPBELL_SHARED names no folder with data/cloudtrail-attack"
        exit 0
fi
if [ -n "${BENCH_DIR:-}" ]; then
        mkdir -p "$BENCH_DIR"
        dir=$BENCH_DIR
else
        dir=$(mktemp -d "${TMPDIR:-/tmp}/shopbell-bench-XXXXXX")
        trap 'rm -rf "$dir"' EXIT
fi
log=$dir/big.ndjson
if [ ! -f "$log" ] || [ "$(stat -c %s "$log")" -lt "$bytes" ]; then
        echo "bench: composing $((bytes / 1000000)) MB of CloudTrail"
        python3 "$SHOPBELL_SHARED/tools/gen_workload.py" "$SHOPBELL_SHARED/data/cloudtrail-attack" "$dir" ct "$bytes" >/dev/null
fi
size=$(stat -c %s "$log")
records=$(wc -l <"$log")
cat "$log" >/dev/null                                   # both read from memory

# timed NAME COMMAND…: appends the seconds it took to $dir/NAME.
timed() {
        local name=$1 from to
        shift
        from=$(date +%s%N)
        "$@" >"$dir/$name.out" 2>"$dir/$name.err" || { cat "$dir/$name.err" >&2; echo "bench: $name failed" >&2; exit 1; }
        to=$(date +%s%N)
        awk -v ns=$((to - from)) 'BEGIN { printf "%.3f\n", ns / 1e9 }' >>"$dir/$name"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

rm -f "$dir/simd12" "$dir/scan"
for ((run = 1; run <= runs; run++)); do
        timed simd12 "$SHOPBELL_BUILD/bench/simd12" "$log"
        timed scan "$SHOPBELL_BUILD/shopbell" scan --threads 1 -o ndjson "$log"
        echo "bench: run $run of $runs: simd12 $(tail -n 1 "$dir/simd12") s, scan $(tail -n 1 "$dir/scan") s"
done
read -r _ counted _ < <(cat "$dir/simd12.out")
[ "$counted" = "$records" ] || { echo "bench: simd12 read $counted of $records records" >&2; exit 1; }
grep -q "^$records records" "$dir/scan.err" ||
        { echo "bench: scan did not read $records records: $(tail -n 1 "$dir/scan.err")" >&2; exit 1; }
awk -v records="$records" -v bytes="$size" -v simd="$(median "$dir/simd12")" -v scan="$(median "$dir/scan")" 'BEGIN {
        printf "log        %d records, %.0f MB\n", records, bytes / 1e6
        printf "simd12     %.0f records/s  %.0f MB/s\n", records / simd, bytes / simd / 1e6
        printf "scan       %.0f records/s  %.0f MB/s\n", records / scan, bytes / scan / 1e6
        printf "ratio      %.2f (scan takes %.2f times as long)\n", simd / scan, scan / simd
}'
