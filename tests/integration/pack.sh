#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The evidence pack: the sample shop, a case, its pack; taken to where nothing of the shop is, and verified there; what is changed is found
# and named; tar(1) and sha256sum(1) agree; hostile values; the seal and its passphrase; pseudonyms.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "pack" "python3 is not installed"
        exit 0
fi
shop="$tmp/shop" away="$tmp/away"
mkdir "$away"
yml="$SHOPBELL_SRCDIR/samples/shopbell.yml"
cli() { name=$1 code=$2; shift 2; exits "$name" "$code" "$shopbell" "$@"; }
# there NAME CODE ARGUMENT…: on a machine that has nothing of the shop.
there() {
        name=$1 code=$2
        shift 2
        exits "$name" "$code" env -i HOME="$away" PATH="$PATH" SHOPBELL_STATE=/nonexistent ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
                ${UBSAN_OPTIONS:+UBSAN_OPTIONS="$UBSAN_OPTIONS"} sh -c 'cd "$HOME" && exec "$@"' sh "$shopbell" "$@"
}

exits "the sample shop" 0 "$shopbelld" --config "$yml" --state "$shop" --once
ids=$("$shopbell" alerts --state "$shop" -o ndjson --all | sed -n 's/^{"id":"\([0-9a-f]*\)".*"source":"google-ads-[a-z-]*".*/\1/p;s/^{"id":"\([0-9a-f]*\)".*CreateAccessKey.*/\1/p' | sort -u)
# shellcheck disable=SC2086 # ids are words
cli "a case" 0 case open --from $ids --title 'Anzeigen: <script>alert(1)</script> 광고 广告 โฆษณา פרסום' --by mei --state "$shop"
cli "a mark" 0 case mark 1 aware --at '2026-03-11 16:00 Asia/Seoul' --by mei --because '=HYPERLINK("http://evil.example")' --state "$shop"
cli "a field" 0 case set 1 people.kr=1200 seller=kr --by mei --state "$shop"
cli "a note" 0 case note 1 -m "$(printf '@SUM(A1) <img src=x> \342\200\256desrever ข้อมูล')" --by '-2+3' --state "$shop"

cli "a draft" 0 case draft 1 --regime kr-pipa --to people --by mei --state "$shop"

# ---- Made, and checked elsewhere ----
export_it() { name=$1 code=$2 out=$3; shift 3; cli "$name" "$code" case export 1 "$out" --state "$shop" --config "$yml" "$@"; }
export_it "the pack is made" 0 "$away/case.tar"
sums=$(printf '%s\n' "$out" | sed -n 's/^SHA-256 of SHA256SUMS  //p')
has "no legal advice" "$out" 'no legal advice'
export_it "nothing is written over" 2 "$away/case.tar"
cli "no such case" 2 case export 77 "$away/none.tar" --state "$shop" --config "$yml"
if [ -e "$away/none.tar" ]; then not_ok "and no file is left of it"; else ok "and no file is left of it"; fi
cli "the case knows of it" 0 case show 1 --state "$shop"
exits "in its entries" 0 sh -c '"$1" export --state "$2" -o ndjson | grep -a "exported"' sh "$shopbell" "$shop"
has "with the digest" "$out" "\"kind\":\"exported\",\"key\":\"case.tar\",\"value\":\"$sums\""
cli "the history covers that" 0 verify --state "$shop"
there "verified where nothing of the shop is" 0 case verify case.tar
has "and says so" "$out" '^The pack is sound'
has "the digest is the same" "$out" "$sums"
has "seals need the key" "$out" '^Seals +not checked'
there "as JSON" 0 case verify case.tar -o json
has "sound" "$out" '"sound":true,"found":\[\]'
cli "with the key, seals are checked" 0 case verify "$away/case.tar" --state "$shop"
has "and are good" "$out" '^Seals +[1-9][0-9]* checked'
mkdir "$away/tar"
exits "tar unpacks it" 0 tar -C "$away/tar" -xf "$away/case.tar"
exits "sha256sum finds all as it was" 0 sh -c 'cd "$1" && sha256sum --strict --quiet -c SHA256SUMS' sh "$away/tar"
if [ "$(sha256sum <"$away/tar/SHA256SUMS" | cut -d' ' -f1)" = "$sums" ]; then ok "and the same digest"; else not_ok "and the same digest"; fi
there "it unpacks itself" 0 case verify case.tar --extract own
exits "the same files" 0 diff -r "$away/tar" "$away/own"
there "never into a folder that is there" 3 case verify case.tar --extract own
for file in README.txt index.html timeline.csv alerts.ndjson case.ndjson records/index.ndjson regimes/deadlines.json regimes/kr-pipa.yml \
        configuration/shopbell.ndjson rules/index.ndjson chain/history.ndjson forms/google-ads.txt forms/meta.txt forms/aws.txt; do
        if [ -s "$away/tar/$file" ]; then ok "it has $file"; else not_ok "it has $file"; fi
