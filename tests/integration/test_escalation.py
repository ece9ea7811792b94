"""An alert that nobody looks after, over real servers: it goes on to the next ones after a restart, until somebody clicks in a message."""

from __future__ import annotations

import os
import re
from pathlib import Path

import httpx2
import pytest

from eilbote import Eilbote
from eilbote.api.application import application
from eilbote.api.house import house_for
from eilbote.testing import Catcher, ManualClock

pytestmark = pytest.mark.asyncio

_LINK = re.compile(r"https://mail\.example\.org/acknowledge/[A-Za-z0-9_.-]+")


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("EILBOTE_", "EMAIL_", "SYSTEM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("EILBOTE_PUBLIC_URL", "https://mail.example.org")


async def deliver(data_dir: Path, clock: ManualClock) -> None:
    """Begin anew, as after a restart: tell who is to be told by now, and deliver it."""
    async with Eilbote(data_dir=data_dir, clock=clock) as eilbote:
        await eilbote.notify.tell_due()
        await eilbote.deliver_due()


async def test_from_an_alert_to_a_click(tmp_path: Path) -> None:
    clock = ManualClock()
    async with Catcher() as catcher:
        async with Eilbote(data_dir=tmp_path, clock=clock) as eilbote:
            await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
            await eilbote.notify.subscribe(
                to="anna@example.org",
                event="backup.*",
                language="de",
                escalation=[
                    "15m boss@example.org",
                    "30m owner@example.org fatal",
                    "1h everybody@example.org",
                ],
            )
            raised = await eilbote.notify.raise_event("backup.failed", summary="The backup of db1 has failed")
            await eilbote.deliver_due()
        for minutes in (14, 1, 29, 1):
            clock.advance(60 * minutes)
            await deliver(tmp_path, clock)

        told = {message.forward_paths[0]: message for message in catcher.messages}
        assert len(catcher.messages) == 3
        assert set(told) == {"anna@example.org", "boss@example.org", "owner@example.org"}
        boss = told["boss@example.org"]
        assert boss.subject == "Niemand hat bestätigt: The backup of db1 has failed"
        assert told["owner@example.org"].subject.startswith("Dringend: ")
        assert told["owner@example.org"].header("X-Priority") or told["owner@example.org"].header(
            "Importance"
        )
        link = _LINK.search(boss.text)
        assert link is not None
        assert _LINK.search(told["anna@example.org"].text)

        async with Eilbote(data_dir=tmp_path, clock=clock) as eilbote:
            app = application(answers=eilbote.answers, house=house_for(eilbote))
            async with httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app), base_url="https://mail.example.org"
            ) as client:
                assert "The backup of db1 has failed" in (await client.get(link[0])).text
                assert not await eilbote.notify.acknowledgements([raised.event])
                assert "boss@example.org" in (await client.post(link[0])).text
            known = (await eilbote.notify.acknowledgements([raised.event]))[raised.event]
            assert known.by == "boss@example.org"
        clock.advance(86_400)
        await deliver(tmp_path, clock)
        assert len(catcher.messages) == 3


async def test_a_digest_has_a_link_for_each_alert(tmp_path: Path) -> None:
    clock = ManualClock()
    async with Catcher() as catcher, Eilbote(data_dir=tmp_path, clock=clock) as eilbote:
        await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
        await eilbote.notify.subscribe(
            to="anna@example.org", cadence="hourly", escalation=["15m boss@example.org"]
        )
        raised = [
            (await eilbote.notify.raise_event("backup.failed", summary=f"Backup {number}")).event
            for number in range(3)
        ]
        await eilbote.notify.acknowledge(raised[2], by="max")
        clock.advance(3600)
        await eilbote.notify.tell_due()
        await eilbote.deliver_due()

        (message,) = [one for one in catcher.messages if one.forward_paths == ("anna@example.org",)]
        assert len(set(_LINK.findall(message.text))) == 2
