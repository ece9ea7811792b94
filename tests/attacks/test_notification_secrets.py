"""The link by which an administrator sets a new password is told by a notification, and notifications can be subscribed to.

Whoever may subscribe, and everybody with an account may for themselves, subscribes to everything, or to ``account.*`` alone, has the password of
an administrator recovered, and waits for a copy of the link. Or they make so many notifications beforehand that the link is gathered into a
digest, which does not show it, so that nobody gets in any more.
"""

from __future__ import annotations

import os

import pytest

from eilbote import Eilbote
from eilbote.testing import Catcher, MemoryOutbox

LINK = "https://mail.example.org/recover/4711"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("EILBOTE_", "EMAIL_", "SYSTEM_")):
            monkeypatch.delenv(name)


@pytest.mark.asyncio
@pytest.mark.parametrize("pattern", ["*", "account.*", "account.password_recovery"])
async def test_who_subscribes_to_everything_gets_nobody_elses_link(pattern: str) -> None:
    async with Catcher() as catcher, Eilbote(store=MemoryOutbox()) as eilbote:
        await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
        await eilbote.notify.subscribe(to="eve@example.org", event=pattern, organization="acme")
        await eilbote.notify.subscribe(to="mallory@example.org", event=pattern, everywhere=True)

        raised = await eilbote.notify.raise_event(
            "account.password_recovery",
            to="boss@example.org",
            organization="acme",
            data={"link": LINK, "valid_minutes": 30},
        )
        await eilbote.deliver_due()

        assert raised.told == 1
        (message,) = catcher.messages
        assert message.forward_paths == ("boss@example.org",)
        assert LINK in message.text


@pytest.mark.asyncio
async def test_a_storm_keeps_nobody_from_a_link_that_they_wait_for() -> None:
    async with Catcher() as catcher, Eilbote(store=MemoryOutbox()) as eilbote:
        await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
        for number in range(30):
            await eilbote.notify.raise_event("noise.made", to="boss@example.org", summary=f"Noise {number}")

        await eilbote.notify.raise_event(
            "account.password_recovery", to="boss@example.org", data={"link": LINK, "valid_minutes": 30}
        )
        await eilbote.deliver_due()

        assert sum(LINK in message.text for message in catcher.messages) == 1
