#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Alerts as they ring: `shopbell alerts --follow` and `--watch`.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "follow" "python3 is not installed"
        exit 0
fi
timeout 120 python3 "$SHOPBELL_SRCDIR/tests/integration/follow.py" "$shopbell" "$shopbelld" "$SHOPBELL_SRCDIR" "$tmp"
case $? in
0) ;;
10) failures=1 ;;
*) not_ok "follow.py ended" ;;
esac
finish
