#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A file that is written and rotated while the daemon is killed again and again: nothing lost, nothing twice.
. "$(dirname "$0")/lib.sh"
for seed in 1 2 3; do
        mkdir -p "$tmp/$seed"
        if said=$(timeout 300 python3 "$(dirname "$0")/rotate.py" "$shopbelld" "$shopbell" "$tmp/$seed" "$seed" 2>&1); then
                ok "tail through rotations and kills, seed $seed: $said"
        else
                not_ok "tail through rotations and kills, seed $seed" "$said
$(tail -n 5 "$tmp/$seed/stderr")"
        fi
done
finish
