"""What people read: one event or many, in their language, with values that stay values."""

from __future__ import annotations

from datetime import UTC, datetime

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eilbote.author.notification.catalogue import known_event, known_events
from eilbote.author.notification.event import new_event, read_kind
from eilbote.author.notification.message import message_of
from eilbote.author.notification.telling import Batch, KeptEvent
from eilbote.author.notification.wording import title_of
from eilbote.model.draft import Draft, Priority
from eilbote.model.moment import later, moment_of
from eilbote.model.severity import Severity
from eilbote.template.branding import Branding
from eilbote.template.template import Template

NOW = moment_of(datetime(2026, 11, 22, 8, 0, tzinfo=UTC))
HOSTILE = "<script>alert(1)</script> {{ 7 | times: 7 }} {% raw %}\r\nBcc: eva@example.org \"'&"


def kept(kind: str = "invoice.overdue", *, count: int = 1, earlier: int = 0, **fields: object) -> KeptEvent:
    event = new_event(kind, **({"id": "e1", "at": NOW} | fields))  # type: ignore[arg-type]
    return KeptEvent(event=event, count=count, last=later(event.at, 60), earlier=earlier)


def batch(*events: KeptEvent, total: dict[Severity, int] | None = None, **fields: str) -> Batch:
    counts = total or dict.fromkeys(Severity, 0)
    if total is None:
        for one in events:
            counts[one.event.severity] += 1
    given = {"language": "en", "time_zone": "Europe/Berlin", "subscription": "s1"} | fields
    return Batch(
        id="b1",
        recipient="anna@example.org",
        organization="",
        events=events,
        counts=counts,
        since=NOW,
        **given,
    )


def text_of(draft: Draft) -> str:
    assert draft.text is not None
    return draft.text


def test_one_event_is_told_with_when_what_and_why() -> None:
    draft = message_of(
        batch(
            kept(
                severity="warning",
                summary="Invoice 4711 is overdue",
                detail="Since Monday.\nCall them.",
                data={"customer": "Acme", "total": 12.5, "paid": False, "lines": [1, 2]},
                organization="acme",
                earlier=3,
            )
        )
    )
    text = text_of(draft)

    assert draft.subject == "Warning: Invoice 4711 is overdue"
    assert [str(one) for one in draft.to] == ["anna@example.org"]
    assert draft.auto_submitted == "auto-generated"
    assert "November 22, 2026" in text
    assert "acme" in text
    assert "Since Monday.\nCall them." in text
    assert "3 more times" in text
    assert "customer" in text
    assert "12.5" in text
    assert "lines" not in text
    assert "eilbote notify unsubscribe s1" in text


@pytest.mark.parametrize(
    "language,subject,said",
    [
        ("de", "Fehler: Der Ablauf orders ist gescheitert", "endete am Knoten mail"),
        ("de_AT", "Fehler: Der Ablauf orders ist gescheitert", "endete am Knoten mail"),
        ("ru", "Ошибка: Сценарий orders завершился с ошибкой", "остановился на узле mail"),
        ("fr", "Error: The flow orders has failed", "ended at the node mail"),
    ],
)
def test_it_is_told_in_the_readers_language(language: str, subject: str, said: str) -> None:
    event = kept("flow.failed", severity="error", data={"flow": "orders", "run": "r1", "node": "mail"})
    draft = message_of(batch(event, language=language))

    assert draft.subject == subject
    assert said in text_of(draft)


def test_what_is_fatal_is_urgent() -> None:
    assert message_of(batch(kept(severity="fatal"))).priority is Priority.HIGH
    assert message_of(batch(kept(severity="error"))).priority is Priority.NORMAL


def test_without_a_summary_the_kind_itself_is_the_title() -> None:
    assert message_of(batch(kept())).subject == "invoice.overdue"


def test_many_events_are_one_message_the_worst_first() -> None:
    quiet = kept(id="e1", summary="All is well")
    loud = kept(id="e2", summary="It burns", severity="fatal", count=7)
    draft = message_of(batch(quiet, loud, total={Severity.INFORMATION: 60, Severity.FATAL: 3}))
    text = text_of(draft)

    assert draft.subject == "63 events, 3 of them errors"
    assert text.index("Urgent: It burns") < text.index("All is well")
    assert "7 times, last" in text
    assert "And 61 more." in text


def test_it_looks_as_its_sender_does() -> None:
    draft = message_of(batch(kept()), Branding(product="Acme Orders", contact="abuse@acme.example"))

    assert "Acme Orders" in text_of(draft)
    assert "b1" in text_of(draft)


# -- values stay values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    "kind", ["invoice.overdue", "flow.failed", "connection.paused", "account.invitation"]
)
def test_what_stands_in_an_event_is_neither_markup_nor_template_nor_header(kind: str, many: bool) -> None:
    data = dict.fromkeys(["flow", "run", "node", "remedy", "connection", "by", "link", "x"], HOSTILE)
    data[HOSTILE] = HOSTILE
    one = kept(kind, summary=HOSTILE, detail=HOSTILE, data=data)
    draft = message_of(batch(*([one, one] if many else [one])))

    assert draft.html is not None
    assert not lxml.html.document_fromstring(draft.html).xpath("//script")
    assert "{{ 7 | times: 7 }}" in draft.html
    assert "49" not in text_of(draft).replace("+49", "")
    assert "\n" not in draft.subject
    assert draft.bcc == ()


def test_a_link_of_an_event_leads_to_no_script() -> None:
    event = kept("account.password_recovery", to="anna@example.org", data={"link": "javascript:alert(1)"})
    html = message_of(batch(event, subscription="")).html

    assert html is not None
    assert "javascript:" not in html


@settings(max_examples=20)
@given(
    st.text(max_size=200),
    st.text(max_size=200),
    st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=5),
)
def test_no_text_breaks_a_message(summary: str, detail: str, data: dict[str, str]) -> None:
    clean = [
        "".join(letter for letter in text if letter != "\x00" and not "\ud800" <= letter <= "\udfff")
        for text in (summary, detail)
    ]
    table = {
        name.replace("\x00", ""): value.replace("\x00", "")
        for name, value in data.items()
        if name.isprintable() and value.isprintable()
    }
    draft = message_of(batch(kept(summary=clean[0], detail=clean[1], data=table)))

    assert draft == message_of(batch(kept(summary=clean[0], detail=clean[1], data=table)))
    assert len(draft.subject.splitlines()) <= 1


# -- the catalogue ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", known_events(), ids=lambda known: known.kind)
def test_every_event_of_the_catalogue_speaks_all_three_languages(known: object) -> None:
    event = known_event(getattr(known, "kind", ""))

    assert read_kind(event.kind) == event.kind
    assert set(event.titles) == set(event.texts) == {"en", "de", "ru"}
    for text in (*event.titles.values(), *event.texts.values()):
        for variable in Template(text).variables():
            assert variable.path[0] in {"data", "event"}
    asked = {str(variable) for text in event.titles.values() for variable in Template(text).variables()}
    assert all({str(v) for v in Template(text).variables()} == asked for text in event.titles.values())
    assert title_of(new_event(event.kind, id="e", at=NOW), language="en")


def test_a_custom_event_is_known_as_nothing_special() -> None:
    custom = known_event("acme.anything")

    assert (custom.kind, custom.personal, custom.confidential, custom.repeat_minutes) == (
        "acme.anything",
        False,
        False,
        60,
    )