done
draft=$(cat "$away"/tar/drafts/001-kr-pipa-people-*.txt)
if [ -n "$draft" ] && ! printf '%s' "$draft" | grep -q '^NOT THE TEXT'; then ok "it has the draft as it was shown"; else not_ok "it has the draft as it was shown" "$draft"; fi
has "a form is filled in" "$(cat "$away/tar/forms/google-ads.txt")" 'growth.partner@example.net as ADMIN in 1234567890'
has "with the budget" "$(cat "$away/tar/forms/google-ads.txt")" 'from 50 to 5000'
has "and says what is not known" "$(cat "$away/tar/forms/google-ads.txt")" '^  not known'

# ---- What of the configuration is nobody else's ----
cat >"$tmp/masked.yml" <<EOF
inputs:
  - {name: cloudtrail, spool: $SHOPBELL_SRCDIR/samples/logs/cloudtrail}
notices:
  - {name: hook, webhook: 'https://hooks.example.net/T0,SECRET', level: low}
  - {name: other, webhook: 'https://hooks.example.net/x?sig=SECRET2', level: low}
  - {name: phone, webhook: 'https://ntfy.sh', format: ntfy, topic: SECRET3, level: high}
EOF
cli "a pack of a shop with webhooks" 0 case export 1 "$away/masked.tar" --state "$shop" --config "$tmp/masked.yml"
tar -xOf "$away/masked.tar" configuration/shopbell.ndjson >"$tmp/masked"
has "their hosts are in it" "$(cat "$tmp/masked")" 'https://hooks.example.net/\(left out\)'
if grep -q SECRET "$tmp/masked"; then not_ok "and no secret" "$(cat "$tmp/masked")"; else ok "and no secret"; fi
exits "each line is JSON" 0 python3 -c 'import json, sys; [json.loads(l) for l in open(sys.argv[1])]' "$tmp/masked"

# ---- Hostile values ----
exits "what people and logs wrote harms nobody" 0 python3 - "$away/tar" <<'PY'
import csv, html.parser, re, sys
folder = sys.argv[1]
page = open(folder + '/index.html', encoding='utf-8').read()
class Page(html.parser.HTMLParser):
    def __init__(self): super().__init__(); self.tags = set(); self.text = ''
    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not any(name.startswith('on') or name in ('src', 'href') for name, value in attrs), attrs
    def handle_data(self, data): self.text += data
p = Page(); p.feed(page)
assert not p.tags & {'script', 'img', 'iframe', 'link', 'a', 'form', 'base'}, p.tags
for words in ('<script>alert(1)</script>', '광고', '广告', 'โฆษณา', 'פרסום', 'ข้อมูล', '<img src=x>'):
    assert words in p.text, words
assert "default-src 'none'" in page
for name in ('/index.html', '/timeline.csv', '/README.txt', '/forms/google-ads.txt', '/case.ndjson'):
    text = open(folder + name, encoding='utf-8-sig', newline='').read()
    assert not re.search('[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]', text), name
rows = list(csv.reader(open(folder + '/timeline.csv', encoding='utf-8-sig', newline='')))
assert len({len(row) for row in rows}) == 1
assert not [cell for row in rows for cell in row if cell[:1] in ('=', '+', '-', '@', '\t', '\r')]
assert any('광고' in cell for row in rows for cell in row)
assert sorted(row[0] for row in rows[1:]) == [row[0] for row in rows[1:]]
PY

