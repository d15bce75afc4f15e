/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_TEMPLATE_H
#define SHOPBELL_CASES_TEMPLATE_H

/* The wording of drafts, a file a language: templates/LANG.yml. shopbell.template(5) has the keys.
 *
 * A file is taken apart into texts by their path: "opening.people.confirmed". A list is one text of several lines. The owner's own file of
 * a language replaces the texts that it has; all others stay. Texts have placeholders {name} of a fixed list; which ones depends on where a
 * text stands, and any other is an error. What a placeholder stands for is put in once, and never looked at again. */

#include <stdbool.h>

#include "monitor/base/arena.h"
#include "monitor/base/err.h"
#include "monitor/base/str.h"

enum {
        TEMPLATES_MAX = 100, /* languages */
        TEMPLATE_TEXTS_MAX = 2000, /* of one */
        TEMPLATE_TEXT_BYTES_MAX = 8000,
        TEMPLATE_PATH_MAX = 100,
};

struct template_text {
        struct str path, text;
        const char *file;
        unsigned line, col;
};

struct template {
        struct str lang; /* BCP 47: "zh-Hans" */
        struct template_text *texts; /* by path */
        size_t n;
};

struct templates {
        struct template *items; /* by lang */
        size_t n;
        struct arena *arena;
};

/* Loads LANG.yml of each folder; a text of a later folder goes before that of an earlier one; a folder that is missing has none. What is
 * wrong with a file is told in `errors`, with its place; a bad file is left out, and a language that lacks texts as well. -ENOMEM or 0. */
int templates_load(const char *const *dirs, size_t n_dirs, struct templates *ret, struct err_list *errors);
/* Of texts in memory, as one file of that name: for tests. */
int templates_add(struct templates *to, struct str yaml, const char *name, struct err_list *errors);
/* Puts in an error for each language that lacks a text, and leaves that language out. templates_load() does so itself. */
int templates_check(struct templates *t, struct err_list *errors);
void templates_done(struct templates *t);
/* "ko", also for "ko-KR"; "zh-Hans" for "zh-CN" and "zh-SG". NULL: there is none. */
const struct template *template_find(const struct templates *t, struct str lang);

/* Absent: it has none (of those that need not be there). */
struct str template_text(const struct template *t, const char *path);
struct str template_textf(const struct template *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool template_is_rtl(const struct template *t);
/* The item of data, which every template has a name of, that a word may be a slip of; NULL: it is one itself, or is like none. */
const char *template_data_near(struct str word);

/* Paths that each language must have, in the order of the page; for tests, and for people who write one. */
int template_each_path(int (*fn)(void *userdata, const char *path), void *userdata);

#endif
