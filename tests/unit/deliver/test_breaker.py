"""A connection that fails rests, is probed by single messages, and is met gently when it comes back."""

from dataclasses import dataclass, replace

import pytest

from eilbote.deliver.breaker import (
    AFTER_OUTAGE,
    AFTER_REFUSAL,
    SLOW_START_ENDS,
    SLOW_START_ROOM,
    THRESHOLD,
    Breaker,
    Trouble,
    is_answer,
    trouble_of,
)
from eilbote.errors import (
    AttachmentError,
    AuthenticationError,
    ConnectError,
    ConnectionNotFoundError,
    DeliveryTimeoutError,
    DisconnectedError,
    EilboteError,
    ExtensionError,
    InDoubtError,
    RemoteProtocolError,
    Scope,
    TLSError,
    UnreadableEntryError,
)
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import RecipientStatus


def a_breaker() -> Breaker:
    return Breaker(random=lambda: 0.0)


def down() -> ConnectError:
    return ConnectError("connection refused")


def opened(now: float = 0.0) -> Breaker:
    breaker = a_breaker()
    for _ in range(THRESHOLD):
        breaker.failed(down(), now)
    assert breaker.is_open
    return breaker


@pytest.mark.parametrize(
    "error, trouble",
    [
        (down(), Trouble.OUTAGE),
        (TLSError("certificate expired"), Trouble.OUTAGE),
        (AuthenticationError("535"), Trouble.SETTINGS),
        (ConnectionNotFoundError("no such connection"), Trouble.SETTINGS),
        (DisconnectedError("closed"), Trouble.OUTAGE),
        (DeliveryTimeoutError("no answer"), Trouble.OUTAGE),
        (RemoteProtocolError("nonsense"), Trouble.OUTAGE),
        (InDoubtError("lost behind the content"), Trouble.OUTAGE),
        (DeliveryTimeoutError("too late", field="not_after", scope=Scope.MESSAGE), None),
        (ExtensionError("needs SMTPUTF8"), None),
        (AttachmentError("unreadable"), None),
        (UnreadableEntryError("damaged"), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_concerns_the_connection(error: EilboteError, trouble: Trouble | None) -> None:
    assert trouble_of(error) is trouble


def test_only_the_server_can_answer() -> None:
    """A probe that came too late for its lease must not end a pause."""
    refused = RecipientResult("a@example.com", RecipientStatus.FAILED, 550)
    untold = RecipientResult("a@example.com", RecipientStatus.DEFERRED)
    late = DeliveryTimeoutError("too late", field="not_after", scope=Scope.MESSAGE)
    receipt = Receipt(message_id="<1@example.com>", envelope=None, results=(refused,))
    assert is_answer(receipt)
    assert not is_answer(replace(receipt, error=down()))
    assert not is_answer(replace(receipt, results=(untold,), error=late))
    assert not is_answer(replace(receipt, results=(untold,), error=UnreadableEntryError("damaged")))


def test_a_few_failures_in_a_row_open_it() -> None:
    breaker = a_breaker()
    for _ in range(THRESHOLD - 1):
        assert not breaker.failed(down(), 0.0)
        assert breaker.room(0.0) is None
    assert breaker.failed(down(), 0.0)
    assert (breaker.room(0.0), breaker.until, breaker.failures) == (0, AFTER_OUTAGE.first_seconds, 1)


def test_an_answer_in_between_begins_the_count_anew() -> None:
    breaker = a_breaker()
    for _ in range(20):
        for _ in range(THRESHOLD - 1):
            assert not breaker.failed(down(), 0.0)
        breaker.succeeded()


def test_one_broken_session_is_one_failure_however_many_messages_waited_behind_it() -> None:
    breaker, error = a_breaker(), down()
    for _ in range(1000):
        breaker.failed(error, 0.0)
    assert not breaker.is_open


def test_a_wrong_password_is_tried_once() -> None:
    breaker = a_breaker()
    assert breaker.failed(AuthenticationError("535"), 0.0)
    assert breaker.until == AFTER_REFUSAL.first_seconds
    now, tries = 0.0, 1
    while now < 24 * 3600:
        assert breaker.until is not None
        now = breaker.until
        assert breaker.room(now) == 1
        tries += breaker.failed(AuthenticationError("535"), now)
    assert breaker.pause_seconds == AFTER_REFUSAL.longest_seconds
    assert tries <= 11


def test_what_was_on_its_way_when_it_opened_changes_nothing() -> None:
    breaker = opened()
    assert not breaker.failed(down(), 1.0)
    assert breaker.until == AFTER_OUTAGE.first_seconds


def test_after_the_pause_a_single_probe_goes() -> None:
    breaker = opened()
    assert breaker.room(AFTER_OUTAGE.first_seconds - 0.001) == 0
    assert breaker.room(AFTER_OUTAGE.first_seconds) == 1
    assert breaker.room(10**9) == 1


def test_a_probe_that_fails_makes_the_pause_longer_up_to_a_cap() -> None:
    breaker = opened()
    pauses = []
    for _ in range(8):
        pauses.append(breaker.pause_seconds)
        assert breaker.until is not None
        assert breaker.failed(down(), breaker.until)
    assert pauses == [5, 10, 20, 40, 60, 60, 60, 60]


def test_an_answer_begins_a_slow_start() -> None:
    breaker = opened()
    assert breaker.succeeded()
    rooms = []
    while (room := breaker.room(10.0)) is not None:
        rooms.append(room)
        assert not breaker.succeeded()
    assert rooms == list(range(SLOW_START_ROOM, SLOW_START_ENDS))
    assert breaker.failures == 0


def test_a_failure_within_a_slow_start_opens_it_again_for_longer() -> None:
    breaker = opened()
    breaker.succeeded()
    assert breaker.failed(down(), 100.0)
    assert breaker.pause_seconds == 10.0
    breaker.succeeded()
    assert breaker.failures == 2, "a server that flaps is not met with short pauses again"


def test_somebody_who_has_changed_something_need_not_wait() -> None:
    breaker = a_breaker()
    breaker.failed(AuthenticationError("535"), 0.0)
    breaker.resume(30.0)
    assert breaker.room(30.0) == 1
    assert breaker.failed(AuthenticationError("535"), 31.0)
    assert breaker.pause_seconds == AFTER_REFUSAL.first_seconds


def test_a_resume_of_what_works_changes_nothing() -> None:
    breaker = a_breaker()
    breaker.resume(5.0)
    assert breaker.room(5.0) is None


def test_a_pause_is_taken_over_with_what_is_left_of_it() -> None:
    breaker = a_breaker()
    breaker.restore(seconds_left=40.0, failures=3, now=100.0)
    assert (breaker.room(139.0), breaker.room(140.0)) == (0, 1)
    assert breaker.failed(down(), 140.0)
    assert breaker.pause_seconds == 40.0
    breaker.restore(seconds_left=-5.0, failures=1, now=200.0)
    assert breaker.room(200.0) == 1
    assert breaker.failures == 4


def test_couriers_do_not_probe_in_step() -> None:
    breaker = Breaker(random=lambda: 0.5)
    breaker.failed(AuthenticationError("535"), 0.0)
    assert breaker.until == pytest.approx(0.9 * AFTER_REFUSAL.first_seconds)


# -- a simulated outage -------------------------------------------------------------------------------------


@dataclass
class Outage:
    """What a simulated server saw."""

    probes_while_down: int = 0
    back_at: float = 0.0


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_ten_minutes_of_outage_with_a_hundred_thousand_waiting(chance: float) -> None:
    """Each step of a tenth of a second, as much is sent as the breaker leaves room for; answers take a step."""
    breaker = Breaker(random=lambda: chance)
    seen, waiting, on_their_way = Outage(), 100_000, 0
    rooms: list[int] = []
    for step in range(10 * 900):
        now = step / 10
        is_down = now < 600
        if on_their_way and is_down:
            breaker.failed(down(), now)  # one session broke; everything behind it comes back
            waiting += on_their_way
        elif on_their_way:
            for _ in range(on_their_way):
                breaker.succeeded()
            seen.back_at = seen.back_at or now
        room = breaker.room(now)
        on_their_way = min(waiting, 1000 if room is None else room)
        waiting -= on_their_way
        if is_down:
            seen.probes_while_down += on_their_way > 0
        else:
            rooms.append(on_their_way)
    assert seen.probes_while_down <= 30
    assert 600 < seen.back_at <= 661
    assert next(filter(None, rooms)) == 1
    assert waiting == 0


def test_a_pause_noted_by_a_clock_that_was_ahead_is_no_longer_than_any_other() -> None:
    """The wall clock was set back by a day, and a connection would have rested until the next day."""
    breaker = Breaker(random=lambda: 0.0)
    breaker.restore(seconds_left=86_400.0, failures=1, now=100.0)
    assert breaker.until == 100.0 + AFTER_REFUSAL.longest_seconds
    assert breaker.room(100.0 + AFTER_REFUSAL.longest_seconds) == 1
