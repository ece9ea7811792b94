"""One soak: a server under a steady load while 5 % of what others do goes wrong, watched, and judged by what the mail server really took."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.soak.load import Clients
from tests.soak.served import Served
from tests.soak.verdict import Verdict
from tests.soak.watch import Watch
from tests.torture.scripted_server import Point, ScriptedServer

REST_SECONDS = 180.0
"""How long what was acknowledged may still take to arrive when the load is over."""
_TELL_SECONDS = 10.0
_BREAKS = (Point.MAIL, Point.RCPT, Point.DATA, Point.DOT, Point.TAKEN)


async def soak(
    folder: Path, *, minutes: float, rate: float, faults: float, seed: int, said: Callable[[str], None]
) -> Verdict:
    """Run one.

    Args:
        folder: Where data, journal and log are.
        minutes: How long messages are handed in.
        rate: How many a second.
        faults: How much of it goes wrong, 0 to 1.
        seed: Of everything left to chance.
        said: Hears how it goes.
    """
    chance = random.Random(seed)
    struck: Counter[str] = Counter()
    in_doubt: set[int] = set()
    async with ScriptedServer(folder / "journal") as upstream:

        async def reached(point: Point) -> bool:
            if point not in _BREAKS or chance.random() >= faults / len(_BREAKS):
                return False
            struck[f"mail server hangs up at {point.value}"] += 1
            if point is Point.TAKEN:
                in_doubt.add(len(upstream.taken) - 1)
            return True

        upstream.reached = reached
        async with Served(folder, upstream.uri) as served:
            clients = Clients(served.port, served.key, rate=rate, faults=faults, chance=chance)
            watch = Watch(served.process, served.data / "eilbote.db")
            began = time.monotonic()

            def is_over() -> bool:
                return time.monotonic() - began >= minutes * 60

            async def tell() -> None:
                while not is_over():
                    await asyncio.sleep(min(_TELL_SECONDS, minutes * 15))
                    latest = watch.samples[-1]
                    said(
                        f"{len(clients.acknowledged):,} acknowledged, {len(upstream.taken):,} arrived, "
                        f"{latest.memory / 2**20:.0f} MiB, {latest.files} files, database {latest.database / 2**20:.1f} MiB"
                        + (
                            f"; {len(clients.wrong)} wrong answers, the last: {clients.wrong[-1]}"
                            if clients.wrong
                            else ""
                        )
                    )

            await asyncio.gather(clients.work(is_over), watch.look(is_over), tell())
            said("the load is over; waiting for what is on its way")
            await _until_arrived(clients, upstream)
            took = (time.monotonic() - began) / 60
            await served.end()
            exit_code = served.exit_code
        arrived = Counter(each.message_id for each in upstream.taken)
        doubts = Counter(upstream.taken[place].message_id for place in in_doubt)
    verdict = Verdict(
        minutes=took,
        acknowledged=len(clients.acknowledged),
        lost=len(clients.acknowledged - arrived.keys()),
        doubled=sum(times > 1 + doubts[one] for one, times in arrived.items()),
        invented=len(arrived.keys() - clients.acknowledged),
        in_doubt=len(in_doubt),
        struck=struck + clients.struck,
        wrong=clients.wrong,
        exit_code=exit_code,
    )
    verdict.judge(watch.samples)
    return verdict


async def _until_arrived(clients: Clients, upstream: ScriptedServer) -> None:
    def is_so() -> bool:
        return clients.acknowledged <= {each.message_id for each in upstream.taken}

    try:
        await upstream.until(is_so, within=REST_SECONDS)
    except TimeoutError:
        return  # the verdict tells what is lost
