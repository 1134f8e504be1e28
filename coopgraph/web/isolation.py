"""Take the network away from a serving process (Linux).

The query engine would send a real HTTP request for a SERVICE clause, and no switch of its own
stops it. A process in a network namespace of its own has no interface that is up, not even
loopback, so nothing it runs can connect anywhere; sockets it inherited keep working, which is
how it still answers. Specifications: unshare(2), user_namespaces(7).
"""

from __future__ import annotations

import ctypes
import os
import socket
from pathlib import Path

_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000


def leave_network() -> bool:
    """Put this process into an empty network namespace. Call it before any thread starts.

    Returns whether the process is cut off afterwards. Where the kernel or a container refuses,
    nothing is changed and SERVICE is still refused by the scan of each query.
    """
    if can_reach_network() and _rehearse():
        _unshare()
    return not can_reach_network()


def _unshare() -> bool:
    """Whether the process is in a new namespace, and still itself there."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    try:  # the same user and group as before, so that files stay ours
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    except OSError:
        return False
    return True


def _rehearse() -> bool:
    """Whether it works, tried in a child: half done, it could not be taken back."""
    child = os.fork()
    if child == 0:
        os._exit(0 if _unshare() else 1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def can_reach_network() -> bool:
    """Whether this process could connect at least to its own machine.

    Connecting a datagram socket sends nothing: it only asks the kernel for a route.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("127.0.0.1", 9))
        except OSError:
            return False
    return True
