/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_AGENT_BUBBLES_H
#define SHOPBELL_AGENT_BUBBLES_H

/* Bubbles on the screen, by libnotify: what a desk (desk.h) says, through whatever notification server runs. A server may come later
 * than we do, and go. Freedesktop's Desktop Notifications Specification 1.2: bodies are markup only where the server says so. */

#include "monitor/agent/desk.h"

struct bubbles;

struct bubbles_host {
        void (*pressed)(void *userdata, unsigned handle, enum desk_button b);
        void (*closed)(void *userdata, unsigned handle);
        void (*ready)(void *userdata); /* a server is there now */
        void (*cleared)(void *userdata); /* it went, and its bubbles */
        void *userdata;
};

struct bubbles *bubbles_new(const struct bubbles_host *host); /* NULL: libnotify cannot start */
struct bubbles *bubbles_free(struct bubbles *b);
bool bubbles_are_ready(const struct bubbles *b);
bool bubbles_show(struct bubbles *b, const struct desk_bubble *what); /* false: no server, or it refuses */
void bubbles_take_away(struct bubbles *b, unsigned handle);
/* A sentence of our own, without buttons. */
void bubbles_say(struct bubbles *b, const char *summary, const char *body);

#endif