# ---- Changed ----
cat >"$tmp/change.py" <<'PY'
import subprocess, sys, tarfile
shopbell, pack = sys.argv[1:3]
data, bad = open(pack, 'rb').read(), 0
members = tarfile.open(pack).getmembers()
kinds = {}
for m in members:
    kind = m.name.split('/')[0] + m.name[-4:]
    kinds[kind] = kinds.get(kind, 0) + 1
    if m.size == 0 or kinds[kind] > 1: # one of a folder: tests/unit/test_cases_pack.c has all of them
        continue
    at = m.offset_data + m.size // 2
    open(pack + '.bad', 'wb').write(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
    r = subprocess.run([shopbell, 'case', 'verify', pack + '.bad'], capture_output=True, text=True)
    if r.returncode != 1 or m.name not in r.stdout or 'NOT sound' not in r.stdout:
        print(m.name, r.returncode, r.stdout, r.stderr)
        bad += 1
print(len(members), 'members')
sys.exit(bad > 0)
PY
exits "a flipped byte in each file is found, and the file named" 0 python3 "$tmp/change.py" "$shopbell" "$away/case.tar"
head -c 100000 "$away/case.tar" >"$away/short.tar"
there "cut off" 1 case verify short.tar
has "and where" "$out" 'cut off'
there "nothing of it is unpacked" 1 case verify short.tar --extract none
if [ -e "$away/none" ]; then not_ok "no folder is left"; else ok "no folder is left"; fi
cp "$away/case.tar" "$away/more.tar"
tar -C "$away/tar" --format=ustar --owner=0 --group=0 --numeric-owner -rf "$away/more.tar" README.txt 2>/dev/null
there "tar adds a file" 1 case verify more.tar
has "which is found" "$out" 'README.txt|behind the end|head is damaged'
ln -s /etc/passwd "$away/tar/link" && tar -C "$away/tar" --format=ustar -cf "$away/link.tar" link && rm "$away/tar/link"
there "links are not taken" 1 case verify link.tar --extract none
: >"$away/empty.tar"
there "nothing at all" 1 case verify empty.tar
there "no such file" 3 case verify missing.tar
there "no file" 2 case verify

# ---- Sealed ----
printf 'correct horse battery\nsecond line\n' >"$tmp/phrase" && chmod 600 "$tmp/phrase"
printf 'short\n' >"$tmp/short-phrase" && chmod 600 "$tmp/short-phrase"
printf 'another passphrase\n' >"$away/wrong" && chmod 600 "$away/wrong"
cp "$tmp/phrase" "$away/phrase"
export_it "a passphrase that is too short" 2 "$away/sealed" --seal --passphrase-file "$tmp/short-phrase"
export_it "sealed" 0 "$away/sealed" --seal --passphrase-file "$tmp/phrase"
sealed_sums=$(printf '%s\n' "$out" | sed -n 's/^SHA-256 of SHA256SUMS  //p')
if grep -aq 'README.txt\|growth.partner' "$away/sealed"; then not_ok "nothing shows through"; else ok "nothing shows through"; fi
there "opened elsewhere" 0 case verify sealed --passphrase-file phrase
has "the same digest" "$out" "$sealed_sums"
has "a whole seal" "$out" '^Seal +opened, whole'
there "another passphrase" 1 case verify sealed --passphrase-file wrong
has "is told" "$out" 'passphrase'
there "and the folder to unpack into is not made" 1 case verify sealed --passphrase-file wrong --extract none
exits "bytes of each chunk are told by their offset" 0 python3 - "$shopbell" "$away/sealed" "$away/phrase" <<'PY'
import re, subprocess, sys
shopbell, pack, phrase = sys.argv[1:]
data = open(pack, 'rb').read()
HEAD, CHUNK = 72, 65536 + 17
def verify(bytes):
    open(pack + '.bad', 'wb').write(bytes)
    r = subprocess.run([shopbell, 'case', 'verify', pack + '.bad', '--passphrase-file', phrase], capture_output=True, text=True)
    assert r.returncode == 1, (r.returncode, r.stdout, r.stderr)
    return r.stdout
n = (len(data) - HEAD + CHUNK - 1) // CHUNK
assert n > 3, n
for i in (1, n - 1):
    at = HEAD + i * CHUNK + 100
    said = verify(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
    low, high = map(int, re.search(r'between offsets (\d+) and (\d+)', said).groups())
    assert low <= at < high, said
assert 'cut off at offset %d' % (HEAD + CHUNK) in verify(data[:HEAD + CHUNK])
one, two = (data[HEAD + i * CHUNK:HEAD + (i + 1) * CHUNK] for i in (1, 2))
assert 'between offsets %d' % (HEAD + CHUNK) in verify(data[:HEAD + CHUNK] + two + one + data[HEAD + 3 * CHUNK:])
assert 'behind the end' in verify(data + b'x')
PY
# A terminal: asked twice, and nothing of it shows.
cat >"$tmp/typist.py" <<'PY'
import os, pty, select, sys
answers = sys.argv[1].split('|')
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen, asked = b'', 0
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    seen += got
    while asked < len(answers) and seen.count(b': ') > asked and seen.endswith(b': '):
        os.write(fd, answers[asked].encode() + b'\n')
        asked += 1
        break
sys.stdout.write(seen.decode(errors='replace'))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
exits "typed twice at a terminal" 0 timeout 60 python3 "$tmp/typist.py" 'typed in secret|typed in secret' "$shopbell" case export 1 "$away/typed" --seal --state "$shop" --config "$yml"
if printf '%s' "$out" | grep -q 'typed in'; then not_ok "nothing of it shows" "$out"; else ok "nothing of it shows"; fi
exits "typed once to open it" 0 timeout 60 python3 "$tmp/typist.py" 'typed in secret' "$shopbell" case verify "$away/typed"
cat >"$tmp/quitter.py" <<'PY'
import fcntl, os, pty, signal, subprocess, sys, termios
master, slave = pty.openpty()
def own():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=own, pass_fds=[slave])
seen = b''
while not seen.endswith(b': '):
    seen += os.read(master, 4096)
assert not termios.tcgetattr(slave)[3] & termios.ECHO
os.write(master, b'half of it')
p.terminate()   # not Ctrl-C, which whatever a script has put into the background ignores
assert p.wait() == -signal.SIGTERM, p.returncode
assert termios.tcgetattr(slave)[3] & termios.ECHO
PY
exits "ended while it asks, the terminal is as it was" 0 timeout 60 python3 "$tmp/quitter.py" "$shopbell" case export 1 "$away/quit" --seal --state "$shop" --config "$yml"
exits "and no file is left" 2 ls "$away/quit"
exits "two that differ" 2 timeout 60 python3 "$tmp/typist.py" 'typed in secret|typed in secrey' "$shopbell" case export 1 "$away/differ" --seal --state "$shop" --config "$yml"
if [ -e "$away/differ" ]; then not_ok "no file of it"; else ok "no file of it"; fi

# ---- Names ----
hostile=$(printf '=a\033[31m\342\200\256<b>;\047.tar')
cp "$away/case.tar" "$away/$hostile"
there "a pack of a hostile name" 0 case verify "$hostile"
export_it "and one written" 0 "$away/x$hostile"
exits "no escape reaches a terminal" 1 grep -q "$(printf '\033')" "$tmp/out"

# ---- Pseudonyms ----
sed 's/^people: .*/people: people.yml\npseudonyms: true/' "$yml" >"$tmp/pseudonyms.yml"
mkdir "$tmp/samples" && cp -r "$SHOPBELL_SRCDIR"/samples/* "$tmp/samples/" && cp "$tmp/pseudonyms.yml" "$tmp/samples/shopbell.yml"
veiled="$tmp/veiled"
exits "a shop that keeps pseudonyms" 0 "$shopbelld" --config "$tmp/samples/shopbell.yml" --state "$veiled" --once
id=$("$shopbell" alerts --state "$veiled" -o ndjson --all | sed -n 's/^{"id":"\([0-9a-f]*\)".*"source":"google-ads-users".*/\1/p' | head -n 1)
cli "its case" 0 case open --from "$id" --title 'A secret title' --by mei --state "$veiled"
cli "its note" 0 case note 1 -m 'A secret note' --by mei --state "$veiled"
cli "its pack" 0 case export 1 "$away/veiled.tar" --state "$veiled" --config "$tmp/samples/shopbell.yml"
there "is sound" 0 case verify veiled.tar --extract veiled
exits "no name is in its records" 1 grep -rq 'growth.partner@example.net' "$away/veiled/records"
exits "but pseudonyms are" 0 grep -q '"user.target.email":"p:[0-9a-f]\{16\}"' "$away/veiled/records/index.ndjson"
exits "nor what people wrote, anywhere" 1 grep -aq 'A secret' "$away/veiled.tar"
cli "revealed" 0 case export 1 "$away/clear.tar" --reveal --note 'for the court' --state "$veiled" --config "$tmp/samples/shopbell.yml"
there "is sound, too" 0 case verify clear.tar --extract clear
has "and says what only its sums vouch for" "$out" '^In clear +[1-9]'
exits "it has names" 0 grep -rq 'growth.partner@example.net' "$away/clear/records"
exits "and words" 0 grep -q 'A secret note' "$away/clear/case.ndjson"
exits "the history knows who wanted that" 0 sh -c '"$1" export --state "$2" -o ndjson | grep -a "revealed"' sh "$shopbell" "$veiled"
has "and why" "$out" '"what":"revealed".*evidence pack of case 1.*for the court'
finish
