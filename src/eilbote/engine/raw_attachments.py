"""Counts the files that travel with a ready-made message, by what its parts say of themselves (RFC 2183): nothing of it is unpacked.

It is for lists and searches. A part that only has a name, and does not say that it is to be kept, is not counted; nor is anything that is encoded, such as
what a message holds that travels within another one as base64.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_ATTACHMENT: Final = re.compile(rb"\ncontent-disposition:[ \t\r\n]{0,20}attachment\b", re.IGNORECASE)
_LONGEST: Final = 64
"""Octets that a match may have, and more."""


def count_attachments(chunks: Iterable[bytes]) -> int:
    """Give how many parts call themselves attachments, or the whole message does.

    Args:
        chunks: The octets of the message, from its beginning, in pieces of any size.
    """
    found, before = 0, b"\n"
    for chunk in chunks:
        octets = before + chunk
        # one that ends before the new octets was counted with those before
        found += sum(match.end() > len(before) for match in _ATTACHMENT.finditer(octets))
        before = octets[-_LONGEST:]
    return found
