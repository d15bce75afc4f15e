/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_MESSAGES_H
#define SHOPBELL_BASE_MESSAGES_H

/* MESSAGE_ID= of what shopbell writes to the journal for programs to find: journalctl MESSAGE_ID=…; systemd/ *.catalog says of each
 * what it means and what to do, which `journalctl -x` shows. To add one: `systemd-id128 new`, a row here, an entry there; ids are
 * never used for something else. */

#define MESSAGE_ALERT "dbc988f29df34596ab01a4b861f3d182" /* an alert that rings, by a channel with `journal: yes` */
#define MESSAGE_HISTORY_HEAD "7c0f4a6bd2a14c7e9b5d3e18f06c92ab" /* the head of the history, each hour */
#define MESSAGE_RELOAD_REFUSED "eac320df7def4d50bfeede229a992d9a" /* the old rules go on */
#define MESSAGE_RELOAD_DONE "b9169ddb3ddf423aafb9d91c72ab35a9"
#define MESSAGE_MEMORY_SHORT "40f5d853d4c84de7baab79a5b06319fd" /* correlations had to hold less */

#endif
