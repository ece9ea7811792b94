"""What people name as a file may be a pipe, a folder, a device or without end; nobody waits for it, and the error says it.

A named pipe in the place of ``connections.toml`` or ``secret.keys`` kept the whole program waiting in the system call that opens it,
with every connection and every other task.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from eilbote.config.secret_file import read_secret_file
from eilbote.errors import EilboteError
from eilbote.store.connection_file import ConnectionFile
from eilbote.store.connection_variables import ConnectionVariables
from eilbote.store.key_ring import KeyRing

pytestmark = pytest.mark.timeout(20)


async def connections_toml(path: Path) -> object:
    return await ConnectionFile(path).names()


async def a_variable(path: Path) -> object:
    return await ConnectionVariables({"EILBOTE_CONNECTION_FILE": str(path)}).get("default")


async def keys(path: Path) -> object:
    return KeyRing(path).known()


async def a_secret(path: Path) -> object:
    return read_secret_file(path, field="EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE")


def pipe(path: Path) -> None:
    os.mkfifo(path, 0o600)


def folder(path: Path) -> None:
    path.mkdir(0o700)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def large(path: Path) -> None:
    path.touch(0o600)
    with path.open("wb") as file:
        file.truncate(1 << 30)  # all holes; a reader would still hold it in memory


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@pytest.mark.asyncio
@pytest.mark.parametrize("made", [pipe, folder, device, large], ids=lambda made: made.__name__)
@pytest.mark.parametrize(
    "read", [connections_toml, a_variable, keys, a_secret], ids=lambda read: read.__name__
)
async def test_is_refused_at_once(
    tmp_path: Path, read: Callable[[Path], Awaitable[object]], made: Callable[[Path], None]
) -> None:
    made(tmp_path / "it")
    before = open_files()
    with pytest.raises(EilboteError) as told:
        await read(tmp_path / "it")
    assert told.value.cause or told.value.remedy
    assert open_files() == before
