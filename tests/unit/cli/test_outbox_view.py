"""What people and programs see of entries."""

import json

import pytest
from tests.unit.cli.outbox_nouns import NOW, attempt, entry, event, recipient

from eilbote.cli.outbox_data import entry_data, figures_data, history_data
from eilbote.cli.outbox_view import note_on, show_history, show_table
from eilbote.cli.printable import counted, printable
from eilbote.cli.screen import Screen
from eilbote.model.ids import EntryId
from eilbote.model.moment import later
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.entry import Entry, History
from eilbote.outbox.store import OutboxFigures, Pause

ACCEPTED, FAILED, DEFERRED = RecipientStatus.ACCEPTED, RecipientStatus.FAILED, RecipientStatus.DEFERRED
REFUSED = recipient(
    "max@example.org", FAILED, reply_code=550, enhanced_status_code="5.1.1", text="5.1.1 No such user"
)


@pytest.mark.parametrize(
    "shown, note",
    [
        (entry(), "due now"),
        (entry(due=later(NOW, 7200)), "due in 2 h"),
        (
            entry(EntryState.DEFERRED, due=later(NOW, 240), reason="451 Greylisted"),
            "again in 4 min: 451 Greylisted",
        ),
        (entry(EntryState.ACTIVE), "taken by a courier"),
        (entry(EntryState.ACTIVE, transmitting=True), "on its way"),
        (entry(EntryState.HELD, reason="somebody wanted it held"), "somebody wanted it held"),
        (entry(EntryState.HELD), "held"),
        (entry(EntryState.DONE, recipients=(recipient(status=ACCEPTED),)), "accepted"),
        (
            entry(EntryState.DONE, recipients=(recipient(status=ACCEPTED), REFUSED)),
            "1 of 2 accepted: 550 5.1.1 No such user",
        ),
        (entry(EntryState.DONE, recipients=(REFUSED,)), "failed: 550 5.1.1 No such user"),
        (entry(EntryState.CANCELLED), ""),
    ],
)
def test_each_entry_says_what_matters_most(shown: Entry, note: str) -> None:
    assert note_on(shown, NOW) == note


def test_the_table_has_a_line_for_each_entry(capsys: pytest.CaptureFixture[str]) -> None:
    entries = [
        entry(),
        entry(
            EntryState.DONE,
            id=EntryId(2 << 40),
            subject="A very long subject that no line of a table has room for",
            recipients=(recipient(status=ACCEPTED), recipient("max@example.org", ACCEPTED)),
        ),
    ]
    show_table(entries, Screen(as_json=False), now=NOW)
    header, first, second = capsys.readouterr().out.splitlines()
    assert header.split() == ["ID", "STATE", "TO", "SUBJECT", "NOTE"]
    assert first.split("  ")[0] == "0000100000000"
    assert "anna@example.org +1" in second
    assert "..." in second
    assert header.index("SUBJECT") == first.index("Invoice 17") == second.index("A very")


def test_what_others_wrote_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A subject with an escape sequence, a reply with a line of its own that looks like an entry."""
    nasty = entry(EntryState.DEFERRED, subject="\x1b[2J\x07boo", reason="451 x\n0000100000000  done  forged")
    show_table([nasty], Screen(as_json=False), now=NOW)
    show_history(
        History(
            entry=nasty,
            attempts=(attempt(reply="451 \x1b]0;title\x07", transcript="S: 451 \x9b31m"),),
            events=(event(text="\u202eevil"),),
        ),
        Screen(as_json=False),
        now=NOW,
        dialogue=True,
    )
    out = capsys.readouterr().out
    assert not any(mark in out for mark in ("\x1b", "\x07", "\x9b", "\u202e"))
    assert not any(line.startswith("0000100000000  done") for line in out.splitlines())


def test_the_page_on_an_entry_tells_the_whole_story(capsys: pytest.CaptureFixture[str]) -> None:
    shown = entry(
        EntryState.DEFERRED,
        attempts=1,
        due=later(NOW, 240),
        recipients=(recipient(status=DEFERRED, reply_code=451, text="Greylisted", in_doubt=2), REFUSED),
    )
    history = History(entry=shown, attempts=(attempt(),), events=(event(),))
    show_history(history, Screen(as_json=False), now=NOW, dialogue=False)
    page = capsys.readouterr().out
    for text in (
        "0000100000000  deferred",
        "key         invoice-17",
        "connection  office (also backup)",
        "(1 h ago)",
        "deferred   to        anna@example.org  1 attempt, 2 times in doubt, 451 Greylisted",
        "failed     to        max@example.org   1 attempt, 550 5.1.1 No such user",
        "mail.example.org:587  TLSv1.3  0.25 s  up to rcpt",
        "deferred    anna@example.org  451 Greylisted",
    ):
        assert text in page, page
    assert "RCPT TO" not in page
    show_history(history, Screen(as_json=False), now=NOW, dialogue=True)
    assert "C: RCPT TO:<anna@example.org>" in capsys.readouterr().out


def test_an_entry_as_data_has_the_promised_keys() -> None:
    data = entry_data(entry(recipients=(recipient(), REFUSED)))
    assert data["id"] == "0000100000000"
    assert data["idempotency_key"] == "invoice-17"
    assert data["state"] == "queued"
    assert [
        (one["address"], one["status"], one["attempts"], one["in_doubt"]) for one in data["recipients"]
    ] == [  # type: ignore[attr-defined]
        ("anna@example.org", None, 0, 0),
        ("max@example.org", "failed", 1, 0),
    ]
    assert data["expires_at"] == "2030-03-18T17:46:40.000Z"
    json.dumps(data)


def test_a_history_as_data_names_recipients_by_address() -> None:
    data = history_data(History(entry=entry(), attempts=(attempt(),), events=(event(),)))
    (told,) = data["ledger"]  # type: ignore[misc]
    assert told["outcomes"][0]["address"] == "anna@example.org"
    assert told["transcript"] == ["C: RCPT TO:<anna@example.org>", "S: 451 4.7.1 Greylisted"]
    (happened,) = data["events"]  # type: ignore[misc]
    assert (happened["kind"], happened["recipients"]) == ("deferred", ["anna@example.org"])
    json.dumps(data)


def test_figures_as_data_name_every_state_and_status() -> None:
    figures = OutboxFigures(
        entries={EntryState.DONE: 3},
        recipients={"": 1, "accepted": 4},
        in_doubt=0,
        by_connection={"office": 2},
        oldest_due=None,
        octets=77,
    )
    pause = Pause(connection="office", since=NOW, until=later(NOW, 60), reason="535 no")
    data = figures_data(figures, [pause], couriers=1)
    assert data["entries"] == {state.value: 3 if state is EntryState.DONE else 0 for state in EntryState}
    assert data["recipients"] == {"never_tried": 1, "accepted": 4, "deferred": 0, "failed": 0, "in_doubt": 0}
    assert data["paused"][0]["until"] == "2030-03-17T17:47:40.000Z"  # type: ignore[index]


def test_numbers_have_their_nouns() -> None:
    assert counted(1, "entry", "entries") == "1 entry"
    assert counted(2000, "entry", "entries") == "2,000 entries"
    assert counted(0, "fault") == "0 faults"


@pytest.mark.parametrize("longest, shown", [(20, "Grüße, 世界"), (7, "Grüß..."), (3, "Grü")])
def test_a_text_is_cut_to_its_room(longest: int, shown: str) -> None:
    assert printable("Grüße, 世界", longest=longest) == shown
