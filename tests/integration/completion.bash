# SPDX-License-Identifier: Apache-2.0
# completion.bash SCRIPT SHOPBELL WORD…: what bash offers for these words, the last of which is begun; a line each.
# shellcheck shell=bash
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_shopbell
printf '%s\n' "${COMPREPLY[@]}"
