"""Sends a large content piece by piece, so that it is never held as a whole.

Pieces that are made from files are made in a thread, some hundred kilobytes at a time; the loop goes on with
other sessions meanwhile. The pump waits whenever the stream's buffer is full.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from eilbote.deliver.session_faults import out_of_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eilbote.net.stream import Stream
    from eilbote.smtp.transaction import Transaction

BLOCK_OCTETS = 256 * 1024


async def pump(transaction: Transaction, stream: Stream, progress: Callable[[], float]) -> None:
    """Write a transaction's content to the stream, without its end; begin it only while its moment has not passed.

    Args:
        transaction: Whose content it is; the server has allowed it.
        stream: Where to.
        progress: Called before each wait, to move the deadline; gives the time.

    Raises:
        DeliveryTimeoutError: The transaction's moment has passed; nothing of the content was written.
        DisconnectedError: The stream was lost.
        EilboteError: The content cannot be made, for instance because a file has changed.
        OSError: A file cannot be read.
    """
    pieces = transaction.pieces()
    reads_files = not all(isinstance(segment, bytes) for segment in transaction.message.segments)
    block = await _make_block(pieces, in_thread=reads_files)
    not_after = transaction.not_after
    while block:
        following = await _make_block(pieces, in_thread=reads_files)
        now = progress()
        if not_after is not None and now > not_after:
            raise out_of_time(stage="content")
        not_after = None  # what is begun is finished
        stream.write(block)
        if not following:
            # By BDAT the server may answer from the last octet on. The caller must know that it is out before
            # the loop can hear that answer, so nothing is awaited from here on.
            return
        await stream.drain()
        block = following


async def _make_block(pieces: Iterator[bytes], *, in_thread: bool) -> bytes:
    if in_thread:
        return await asyncio.get_running_loop().run_in_executor(None, next_block, pieces)
    await asyncio.sleep(0)
    return next_block(pieces)


def next_block(pieces: Iterator[bytes]) -> bytes:
    """Join the next pieces to a block; empty at the end."""
    taken: list[bytes] = []
    size = 0
    for piece in pieces:
        taken.append(piece)
        size += len(piece)
        if size >= BLOCK_OCTETS:
            break
    return taken[0] if len(taken) == 1 else b"".join(taken)
