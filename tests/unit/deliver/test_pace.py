"""How fast a connection sends: what was agreed, and what the server has shown it bears."""

import pytest

from eilbote.connections.limits import Limits
from eilbote.deliver.pace import QUIET_SECONDS, Pace, is_push_back, pushes_back
from eilbote.errors import DisconnectedError
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import EnhancedStatusCode, RecipientStatus


@pytest.mark.parametrize(
    "code, enhanced, text, is_one",
    [
        (421, None, "Service not available", True),
        (421, (4, 7, 0), "Try again later", True),
        (432, (4, 3, 2), "Concurrent connections limit exceeded", True),
        (450, (4, 7, 1), "Too much mail from this address", True),
        (451, (4, 7, 500), "Server busy", True),
        (452, (4, 4, 5), "System congestion", True),
        (451, (4, 3, 2), "Please wait", True),
        (450, (4, 7, 1), "Greylisted, try again in 300 seconds", False),
        (450, (4, 7, 1), "Gray-listing in action", False),
        (450, (4, 2, 0), "Mailbox busy", False),
        (451, None, "Local error", False),
        (452, (4, 5, 3), "Too many recipients", False),
        (550, (5, 7, 1), "Refused by policy", False),
        (250, (2, 0, 0), "Ok", False),
        (0, None, "", False),
    ],
)
def test_what_means_not_so_fast(
    code: int, enhanced: tuple[int, int, int] | None, text: str, is_one: bool
) -> None:
    esc = None if enhanced is None else EnhancedStatusCode(*enhanced)
    assert is_push_back(code, esc, text) is is_one
    receipt = Receipt(
        message_id="<1@example.com>",
        envelope=None,
        results=(
            RecipientResult("a@example.com", RecipientStatus.ACCEPTED, 250),
            RecipientResult("b@example.com", RecipientStatus.DEFERRED, code, esc, text),
        ),
    )
    assert pushes_back(receipt) is is_one


def test_a_session_that_was_closed_for_it_means_it_too() -> None:
    error = DisconnectedError("the server closed the session", reply_code=421)
    assert pushes_back(Receipt(message_id="<1@example.com>", envelope=None, results=(), error=error))
    assert not pushes_back(
        Receipt(message_id="<1@example.com>", envelope=None, results=(), error=DisconnectedError("reset"))
    )


def busy(per_second: int, seconds: int, limits: Limits | None = None) -> Pace:
    """Give a pace that has seen a steady rate until the given second."""
    pace = Pace(limits or Limits())
    for step in range(per_second * seconds):
        pace.spend(step / per_second)
    return pace


def test_without_limits_and_refusals_everything_passes() -> None:
    pace = busy(100, 10)
    assert (pace.room(10.0), pace.rate(10.0), pace.wait(10.0), pace.batch(10.0, 500)) == (
        None,
        None,
        0.0,
        500,
    )


@pytest.mark.parametrize("seconds", [1, 5, 60])
def test_a_refusal_halves_rate_and_room(seconds: int) -> None:
    pace, now = busy(100, seconds), float(seconds)
    assert pace.pushed_back(now, begun_at=now - 0.1, on_their_way=16)
    assert pace.room(now) == 8
    assert pace.rate(now) == pytest.approx(50, rel=0.1)
    for _ in range(10):
        pace.spend(now)
    assert pace.wait(now) > 0


def test_echoes_of_one_refusal_halve_once() -> None:
    pace = busy(100, 10)
    assert pace.pushed_back(10.0, begun_at=9.9, on_their_way=16)
    for _ in range(15):
        assert not pace.pushed_back(10.2, begun_at=9.95, on_their_way=8)
    assert pace.room(10.2) == 8
    assert pace.pushed_back(10.5, begun_at=10.3, on_their_way=8)
    assert pace.room(10.5) == 4


def test_it_never_stops_altogether() -> None:
    pace, now = busy(10, 10), 10.0
    for _ in range(50):
        now += 1.0
        pace.pushed_back(now, begun_at=now, on_their_way=1)
    assert pace.room(now) == 1
    rate = pace.rate(now)
    assert rate is not None
    assert rate >= 0.1
    assert pace.wait(now) <= 10.0


