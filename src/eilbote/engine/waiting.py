"""Waiting for whichever of several things comes first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable


async def first_of(*awaited: Awaitable[object]) -> None:
    """Wait until one of them is done, and stop waiting for the others; a task handed in goes on.

    Raises:
        Exception: What the one that is done has raised.
    """
    handed_in = {one for one in awaited if isinstance(one, asyncio.Future)}
    tasks = [asyncio.ensure_future(one) for one in awaited]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ours = [task for task in tasks if task not in handed_in and not task.done()]
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)
    for task in done:
        task.result()
