"""The program in front of a person: stdin, stdout and stderr are a terminal."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.acceptance.program import environment

CTRL_C = b"\x03"


@dataclass
class Terminal:
    """What stands on the screen, and the keyboard."""

    process: subprocess.Popen[bytes]
    master: int
    shown: str = field(default="")

    def until(self, text: str, *, seconds: float = 30.0) -> str:
        """Wait until a text is on the screen, and give all of it."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < end, f"{text!r} did not come:\n{self.shown}"
            if not self._read(0.1) and self.process.poll() is not None:
                self._read(0.1)
                break
        assert text in self.shown, self.shown
        return self.shown

    def type(self, keys: bytes) -> None:
        """Type."""
        os.write(self.master, keys)

    def end(self, *, seconds: float = 30.0) -> int:
        """Wait for the end, and give the exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it did not end:\n{self.shown}"
            self._read(0.1)
        while self._read(0.05):
            pass
        return self.process.returncode

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            octets = os.read(self.master, 65536)
        except OSError:  # the other end is closed
            return False
        self.shown += octets.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(octets)


@contextmanager
def at_a_terminal(*arguments: str, **changes: str) -> Iterator[Terminal]:
    """Run ``eilbote`` at a terminal of its own; Ctrl-C reaches it as it does from a keyboard."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "eilbote.cli", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(**{"TERM": "dumb", **changes}),
        start_new_session=True,
        # A terminal belongs to a session that opens it without one: then Ctrl-C becomes a signal.
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509 - no threads here
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)
