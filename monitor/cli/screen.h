/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_SCREEN_H
#define SHOPBELL_CLI_SCREEN_H

/* The terminal that standard output is, if it is one: how wide, whether in colour, and the pager for what is longer than it.
 *
 * screen_setup() looks once, before anything is printed; what is printed later may go to a pager, and is laid out for the
 * terminal all the same. */

#include <stdbool.h>

#include "monitor/base/str.h"
#include "monitor/model/class.h"

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER, _COLOR_MAX };
extern const char *const color_words[_COLOR_MAX];

struct screen {
        bool is_terminal, has_color;
        unsigned columns, rows; /* 0: no terminal */
};

/* COLOR_AUTO: on a terminal that is not dumb, unless $NO_COLOR is set and not empty (https://no-color.org). */
void screen_setup(enum color_when when);
/* Looks at the terminal's size again. */
void screen_measure(void);
const struct screen *screen_get(void);

/* SGR parameters (ECMA-48) of a level, "1;31"; "": without colour. */
const char *level_color(enum level level);
#define COLOR_DIM "2"
#define COLOR_BOLD "1"
/* Appends the text as it is, in that colour where there is any. */
void color_add(struct strbuf *out, const char *color, struct str text);

/* From now on what is printed is kept; screen_release() then shows it, by $PAGER or less where it is longer than the screen.
 * Where standard output is no terminal, or there is no pager, both do nothing. 0 or negative. */
int screen_hold(void);
int screen_release(void);
/* Calls fn and appends to *ret what it prints. Negative: of fn, or -errno. */
int screen_grab(int (*fn)(void *userdata), void *userdata, struct strbuf *ret);
/* Calls fn; on a terminal the lines that it prints and that are too wide for it are folded, as text_fold() does. Negative: of fn, or -errno. */
int screen_fold(int (*fn)(void *userdata), void *userdata);
/* How many rows of the terminal a text takes. */
unsigned screen_rows_of(struct str text);

/* Columns that a text takes on a terminal; it has been through text_display(), and may hold SGR sequences. */
unsigned text_columns(struct str text);
/* Each line that is wider than `columns` on several: further ones begin below its text, behind the label where it has one. */
void text_fold(struct strbuf *out, struct str text, unsigned columns);
/* The text, line by line, with line breaks in place of blanks, so that no line is wider than `columns` (0: no limit); words that are longer are
 * cut in two. */
void text_wrap(struct strbuf *out, struct str text, unsigned columns);

#endif
