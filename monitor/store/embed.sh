#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Turns schema.sql into a C string.
printf '/* Made from schema.sql by embed.sh. */\nstatic const char schema_sql[] =\n'
sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/        "/' -e 's/$/\\n"/' "$1"
printf '        ;\n'
