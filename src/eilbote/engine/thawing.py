"""From a claim to an envelope and a message that can be sent: read what was frozen, fetch what is kept apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.outbox.frozen import thaw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.engine.return_paths import ReturnPaths
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message, OctetSource
    from eilbote.outbox.entry import Claim
    from eilbote.outbox.store import BlobStore

_NOTHING_APART: Final[Mapping[str, OctetSource]] = {}


async def thawed(
    claim: Claim, blobs: BlobStore, return_paths: ReturnPaths | None = None
) -> tuple[Envelope, Message]:
    """Make the envelope and message of an attempt; the same octets as in every other one.

    Args:
        claim: What was claimed.
        blobs: Where large parts are.
        return_paths: Where what cannot be delivered returns to, in place of what the envelope says.

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
    envelope = frozen.envelope(claim.pending)
    if return_paths is not None and envelope.reverse_path:
        envelope = replace(envelope, reverse_path=return_paths.of(claim.id) or envelope.reverse_path)
    return envelope, frozen.message(sources)
