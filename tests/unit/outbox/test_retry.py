"""When an entry is tried again, and when no more."""

from itertools import pairwise

import pytest

from eilbote.connections.retry_policy import RetryPolicy
from eilbote.model.attempt import Outcome
from eilbote.model.moment import Moment, later
from eilbote.model.status import RecipientStatus
from eilbote.outbox.retry import (
    GREYLIST_SECONDS,
    LAST_CALL_SECONDS,
    LONGEST_HINT_SECONDS,
    SHORTEST_HINT_SECONDS,
    expiry,
    hint_of,
    next_attempt,
    wait_seconds,
)

NOW = Moment(1_800_000_000_000)
DEFAULT = RetryPolicy()
FOREVER = later(NOW, 10**9)


def never() -> float:
    return 0.0


def nearly_one() -> float:
    return 0.999_999


def schedule(policy: RetryPolicy) -> list[float]:
    """Give the moments of all attempts, in seconds since the first, without chance."""
    expires = expiry(policy, NOW)
    moments, now = [NOW], NOW
    while (
        due := next_attempt(policy, attempts=len(moments), now=now, expires=expires, random=never)
    ) is not None:
        moments.append(due)
        now = due
    return [(moment - NOW) / 1000 for moment in moments]


def test_the_default_schedule() -> None:
    times = schedule(DEFAULT)
    assert [later - earlier for earlier, later in pairwise(times)][:9] == [
        60, 120, 240, 480, 960, 1920, 3840, 7680, 14400,
    ]  # fmt: skip
    assert times[-1] == DEFAULT.lifetime_seconds - LAST_CALL_SECONDS
    assert len(times) == 32


def test_chance_only_shortens_a_wait_so_the_cap_is_a_cap() -> None:
    for attempts in range(1, 40):
        longest = wait_seconds(DEFAULT, attempts=attempts, random=never)
        shortest = wait_seconds(DEFAULT, attempts=attempts, random=nearly_one)
        assert longest <= DEFAULT.cap_seconds
        assert shortest == pytest.approx(0.8 * longest, rel=1e-5)


def test_the_first_retry_is_between_half_a_minute_and_five() -> None:
    assert 30 <= wait_seconds(DEFAULT, attempts=1, random=nearly_one) <= 60
    assert wait_seconds(DEFAULT, attempts=1, hint_seconds=GREYLIST_SECONDS, random=never) == 300


def test_any_number_of_attempts_has_a_wait() -> None:
    assert wait_seconds(DEFAULT, attempts=100_000, random=never) == DEFAULT.cap_seconds


@pytest.mark.parametrize("random", [never, nearly_one])
def test_nothing_is_due_when_its_time_is_over(random: object) -> None:
    assert callable(random)
    for seconds in range(0, 20_000, 7):
        expires = later(NOW, seconds)
        due = next_attempt(DEFAULT, attempts=4, now=NOW, expires=expires, random=random)
        assert due is None or NOW < due < expires


def test_the_last_attempt_is_made_a_minute_before_the_end() -> None:
    expires = later(NOW, 600)
    due = next_attempt(DEFAULT, attempts=6, now=NOW, expires=expires, random=never)
    assert due == later(expires, -60)


def test_there_is_no_last_attempt_sooner_than_a_first_retry() -> None:
    expires = later(NOW, LAST_CALL_SECONDS + DEFAULT.first_seconds - 1)
    assert next_attempt(DEFAULT, attempts=6, now=NOW, expires=expires, random=never) is None


def test_an_entry_that_lives_for_seconds_is_tried_again_within_them() -> None:
    quick = RetryPolicy(first_seconds=1, cap_seconds=10, lifetime_seconds=8)
    assert schedule(quick) == [0, 1, 3, 7]


def test_expiry_belongs_to_the_connection() -> None:
    assert expiry(RetryPolicy(lifetime_seconds=60), NOW) == later(NOW, 60)


# -- what the server says --------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [10, 45, 300, 3600])
def test_after_the_first_attempt_the_server_is_followed(asked: float) -> None:
    assert wait_seconds(DEFAULT, attempts=1, hint_seconds=asked, random=never) == asked
    assert wait_seconds(DEFAULT, attempts=1, hint_seconds=asked, random=nearly_one) >= asked


def test_later_the_server_can_only_make_us_wait_longer() -> None:
    """One that says "in a minute" for four days would be asked six thousand times."""
    own = wait_seconds(DEFAULT, attempts=8, random=never)
    assert wait_seconds(DEFAULT, attempts=8, hint_seconds=60, random=never) == own
    assert wait_seconds(DEFAULT, attempts=2, hint_seconds=1800, random=never) == 1800


@pytest.mark.parametrize("asked, followed", [(0, SHORTEST_HINT_SECONDS), (10**9, LONGEST_HINT_SECONDS)])
def test_no_server_makes_us_hammer_or_forget(asked: float, followed: float) -> None:
    assert wait_seconds(DEFAULT, attempts=1, hint_seconds=asked, random=never) == followed


@pytest.mark.parametrize(
    "code, text, seconds",
    [
        (451, "Greylisted, please try again in 300 seconds", 300),
        (450, "try again in 5 minutes", 300),
        (450, "Please retry after 2 mins.", 120),
        (421, "Too many connections; come back in 1 hour", 3600),
        (451, "Greylisting in action, please come back in 00:04:59", 299),
        (451, "greylisted for 00:04:59", 299),
        (452, "Retry-After: 120", 120),
        (450, "Try Again In 90s", 90),
        (450, "wait 10 sec", 10),
        (451, "Temporarily deferred for 3 min", 180),
        (450, "Recipient address rejected: Greylisted, see https://example.com/help/300", GREYLIST_SECONDS),
        (451, "Gray-listed", GREYLIST_SECONDS),
        (450, "grey listing: unknown triplet", GREYLIST_SECONDS),
        (451, "try again later", None),
        (451, "try again in 5", None),
        (451, "try again in 192.0.2.5 minutes", None),
        (451, "4.3.0 error 30 seconds", None),
        (451, "try again: queue id 7F30s", None),
        (451, "try again in 123456 seconds", None),
        (550, "try again in 300 seconds", None),
        (250, "greylisted for 5 minutes", None),
        (0, "try again in 300 seconds", None),
        (451, "", None),
    ],
)
def test_what_a_server_says_about_the_time(code: int, text: str, seconds: float | None) -> None:
    outcome = Outcome(number=0, status=RecipientStatus.DEFERRED, reply_code=code, text=text)
    assert hint_of(outcome) == seconds


def test_reading_a_hostile_text_takes_no_time() -> None:
    """At most a kibibyte reaches this; each of these makes a careless expression go back and forth."""
    for text in (
        "again " * 170,
        "wait" + " " * 1000 + "5",
        "retry-after:" * 85,
        "1" * 1024,
        "greylisted 1:1:" * 70,
    ):
        outcome = Outcome(number=0, status=RecipientStatus.DEFERRED, reply_code=450, text=text)
        for _ in range(200):
            hint_of(outcome)
