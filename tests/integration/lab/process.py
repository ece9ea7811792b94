"""Real server processes: found, started in a directory of their own, awaited, and stopped again.

Only what was started here is stopped: every server leads a process group of its own, and that group alone is ended.
When the test process dies without a word, a guardian that waits for just that ends the group in its place.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

HOST = "127.0.0.1"
FIRST_PORT = 20_000
"""Ports are taken below 32768, where Linux begins to hand out the local ports of outgoing connections."""
PORTS_PER_PROCESS = 100
PORT_SLICES = 120
START_SECONDS = 20.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.01

# Its input ends when the test process does. The kernel's own signal for a parent's death would be simpler, but it is forgotten by a
# process that changes its user, as every mail server does.
_GUARDIAN = """
read -r _
kill -TERM "-$1"
sleep 1
kill -KILL "-$1"
rm -rf "$2"
"""

CELLAR = Path(
    os.environ.get("EILBOTE_TEST_SERVERS")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eilbote-test-servers"
)
"""Where ``scripts/install-mail-servers`` unpacks the servers that cannot be installed beside Postfix."""


class ServerMissingError(Exception):
    """A server is not on this machine, or may not be started by this user. The text says what to do."""


class ServerFailedError(Exception):
    """A server was started and did not become ready. The text carries its last words."""


def require(program: str | Path) -> str:
    """The path of a program that a server needs.

    Raises ServerMissingError when it is not there or when the tests do not run as root, which every one of these
    servers wants in order to switch to its own user.
    """
    if os.geteuid() != 0:
        message = f"{Path(program).name} must be started by root"
        raise ServerMissingError(message)
    found = shutil.which(str(program), path=f"/usr/sbin:/usr/bin:/sbin:/bin:{os.environ.get('PATH', '')}")
    if found is None:
        message = f"{program} is not installed: run scripts/install-mail-servers"
        raise ServerMissingError(message)
    return found


class PortBook:
    """Free ports, no number twice. Each process starts in its own slice so that parallel test workers do not meet."""

    def __init__(self) -> None:
        self._next = FIRST_PORT + (os.getpid() % PORT_SLICES) * PORTS_PER_PROCESS

    def take(self) -> int:
        """One port that nothing listens on now."""
        while True:
            port, self._next = self._next, self._next + 1
            with socket.socket() as probe, suppress(OSError):
                probe.bind((HOST, port))
                return port


PORTS = PortBook()


def make_directory(name: str) -> Path:
    """A new directory below the system's temporary one.

    pytest's own temporary directories are closed to other users and long; mail servers switch to users of their own,
    and the name of a UNIX socket may have 107 octets at most.
    """
    directory = Path(tempfile.mkdtemp(prefix=f"eilbote-{name}-"))
    directory.chmod(0o755)
    return directory


class ServerProcess:
    """One running server: its process group and the directory that holds all of its configuration and state."""

    def __init__(
        self, directory: Path, command: Sequence[str | Path], *, environment: dict[str, str] | None = None
    ) -> None:
        self.directory = directory
        self.output = directory / "output.log"
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [*map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", **(environment or {})},
                start_new_session=True,
            )

        self._guardian = subprocess.Popen(
            ["sh", "-c", _GUARDIAN, "guardian", str(self._process.pid), str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_ready(self, is_ready: Callable[[], bool], *logs: Path) -> None:
        """Wait until the server answers.

        Raises ServerFailedError, after stopping what is left of it, when it ended or is not ready in time.
        """
        deadline = time.monotonic() + START_SECONDS
        while not is_ready():
            ended = self._ended_within(POLL_SECONDS)
            if ended is None and time.monotonic() < deadline:
                continue
            words = "\n".join(
                log.read_text(errors="replace")[-4000:] for log in (self.output, *logs) if log.exists()
            )
            command = shlex.join(map(str, self._process.args)) if isinstance(self._process.args, list) else ""
            self.stop()
            how = "not ready in time" if ended is None else f"ended with {ended}"
            message = f"{how}: {command}\n{words}"
            raise ServerFailedError(message)

    def _ended_within(self, seconds: float) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def stop(self) -> None:
        """End the server's process group and remove its directory."""
        self._guardian.kill()
        self._guardian.communicate()
        group = self._process.pid
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def listens(port: int) -> bool:
    """Whether something accepts connections on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
