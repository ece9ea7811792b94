"""A pool's decisions, at any state: never more sessions than allowed, never none while messages wait."""

from hypothesis import given
from hypothesis import strategies as st

from eilbote.connections.limits import Limits
from eilbote.deliver.pool_plan import (
    CHECK_AFTER_SECONDS,
    RETRY_AFTER_SECONDS,
    Allowance,
    Perseverance,
    Plan,
    PoolView,
    SessionView,
    is_spent,
    needs_check,
    plan,
)
from eilbote.errors import AuthenticationError, ConnectError

LIMITS = Limits(max_sessions=4, max_messages_per_session=10, idle_seconds=30, max_age_seconds=600)


def session(
    number: int = 1, *, delivered: int = 0, in_flight: int = 0, opened_at: float = 0, idle_since: float = 0
) -> SessionView:
    return SessionView(
        number=number, delivered=delivered, in_flight=in_flight, opened_at=opened_at, idle_since=idle_since
    )


def view(
    *sessions: SessionView, opening: int = 0, closing: int = 0, waiting: int = 0, allowed: int = 4
) -> PoolView:
    return PoolView(sessions=sessions, opening=opening, closing=closing, waiting=waiting, allowed=allowed)


def test_the_first_session_proves_the_way() -> None:
    assert plan(view(waiting=1000), LIMITS, 0).open == 1
    assert plan(view(waiting=1000, opening=1), LIMITS, 0).open == 0


def test_the_number_doubles_while_there_is_more_to_do() -> None:
    one = [session(1, in_flight=1)]
    two = [session(number, in_flight=1) for number in (1, 2)]

    assert plan(view(*one, waiting=1000), LIMITS, 0).open == 1
    assert plan(view(*two, waiting=1000), LIMITS, 0).open == 2
    assert plan(view(*two, waiting=1), LIMITS, 0).open == 1
    assert plan(view(*two, waiting=0), LIMITS, 0).open == 0


def test_closing_sessions_count_as_open() -> None:
    busy = [session(number, in_flight=1) for number in (1, 2, 3)]

    assert plan(view(*busy, closing=1, waiting=50), LIMITS, 0).open == 0


def test_an_idle_session_is_closed_in_time_and_not_before() -> None:
    idle = session(idle_since=100)

    early = plan(view(idle), LIMITS, 129)
    late = plan(view(idle), LIMITS, 130)

    assert (early.retire, early.wake_at) == ((), 130)
    assert (late.retire, late.wake_at) == ((1,), None)


def test_a_session_is_closed_after_its_messages_and_after_its_time() -> None:
    assert plan(view(session(delivered=10)), LIMITS, 1).retire == (1,)
    assert plan(view(session(delivered=9)), LIMITS, 1).retire == ()
    assert plan(view(session(idle_since=599)), LIMITS, 600).retire == (1,)
    assert is_spent(session(delivered=8, in_flight=2), LIMITS, 1)


def test_a_session_at_work_is_left_alone() -> None:
    old = session(delivered=10, in_flight=1)

    assert plan(view(old), LIMITS, 10_000).retire == ()


def test_a_quiet_session_must_prove_that_it_lives() -> None:
    assert not needs_check(session(idle_since=10), 10 + CHECK_AFTER_SECONDS - 0.1)
    assert needs_check(session(idle_since=10), 10 + CHECK_AFTER_SECONDS)
    assert not needs_check(session(idle_since=10, in_flight=1), 1000)


def test_a_refused_session_teaches_the_limit_and_it_is_tried_again_later() -> None:
    allowance = Allowance(8)

    allowance.refused(3, now=100)
    assert allowance.sessions(100) == 3
    assert allowance.sessions(129) == 3
    assert allowance.sessions(130) == 4
    assert allowance.sessions(10_000) == 8


def test_at_least_one_session_stays_allowed() -> None:
    allowance = Allowance(8)

    allowance.refused(0, now=0)

    assert allowance.sessions(0) == 1


