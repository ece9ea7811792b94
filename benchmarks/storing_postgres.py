"""The same as :mod:`benchmarks.storing`, on a PostgreSQL server of this machine that flushes each commit.

Server and program share the cores; of a run on two cores the ratios tell more than the figures.
"""

import asyncio
import statistics

from tests.postgres_server import PostgresServer

from benchmarks.processes import Cores, on_cores
from benchmarks.resources import Cost
from benchmarks.storing import measure
from eilbote.outbox.store import OutboxStore


def storing_on_postgres(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
    """Drive the store on a server as hard as it goes."""
    from eilbote.store.postgres_outbox import (
        PostgresOutbox,  # its driver is wanted for this measurement alone
    )

    with on_cores(cores.sending | cores.serving):
        server = PostgresServer()

        def new_store(_: str) -> OutboxStore:
            return PostgresOutbox(server.url(server.new_database()))

        try:
            runs = [asyncio.run(measure(new_store)) for _ in range(rounds + 1)][1:]
        finally:
            server.remove()
    return [
        Cost(name=rows[0][0], unit=rows[0][1], target=None, value=statistics.median(row[3] for row in rows))
        for rows in zip(*runs, strict=True)
    ], []
