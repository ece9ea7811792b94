"""The keys of stored secrets from a shell: listed without being shown, changed while secrets stay, missed by name."""

import asyncio
import base64
from pathlib import Path

import pytest
from tests.acceptance.in_process import run

from eilbote.model.secret import Secret
from eilbote.settings.scope import ScopeSettings
from eilbote.store.key_ring import KeyRing, ring_of
from eilbote.store.sqlite_records import SqliteRecords
from eilbote.testing.records_exercises.scene import NOW, opened

pytestmark = pytest.mark.timeout(180)

ONE, TWO = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


def keep_a_secret(folder: Path, ring: KeyRing) -> None:
    async def keep() -> None:
        async with opened(lambda: SqliteRecords(folder / "eilbote.db", key_ring=ring)) as records:
            await records.settings.write(ScopeSettings(secrets={"password": Secret("hunter2")}), now=NOW)

    asyncio.run(keep())


def test_a_key_lives_and_ends(tmp_path: Path) -> None:
    where = {"EILBOTE_DATA_DIR": str(tmp_path)}
    ring = ring_of({}, tmp_path)
    none = run("keys", "list", **where)
    assert none.code == 1
    assert "there is no outbox" in none.told
    keep_a_secret(tmp_path, ring)
    [former] = ring.known()

    assert run("keys", "list", **where).data == {
        "id": former.id, "place": str(tmp_path / "secret.keys"), "secrets": 1, "encrypts": True,
    }  # fmt: skip
    refused = run("keys", "retire", former.id, **where)
    assert refused.code == 1
    assert "eilbote keys rotate" in refused.told

    rotated = run("keys", "rotate", **where)
    assert rotated.code == 0, rotated.err
    new = ring.known()[0]
    assert rotated.data == {
        "key_id": new.id, "place": str(tmp_path / "secret.keys"), "secrets": 1, "former": [former.id], "resumed": False,
    }  # fmt: skip
    assert f"eilbote keys retire {former.id}" in rotated.told
    listed = run("keys", "list", "--no-json", **where)
    assert [line.split()[:4] for line in listed.out.splitlines()] == [
        [new.id, "encrypts", "1", "secret"],
        [former.id, "not", "used", "0"],
    ]
    assert run("keys", "retire", former.id, **where).data == {"id": former.id, "removed": True}
    for ended in (refused, rotated, listed):
        for key in (former, new):
            assert base64.b64encode(key.octets).decode() not in ended.out + ended.err

    (tmp_path / "secret.keys").unlink()
    missed = run("keys", "list", "--no-json", **where)
    assert "MISSING" in missed.out
    assert f"eilbote keys abandon {new.id}" in missed.told
    assert run("keys", "rotate", **where).code == 1
    assert run("keys", "abandon", new.id, **where).data == {"id": new.id, "secrets": 1}
    assert run("keys", "list", "--no-json", **where).err == (
        "there is no key yet; one is made with the first secret that is stored\n"
    )


def test_keys_from_the_environment_are_changed_there(tmp_path: Path) -> None:
    where = {"EILBOTE_DATA_DIR": str(tmp_path)}
    keep_a_secret(tmp_path, KeyRing(text=f"k1 {ONE}"))
    alone = run("keys", "rotate", **where, EILBOTE_SECRET_KEYS=f"k1 {ONE}")
    assert alone.code == 1
    assert "openssl rand -base64 32" in alone.told

    both = {**where, "EILBOTE_SECRET_KEYS": f"k2 {TWO},k1 {ONE}"}
    assert run("keys", "rotate", **both).data["key_id"] == "k2"
    retired = run("keys", "retire", "k1", "--no-json", **both)
    assert "take its line out of EILBOTE_SECRET_KEYS" in retired.out
    assert [line["id"] for line in [run("keys", "list", **where, EILBOTE_SECRET_KEYS=f"k2 {TWO}").data]] == [
        "k2"
    ]
    wrong = run("keys", "rotate", **where, EILBOTE_SECRET_KEYS=f"k2 {ONE}")
    assert wrong.code == 1
    assert "the key 'k2' in EILBOTE_SECRET_KEYS is not the one" in wrong.told
    malformed = run("keys", "list", **where, EILBOTE_SECRET_KEYS="k2 hunter2")
    assert malformed.code == 1
    assert "hunter2" not in malformed.err


def test_a_file_of_keys_that_others_may_read_is_refused(tmp_path: Path) -> None:
    keep_a_secret(tmp_path, ring_of({}, tmp_path))
    (tmp_path / "secret.keys").chmod(0o644)

    ended = run("keys", "list", EILBOTE_DATA_DIR=str(tmp_path))

    assert ended.code == 1
    assert f"chmod 600 {tmp_path / 'secret.keys'}" in ended.told.replace("secret. keys", "secret.keys")
