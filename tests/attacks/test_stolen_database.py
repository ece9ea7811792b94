"""A copy of the disk gets into the wrong hands: the database, its log, its lock files, the program's own log.

Everything is in it but the keys, which lie in a file of their own. So no secret may be found in it, in whatever form
a program writes a secret: as it is, in base64 at any alignment, percent-encoded, in JSON, in hexadecimal, in UTF-16.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.attacks.planted import PLANTED, found_in
from tests.postgres_server import PostgresServer

_PROGRAM = """
import asyncio, json, logging, pathlib, sys, traceback
from dataclasses import replace
from eilbote.connections.stored import StoredConnection
from eilbote.errors import EilboteError
from eilbote.model.moment import Moment
from eilbote.model.secret import Secret
from eilbote.oauth2.token import Token, TokenKey, TokenRecord
from eilbote.settings.scope import ScopeSettings
from eilbote.store import key_ring
from eilbote.store.memory_records import MemoryRecords
from eilbote.store.open_records import open_records

logging.basicConfig(level=logging.DEBUG)
url, folder, planted = sys.argv[1], pathlib.Path(sys.argv[2]), [Secret(text) for text in json.loads(sys.argv[3])]
NOW = Moment(0)

def fields():
    return dict(zip(("password", "client_secret", "refresh_token", "access_token", "private_key"), planted, strict=True))

async def tried(work):
    try:
        print(repr(await work))
    except EilboteError:
        traceback.print_exc()

async def play(records, key):
    print(repr(records), repr(records.connections), repr(records.tokens))
    for organization in ("", "acme"):
        kept = await records.connections.keep(
            StoredConnection(organization=organization, name="office", plain={"host": "h"}, secrets=fields()), now=NOW
        )
        print(kept, repr(await records.connections.connections()))
        await tried(records.connections.keep(replace(kept, version=7), now=NOW))
        await tried(records.connections.keep(replace(kept, version=0), now=NOW))
        await records.connections.keep(replace(kept, is_default=True), now=NOW)
        said = await records.settings.write(ScopeSettings(organization=organization, secrets=fields()), now=NOW)
        print(said, await records.settings.read(organization))
        await tried(records.settings.write(replace(said, version=9), now=NOW))
    for number, access in enumerate(planted):
        token = Token(access_token=access, refresh_token=planted[number - 1])
        async with records.tokens.exclusive(key):
            await records.tokens.write(key, TokenRecord(token=token))
        print(await records.tokens.read(key))
    await tried(records.keys.rotate())
    await tried(records.keys.keys())
    await tried(records.connections.drop("acme", "office"))

async def main():
    memory = MemoryRecords()
    await memory.open()
    await play(memory, TokenKey("0" * 64))
    ring = key_ring.KeyRing(folder / "secret.keys")
    records = open_records(url, key_ring=ring)
    await records.open()
    await play(records, TokenKey("0" * 64))
    print(ring.known())
    copy = records.connections.keep(StoredConnection(name="copy", secrets=fields()), now=NOW)
    await copy
    other = open_records(url, key_ring=key_ring.KeyRing(folder / "nothing"))
    await tried(other.open())
    await other.open(check_keys=False)
    await tried(other.connections.find("", "copy"))
    await tried(other.connections.keep(StoredConnection(name="second", secrets=fields()), now=NOW))
    print("left open, so that log and locks stay", flush=True)
    async with records.tokens.exclusive(TokenKey("1" * 64)):
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(), debug=True)
"""


def play(url: str, folder: Path) -> bytes:
    """Keep the secrets in memory and in a database, and provoke every error; gives everything the program said."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, url, folder, json.dumps(PLANTED)], capture_output=True, check=False
    )
    assert b"left open" in ended.stdout, ended.stderr.decode()
    assert ended.stderr.count(b"eilbote.errors.") >= 9, "errors were provoked"
    return ended.stdout + ended.stderr


def keys_in(folder: Path) -> list[bytes]:
    return [
        line.split()[1] for line in (folder / "secret.keys").read_bytes().splitlines() if line[:1] != b"#"
    ]


def test_on_sqlite(tmp_path: Path) -> None:
    said = play(f"sqlite:///{tmp_path}/eilbote.db", tmp_path)

    files = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*") if path.is_file()}
    assert set(files) == {
        "eilbote.db", "eilbote.db-wal", "eilbote.db-shm", "secret.keys", ".secret.keys.lock", f"tokens/{'1' * 64}.lock",
    }  # fmt: skip
    assert found_in(said) == set()
    assert [name for name, path in files.items() if found_in(path.read_bytes())] == []
    everything = said + b"".join(path.read_bytes() for name, path in files.items() if name != "secret.keys")
    for key in keys_in(tmp_path):
        assert key not in everything
        assert base64.b64decode(key) not in everything
    assert b"office" in everything, "what is no secret is found, so the search works"
    assert {path.stat().st_mode & 0o077 for path in files.values()} == {0}


@pytest.mark.timeout(180)
def test_on_postgresql(postgres: PostgresServer, postgres_database: str, tmp_path: Path) -> None:
    said = play(postgres_database, tmp_path)
    postgres.psql("CHECKPOINT")

    assert found_in(said) == set()
    assert found_in((tmp_path / "secret.keys").read_bytes()) == set()
    keys = keys_in(tmp_path)
    seen = 0
    for path in (postgres.folder / "data").rglob("*"):
        if not path.is_file():
            continue
        octets = path.read_bytes()
        assert found_in(octets) == set(), path
        assert not any(key in octets or base64.b64decode(key) in octets for key in keys), path
        seen += b"office" in octets
    assert seen >= 2, "table and log were searched"


@pytest.mark.parametrize("secret", PLANTED)
def test_the_search_would_find_them(secret: str) -> None:
    """In a URI, in a SASL response, in JSON, in a log's escapes."""
    for text in (
        f"smtps://user:{quote(secret, safe='')}@mail.example.org".encode(),
        base64.b64encode(f"\0user\0{secret}".encode()),
        json.dumps({"password": secret}).encode(),
        f"user={secret}\1".encode(),
        b"\x7f" + secret.encode().hex().encode(),
    ):
        assert found_in(text) == {secret}
