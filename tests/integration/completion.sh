#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Completion: what bash offers at each place; that zsh and fish can read theirs.
. "$(dirname "$0")/lib.sh"
samples="$SHOPBELL_SRCDIR/samples"
for shell in bash zsh fish; do
        exits "a script for $shell" 0 "$shopbell" completion $shell
        printf '%s\n' "$out" >"$tmp/shopbell.$shell"
done
exits "no other" 2 "$shopbell" completion csh
exits "the sample shop" 0 "$shopbelld" --config "$samples/shopbell.yml" --state "$tmp/state" --once
if ! command -v bash >/dev/null; then
        skip "bash" "bash is not installed"
        finish
        exit
fi
exits "bash can read it" 0 bash -n "$tmp/shopbell.bash"

# offers NAME "WORD WORD…" WANTED…: for these words, the last of which is begun (a blank at the end: a new one).
complete_() { # shellcheck disable=SC2086
        bash "$SHOPBELL_SRCDIR/tests/integration/completion.bash" "$tmp/shopbell.bash" "$shopbell" "$@" 2>&1 | sort; }
offers() {
        name=$1 want=$2
        shift 2
        got=$(complete_ "$@" | tr '\n' ' ')
        if [ "$got" = "$want" ]; then ok "$name"; else not_ok "$name" "$got
not: $want"; fi
}
offers_some() {
        name=$1 pattern=$2
        shift 2
        has "$name" "$(complete_ "$@")" "$pattern"
}
offers "commands" "parse people posture " p
offers "the first word of two" "readiness regimes reload reopen report " re
offers "the second word" "coverage explain identify list new test " sources ''
offers "begun" "end " silence e
offers "options" "--watch --who --worst-first " alerts --w
offers_some "short ones" '^-r$' alerts -
offers "of a command of two words" "--strict " rules test --st
offers "a level" "high " alerts --level h
offers "behind =" "high " alerts --level = h
offers "a format, of that command" "markdown " alerts -o m
offers "and of another" "md " rules list -o m
offers "a class" "log_tamper login " alerts --class lo
offers "a state" "closed " alerts --is cl
offers "a verdict" "benign false true " close 3f2a --as ''
offers "whom a notice is to" "partner people press principal " case draft 1 --to p
offers "its stage" "confirmed investigating " case draft 1 --stage ''
offers "its channel" "sheet sms " case draft 1 --channel s
offers "an event" "assessed aware " case mark 1 a
offers "what readiness asks" "contacts contracts " readiness answer cont
offers "words of the usage" "me not-me undo " answer 3f2a ''
offers "nothing for a text" " " note 3f2a -m ''
offers "shells" "bash " completion b
id=$("$shopbell" alerts --state "$tmp/state" -n 1 -o csv | tail -n 1 | cut -c 1-8)
offers "an alert" "$id " show --state "$tmp/state" "$(printf '%.5s' "$id")"
offers "with the folder behind" "$id " show "--state=$tmp/state" "$(printf '%.5s' "$id")"
export SHOPBELL_STATE="$tmp/state"
offers "or in the environment" "$id " ack "$(printf '%.5s' "$id")"
offers "people" "Jun " risk J
offers "of an option, quoted" "Growth\\ Partner " alerts --person G
offers "a source" "sshd " alerts --source ss
rule=$("$shopbell" rules list -o csv | grep 'Many AWS objects read' | awk -F , '{print $NF}' | tr -d '\r')
offers "a rule" "$rule " rules explain "$(printf '%.9s' "$rule")"
"$shopbell" silence add --who kim --for 1h --reason "year-end" >/dev/null
offers "a silence" "1 " silence end ''
mkdir "$tmp/logs"
touch "$tmp/logs/a b.log" "$tmp/logs/c.log"
offers "files" "$tmp/logs/a b.log $tmp/logs/c.log " scan "$tmp/logs/"
offers "folders" "$tmp/logs " alerts --state "$tmp/lo"
"$shopbell" --help | sed -n 's/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p' >"$tmp/commands"
while read -r command; do
        # shellcheck disable=SC2086
        "$shopbell" $command --help </dev/null | sed -n 's/^  -., \(--[a-z-]*\).*/\1/p; s/^      \(--[a-z-]*\).*/\1/p' | sort -u >"$tmp/help"
        # shellcheck disable=SC2086
        complete_ $command -- </dev/null | grep -v '^--help$' | sort -u >"$tmp/offered"
        cmp -s "$tmp/help" "$tmp/offered" || not_ok "options of $command" "$(diff "$tmp/help" "$tmp/offered")"
done <"$tmp/commands"
ok "all options of all commands are offered, and no others"
if command -v zsh >/dev/null; then exits "zsh can read its script" 0 zsh -n "$tmp/shopbell.zsh"; else skip "zsh" "zsh is not installed"; fi
if command -v fish >/dev/null; then exits "fish can read its script" 0 fish -n "$tmp/shopbell.fish"; else skip "fish" "fish is not installed"; fi
finish
