#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# embed.sh FILE NAME: turns a text file into a C string of that name.
printf '/* Made from %s by embed.sh. */\nstatic const char %s[] =\n' "${1##*/}" "$2"
sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/        "/' -e 's/$/\\n"/' "$1"
printf '        ;\n'
