"""Take rights away from a process for good (Linux): the network, new files, growth.

The query engine would send a real HTTP request for a SERVICE clause, and no switch of its own
stops it; nor can a query that runs away be stopped but with its process. So whoever runs
strangers' queries leaves the network by a namespace of its own, which has no interface that is
up, not even loopback; where the kernel or a container refuses that, a filter of system calls
refuses new sockets. Sockets that a process has already keep working.
Specifications: unshare(2), user_namespaces(7), seccomp(2), prctl(2), getrlimit(2).
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import multiprocessing
import os
import platform
import resource
import signal
import socket
import struct
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar, cast

from coopgraph.errors import CoopgraphError

Result = TypeVar("Result")

_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000
_SIOCSIFFLAGS = 0x8914
_RESERVE_BYTES = 1 << 28  # of address space beside what may be written
_IFF_UP = 1

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
# Machine → its number in a filter, and the calls that would open a way out: socket,
# io_uring_setup. (socketpair stays: it leads nowhere but to itself.)
_AUDIT_ARCH = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_WAYS_OUT = {"x86_64": (41, 425), "aarch64": (198, 425)}
_X32_CALLS = 0x4000_0000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF_0000, 0x0005_0000 | errno.EPERM


def leave_network() -> bool:
    """Put this process into an empty network namespace. Call it before any thread starts.

    Returns whether the process is cut off afterwards. Where the kernel or a container refuses,
    nothing is changed.
    """
    if can_reach_network() and _rehearse(_unshare):
        _unshare()
    return not can_reach_network()


def refuse_sockets() -> bool:
    """Have the kernel refuse this process every new socket, for good.

    Returns whether it does from now on: not on machines whose system calls we do not know, or
    where the kernel has no filters.
    """
    machine = platform.machine()
    if machine not in _AUDIT_ARCH:
        return False
    program = _filter(machine)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    forgo_privileges()
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0) == 0)


def run_apart(function: Callable[..., Result], *arguments: object) -> Result:
    """What a function gives that runs in a process of its own, without network, which ends when
    this one does.

    Function, arguments and result are pickled. An error of coopgraph's is raised here as it was
    there. Raises ``BrokenProcessPool`` where the process dies.
    """
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawning, _be_apart, (os.getpid(),)) as pool:
        result, error = pool.submit(_caught, function, arguments).result()
    if error is None:
        return cast("Result", result)
    kind, text, data = error
    raised = kind.__new__(kind, text)
    raised.__dict__.update(data)
    raise raised


def _be_apart(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the engine hears of nothing while it works
    if not leave_network():
        refuse_sockets()
    die_with_parent(parent)  # last: a change of user would undo it


def _caught(
    function: Callable[..., object], arguments: tuple[object, ...]
) -> tuple[object, tuple[type[CoopgraphError], str, dict[str, object]] | None]:
    """The result, or what an error is made of: errors with data of their own cannot be pickled."""
    try:
        return function(*arguments), None
    except CoopgraphError as error:
        return None, (type(error), str(error), vars(error))


def enter_own_network() -> bool:
    """Put this process into a network namespace of its own, with loopback and nothing else.

    Call it before any thread starts. Returns whether it is there; where the kernel or a
    container refuses, nothing is changed. Specification: netdevice(7).
    """

    def enter() -> bool:
        if not _unshare():
            return False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            try:
                fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))
            except OSError:
                return False
        return True

    return _rehearse(enter) and enter()


def forgo_privileges() -> None:
    """No program this process may start will have more rights than it has."""
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def die_with_parent(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel end this process when the thread that started it ends.

    ``parent`` is the process that should be alive; where it is gone already, this ends at once.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def limit_growth(more_memory_bytes: int, file_bytes: int, stack_bytes: int) -> None:
    """Limit this process to so much more memory than it holds now, to files of so many bytes,
    and leave no core dump. What goes over fails in the process (out of memory, EFBIG).

    What counts is data that can be written, not address space, of which an allocator holds more
    in reserve than it uses and can fill it without asking; that is limited only loosely, so that
    data meets its limit first (getrlimit(2); VmSize and VmData in proc_pid_status(5)).
    """
    space, data = _held_bytes("VmSize"), _held_bytes("VmData")
    most, most_data = space + more_memory_bytes + _RESERVE_BYTES, data + more_memory_bytes
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_STACK, (stack_bytes, stack_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_DATA, (most_data, most_data))


def _held_bytes(field: str) -> int:
    """How much this process holds, by a field of its status, which counts in units of 1,024."""
    status = Path("/proc/self/status").read_text()
    [line] = (line for line in status.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) << 10


def can_reach_network() -> bool:
    """Whether this process could connect at least to its own machine.

    Connecting a datagram socket sends nothing: it only asks the kernel for a route.
    """
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("127.0.0.1", 9))
    except OSError:
        return False
    return True


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


def _rehearse(act: Callable[[], bool]) -> bool:
    """Whether it works, tried in a child: half done, it could not be taken back."""
    child = os.fork()
    if child == 0:
        os._exit(0 if act() else 1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _filter(machine: str) -> bytes:
    """The filter as instructions of the kernel's packet filter, eight bytes each."""
    refused = _WAYS_OUT[machine]
    steps = [
        (_LOAD, 0, 0, 4),  # which machine's calls
        (_EQUAL, 0, len(refused) + 3, _AUDIT_ARCH[machine]),
        (_LOAD, 0, 0, 0),  # which call
        (_AT_LEAST, len(refused) + 1, 0, _X32_CALLS),
        *((_EQUAL, len(refused) - place, 0, call) for place, call in enumerate(refused)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
