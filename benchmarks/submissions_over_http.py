"""What it costs to hand in messages over the API: how many a second, and how long each waits until it is on the disk.

Beside it stands a plain FastAPI endpoint that commits one row for each message, on the same disk: what the web framework and a flush take by
themselves. Server and client have a core each; nothing is delivered meanwhile.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.http_client import Load, load, request
from benchmarks.peers.eilbote_content import draft
from benchmarks.processes import ROOT, Cores, on_cores, server
from benchmarks.resources import Cost
from eilbote import Eilbote
from eilbote.accounts.role import Permission
from eilbote.engine.accounts.principals import command_of

CONNECTIONS = 16
REQUESTS = 150
SINGLE = 300
BATCH = 200
BATCHES = 10
WARM_UP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One round of one server."""

    alone: Load
    crowd: Load
    batched: Load | None = None


def submissions_over_http(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
    """Hand in small messages: one after the other, sixteen at a time, and two hundred in a request."""
    ours: list[Measured] = []
    plain: list[Measured] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as folder:
            ours.append(_eilbote(Path(folder), cores))
            plain.append(_plain(Path(folder), cores))
    return [*_costs("eilbote", ours), *_costs("a plain endpoint", plain)], []


def _costs(name: str, rounds: list[Measured]) -> list[Cost]:
    middle = statistics.median
    costs = [
        _cost(
            f"{name}: one after the other, p50", "ms", middle(each.alone.quantile_ms(0.5) for each in rounds)
        ),
        _cost(
            f"{name}: one after the other, p99", "ms", middle(each.alone.quantile_ms(0.99) for each in rounds)
        ),
        _cost(
            f"{name}: {CONNECTIONS} at a time, p50",
            "ms",
            middle(each.crowd.quantile_ms(0.5) for each in rounds),
        ),
        _cost(
            f"{name}: {CONNECTIONS} at a time, p99",
            "ms",
            middle(each.crowd.quantile_ms(0.99) for each in rounds),
        ),
        _cost(
            f"{name}: {CONNECTIONS} at a time, each",
            "ms",
            middle(1000 / each.crowd.per_second for each in rounds),
        ),
    ]
    batched = [each.batched for each in rounds if each.batched is not None]
    if batched:
        costs.append(
            _cost(
                f"{name}: {BATCH} in a request, each",
                "ms",
                middle(1000 / each.per_second / BATCH for each in batched),
            )
        )
    return costs


def _cost(name: str, unit: str, value: float) -> Cost:
    return Cost(name=name, unit=unit, value=value)


def _eilbote(folder: Path, cores: Cores) -> Measured:
    data = folder / "data"
    key = asyncio.run(_key(data))
    with _serving(data, cores) as port, on_cores(cores.sending):

        def one(number: int) -> bytes:
            return request("/api/v1/messages", _message(number), key=key)

        def many(number: int) -> bytes:
            messages = [_message(number * BATCH + nth) for nth in range(BATCH)]
            return request("/api/v1/messages/batch", {"messages": messages}, key=key)

        return Measured(
            alone=_loaded(port, 1, SINGLE, one, warm=True),
            crowd=_loaded(port, CONNECTIONS, REQUESTS, one),
            batched=_loaded(port, 2, BATCHES // 2, many),
        )


def _plain(folder: Path, cores: Cores) -> Measured:
    command = [sys.executable, "-m", "benchmarks.peers.plain_endpoint", str(folder / "plain.db")]
    with server(command, cores.serving) as port, on_cores(cores.sending):

        def one(number: int) -> bytes:
            said = _message(number)
            said["sender"] = said.pop("from")
            return request("/messages", said)

        return Measured(
            alone=_loaded(port, 1, SINGLE, one, warm=True), crowd=_loaded(port, CONNECTIONS, REQUESTS, one)
        )


def _loaded(
    port: int, connections: int, requests: int, make: Callable[[int], bytes], *, warm: bool = False
) -> Load:
    if warm:
        asyncio.run(load(port, connections=connections, requests=WARM_UP, make=make))
    found = asyncio.run(load(port, connections=connections, requests=requests, make=make))
    assert not found.refused, f"{found.refused} of {len(found.waits)} were refused"
    return found


@contextmanager
def _serving(data: Path, cores: Cores) -> Iterator[int]:
    command = [sys.executable, "-m", "eilbote.cli", "serve", "--no-courier", "--log", "quiet", "--json"]
    with on_cores(cores.serving):
        process = subprocess.Popen(
            [*command, "--listen", "127.0.0.1:0", "--data-dir", str(data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=_environment(),
        )
    assert process.stdout is not None
    try:
        yield int(json.loads(process.stdout.readline())["listening"].rpartition(":")[2])
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


async def _key(data: Path) -> str:
    async with Eilbote(data_dir=data) as eilbote:
        made = await eilbote.accounts.keys.create(
            "benchmark",
            organization="",
            permissions=frozenset({Permission.MESSAGES_SUBMIT}),
            by=command_of("benchmark"),
        )
        return made.text


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EILBOTE")}
    return kept | {"EILBOTE_CONNECTION": "smtp://127.0.0.1:1"}


def _message(number: int) -> dict[str, str]:
    made = draft("S", number)
    return {
        "from": str(made.from_),
        "to": str(made.to[0] if isinstance(made.to, tuple | list) else made.to),
        "subject": made.subject,
        "text": made.text or "",
        "html": made.html or "",
    }
