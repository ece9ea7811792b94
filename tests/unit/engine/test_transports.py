import pytest
from tests.unit.engine.memory_transport import MemoryTransport

from eilbote import Connection
from eilbote.deliver.transport import Transport
from eilbote.engine.transports import Transports
from eilbote.testing import ManualClock


class Made:
    """Makes transports and remembers them."""

    def __init__(self) -> None:
        self.transports: list[MemoryTransport] = []

    def __call__(self, connection: Connection) -> Transport:
        self.transports.append(MemoryTransport())
        return self.transports[-1]


def connection(password: str) -> Connection:
    return Connection.from_uri(f"smtps://user:{password}@mail.example.org", name="office")


@pytest.mark.asyncio
async def test_equal_settings_share_a_transport_that_the_last_user_closes() -> None:
    made = Made()
    transports = Transports(clock=ManualClock(), make=made)
    first = transports.borrow(connection("one"))
    assert transports.borrow(connection("one")) is first
    await transports.give_back(connection("one"))
    assert made.transports[0].ending == ""
    await transports.give_back(connection("one"))
    assert made.transports[0].ending == "closed"
    assert len(transports) == 0


@pytest.mark.asyncio
async def test_another_password_means_another_transport() -> None:
    made = Made()
    transports = Transports(clock=ManualClock(), make=made)
    assert transports.borrow(connection("one")) is not transports.borrow(connection("two"))
    await transports.give_back(connection("one"))
    assert [transport.ending for transport in made.transports] == ["closed", ""]
    await transports.give_back(connection("two"))


@pytest.mark.asyncio
async def test_a_transport_given_back_is_made_anew() -> None:
    made = Made()
    transports = Transports(clock=ManualClock(), make=made)
    first = transports.borrow(connection("one"))
    await transports.give_back(connection("one"))
    assert transports.borrow(connection("one")) is not first
    await transports.give_back(connection("one"))


@pytest.mark.asyncio
async def test_the_default_way_out_is_smtp_and_opens_nothing_by_itself() -> None:
    transports = Transports(clock=ManualClock())
    assert transports.borrow(connection("one")).capabilities is None
    await transports.give_back(connection("one"))
