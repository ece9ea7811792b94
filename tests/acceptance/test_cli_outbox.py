"""The outbox from a shell: queued, delivered, looked at, steered; a process of its own where a terminal counts."""

import asyncio
import json
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.at_a_terminal import CTRL_C, at_a_terminal
from tests.acceptance.in_process import run
from tests.acceptance.program import Run

from eilbote import Draft, Eilbote
from eilbote.testing import CatcherThread, catching, hang_up, refuse

QUEUE = (
    "send",
    "--queue",
    "-f",
    "orders@x.example",
    "-t",
    "anna@y.example",
    "-s",
    "Invoice 17",
    "--text",
    "hi",
)
MANY = 1200

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def server() -> Iterator[CatcherThread]:
    with catching() as catcher:
        yield catcher


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


def eilbote(folder: Path, *arguments: str, **changes: str) -> Run:
    return run(*arguments, EILBOTE_DATA_DIR=str(folder), **changes)


def lines(ended: Run) -> list[Any]:
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def keep(folder: Path, server: CatcherThread, name: str = "office") -> None:
    assert eilbote(folder, "connection", "add", name, server.uri).code == 0


def queue(folder: Path, *arguments: str) -> str:
    ended = eilbote(folder, *QUEUE, *arguments)
    assert ended.code == 0, ended.err
    return ended.out.strip()


def fill(folder: Path, count: int) -> None:
    async def submit() -> None:
        draft = Draft(from_="a@x.example", subject="Newsletter", text="hi", to="nobody@y.example")
        drafts = [draft.replace(to=f"r{number}@y.example") for number in range(count)]
        async with Eilbote(data_dir=folder, connections="smtp://127.0.0.1:9") as outbox:
            async for result in outbox.submit_many(drafts):
                assert result.error is None

    asyncio.run(submit())


# -- from the shell to the server ---------------------------------------------------------------------------------


def test_a_message_is_queued_delivered_and_explained(server: CatcherThread, folder: Path) -> None:
    keep(folder, server)
    entry = queue(folder, "--key", "invoice-17")
    (waiting,) = lines(eilbote(folder, "outbox", "list"))
    assert (waiting["id"], waiting["idempotency_key"], waiting["state"]) == (entry, "invoice-17", "queued")
    assert [(one["address"], one["status"], one["attempts"]) for one in waiting["recipients"]] == [
        ("anna@y.example", None, 0)
    ]
    delivered = eilbote(folder, "courier", "--once")
    assert delivered.code == 0, delivered.err
    assert delivered.data["accepted"] == 1
    assert f"event=accepted entry={entry} connection=office" in delivered.err
    assert server.next().subject == "Invoice 17"
    told = eilbote(folder, "outbox", "show", entry).data
    assert (told["state"], told["recipients"][0]["status"]) == ("done", "accepted")
    assert [event["kind"] for event in told["events"]] == ["submitted", "accepted"]
    assert told["ledger"][0]["outcomes"][0]["address"] == "anna@y.example"
    page = eilbote(folder, "outbox", "show", entry, "--no-json").out
    assert page.startswith(f"{entry}  done  accepted\n")


def test_the_same_key_is_the_same_entry_and_never_another_message(
    server: CatcherThread, folder: Path
) -> None:
    keep(folder, server)
    entry = queue(folder, "--key", "invoice-17")
    again = eilbote(folder, *QUEUE, "--key", "invoice-17", "--json")
    assert (again.data["id"], again.data["is_new"]) == (entry, False)
    other = eilbote(folder, *QUEUE, "--key", "invoice-17", "--cc", "max@y.example")
    assert other.code == 1
    assert entry in other.err
    assert eilbote(folder, "courier", "--once", "--log", "quiet").data["accepted"] == 1
    assert len(server.messages) == 1


