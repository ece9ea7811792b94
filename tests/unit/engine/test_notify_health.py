"""What eilbote raises about its own health: certificates that end, and mail that does not leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.integration.lab.certificates import Certificates
from tests.unit.engine.notify_scene import Scene

from eilbote import Draft, Eilbote
from eilbote.config.config import Config
from eilbote.engine.notify_health import (
    CERTIFICATE_DAYS,
    STALLED_SECONDS,
    HealthWatch,
    days_left,
    end_of_certificate,
    stalled_entry,
)
from eilbote.model.moment import Moment, as_datetime, later
from eilbote.model.secret import Secret
from eilbote.outbox.store import EntryFilter, Pause
from eilbote.testing import ManualClock, MemoryOutbox

NOW = Moment(1_800_000_000_000)
CONFIG = Config(data_dir=Path("/nonexistent"), database_url=Secret("sqlite:///nonexistent.db"))


@given(st.integers(-100, 100))
def test_a_certificate_is_told_of_fourteen_three_and_one_day_before_its_end(days: int) -> None:
    found = days_left(later(NOW, days * 86_400.0), NOW)
    assert found == min((each for each in CERTIFICATE_DAYS if days <= each), default=None)


def test_what_is_no_certificate_is_left_to_those_who_use_it(tmp_path: Path) -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----"
    for name, octets in (("empty.pem", b""), ("broken.pem", broken)):
        (tmp_path / name).write_bytes(octets)
        assert end_of_certificate(tmp_path / name) is None
    assert end_of_certificate(tmp_path / "missing.pem") is None
    assert end_of_certificate(tmp_path) is None


@pytest.mark.asyncio
async def test_a_certificate_that_ends_soon_is_told_once_at_each_step(tmp_path: Path) -> None:
    scene = Scene()
    path = Certificates(tmp_path).good.chain
    ends = end_of_certificate(path)
    assert ends is not None
    watch = HealthWatch(
        scene.desk.notifier,
        outbox=MemoryOutbox,
        connections=scene.connections,
        certificates={"relay": str(path)},
    )
    told: list[tuple[float, str]] = []
    for days in (20, 14, 13.5, 3, 2, 0.5):
        scene.clock.set_wall_clock(as_datetime(ends) - timedelta(days=days))
        before = len(await scene.desk.events())
        await watch.look_at_certificates()
        await watch.look_at_certificates()
        told += [
            (days, kept.event.severity.value)
            for kept in (await scene.desk.events())[: len(await scene.desk.events()) - before]
        ]

    assert told == [(14, "warning"), (3, "error"), (0.5, "error")]
    assert set(await scene.kinds()) == {"certificate.expiring"}


@pytest.mark.asyncio
async def test_mail_that_is_due_and_does_not_leave_is_told_of_once_a_day() -> None:
    clock = ManualClock()
    connections = {"default": "smtp://127.0.0.1:1", "system": "smtp://127.0.0.1:1"}
    async with Eilbote(store=MemoryOutbox(), connections=connections, clock=clock, config=CONFIG) as eilbote:
        watch = HealthWatch(
            eilbote.notify.notifier,
            outbox=lambda: eilbote.store,
            connections=eilbote.connections,
            certificates={},
        )
        for connection in ("system", "default"):
            await eilbote.submit(
                Draft(from_="a@example.org", to="b@example.org", subject="x", text="y"),
                connections=(connection,),
            )
        clock.advance(STALLED_SECONDS)
        await watch.look_at_outbox()
        assert await eilbote.notify.events() == []
        clock.advance(1)
        await watch.look_at_outbox()
        await watch.look_at_outbox()

        (kept,) = await eilbote.notify.events()
        assert (kept.event.kind, kept.event.data["connection"], kept.event.data["waiting"]) == (
            "outbox.stalled",
            "default",
            2,
        )


@pytest.mark.asyncio
async def test_a_connection_that_rests_is_no_outbox_that_stands_still() -> None:
    clock = ManualClock()
    connections = {"default": "smtp://127.0.0.1:1"}
    async with Eilbote(store=MemoryOutbox(), connections=connections, clock=clock, config=CONFIG) as eilbote:
        await eilbote.submit(Draft(from_="a@example.org", to="b@example.org", subject="x", text="y"))
        (entry,) = await eilbote.store.entries(EntryFilter(), limit=10)
    now = later(entry.due, STALLED_SECONDS + 1)
    pause = Pause(connection="default", since=entry.due, until=later(now, 1), reason="it is away")

    assert stalled_entry([entry], [pause], now) is None
    assert stalled_entry([entry], [replace(pause, until=now)], now) == entry
    assert stalled_entry([entry], [replace(pause, connection="other")], now) == entry
    assert stalled_entry([entry], [], entry.due) is None
    assert stalled_entry([replace(entry, transmitting=True)], [], now) is None
