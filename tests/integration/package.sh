#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Debian package in a Debian of its own, with systemd as process 1: installed, it runs, sandboxed; a line in the journal
# or in a file becomes an alert within a second; broken rules are refused; a hang is noticed; an upgrade keeps everything,
# and purging leaves nothing. package.py does it; here is what it needs.
. "$(dirname "$0")/lib.sh"
needs() { # needs WHAT COMMAND…: ends the test, as skipped, when the command fails
        what=$1
        shift
        "$@" >"$tmp/needs" 2>&1 || { skip "package" "$what"; exit 0; }
}
needs "only root can start a container" test "$(id -u)" = 0
for program in mmdebstrap systemd-nspawn nsenter dpkg-deb dpkg-buildpackage dh python3; do
        needs "$program is not installed" command -v "$program"
done

# ./check has built it already; it is built again when the programs are newer.
deb=$(find "$SHOPBELL_BUILD/deb" -maxdepth 1 -name 'shopbell_*.deb' -newer "$shopbelld" 2>/dev/null | head -n 1)
if [ -z "$deb" ]; then
        exits "make deb" 0 make -s -C "$SHOPBELL_BUILD" deb
        deb=$(find "$SHOPBELL_BUILD/deb" -maxdepth 1 -name 'shopbell_*.deb' | head -n 1)
        [ -n "$deb" ] || exit 1
fi
if command -v lintian >/dev/null; then
        # The tree's own changelog may lie in the future of lintian's data.
        exits "lintian has nothing to say" 0 lintian --allow-root --fail-on error,warning "$SHOPBELL_BUILD"/deb/shopbell_*.changes
        has "nor to warn of" ".$out" '^\.$'
else
        skip "lintian" "it is not installed"
fi

# Files that no test reads are left out: half of the time.
depends=$(dpkg-deb -f "$deb" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g')
needs "no Debian could be fetched: $(tail -n 1 "$tmp/needs" 2>/dev/null)" \
        mmdebstrap --quiet --variant=essential --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --include="systemd,systemd-sysv,dbus,polkitd,$depends" bookworm "$tmp/root"
timeout -k 10 300 python3 "$SHOPBELL_SRCDIR/tests/integration/package.py" "$tmp/root" "$deb"
code=$?
case $code in
0) ;;
10) failures=1 ;;
77) skip "package" "systemd does not start in a container here" ;;
*) not_ok "package.py ended with $code" ;;
esac
finish
