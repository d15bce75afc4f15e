# SPDX-License-Identifier: Apache-2.0
"""What shell scripts wait for, with stir.py: neither a clock nor a spinning loop.

    until.py up STATE PID           the daemon of that state folder takes orders
    until.py lines FILE N PID…      the file has N lines

1, and why, when it is in vain: one of the processes is gone."""
import os
import socket
import sys

import stir


def answers(state):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        try:
            s.connect(os.path.join(state, 'shopbelld.socket'))
        except OSError:
            return False
        return True


def lines(path):
    with open(path, 'rb') as file:
        return file.read().count(b'\n')


def is_gone(pid):
    """A child that has ended is there until its parent asks after it: as Z."""
    try:
        with open('/proc/%s/stat' % pid) as stat:
            return stat.read().rsplit(')', 1)[1].split()[0] == 'Z'
    except OSError:
        return True


what, path = sys.argv[1:3]
if what == 'up':
    pids, folder, holds = sys.argv[3:], path, lambda: answers(path)
else:
    pids, folder, holds = sys.argv[4:], os.path.dirname(path), lambda: lines(path) >= int(sys.argv[3])
sys.exit(stir.Stir(folder).until(holds, lambda: 'a process is gone' if any(map(is_gone, pids)) else None) or 0)
