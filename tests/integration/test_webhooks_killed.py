"""Whoever delivers webhooks is killed in between: nothing that happened is lost, and ids stay the same."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.hook_receiver import receiver

from eilbote import Eilbote
from eilbote.model.moment import later, moment_of
from eilbote.record.webhook import DeliveryState

pytestmark = pytest.mark.asyncio

PROGRAM = """
import asyncio, sys
from eilbote import Draft, Eilbote

async def work():
    async with Eilbote(data_dir=sys.argv[1], connections={"default": "smtp://127.0.0.1:1"}) as eilbote:
        number = 0
        async with eilbote.webhooks.engaged() as worker:
            task = asyncio.create_task(worker.run())
            while True:
                number += 1
                key = f"{sys.argv[2]}-{number}"
                await eilbote.submit(
                    Draft(from_="shop@example.org", to="anna@example.org", subject=key, text="x"), idempotency_key=key)
                print(key, flush=True)
                worker.nudge()
                await asyncio.sleep(0.01)
asyncio.run(work())
"""


def work_until_killed(folder: Path, name: str, *, lines: int) -> set[str]:
    """Run the program, kill it after some lines, and give what it said was submitted."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), name], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = {process.stdout.readline().strip() for _ in range(lines)}
        process.kill()
        said |= {line.strip() for line in process.stdout if line.endswith("\n")}
    return said - {""}


@pytest.mark.slow
async def test_a_worker_that_is_killed_loses_nothing_and_ids_stay_the_same(tmp_path: Path) -> None:
    async with receiver() as there:
        async with Eilbote(data_dir=tmp_path, connections={"default": "smtp://127.0.0.1:1"}) as eilbote:
            hook = await eilbote.webhooks.add(there.url, events=["message.submitted"])
            there.believe(hook.secret)
        said: set[str] = set()
        for turn in range(4):
            said |= await asyncio.to_thread(work_until_killed, tmp_path, str(turn), lines=10 + 7 * turn)
        async with Eilbote(data_dir=tmp_path, connections={"default": "smtp://127.0.0.1:1"}) as eilbote:
            await let_leases_end(eilbote)
            entries = {data["id"] for _, _, data in there.told}
            kept = await eilbote.webhooks.deliveries(hook.id, limit=500)

    assert said <= {data["subject"] for _, _, data in there.told}
    assert there.forged == 0
    assert len(there.counts) == len(entries)  # one id for each thing that happened, however often it came
    assert {one.id for one in kept} == set(there.counts)
    assert {one.state for one in kept} == {DeliveryState.DELIVERED}


async def let_leases_end(eilbote: Eilbote) -> None:
    """Deliver what is left; what the killed ones held is taken over as if their leases were over."""
    store = eilbote.services.webhook_store
    now = moment_of(eilbote.clock.now())
    held = await store.claim("heir", limit=500, now=later(now, 120), until=now)
    for one in held:
        await store.settle(replace(one, due=now), worker="heir")
    await eilbote.webhooks.deliver_due()
