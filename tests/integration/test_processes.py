"""Processes from the diagram to the mail box, with everything in memory and in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.integration.process_house import (
    GIVEN,
    SEND_ONE,
    SENDS,
    house,
    in_memory,
    in_sqlite,
)

from eilbote import Eilbote, InstanceStatus

HOUSES = [pytest.param(in_memory, id="memory"), pytest.param(in_sqlite, id="sqlite")]


@pytest.mark.asyncio
@pytest.mark.parametrize("make", HOUSES)
async def test_a_send_event_sends_over_its_route(
    tmp_path: Path, make: Callable[[Path, str], Eilbote]
) -> None:
    async with house(tmp_path, make) as home:
        await home.publish(SEND_ONE, ready=SENDS)
        instance = await home.run(GIVEN)
        assert instance.status is InstanceStatus.COMPLETED
        assert instance.stage == "Notified"
        (sent,) = instance.mails
        assert sent.element == "ready"
        await home.catcher.next()
        assert home.mail.subject == "Your order, 12 EUR"
        history = await home.eilbote.history(sent.entry)
        assert history.entry.idempotency_key == f"process/{sent.key}"
        assert history.entry.author == f"process:order#{instance.id}"
