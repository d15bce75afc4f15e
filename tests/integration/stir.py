# SPDX-License-Identifier: Apache-2.0
"""Waiting without a clock and without burning one: until a file below some folders is written, made, renamed or taken away (inotify(7)).

    stir = Stir(folder, …)          folders made later count as soon as their own folder is watched
    stir.until(holds, give_up)      asks holds() again whenever something stirs; give_up(): why it is in vain, or nothing"""
import ctypes
import os
import select
import struct
import time

MODIFY, MOVED_TO, CREATE, DELETE = 0x2, 0x80, 0x100, 0x200
WAIT = 120          # seconds until it is in vain
LOOK_MS = 250       # what no file tells of (a name on a bus) is looked for as often
libc = ctypes.CDLL(None, use_errno=True)


class Stir:
    def __init__(self, *folders):
        self.fd = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        self.watched = {}
        for folder in folders:
            self.watch(folder)

    def watch(self, folder):
        for top, _, _ in os.walk(folder):
            mark = libc.inotify_add_watch(self.fd, os.fsencode(top), MODIFY | MOVED_TO | CREATE | DELETE)
            self.watched[mark] = top

    def drain(self):
        try:
            events = os.read(self.fd, 65536)
        except BlockingIOError:
            return
        while events:
            mark, mask, _, n = struct.unpack_from('iIII', events)
            name = os.fsdecode(events[16:16 + n].rstrip(b'\0'))
            events = events[16 + n:]
            path = os.path.join(self.watched.get(mark, ''), name)
            if mask & CREATE and os.path.isdir(path):
                self.watch(path)

    def until(self, holds, give_up=lambda: None, wait=WAIT):
        """'' when it holds; else why it never will."""
        deadline = time.monotonic() + wait
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        while not holds():
            why = give_up()
            if why or time.monotonic() > deadline:
                return why or 'nothing for %d seconds' % wait
            poll.poll(LOOK_MS)
            self.drain()
        return ''
