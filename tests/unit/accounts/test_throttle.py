"""Waiting after wrong passwords: guessing becomes slow, and nobody is locked out by somebody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.accounts.throttle import PLACE, SOMEBODY, Patience, Throttle, place_of
from eilbote.model.moment import Moment, later

NOW = Moment(1_800_000_000_000)
ANNA, MALLORY = "anna@acme.example", "mallory@acme.example"
HERE, THERE = "198.51.100.7", "203.0.113.9"


def fail(throttle: Throttle, times: int, *, who: str = ANNA, whence: str = HERE, now: Moment = NOW) -> Moment:
    """Try as soon as each try is let in; gives when the last one was."""
    for _ in range(times):
        while (wait := throttle.admit(who, whence, now=now)) > 0:
            now = later(now, wait)
    return now


def test_typing_errors_cost_nothing() -> None:
    throttle = Throttle()
    assert fail(throttle, SOMEBODY.free) == NOW
    assert throttle.admit(ANNA, HERE, now=NOW) == SOMEBODY.first_seconds


def test_an_honest_user_elsewhere_does_not_wait() -> None:
    throttle = Throttle()
    now = fail(throttle, 12)
    assert throttle.admit(ANNA, HERE, now=now) > 60
    assert throttle.admit(ANNA, THERE, now=now) == 0.0


def test_one_place_that_tries_everybody_waits_too() -> None:
    throttle = Throttle()
    for number in range(PLACE.free):
        assert throttle.admit(f"user{number}@acme.example", HERE, now=NOW) == 0.0
    assert 0 < throttle.admit("one-more@acme.example", HERE, now=NOW) <= PLACE.longest_seconds


def test_the_right_password_begins_anew_for_the_name_and_not_for_the_place() -> None:
    throttle = Throttle()
    fail(throttle, 5)
    now = later(NOW, 1)
    assert throttle.admit(ANNA, HERE, now=now) == 0.0
    throttle.forgive(ANNA, HERE)
    assert throttle.admit(ANNA, HERE, now=now) == 0.0
    for number in range(PLACE.free - 6):
        assert throttle.admit(f"user{number}@acme.example", HERE, now=now) == 0.0
    assert throttle.admit("one-more@acme.example", HERE, now=now) > 0


def test_own_account_between_tries_does_not_open_the_place() -> None:
    """Somebody with an account signs in with it after each wrong try at the others."""
    throttle, now = Throttle(), NOW
    for number in range(200):
        if throttle.admit(f"user{number}@acme.example", HERE, now=now) == 0.0 and (
            throttle.admit(MALLORY, HERE, now=now) == 0.0
        ):
            throttle.forgive(MALLORY, HERE)
    assert throttle.admit("one-more@acme.example", HERE, now=now) > 0


def test_a_name_without_letters_is_a_name_and_not_the_place() -> None:
    throttle = Throttle()
    now = fail(throttle, 12, who="")
    assert throttle.admit(ANNA, HERE, now=now) == 0.0


def test_tries_at_the_same_moment_are_each_counted() -> None:
    throttle = Throttle()
    admitted = [throttle.admit(ANNA, HERE, now=NOW) for _ in range(1000)]
    assert admitted.count(0.0) == SOMEBODY.free


def test_refused_tries_do_not_make_the_wait_longer() -> None:
    throttle = Throttle()
    now = fail(throttle, 8)
    wait = throttle.admit(ANNA, HERE, now=now)
    for _ in range(100):
        throttle.admit(ANNA, HERE, now=now)
    assert throttle.admit(ANNA, HERE, now=now) == wait


def test_everything_is_forgotten_after_an_hour_of_peace() -> None:
    throttle = Throttle()
    now = fail(throttle, 20)
    assert throttle.admit(ANNA, HERE, now=later(now, SOMEBODY.forgotten_seconds + 1)) == 0.0


def test_a_clock_turned_back_makes_nobody_wait_longer() -> None:
    throttle = Throttle()
    fail(throttle, 6)
    assert throttle.admit(ANNA, HERE, now=later(NOW, -86_400)) <= SOMEBODY.pause(6)


def test_counts_do_not_fill_the_memory() -> None:
    throttle = Throttle(most=50)
    for number in range(500):
        throttle.admit(ANNA, f"10.0.{number // 250}.{number % 250}", now=NOW)
    assert len(throttle._tries) == 50  # noqa: SLF001 - nothing else tells how much is kept


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("2001:db8:7:1::1", "2001:db8:7:1:ffff::2", True),
        ("2001:db8:7:1::1", "2001:db8:7:2::1", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("198.51.100.7", "198.51.100.8", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
def test_a_place(one: str, other: str, same: bool) -> None:
    assert (place_of(one) == place_of(other)) is same


@given(tries=st.integers(0, 10**9), free=st.integers(1, 50), longest=st.floats(1, 10_000))
def test_no_wait_is_longer_than_the_longest(tries: int, free: int, longest: float) -> None:
    assert 0 <= Patience(free=free, longest_seconds=longest).pause(tries) <= longest


@given(steps=st.lists(st.tuples(st.sampled_from([ANNA, MALLORY]), st.integers(0, 5_000)), max_size=300))
def test_whoever_is_told_to_wait_and_does_is_let_in(steps: list[tuple[str, int]]) -> None:
    throttle, now = Throttle(), NOW
    for who, milliseconds in steps:
        now = Moment(now + milliseconds)
        wait = throttle.admit(who, HERE, now=now)
        assert wait <= SOMEBODY.longest_seconds
        if wait:
            now = later(now, wait)
            assert throttle.admit(who, HERE, now=now) <= 0.001


@given(gaps=st.lists(st.integers(0, 20_000), min_size=1, max_size=400))
def test_guesses_in_a_time_are_few_however_they_are_spread(gaps: list[int]) -> None:
    throttle, now, admitted = Throttle(), NOW, 0
    for gap in gaps:
        now = Moment(now + gap)
        admitted += throttle.admit(ANNA, HERE, now=now) == 0.0
    seconds = (now - NOW) / 1000
    # pauses of 1, 2, 4 ... seconds fit into a time only so often; after the longest one has been reached, once each
    most = SOMEBODY.free + 1
    while SOMEBODY.pause(most) < SOMEBODY.longest_seconds and 2.0 ** (most - SOMEBODY.free) - 1 <= seconds:
        most += 1
    assert admitted <= most + seconds / SOMEBODY.longest_seconds


def test_a_try_that_nobody_could_check_has_not_happened_and_those_before_it_have() -> None:
    throttle = Throttle()
    now = fail(throttle, SOMEBODY.free - 1)
    for _ in range(PLACE.free * 2):
        assert throttle.admit(ANNA, HERE, now=now) == 0.0
        throttle.take_back(ANNA, HERE)
    assert throttle.admit(ANNA, HERE, now=now) == 0.0
    assert throttle.admit(ANNA, HERE, now=now) == SOMEBODY.first_seconds
