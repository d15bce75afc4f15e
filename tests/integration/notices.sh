#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# People are told, once each, whatever is killed or away.   NOTICES_SEED   another seed   NOTICES_KILLS   how often (10)
. "$(dirname "$0")/lib.sh"
python=
for candidate in python3 /usr/bin/python3; do # Debian's packages are for the latter
        [ -n "$python" ] || ! $candidate -c 'import aiosmtpd' 2>/dev/null || python=$candidate
done
if [ -z "$python" ] || ! command -v openssl >/dev/null; then
        skip "notices" "python3-aiosmtpd or openssl is not installed"
        exit 0
fi
mkdir "$tmp/notices"
timeout 600 $python "$(dirname "$0")/notices.py" "$shopbelld" "$shopbell" "$SHOPBELL_BUILD/shopbell-send" "$SHOPBELL_BUILD/tests/fault/fault.so" \
        "$tmp/notices" "${NOTICES_SEED:-1}" >"$tmp/out" 2>&1
code=$?
grep -E '^(ok|not ok|skip|    )' "$tmp/out"
failures=$(grep -c '^not ok' "$tmp/out")
[ "$code" = 0 ] || [ "$code" = 10 ] || not_ok "notices.py ended with $code" "$(tail -n 20 "$tmp/out")"

# The journal's socket has a fixed place: a /run of its own.
if unshare -rm sh -c 'mount -t tmpfs none /run' 2>/dev/null; then
        mkdir "$tmp/journal"
        unshare -rm sh -c 'mount -t tmpfs none /run && mkdir -p /run/systemd/journal && exec timeout 120 "$@"' sh $python \
                "$(dirname "$0")/notices.py" "$shopbelld" "$shopbell" "$SHOPBELL_BUILD/shopbell-send" "$SHOPBELL_BUILD/tests/fault/fault.so" \
                "$tmp/journal" 1 journal >"$tmp/out" 2>&1
        code=$?
        grep -E '^(ok|not ok|    )' "$tmp/out"
        failures=$((failures + $(grep -c '^not ok' "$tmp/out")))
        [ "$code" = 0 ] || [ "$code" = 10 ] || not_ok "notices.py journal ended with $code" "$(tail -n 20 "$tmp/out")"
else
        skip "the journal's entries" "this machine lets nobody mount a /run of its own"
fi
finish
