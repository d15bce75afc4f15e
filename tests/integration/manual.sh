#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The commands of the manual pages are run as printed; help fits a screen.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "manual" "python3 is not installed"
        exit 0
fi
timeout 300 python3 "$SHOPBELL_SRCDIR/tests/integration/manual.py" "$shopbell" "$shopbelld" "$SHOPBELL_SRCDIR" "$tmp"
case $? in
0) ;;
10) failures=1 ;;
*) not_ok "manual.py ended" ;;
esac
finish
