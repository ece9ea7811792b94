"""What commands that run for long run on: uvloop where the extra ``speed`` is installed, and a garbage collector that is spared."""

from __future__ import annotations

import asyncio
import gc
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


def begin_work() -> None:
    """Tell the garbage collector that what is here by now stays until the program ends.

    A whole server is some 170,000 objects before it has done anything. Looking through all of them takes a tenth of a second, during
    which nothing is answered, and finds nothing.
    """
    gc.collect()
    gc.freeze()
