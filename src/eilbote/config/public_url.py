"""The address under which people reach this machine: links in messages begin with it, whatever a request claims in Host."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from eilbote.errors import SettingsError

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?(/[A-Za-z0-9/_-]*)?")
_TO_BE_ESCAPED = frozenset(" \"'<>\\^`{|}")


def check_public_url(address: str) -> None:
    """Refuse an address that links cannot begin with; an empty one says that people cannot reach this machine.

    Raises:
        SettingsError: It is one of those.
    """
    if not address:
        return
    cause = _cause(address)
    if cause:
        raise SettingsError(
            "this is no address that links can begin with",
            field="public_url",
            cause=cause,
            remedy=f"Give https://{address}, or http:// where nothing speaks TLS"
            if _HOST.fullmatch(address)
            else "Give one such as https://eilbote.example.org",
        )


def _cause(address: str) -> str:
    """Say why links cannot begin with an address; empty when they can."""
    scheme, mark, _ = address.partition("://")
    if not mark:
        return "It does not say how it is spoken to: https:// has to stand in front, or http://"
    if scheme.lower() not in {"http", "https"}:
        return "Browsers open links that begin with https:// or http://, and this begins otherwise"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "Its host or its port cannot be one"
    if not host or port == 0:
        return "Its port cannot be one" if host else "It names no host"
    if "@" in parts.netloc or "?" in address or "#" in address:
        return "It has a user, a query or a fragment, which would stand in every link"
    if not address.isascii() or not address.isprintable() or _TO_BE_ESCAPED & set(address):
        return "It has characters that need to be escaped"
    return ""
