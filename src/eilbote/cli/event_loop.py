"""The event loop of commands that run for long: uvloop where the extra ``speed`` is installed, asyncio's own otherwise."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_T = TypeVar("_T")


def run(main: Coroutine[None, None, _T]) -> _T:
    """Run it to its end, as :func:`asyncio.run` does."""
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        return runner.run(main)


def fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Give what makes the fastest loop there is; ``None`` for asyncio's own."""
    if find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