def test_a_uri_is_kept_and_its_password_goes_nowhere_else(folder: Path) -> None:
    with catching(users={"anna@x.example": "s3cret!"}) as server:
        uri = server.uri.replace("://", "://anna%40x.example:s3cret!@")
        ended = eilbote(folder, "send", "--queue", "-t", "max@y.example", "--text", "hi", "--via", uri)
        assert ended.code == 0, ended.err
        listed = eilbote(folder, "connection", "list")
        assert "s3cret!" not in listed.out + ended.out + ended.err
        (kept,) = (each for each in lines(listed) if each["name"] != "notification")
        assert (kept["user"], kept["waiting"], kept["origin"]) == ("anna@x.example", 1, "stored")
        assert eilbote(folder, "courier", "--once").data["accepted"] == 1
        assert server.next().user == "anna@x.example"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if b"s3cret!" in path.read_bytes()]


def test_a_message_waits_for_its_time_and_can_be_called_back(server: CatcherThread, folder: Path) -> None:
    keep(folder, server)
    entry = queue(folder, "--send-at", "2h", "--expires", "1d")
    assert eilbote(folder, "courier", "--once").data["accepted"] == 0
    cancelled = eilbote(folder, "outbox", "cancel", entry)
    assert cancelled.data == {"wish": "cancel", "done": 1, "refused": {}}
    again = eilbote(folder, "outbox", "cancel", entry)
    assert (again.code, again.data["error"]["code"]) == (1, "illegal_transition")
    released = eilbote(folder, "outbox", "release", entry).data["error"]
    assert released["what"].endswith("it was cancelled, and that is final")
    assert released["remedy"] == "Submit the message again, under another key"
    other = queue(folder, "--send-at", "2h", "-s", "Reminder")
    both = eilbote(folder, "outbox", "cancel", entry, other)
    assert (both.code, both.data["done"], list(both.data["refused"].values())) == (1, 1, [1])
    assert f"{entry}: it is cancelled already" in both.err
    assert eilbote(folder, "courier", "--once").data["accepted"] == 0
    assert server.messages == ()


def test_a_kept_connection_serves_the_direct_way_as_well(server: CatcherThread, folder: Path) -> None:
    keep(folder, server)
    direct = [word for word in QUEUE if word != "--queue"]
    ended = eilbote(folder, *direct, "--connection", "Office")
    assert (ended.code, ended.data["status"]) == (0, "accepted"), ended.err
    tested = eilbote(folder, "connection", "test", "office")
    assert tested.code == 0, tested.err
    assert lines(eilbote(folder, "outbox", "list")) == []


# -- when it does not go well --------------------------------------------------------------------------------------


def test_who_failed_is_tried_again_and_who_was_accepted_is_not(server: CatcherThread, folder: Path) -> None:
    keep(folder, server)
    server.add_fault(refuse("rcpt", "550 5.1.1 No such user", only="max@*", times=1))
    entry = queue(folder, "-t", "max@y.example")
    assert eilbote(folder, "courier", "--once").data == {
        "accepted": 1,
        "deferred": 0,
        "failed": 1,
        "gave_up": 0,
        "in_doubt": 0,
        "unserved": {},
    }
    (failed,) = lines(eilbote(folder, "outbox", "list", "--failed"))
    assert [one["status"] for one in failed["recipients"]] == ["accepted", "failed"]
    assert "1 of 2 accepted: 550 5.1.1 No such user" in eilbote(folder, "outbox", "list", "--no-json").out
    assert eilbote(folder, "outbox", "retry", "--all").data["done"] == 0
    assert eilbote(folder, "outbox", "retry", "--failed", "--since", "1h").data["done"] == 1
    assert eilbote(folder, "courier", "--once").data["accepted"] == 1
    assert [message.forward_paths for message in server.messages] == [("anna@y.example",), ("max@y.example",)]
    told = eilbote(folder, "outbox", "show", entry).data
    assert [one["status"] for one in told["recipients"]] == ["accepted", "accepted"]


def test_what_is_in_doubt_is_held_if_its_author_wants_it(server: CatcherThread, folder: Path) -> None:
    keep(folder, server)
    server.add_fault(hang_up("content", times=1))
    entry = queue(folder, "--on-in-doubt", "park")
    assert eilbote(folder, "courier", "--once").data["in_doubt"] == 1
    (held,) = lines(eilbote(folder, "outbox", "list", "--in-doubt", "--state", "held"))
    assert (held["id"], held["recipients"][0]["in_doubt"]) == (entry, 1)
    assert "in doubt" in eilbote(folder, "outbox", "show", entry, "--no-json").out
    assert eilbote(folder, "outbox", "release", entry).code == 0
    assert eilbote(folder, "courier", "--once").data["accepted"] == 1


