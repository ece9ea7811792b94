"""Somebody has done something that nobody is to know, and would have it gone from the book; or have the book say that another did it.

He is an administrator, even of the host: he has every permission that there is, but none for that. He gives things names that would break a line
out of the book. When he has the database itself, he changes a word, takes out a record, cuts off the end, writes one of his own: each is seen.
And he looks for something that he can change without leaving an entry. That is asked of every operation of the description.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from tests.acceptance.api_scene import Operation, Scene, api_scene, bounce, operations
from tests.attacks.api_doors import ACME, ADMINISTRATOR, GLOBEX, Doors, doors
from tests.attacks.kept_rows import changes, kept_rows
from tests.unit.api.account_house import Browser

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Doors]:
    async with doors(tmp_path) as made:
        for number in range(5):
            assert (
                await made.ask("POST", "/api-keys", ACME, {"name": f"key {number}"} | _KEY)
            ).status_code == 201
            assert (
                await made.ask("POST", "/webhooks", ACME, {"url": f"https://example.org/{number}"})
            ).status_code == 201
        yield made


_KEY = {"permissions": ["messages:read"]}


async def verified(server: Doors) -> dict[str, object]:
    said = await server.ask("GET", "/audit/verification", ADMINISTRATOR)
    assert said.status_code == 200, said.text
    found: dict[str, object] = said.json()
    return found


async def book(server: Doors, who: str = ADMINISTRATOR) -> list[dict[str, object]]:
    """Give all records, the latest first."""
    params = {"limit": 200} | ({"organization": "*"} if who == ADMINISTRATOR else {})
    said = await server.ask("GET", "/audit", who, params=params)
    assert said.status_code == 200, said.text
    found: list[dict[str, object]] = said.json()["items"]
    return found


# -- through the API ---------------------------------------------------------------------------------------------


async def test_no_operation_writes_the_book(server: Doors) -> None:
    """Every method at every address of it, by the mightiest there is."""
    assert {each.method for each in operations() if each.path.startswith("/api/v1/audit")} == {"GET"}
    before = await book(server)
    body = {"action": "user.sign_in", "thing": "user:x", "who": "x", "hash": "0" * 64, "sequence": 1}
    for path in ("/audit", "/audit/1", "/audit/export", "/audit/verification", "/audit/records"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for who in (ADMINISTRATOR, ACME):
                said = await server.ask(method, path, who, body)
                assert said.status_code in {404, 405}, (method, path, said.text)
    assert await book(server) == before


async def test_nobody_else_is_made_to_have_done_it(server: Doors) -> None:
    """Not by headers that some servers take for who asks, whence, and under which id."""
    claims = {
        "X-Request-Id": "forged",
        "X-User": "boss@globex.example",
        "X-Remote-User": "boss@globex.example",
        "X-Forwarded-For": "198.51.100.1",
        "X-Organization": "globex",
    }
    said = await server.ask("POST", "/api-keys", ACME, {"name": "his"} | _KEY, headers=claims)
    (record, *_) = await book(server)
    key = server.keys[ACME].split("_")[2]
    assert said.headers["x-request-id"] != "forged"
    assert (record["action"], record["who"], record["organization"]) == ("api_key.create", key, "acme")
    assert (record["address"], record["request"]) == ("192.0.2.7", said.headers["x-request-id"])


async def test_no_name_breaks_out_of_its_record(server: Doors) -> None:
    names = [
        'x"},{"action":"user.delete","who":"boss',
        "x','y'); DELETE FROM audit; --",
        "=HYPERLINK(1)",
        "\u202egnitirw",
        "x" * 200,
    ]
    before = len(await book(server))
    for name in names:
        assert (await server.ask("POST", "/api-keys", ACME, {"name": name} | _KEY)).status_code in {201, 422}
    records = await book(server)
    assert {each["action"] for each in records[: len(records) - before]} == {"api_key.create"}
    assert (await verified(server))["is_whole"] is True
    exported = await server.ask("GET", "/audit/export", ADMINISTRATOR, params={"organization": "*"})
    lines = [json.loads(line) for line in exported.text.splitlines()]
    assert [each["sequence"] for each in lines] == [each["sequence"] for each in records]


async def test_nobody_reads_the_book_of_others(server: Doors) -> None:
    assert (await server.ask("POST", "/api-keys", GLOBEX, {"name": "k"} | _KEY)).status_code == 201
    assert {each["organization"] for each in await book(server, ACME)} == {"acme"}
    for who in ("viewer@acme", "operator@acme", "author@acme"):
        for path in ("/audit", "/audit/export", "/audit/verification"):
            assert (await server.ask("GET", path, who)).status_code == 403, (who, path)


# -- with the database in hand -----------------------------------------------------------------------------------

COLUMNS = ("sequence", "at", "organization", "who", "action", "thing", "deed", "hash")


def execute(folder: Path, *statements: str, is_guarded: bool = False) -> None:
    """Write into the database, without what guards the book there: whoever writes it can take that away as well."""
    with closing(sqlite3.connect(folder / "eilbote.db", timeout=20)) as opened, opened:
        guards = opened.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        )
        for (name,) in [] if is_guarded else guards.fetchall():
            opened.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            opened.execute(statement)


@pytest.mark.parametrize("statement", ["DELETE FROM audit", "UPDATE audit SET who = 'x'"])
async def test_the_database_itself_takes_nothing_out(server: Doors, tmp_path: Path, statement: str) -> None:
    """A program gone wrong, or a hand that slips, is stopped; whoever means it has to take the guards away first."""
    with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        execute(tmp_path, statement, is_guarded=True)
    assert (await verified(server))["is_whole"] is True


async def test_every_column_of_every_record_is_watched(server: Doors, tmp_path: Path) -> None:
    assert (await verified(server))["is_whole"] is True
    with closing(sqlite3.connect(tmp_path / "eilbote.db")) as opened, opened:
        known = [row[1] for row in opened.execute("PRAGMA table_info(audit)")]
        text = {row[1] for row in opened.execute("PRAGMA table_info(audit)") if "INT" not in row[2].upper()}
    assert tuple(known) == COLUMNS
    for column in COLUMNS:
        if column == "sequence":
            changed, back = "sequence = -sequence", "sequence = -sequence"
        elif column == "deed":  # where a blank more says the same
            changed = """deed = replace(deed, '"kind":"', '"kind":"x')"""
            back = """deed = replace(deed, '"kind":"x', '"kind":"')"""
        elif column in text:
            changed, back = (
                f"{column} = {column} || ' '",
                f"{column} = substr({column}, 1, length({column}) - 1)",
            )
        else:
            changed, back = f"{column} = {column} + 1", f"{column} = {column} - 1"
        execute(tmp_path, f"UPDATE audit SET {changed} WHERE sequence = 4")  # noqa: S608 - our own
        said = await verified(server)
        assert (said["is_whole"], said["broken_at"]) == (False, 4), column
        execute(tmp_path, f"UPDATE audit SET {back} WHERE abs(sequence) = 4")  # noqa: S608 - our own
        assert (await verified(server))["is_whole"] is True, column


TAKEN: dict[str, tuple[str, ...]] = {
    "one in the middle": ("DELETE FROM audit WHERE sequence = 4",),
    "one, and the others moved up": (
        "DELETE FROM audit WHERE sequence = 4",
        "UPDATE audit SET sequence = -sequence WHERE sequence > 4",
        "UPDATE audit SET sequence = -sequence - 1 WHERE sequence < 0",
    ),
    "the first": ("DELETE FROM audit WHERE sequence = 1",),
    "the end": ("DELETE FROM audit WHERE sequence > 6",),
    "everything": ("DELETE FROM audit",),
    "two changed about": (
        "UPDATE audit SET sequence = -3 WHERE sequence = 4",
        "UPDATE audit SET sequence = 4 WHERE sequence = 5",
        "UPDATE audit SET sequence = 5 WHERE sequence = -3",
    ),
    "one of his own": (
        "INSERT INTO audit SELECT max(sequence) + 1, at, organization, who, action, thing, deed, hash FROM audit",
    ),
}


@pytest.mark.parametrize("what", TAKEN)
async def test_nothing_is_taken_out_or_put_in_unseen(server: Doors, tmp_path: Path, what: str) -> None:
    assert (await verified(server))["is_whole"] is True
    execute(tmp_path, *TAKEN[what])
    said = await verified(server)
    assert said["is_whole"] is False
    assert isinstance(said["broken_at"], int)


async def test_what_is_written_afterwards_does_not_mend_it(server: Doors, tmp_path: Path) -> None:
    execute(tmp_path, "DELETE FROM audit WHERE sequence > 6")
    assert (await server.ask("POST", "/api-keys", ACME, {"name": "later"} | _KEY)).status_code == 201
    assert (await verified(server))["is_whole"] is False


# -- every operation ---------------------------------------------------------------------------------------------

BOSS = "organization_administrator@acme"
BESIDE = ("audit", "meta", "session")
"""The book itself, and who was seen when."""
OWN_LEDGER = {
    "submit_message": "the outbox is the book of messages: who submitted each one, when, and all that became of it",
    "submit_messages": "the same",
    "begin_consent": "what is kept waits for the person to come back; the connection is changed then, and that is written down",
}
"""Operations whose changes are written down elsewhere, and where."""


def _in_order() -> list[Operation]:
    """Give what changes things before what takes them away."""
    found = [each for each in operations() if each.method != "GET" and each.needs != "everybody"]
    return sorted(found, key=lambda each: (each.method == "DELETE", each.id.startswith(("revoke", "cancel"))))


async def _done(scene: Scene, operation: Operation, browser: Browser) -> list[tuple[str, httpx2.Response]]:
    """Do something as every kind of somebody, until it is done: a key of an organization, one of the host, a person."""
    path, answers = scene.path_of(operation, "acme"), []
    kinds = operation.told.get("requestBody", {}).get("content", {})
    kind = "application/json" if not kinds or "application/json" in kinds else next(iter(kinds))
    content = b"" if operation.example is None else json.dumps(operation.example).encode()
    if kind == "message/rfc822":
        content = bounce("nobody@example.org")
    for name, headers in (
        ("key", {"Authorization": f"Bearer {scene.keys[BOSS]}"}),
        ("host", {"Authorization": f"Bearer {scene.keys['system_administrator@']}"}),
        ("person", {"X-CSRF-Token": browser.csrf}),
    ):
        client = browser.client if name == "person" else scene.client
        params = {"organization": "acme"} if name == "host" and operation.needs != "signed-in" else None
        said = await client.request(
            operation.method, path, headers=headers | {"Content-Type": kind}, content=content, params=params
        )
        answers.append((name, said))
        if said.status_code < 300:
            break
    return answers


async def test_whatever_changes_anything_leaves_an_entry(tmp_path: Path) -> None:
    """By the id of its request: an answer that all is well, another database, and no record is what is looked for."""
    async with api_scene(tmp_path) as scene:
        silent: dict[str, list[str]] = {}
        changed: list[str] = []
        for operation in _in_order():
            browser = await scene.signed_in(BOSS)
            before = kept_rows(scene.database, but=BESIDE)
            answers = await _done(scene, operation, browser)
            found = changes(before, kept_rows(scene.database, but=BESIDE))
            ids = {said.headers["x-request-id"] for _, said in answers if said.status_code < 300}
            if not found or not ids:
                continue
            changed.append(operation.id)
            with closing(sqlite3.connect(scene.database)) as opened, opened:
                noted = {json.loads(row[0])["request"] for row in opened.execute("SELECT deed FROM audit")}
            if not ids & noted:
                silent[operation.id] = found[:4]
        assert silent.keys() == OWN_LEDGER.keys(), json.dumps(silent, indent=1)
        assert len(changed) > 40, changed
        said = await scene.do("GET", "/audit/verification", who="system_administrator@")
        assert said.json()["is_whole"] is True
