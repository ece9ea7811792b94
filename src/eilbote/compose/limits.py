"""How much one message may hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeLimits:
    """Bounds that are checked before anything is sent.

    Attributes:
        message_octets: The composed message, encodings included.
        header_octets: The header section, which servers bound far lower than the body.
        attachments: How many there may be.
        mime_depth: Levels of nesting in a ready-made MIME part.
        mime_parts: Parts in a ready-made MIME part.
    """

    message_octets: int = 150 * 1024 * 1024
    header_octets: int = 1024 * 1024
    attachments: int = 500
    mime_depth: int = 20
    mime_parts: int = 200
