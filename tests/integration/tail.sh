#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records as they pass: `shopbell tail`.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "tail" "python3 is not installed"
        exit 0
fi
timeout 120 python3 "$SHOPBELL_SRCDIR/tests/integration/tail.py" "$shopbell" "$SHOPBELL_SRCDIR" "$tmp"
case $? in
0) ;;
10) failures=1 ;;
*) not_ok "tail.py ended" ;;
esac
finish
