"""A process that wants tokens, for tests that run several or kill one: ``token_program.py DATABASE KEYS URL CA TASKS``.

It says ``ready``, waits for a line, and says what each of its tasks got.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from eilbote.engine.system_clock import SystemClock
from eilbote.errors import EilboteError
from eilbote.model.oauth2 import OAuth2, RefreshTokenGrant
from eilbote.model.secret import Secret
from eilbote.model.tls import TlsPolicy
from eilbote.net.http import HttpDoor
from eilbote.oauth2.provider import TokenProvider
from eilbote.store.key_ring import KeyRing
from eilbote.store.open_records import open_records


def credentials(url: str) -> OAuth2:
    """What every process is set up with."""
    grant = RefreshTokenGrant(client_id="app", refresh_token=Secret("refresh-0"))
    return OAuth2(user="anna@example.com", grant=grant, token_url=url)


async def main(database: str, keys: str, url: str, ca_file: str, tasks: int) -> None:
    """Get as many tokens as there are tasks, at once."""
    records = open_records(database, key_ring=KeyRing(Path(keys)))
    await records.open()
    provider = TokenProvider(
        credentials(url),
        store=records.tokens,
        http=HttpDoor(tls=TlsPolicy(ca_file=ca_file)),
        clock=SystemClock(),
    )

    async def one() -> str:
        try:
            return (await provider.token()).token.reveal()
        except EilboteError as error:
            return f"{type(error).__name__}: {error}"

    print("ready", flush=True)  # noqa: T201 - how the test hears of it
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    try:
        got = await asyncio.gather(*(one() for _ in range(tasks)))
    finally:
        await records.close()
    print(json.dumps(got), flush=True)  # noqa: T201 - as above


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5], int(sys.argv[5])))
