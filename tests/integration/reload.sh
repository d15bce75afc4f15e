#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rules and sources loaded anew while the daemon runs: nothing lost, nothing twice, and a bad file never replaces good rules.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "reload" "python3 is not installed"
        exit 0
fi
timeout 300 python3 "$(dirname "$0")/reload.py" "$shopbelld" "$shopbell" "$tmp"
code=$?
case $code in
0) ;;
10) failures=1 ;;
*) not_ok "reload.py ended with $code" ;;
esac
finish
