"""The address under which people reach this machine: links in messages begin with it, whatever a request claims in Host."""

from __future__ import annotations

from urllib.parse import urlsplit

from eilbote.errors import SettingsError

_TO_BE_ESCAPED = frozenset(" \"'<>\\^`{|}")


def check_public_url(address: str) -> None:
    """Refuse an address that links cannot begin with; an empty one says that people cannot reach this machine.

    Raises:
        SettingsError: It is one of those.
    """
    if not address:
        return
    try:
        parts = urlsplit(address)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known, parts = False, urlsplit("")
    more = "@" in parts.netloc or "?" in address or "#" in address
    printable = address.isascii() and address.isprintable() and not _TO_BE_ESCAPED & set(address)
    if not known or more or not printable:
        raise SettingsError(
            "this is no address that links can begin with",
            field="public_url",
            cause="It has a user, a query, a fragment, or characters that need to be escaped"
            if known
            else None,
            remedy="Give one such as https://eilbote.example.org",
        )
