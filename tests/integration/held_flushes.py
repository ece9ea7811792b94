"""Holds the flushes of this process back (seccomp user notification), or makes them fail: Linux alone can do either.

A kernel's filter stops each ``fsync`` and ``fdatasync`` before it happens. Whatever claims to flush before it answers
must get past it; a program that never flushes goes on as if nothing were. What is installed cannot be taken back, so
this belongs in a process of its own, before it starts any thread.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import struct
import threading
from collections.abc import Callable

_LIBC = ctypes.CDLL(None, use_errno=True)
_MACHINES = {"x86_64": (0xC000003E, 317, (74, 75)), "aarch64": (0xC00000B7, 277, (82, 83))}
"""For each machine: the filter's word for it, and the numbers of seccomp, fsync and fdatasync."""
_NO_NEW_PRIVILEGES, _SET_FILTER, _NEW_LISTENER = 38, 1, 8
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL, _NOTIFY = 0x7FFF0000, 0x00050000, 0x7FC00000
_RECEIVE, _SEND, _GO_ON = 0xC0502100, 0xC0182101, 1


def fail_flushes() -> None:
    """Let every flush fail with EIO, as on a disk that dies."""
    _install(_FAIL | errno.EIO, 0)


def hold_flushes(on_flush: Callable[[], None]) -> None:
    """Have a function called before each flush, in a thread of its own; the flush happens when it returns."""
    listener = _install(_NOTIFY, _NEW_LISTENER)

    def supervise() -> None:
        while True:
            notice = bytearray(80)
            fcntl.ioctl(listener, _RECEIVE, notice)
            (number,) = struct.unpack_from("=Q", notice)
            on_flush()
            fcntl.ioctl(listener, _SEND, bytearray(struct.pack("=QqiI", number, 0, 0, _GO_ON)))

    threading.Thread(target=supervise, daemon=True).start()


def _install(verdict: int, flags: int) -> int:
    machine, seccomp, (fsync, fdatasync) = _MACHINES[platform.machine()]
    steps = (
        (_LOAD, 0, 0, 4),  # the machine
        (_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, 0),  # the call's number
        (_EQUAL, 1, 0, fsync),
        (_EQUAL, 0, 1, fdatasync),
        (_RETURN, 0, 0, verdict),
        (_RETURN, 0, 0, _ALLOW),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    if _LIBC.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    listener: int = _LIBC.syscall(seccomp, _SET_FILTER, flags, program)
    if listener < 0:
        code_of_failure = ctypes.get_errno()
        raise OSError(code_of_failure, os.strerror(code_of_failure))
    return listener
