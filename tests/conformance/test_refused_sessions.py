"""A server that refuses a further session for a moment, on a real port: the series goes on with those it takes."""

import pytest

from eilbote.connections.connection import Connection
from eilbote.connections.limits import Limits
from eilbote.engine.mailer import Mailer
from eilbote.model.draft import Draft
from eilbote.testing import Catcher, Fault, hang_up, refuse


def draft(number: int) -> Draft:
    return Draft(to=f"p{number}@example.net", subject=f"number {number}", text="hello")


@pytest.mark.parametrize(
    "fault",
    [refuse("connect", "421 4.7.0 Too many connections", times=1), hang_up("connect", times=1)],
    ids=["421", "hangs up"],
)
@pytest.mark.asyncio
async def test_a_further_session_that_is_refused_once_defers_nobody(fault: Fault) -> None:
    async with Catcher() as catcher:
        connection = Connection.from_uri(
            catcher.uri, default_from="me@example.org", limits=Limits(max_sessions=4)
        )
        async with Mailer(connection) as mailer:
            assert (await mailer.send(draft(0))).ok
            catcher.add_fault(fault)
            receipts = [receipt async for receipt in mailer.send_all(map(draft, range(1, 200)))]
        assert [receipt.error for receipt in receipts] == [None] * 199
        assert all(receipt.ok for receipt in receipts)
        assert len(catcher.messages) == 200
        assert catcher.connections >= 2