def test_a_refused_password_rests_the_connection_until_it_is_resumed(folder: Path) -> None:
    with catching(users={"anna": "right"}) as server:
        wrong = server.uri.replace("://", "://anna:wrong@")
        assert eilbote(folder, "connection", "add", "office", wrong).code == 0
        entry = queue(folder)
        ended = eilbote(folder, "courier", "--once", "--log", "json")
        told = [json.loads(line) for line in ended.err.splitlines()]
        assert [one["level"] for one in told if one.get("event") == "connection_paused"] == ["error"]
        assert not any("event" in one and "time" not in one for one in told)
        _, kept = lines(eilbote(folder, "connection", "list"))  # after the endpoint
        assert "535" in kept["paused"]["reason"]
        figures = eilbote(folder, "outbox", "stats").data
        assert figures["paused"][0]["connection"] == "office"
        assert figures["unfinished_by_connection"] == {"office": 1}
        refused = eilbote(folder, "connection", "remove", "office")
        assert refused.code == 1
        assert "1 message" in refused.err
        assert eilbote(folder, "connection", "resume", "office").data == {"name": "office", "resumed": True}
        right = server.uri.replace("://", "://anna:right@")
        assert eilbote(folder, "connection", "add", "office", right).data["changed"] is True
        assert eilbote(folder, "courier", "--once").data["accepted"] == 1
    assert eilbote(folder, "outbox", "show", entry).data["state"] == "done"
    assert eilbote(folder, "connection", "remove", "office").code == 0


def test_a_connection_that_rests_is_tried_at_once_with_other_settings(folder: Path) -> None:
    """No courier runs while the password is mended, so none can see the change."""
    with catching(users={"anna": "right"}) as server:
        wrong, right = (server.uri.replace("://", f"://anna:{password}@") for password in ("wrong", "right"))
        eilbote(folder, "connection", "add", "office", wrong)
        queue(folder)
        eilbote(folder, "courier", "--once")
        assert eilbote(folder, "outbox", "stats").data["paused"]
        assert eilbote(folder, "connection", "add", "office", wrong).data["changed"] is False
        assert eilbote(folder, "outbox", "stats").data["paused"]
        assert eilbote(folder, "connection", "add", "office", right).data["changed"] is True
        assert not eilbote(folder, "outbox", "stats").data["paused"]
        assert eilbote(folder, "courier", "--once").data["accepted"] == 1


def test_beside_a_database_that_is_damaged_connections_of_the_environment_can_be_used(
    server: CatcherThread, folder: Path
) -> None:
    folder.mkdir()
    (folder / "eilbote.db").write_bytes(b"nonsense" * 1000)
    added = eilbote(folder, "connection", "add", "office", "smtp://127.0.0.1:9")
    assert added.code == 1
    assert "damaged" in added.err
    assert eilbote(folder, "connection", "test", "mine", EILBOTE_CONNECTION_MINE=server.uri).code == 0


def test_a_uri_is_not_kept_for_a_message_that_is_refused(server: CatcherThread, folder: Path) -> None:
    """It stayed in the file, password and all, although nothing was ever to go there."""
    far = ("--via", "smtp://anna:s3cret!@127.0.0.1:9")
    keep(folder, server)
    assert eilbote(folder, *QUEUE, "--connection", "office", "--key", "k").code == 0
    assert eilbote(folder, *QUEUE, "-s", "another", "--key", "k", *far).code == 1
    assert names(folder) == ["notification", "office"]

    queue(folder, *far, "--send-at", "2h")
    assert eilbote(folder, *QUEUE, "-s", "another", "--key", "k", *far).code == 1
    assert len(names(folder)) == 3  # a message waits for it


