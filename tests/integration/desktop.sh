#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The daemon on a bus of its own, and the agent on a desktop of its own: bubbles, buttons, who may.
. "$(dirname "$0")/lib.sh"
if [ ! -x "$SHOPBELL_BUILD/shopbell-notify" ]; then
        skip "the desktop agent" "shopbell-notify was not built"
        exit 0
fi
for program in dbus-daemon dbus-monitor busctl dunst dunstctl Xvfb python3; do
        if ! command -v $program >/dev/null; then
                skip "the desktop agent" "$program is not installed"
                exit 0
        fi
done
timeout 300 python3 "$(dirname "$0")/desktop.py" "$SHOPBELL_BUILD" "$SHOPBELL_SRCDIR" "$tmp"
code=$?
case $code in
0) ;;
10) failures=1 ;;
*) not_ok "desktop.py ended with $code" ;;
esac
finish
