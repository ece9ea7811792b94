"""The small languages inside commands: xtext and the original recipient (RFC 3461 §4, RFC 6533 §3)."""

from __future__ import annotations

import re

_NEEDS_XTEXT = re.compile(r"[^\x21-\x2a\x2c-\x3c\x3e-\x7e]")
_NEEDS_EMBEDDING = re.compile(r"[^\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]")


def xtext(text: str) -> str:
    """Write printable ASCII as it is, except ``+`` and ``=``; anything else as ``+HH`` (RFC 3461 §4)."""
    return _NEEDS_XTEXT.sub(lambda found: "".join(f"+{octet:02X}" for octet in found.group().encode()), text)


def original_recipient(address: str) -> str:
    r"""Write an address as the value of ORCPT, with its type.

    ``rfc822`` takes ASCII; any other address becomes ``utf-8`` with each foreign character as ``\x{HEX}``, a
    form that every server can carry (RFC 6533 §3, utf-8-addr-xtext).
    """
    if address.isascii():
        return f"rfc822;{xtext(address)}"
    embedded = _NEEDS_EMBEDDING.sub(lambda found: f"\\x{{{ord(found.group()):X}}}", address)
    return f"utf-8;{embedded}"