@pytest.mark.parametrize(
    "arguments",
    [
        ("connection", "add", "office", "smtp://127.0.0.1:9"),
        ("connection", "list"),
        ("courier", "--once"),
        QUEUE,
    ],
    ids=["add", "list", "courier", "send"],
)
def test_a_folder_that_cannot_be_used_may_be_usable_later(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = eilbote(tmp_path / "file" / "below", *arguments)
    assert ended.code == 4, ended.err
    assert str(tmp_path / "file") in ended.told


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        pytest.param(
            (*QUEUE, "--connection", "ofice"), 3, ("--connection", "office"), id="unknown connection"
        ),
        pytest.param((*QUEUE, "--send-at", "2020-01-01"), 3, ("--send-at",), id="a time that has passed"),
        pytest.param((*QUEUE, "--send-at", "soon"), 2, ("--send-at", "2h"), id="no time"),
        pytest.param((*QUEUE, "--key", " x"), 3, ("--key",), id="a key that cannot be one"),
        pytest.param((*QUEUE, "--service", "gmail"), 2, ("connection add",), id="a service"),
        pytest.param((*QUEUE[:1], *QUEUE[2:], "--key", "k"), 2, ("--queue",), id="a key without --queue"),
        pytest.param(("outbox", "show", "xyz"), 3, ("ID",), id="no id"),
        pytest.param(
            ("outbox", "show", "0123456789abc"), 3, ("no entry 0123456789abc",), id="an id nobody has"
        ),
        pytest.param(("outbox", "cancel"), 2, ("--all",), id="a wish for nobody"),
        pytest.param(("outbox", "list", "--since", "x"), 2, ("--since",), id="a filter that is no time"),
        pytest.param(("outbox", "export", "0" * 13, "1" * 13), 2, ("--into",), id="two into one file"),
        pytest.param(("connection", "add", "x", "mail.example"), 3, ("smtp://mail.example",), id="no URI"),
        pytest.param(("connection", "remove", "x"), 3, ("office",), id="no connection to remove"),
        pytest.param(("connection", "resume", "x"), 3, ("office",), id="no connection to resume"),
        pytest.param(("db", "restore", "nothing"), 3, ("db backup",), id="no copy"),
        pytest.param(("db", "check"), 1, ("no outbox",), id="nothing to check"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(
    arguments: tuple[str, ...], code: int, words: tuple[str, ...], server: CatcherThread, folder: Path
) -> None:
    folder.mkdir()
    (folder / "connections.toml").touch(mode=0o600)
    (folder / "connections.toml").write_text(f"[office]\nuri = '{server.uri}'\n")
    ended = eilbote(folder, *arguments)
    assert ended.code == code, ended.err
    assert ended.err.startswith("eilbote: ")
    assert not [word for word in words if word not in ended.err], ended.err
    assert not (folder / "eilbote.db").exists() or "--queue" in arguments


def names(folder: Path) -> list[object]:
    return [each["name"] for each in lines(eilbote(folder, "connection", "list"))]


# -- many at once ----------------------------------------------------------------------------------------------------


def test_a_mass_action_can_be_broken_off_and_repeated(folder: Path) -> None:
    fill(folder, MANY)
    with at_a_terminal("outbox", "hold", "--all", EILBOTE_DATA_DIR=str(folder)) as terminal:
        terminal.until(f"Hold {MANY:,} entries? [y/N]")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
    with at_a_terminal("outbox", "hold", "--all", EILBOTE_DATA_DIR=str(folder)) as terminal:
        terminal.until("[y/N]")
        terminal.type(b"n\n")
        assert terminal.end() == 1
        assert "nothing was changed" in terminal.shown
    assert eilbote(folder, "outbox", "stats").data["entries"]["queued"] == MANY
    first = eilbote(folder, "outbox", "hold", "--recipient", "r1")
    assert 100 < first.data["done"] < MANY
    rest = eilbote(folder, "outbox", "hold", "--all")
    assert rest.data["done"] == MANY - first.data["done"]
    assert eilbote(folder, "outbox", "hold", "--all").data == {"wish": "hold", "done": 0, "refused": {}}
    preview = eilbote(folder, "outbox", "release", "--recipient", "r7@", "--dry-run")
    assert [line["state"] for line in lines(preview)] == ["held"]
    with at_a_terminal("outbox", "release", "--all", EILBOTE_DATA_DIR=str(folder)) as terminal:
        terminal.until("[y/N]")
        terminal.type(b"y\n")
        assert terminal.end() == 0
        assert f"{MANY:,} entries released" in terminal.shown


def test_a_mass_action_interrupted_halfway_goes_on_with_the_rest(folder: Path) -> None:
    many = 8000
    fill(folder, many)
    where = {"EILBOTE_DATA_DIR": str(folder), "TERM": "xterm"}
    with at_a_terminal("outbox", "hold", "--all", "--yes", **where) as terminal:
        terminal.until(f"500/{many}")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert "The same command goes on with the rest" in terminal.shown
    held = eilbote(folder, "outbox", "stats").data["entries"]["held"]
    assert 500 <= held < many
    assert eilbote(folder, "outbox", "hold", "--all").data["done"] == many - held


def test_as_json_all_entries_come_and_as_text_a_page_of_them(folder: Path) -> None:
    fill(folder, MANY)
    everything = lines(eilbote(folder, "outbox", "list"))
    assert len({entry["id"] for entry in everything}) == MANY
    assert everything[0]["id"] > everything[-1]["id"]
    few = lines(eilbote(folder, "outbox", "list", "--limit", "3", "--oldest-first"))
    assert [entry["id"] for entry in few] == [entry["id"] for entry in everything[:-4:-1]]
    table = eilbote(folder, "outbox", "list", "--no-json")
    assert len(table.out.splitlines()) == 51
    assert f"the first 50 of {MANY:,}: --limit" in table.err


# -- files -----------------------------------------------------------------------------------------------------------


def test_what_is_exported_is_what_is_sent(server: CatcherThread, folder: Path, tmp_path: Path) -> None:
    keep(folder, server)
    (tmp_path / "big.bin").write_bytes(bytes(range(256)) * 400)
    entries = [queue(folder, "-a", f"{tmp_path}/big.bin"), queue(folder)]
    file = tmp_path / "one.eml"
    assert eilbote(folder, "outbox", "export", entries[0], "-o", str(file)).code == 0
    again = eilbote(folder, "outbox", "export", entries[0], "-o", str(file))
    assert again.code == 3
    assert "is there already" in again.told
    assert eilbote(folder, "outbox", "export", *entries, "--into", str(tmp_path / "all")).code == 0
    assert sorted(path.stem for path in (tmp_path / "all").iterdir()) == sorted(entries)
    assert eilbote(folder, "courier", "--once").data["accepted"] == 2
    sent = {message.header("Message-ID"): message.octets for message in (server.next(), server.next())}
    exported = file.read_bytes()
    assert sent[str(message_from_bytes(exported)["Message-ID"])] == exported


def test_at_a_narrow_terminal_no_line_is_broken(folder: Path) -> None:
    fill(folder, 1)
    far = (
        "-t",
        f"{'a' * 50}@y.example",
        "-s",
        "A subject that is longer than any line has room for",
        "--send-at",
        "1d",
    )
    queue(folder, *far, "--via", "smtp://127.0.0.1:9")
    with at_a_terminal("outbox", "list", EILBOTE_DATA_DIR=str(folder), COLUMNS="80") as terminal:
        assert terminal.end() == 0
    assert len(terminal.shown.splitlines()) == 3
    assert max(map(len, terminal.shown.splitlines())) <= 80


def test_looking_makes_nothing(folder: Path) -> None:
    listed = eilbote(folder, "outbox", "list")
    assert (listed.code, listed.out) == (0, "")
    assert str(folder) in listed.err
    assert eilbote(folder, "outbox", "stats").data["entries"]["queued"] == 0
    assert eilbote(folder, "connection", "list").code == 0
    assert not folder.exists()


def test_bars_are_drawn_on_request(server: CatcherThread, folder: Path) -> None:
    keep(folder, server)
    queue(folder)
    drawn = eilbote(folder, "outbox", "stats", "--plot")
    assert "queued     1  ████" in drawn.out
