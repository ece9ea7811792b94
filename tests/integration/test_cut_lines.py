"""Sessions that break anywhere: nothing is lost, nothing is sent twice, and doubt is only where there is some."""

from __future__ import annotations

import asyncio
import re
from collections import Counter

import pytest
from tests.integration.cut_line import cut_line
from tests.integration.lab.postfix import Postfix
from tests.integration.lab.tap import Speaker
from tests.integration.sending import ONE_SESSION, connection_to, draft_to, send_all

from eilbote import InDoubtError, Limits, Receipt

pytestmark = pytest.mark.asyncio

MESSAGES = 8
# From the first MAIL, and its reply, to beyond the last message; odd steps, so that every kind of place is met.
CLIENT_PLACES = range(40, 4_200, 131)
SERVER_PLACES = range(260, 1_500, 41)


@pytest.mark.parametrize(
    "speaker, places", [(Speaker.CLIENT, CLIENT_PLACES), (Speaker.SERVER, SERVER_PLACES)]
)
@pytest.mark.parametrize("window", [0, 1, 8])
async def test_what_is_said_of_each_message_is_true(
    postfix: Postfix, recipient: str, speaker: Speaker, places: range, window: int
) -> None:
    async def series(place: int) -> list[Receipt]:
        drafts = [draft_to(f"{place}-{recipient}", number=number) for number in range(MESSAGES)]
        async with cut_line(postfix.plain, speaker, place) as endpoint:
            return await send_all(connection_to(endpoint, limits=ONE_SESSION, chunking_window=window), drafts)

    all_receipts = await asyncio.gather(*map(series, places))
    await asyncio.to_thread(postfix.wait_until_delivered)
    doubts = 0
    for place, receipts in zip(places, all_receipts, strict=True):
        assert [receipt.index for receipt in receipts] == list(range(MESSAGES)), place
        arrived = Counter(
            int(found)
            for octets in postfix.received(f"{place}-{recipient}", at_least=0)
            for found in re.findall(rb"Message-ID: <(\d+)\.", octets)
        )
        assert set(arrived.values()) <= {1}, f"sent twice, line cut at {place}: {arrived}"
        for receipt in receipts:
            doubts += len(receipt.in_doubt)
            if receipt.in_doubt:
                assert isinstance(receipt.error, InDoubtError)
            else:
                assert bool(receipt.accepted) is (arrived[receipt.index] == 1), (place, receipt)
        # The line holds at the second attempt, so whatever was not in doubt got through.
        assert len([receipt for receipt in receipts if receipt.accepted or receipt.in_doubt]) == MESSAGES, (
            place
        )
    # A session breaks once, and leaves in doubt no more than was under way.
    assert doubts <= len(places) * max(1, window)
    assert doubts


async def test_several_sessions_one_of_which_breaks(postfix: Postfix, recipient: str) -> None:
    drafts = [draft_to(recipient, number=number) for number in range(60)]
    limits = Limits(max_sessions=4, max_messages_per_session=20)
    async with cut_line(postfix.plain, Speaker.CLIENT, 2_000) as endpoint:
        receipts = await send_all(connection_to(endpoint, limits=limits), drafts)
    await asyncio.to_thread(postfix.wait_until_delivered)
    doubtful = {receipt.index for receipt in receipts if receipt.in_doubt}
    assert len(doubtful) <= 1
    assert {receipt.index for receipt in receipts if receipt.accepted} == set(range(60)) - doubtful
    octets = b"".join(postfix.received(recipient))
    arrived = Counter(map(int, re.findall(rb"Message-ID: <(\d+)\.", octets)))
    assert set(arrived.values()) == {1}
    assert arrived.keys() | doubtful == set(range(60))
