# SPDX-License-Identifier: Apache-2.0
# Sourced by the integration tests: where things are, and how a test says how it went.
#   SHOPBELL_BUILD    folder of shopbell and shopbelld        SHOPBELL_SRCDIR   top of the source tree
#   SHOPBELL_SHARED   optional folder of real log data; tests that need it skip without
set -u
: "${SHOPBELL_BUILD:?}" "${SHOPBELL_SRCDIR:?}"
export SHOPBELL_SOURCES="$SHOPBELL_SRCDIR/parsers/sources" SHOPBELL_RULES="$SHOPBELL_SRCDIR/rules.d" SHOPBELL_REGIMES="$SHOPBELL_SRCDIR/regimes.d" SHOPBELL_TEMPLATES="$SHOPBELL_SRCDIR/templates"
export TZ=UTC LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
shopbell="$SHOPBELL_BUILD/shopbell"
shopbelld="$SHOPBELL_BUILD/shopbelld"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/shopbell-test-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
failures=0

ok() { printf 'ok %s\n' "$1"; }
not_ok() {
        printf 'not ok %s\n' "$1"
        [ $# -lt 2 ] || printf '%s\n' "$2" | head -n 30 | sed 's/^/    /'
        failures=$((failures + 1))
}
skip() { printf 'skip %s: %s\n' "$1" "$2"; }

# same NAME FILE FILE: equal files.
same() {
        if difference=$(diff -u "$2" "$3"); then ok "$1"; else not_ok "$1" "$difference"; fi
}
# has NAME TEXT PATTERN: TEXT holds a line that fits the extended regular expression.
has() {
        if printf '%s\n' "$2" | grep -Eq -- "$3"; then ok "$1"; else not_ok "$1" "no line fits: $3
$2"; fi
}
# exits NAME CODE COMMAND…: the exit code; output is left in $out and $err.
exits() {
        name=$1 want=$2
        shift 2
        "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
        got=$?
        out=$(cat "$tmp/out") err=$(cat "$tmp/err")
        if [ "$got" = "$want" ]; then ok "$name"; else not_ok "$name" "exit $got, not $want
$err"; fi
}
# up STATE PID: waits until that daemon takes orders, or is gone.
up() { python3 "$SHOPBELL_SRCDIR/tests/integration/until.py" up "$1" "$2" || not_ok "a daemon"; }
finish() { [ "$failures" = 0 ]; }
