#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `shopbell status` tells of a running daemon.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "status" "python3 is not installed"
        exit 0
fi
timeout 120 python3 "$SHOPBELL_SRCDIR/tests/integration/status.py" "$shopbell" "$shopbelld" "$tmp"
case $? in
0) ;;
10) failures=1 ;;
*) not_ok "status.py ended" ;;
esac
finish