def test_three_sessions_in_a_row_without_result_condemn_the_site() -> None:
    allowance = Allowance(4)

    assert [allowance.lost(delivered=0) for _ in range(3)] == [False, False, True]


def test_one_result_clears_the_record() -> None:
    allowance = Allowance(4)

    verdicts = [allowance.lost(delivered=number) for number in (0, 0, 7, 0, 0, 0)]

    assert verdicts == [False] * 5 + [True]


REFUSED_NOW = ConnectError("421 too many connections")


def test_a_site_that_never_served_is_given_up_at_once() -> None:
    perseverance = Perseverance()

    assert perseverance.gives_up(REFUSED_NOW, now=100)
    assert perseverance.not_before <= 100


def test_a_site_that_served_gets_one_more_chance_after_a_pause() -> None:
    perseverance = Perseverance()
    perseverance.served()

    assert not perseverance.gives_up(REFUSED_NOW, now=100)
    assert perseverance.not_before == 100 + RETRY_AFTER_SECONDS
    assert perseverance.gives_up(REFUSED_NOW, now=102)
    perseverance.served()
    assert not perseverance.gives_up(REFUSED_NOW, now=200)


def test_what_lasts_is_not_asked_twice() -> None:
    perseverance = Perseverance()
    perseverance.served()

    assert perseverance.gives_up(AuthenticationError("user or password is wrong"), now=100)


def test_nothing_is_opened_in_the_pause() -> None:
    found = PoolView(sessions=[], opening=0, closing=0, waiting=5, allowed=4, not_before=102)

    assert plan(found, LIMITS, 101) == Plan(open=0, retire=(), wake_at=102)
    assert plan(found, LIMITS, 102).open == 1


times = st.floats(min_value=0, max_value=2000)
sessions = st.lists(
    st.builds(
        SessionView,
        number=st.integers(),
        delivered=st.integers(0, 12),
        in_flight=st.integers(0, 3),
        opened_at=times,
        idle_since=times,
    ),
    max_size=6,
    unique_by=lambda found: found.number,
)
views = st.builds(
    PoolView,
    sessions=sessions,
    opening=st.integers(0, 3),
    closing=st.integers(0, 3),
    waiting=st.integers(0, 50),
    allowed=st.integers(1, 6),
    not_before=times | st.floats(min_value=2000, max_value=5000),
)


@given(views, st.floats(min_value=2000, max_value=4000))
def test_a_plan_keeps_every_limit(found: PoolView, now: float) -> None:
    decided = plan(found, LIMITS, now)
    taken = len(found.sessions) + found.opening + found.closing
    by_number = {item.number: item for item in found.sessions}

    assert 0 <= decided.open <= max(0, found.allowed - taken)
    assert decided.open <= found.waiting
    assert all(by_number[number].in_flight == 0 for number in decided.retire)
    assert len(set(decided.retire)) == len(decided.retire)
    assert decided.wake_at is None or decided.wake_at > now


@given(views, st.floats(min_value=2000, max_value=4000))
def test_messages_never_wait_for_nothing(found: PoolView, now: float) -> None:
    """When something waits, a session is opened, is opening, is closing to make place, is at work, or comes later."""
    decided = plan(found, LIMITS, now)
    taken = len(found.sessions) + found.opening + found.closing

    if found.waiting and not found.opening and taken < found.allowed:
        if now < found.not_before:
            assert decided.wake_at is not None
            assert now < decided.wake_at <= found.not_before
        else:
            assert decided.open >= 1


@given(views, st.floats(min_value=2000, max_value=4000))
def test_a_plan_carried_out_leaves_nothing_to_retire(found: PoolView, now: float) -> None:
    decided = plan(found, LIMITS, now)
    kept = [item for item in found.sessions if item.number not in decided.retire]
    after = PoolView(
        sessions=kept,
        opening=found.opening + decided.open,
        closing=found.closing + len(decided.retire),
        waiting=found.waiting,
        allowed=found.allowed,
        not_before=found.not_before,
    )

    again = plan(after, LIMITS, now)

    assert again.retire == ()
    assert again.open == 0 or found.opening == 0 == decided.open
