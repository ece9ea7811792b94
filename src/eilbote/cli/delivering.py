"""Delivers while a command stays with something that sends, where no courier does so already."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eilbote.app import Eilbote


async def is_worked(eilbote: Eilbote) -> bool:
    """Tell whether a courier is at work."""
    return any(not is_gone for _, _, is_gone in await eilbote.store.couriers())


@asynccontextmanager
async def deliveries(eilbote: Eilbote) -> AsyncGenerator[None]:
    """Deliver in this process, where no courier does so already."""
    if await is_worked(eilbote):
        yield
        return
    async with eilbote.courier():
        yield
