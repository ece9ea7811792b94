"""From a claim to an envelope and a message that can be sent: read what was frozen, fetch what is kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.outbox.frozen import thaw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message, OctetSource
    from eilbote.outbox.entry import Claim
    from eilbote.outbox.store import BlobStore

_NOTHING_APART: Final[Mapping[str, OctetSource]] = {}


async def thawed(claim: Claim, blobs: BlobStore) -> tuple[Envelope, Message]:
    """Make the envelope and message of an attempt; the same octets as in every other one.

    Raises:
        UnreadableEntryError: What is stored is damaged.
        OutboxUnavailableError: A large part cannot be read at the moment.
        OutboxError: A large part is missing.
    """
    frozen = thaw(claim.frozen, claim.crc)
    sources = _NOTHING_APART
    if frozen.blobs:
        sources = {
            blob.sha256: await blobs.get(blob.sha256, size=blob.size, dot_free=blob.dot_free)
            for blob in frozen.blobs
        }
    return frozen.envelope(claim.pending), frozen.message(sources)
