"""Who is told next when nobody acknowledges an event: what steps may say, and what is decided when one is due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eilbote.author.notification.decision import Decision, Situation, decide, decide_step
from eilbote.author.notification.escalated import ESCALATED, escalated, original_of
from eilbote.author.notification.escalation import (
    Escalation,
    Step,
    read_acknowledgement,
    read_escalation,
    said_of,
    step_text,
)
from eilbote.author.notification.event import SystemEvent, new_event
from eilbote.author.notification.message import message_of
from eilbote.author.notification.schedule import Quiet
from eilbote.author.notification.subscription import Cadence, Subscription, read_subscription
from eilbote.author.notification.telling import Batch, KeptEvent
from eilbote.author.notification.wording import title_of
from eilbote.errors import AddressError, DraftError, SettingsError
from eilbote.model.moment import Moment, later, moment_of
from eilbote.model.severity import Severity

NOW = moment_of(datetime(2026, 11, 22, 14, 23, 45, tzinfo=UTC))
STEPS = (
    Step(after_minutes=15, recipients=("boss@example.org",)),
    Step(after_minutes=60, recipients=("role:operator",), severity=Severity.FATAL),
)


def event(**fields: object) -> SystemEvent:
    return new_event(
        "flow.failed",
        **({"id": "e1", "at": NOW, "severity": "error", "data": {"flow": "orders"}} | fields),  # type: ignore[arg-type]
    )


def wish(**fields: object) -> Subscription:
    return Subscription(id="s1", recipients=("anna@example.org",), escalation=STEPS, **fields)  # type: ignore[arg-type]


def first_due(subscription: Subscription, of: SystemEvent) -> list[Moment]:
    return [one.due for one in decide(of, Situation(subscriptions=(subscription,))).escalations]


# -- what steps may say ----------------------------------------------------------------------------------------------


def test_steps_are_said_as_tables_or_as_texts_and_are_read_again() -> None:
    said: list[object] = [
        {"after_minutes": 15, "to": "boss@example.org"},
        "1h role:operator FATAL",
    ]

    assert read_escalation(said) == STEPS
    assert read_escalation(said_of(STEPS)) == STEPS
    assert read_escalation([step_text(step) for step in STEPS]) == STEPS
    assert read_escalation(["2d a@example.org,b@example.org"])[0].after_minutes == 2 * 1440
    assert read_escalation([]) == ()


@pytest.mark.parametrize(
    "said, field",
    [
        ("15m boss@example.org", "escalation"),
        (None, "escalation"),
        (["15m boss@example.org"] * 11, "escalation"),
        ([7], "escalation[0]"),
        ([""], "escalation[0]"),
        (["15m"], "escalation[0]"),
        (["soon boss@example.org"], "escalation[0]"),
        (["15m boss@example.org fatal now"], "escalation[0]"),
        ([{"after_minutes": 15, "to": "a@example.org", "who": "me"}], "escalation[0]"),
        (["1m a@example.org", "0m boss@example.org"], "escalation[1].after_minutes"),
        (["8d boss@example.org"], "escalation[0].after_minutes"),
        ([{"after_minutes": True, "to": "a@example.org"}], "escalation[0].after_minutes"),
        ([{"to": "a@example.org"}], "escalation[0].after_minutes"),
        ([{"after_minutes": 1}], "escalation[0].to"),
        ([{"after_minutes": 1, "to": []}], "escalation[0].to"),
        (["1m role:king"], "escalation[0].to"),
        (["1m boss@example.org loud"], "escalation[0].severity"),
        ([{"after_minutes": 1, "to": "a@example.org", "severity": 7}], "escalation[0].severity"),
    ],
)
def test_what_a_step_may_not_be(said: object, field: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_escalation(said)

    assert caught.value.field == field


def test_who_is_no_address_is_named_with_the_step() -> None:
    with pytest.raises(AddressError) as caught:
        read_escalation(["1m boss"])

    assert caught.value.field == "escalation[0].to"


def test_an_organization_escalates_to_nobody_of_the_host() -> None:
    said = {"to": "anna@example.org", "organization": "acme", "escalation": ["5m role:system_administrator"]}

    with pytest.raises(SettingsError):
        read_subscription(said, Subscription(id="s1"))


def test_whoever_acknowledges_says_one_line() -> None:
    said = read_acknowledgement("e1", at=NOW, by="anna", note=" on it ")

    assert (said.by, said.note) == ("anna", "on it")
    for note in ("a\nb", "x" * 501, "\x00"):
        with pytest.raises(DraftError) as caught:
            read_acknowledgement("e1", at=NOW, by="anna", note=note)
        assert caught.value.field == "note"


# -- what is decided -------------------------------------------------------------------------------------------------


def test_the_first_step_counts_from_when_the_first_are_told() -> None:
    quiet = Quiet(14 * 60, 16 * 60)
    at_once, night_over = later(NOW, 15 * 60), moment_of(datetime(2026, 11, 22, 16, 15, tzinfo=UTC))

    assert first_due(wish(), event()) == [at_once]
    assert first_due(wish(quiet=quiet), event()) == [night_over]
    assert first_due(wish(quiet=quiet), event(severity="fatal")) == [at_once]
    assert first_due(wish(cadence=Cadence.HOURLY), event()) == [
        moment_of(datetime(2026, 11, 22, 15, 15, tzinfo=UTC))
    ]


def test_what_tells_nobody_escalates_nowhere() -> None:
    assert first_due(wish(cadence=Cadence.NEVER), event()) == []
    assert first_due(wish(muted_until=later(NOW, 60)), event()) == []
    assert first_due(wish(pattern="job.*"), event()) == []
    personal = new_event("account.password_recovery", id="e1", at=NOW, to="eva@example.org")
    assert first_due(wish(), personal) == []


def test_what_is_only_counted_escalates_once() -> None:
    from eilbote.author.notification.decision import Earlier

    earlier = Earlier(id="e0", at=later(NOW, -60), count=1)

    decided = decide(event(key="k"), Situation(subscriptions=(wish(),), earlier=earlier))

    assert decided == Decision(repeats="e0")


def test_a_step_tells_those_it_names_and_goes_in_no_circle() -> None:
    loud = wish(pattern="*")
    said = escalated(event(), STEPS[0], 0, id_="x1", now=later(NOW, 15 * 60))

    decided = decide_step(said, Situation(subscriptions=(loud,)), subscription=loud, step=0)

    assert [(one.recipient, one.subscription, one.due) for one in decided.tellings] == [
        ("boss@example.org", "s1", said.at)
    ]
    assert decided.escalations == ()


def test_who_has_unsubscribed_or_sleeps_is_left_alone_by_a_step_as_well() -> None:
    said = escalated(event(), STEPS[0], 0, id_="x1", now=NOW)
    asleep = wish(quiet=Quiet(14 * 60, 16 * 60))

    left = decide_step(said, Situation(), subscription=wish(left=("Boss@example.org",)), step=0)
    (waits,) = decide_step(said, Situation(), subscription=asleep, step=0).tellings
    muted = decide_step(said, Situation(), subscription=wish(muted_until=later(NOW, 60)), step=0)

    assert left.tellings == muted.tellings == ()
    assert waits.gathered


# -- what is said ----------------------------------------------------------------------------------------------------


def test_an_escalated_event_is_never_quieter_than_it_was_and_louder_if_a_step_says_so() -> None:
    quiet = Step(after_minutes=1, recipients=("a@example.org",), severity=Severity.WARNING)

    assert escalated(event(), quiet, 0, id_="x", now=NOW).severity is Severity.ERROR
    assert escalated(event(), STEPS[1], 1, id_="x", now=NOW).severity is Severity.FATAL


@pytest.mark.parametrize(
    "language, words",
    [("en", "Nobody has acknowledged"), ("de", "Niemand hat bestätigt"), ("ru", "Никто не подтвердил")],
)
def test_it_says_in_the_readers_language_what_has_happened(language: str, words: str) -> None:
    said = escalated(event(), STEPS[0], 0, id_="x1", now=later(NOW, 15 * 60))

    title = title_of(said, language=language)
    batch = Batch(
        id="b1",
        recipient="boss@example.org",
        organization="",
        subscription="s1",
        language=language,
        time_zone="UTC",
        events=(KeptEvent(event=said, last=NOW),),
        counts={said.severity: 1},
        since=NOW,
    )
    draft = message_of(batch, acknowledging={"x1": "https://mail.example.org/acknowledge/T"})

    assert title.startswith(f"{words}: ")
    assert "orders" in title
    assert words in str(draft.subject)
    assert "15 " in str(draft.text)
    assert "https://mail.example.org/acknowledge/T" in str(draft.html)
    assert "flow.failed" in str(draft.html)


def test_the_original_is_found_in_it_again_and_nonsense_is_none() -> None:
    original = event(summary="Orders", detail="a\nb", key="k")
    said = escalated(original, STEPS[0], 0, id_="x1", now=later(NOW, 60))

    assert original_of(said) == original
    assert original_of(original) is None
    for data in ({}, {"of": 7}, {"of": "e1", "event": "x", "at": "now"}):
        forged = new_event(ESCALATED, id="x", at=NOW, data=data)
        assert original_of(forged) is None
        assert title_of(forged)


def test_a_step_is_named_by_event_subscription_and_number() -> None:
    (first,) = decide(event(), Situation(subscriptions=(wish(),))).escalations

    assert first == Escalation(event="e1", subscription="s1", step=0, due=later(NOW, 15 * 60))