def test_quiet_adds_back_step_by_step() -> None:
    pace = busy(100, 60)
    pace.pushed_back(60.0, begun_at=60.0, on_their_way=32)
    rates, rooms = [], []
    for number in range(17):
        now = 60.0 + number * QUIET_SECONDS
        rates.append(pace.rate(now) or 0.0)
        rooms.append(pace.room(now))
    assert rates == sorted(rates)
    assert rates[16] == pytest.approx(2 * rates[0])
    assert rates[1] - rates[0] == pytest.approx(rates[0] / 16)
    assert (rooms[0], rooms[16]) == (16, 32)


def test_a_look_after_a_long_time_adds_back_as_much_as_many_looks() -> None:
    often, once = busy(100, 60), busy(100, 60)
    for pace in (often, once):
        pace.pushed_back(60.0, begun_at=60.0, on_their_way=32)
    for tenth in range(600, 1200):
        often.room(tenth / 10)
    assert often.rate(120.0) == pytest.approx(once.rate(120.0) or 0.0)


def test_an_echo_is_not_quiet() -> None:
    pace = busy(100, 60)
    pace.pushed_back(60.0, begun_at=60.0, on_their_way=32)
    before = pace.rate(60.0)
    pace.pushed_back(69.0, begun_at=59.0, on_their_way=16)
    assert pace.rate(70.0) == before


def test_a_limit_that_is_not_shown_any_more_is_forgotten() -> None:
    pace = busy(100, 60)
    pace.pushed_back(60.0, begun_at=60.0, on_their_way=32)
    assert pace.rate(60.0 + 47 * QUIET_SECONDS) is not None
    assert pace.rate(60.0 + 48 * QUIET_SECONDS) is None
    assert pace.room(600.0) is None
    assert pace.wait(600.0) == 0.0


def test_the_windows_of_a_minute_and_a_day_are_kept() -> None:
    pace = Pace(Limits(messages_per_minute=30, messages_per_day=50))
    assert pace.batch(0.0, 500) == 30
    for _ in range(30):
        pace.spend(0.0)
    assert pace.batch(0.0, 500) == 0
    assert 60 <= pace.wait(0.0) <= 61
    now = pace.wait(0.0)
    assert pace.batch(now, 500) == 20
    for _ in range(20):
        pace.spend(now)
    assert pace.wait(now) > 86_000


def test_the_day_goes_on_over_a_restart() -> None:
    pace = Pace(Limits(messages_per_day=50))
    pace.recall(45, begun_at=-7200.0)
    assert pace.batch(0.0, 500) == 5
    Pace(Limits()).recall(45, begun_at=-7200.0)


class Server:
    """Bears so many messages a second and answers a quarter of a second later."""

    def __init__(self, per_second: int) -> None:
        self.per_second = per_second
        self.begun: dict[int, int] = {}
        self.taken = self.refused = 0

    def take(self, now: float) -> bool:
        second = int(now)
        self.begun[second] = self.begun.get(second, 0) + 1
        is_taken = self.begun[second] <= self.per_second
        self.taken += is_taken
        self.refused += not is_taken
        return is_taken


@pytest.mark.parametrize("bears", [2, 20, 200])
@pytest.mark.parametrize("sessions", [4, 64])
def test_a_storm_of_421_settles_near_what_the_server_bears(bears: int, sessions: int) -> None:
    """A hundred thousand wait, and each refused one comes again."""
    pace, server = Pace(Limits()), Server(bears)
    answers: list[tuple[float, float, bool]] = []
    share: list[tuple[int, int]] = []
    for tick in range(20 * 1200):
        now = tick / 20
        while answers and answers[0][0] <= now:
            _, begun_at, is_taken = answers.pop(0)
            if not is_taken:
                pace.pushed_back(now, begun_at=begun_at, on_their_way=len(answers) + 1)
        while True:
            room = pace.room(now)
            free = (sessions if room is None else min(room, sessions)) - len(answers)
            if free <= 0 or pace.batch(now, free) <= 0:
                break
            pace.spend(now)
            answers.append((now + 0.25, now, server.take(now)))
        if tick % (20 * 300) == 20 * 300 - 1:
            share.append((server.taken, server.refused))
            server.taken = server.refused = 0
    for taken, refused in share[1:]:
        assert refused <= 0.02 * (taken + refused)
        assert taken >= 0.5 * min(bears, sessions * 4) * 300
