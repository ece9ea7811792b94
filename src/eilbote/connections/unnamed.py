"""A name for a connection that nobody has named, made from its URI without its secrets."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from eilbote.connections.connection import Connection
from eilbote.connections.fields import read_uri

_LONGEST_HOST = 50


def name_for_uri(uri: str) -> str:
    """Give the name: the same for every URI that differs in nothing but the password or token.

    So a password that was changed is put in place of the old one. The name is no secret, and tells nothing of one.

    Raises:
        UriError: The URI cannot be used.
        SettingsError: The same.
    """
    host = Connection.from_uri(uri).host
    open_part = replace(read_uri(uri), password=None, access_token=None)
    said = sorted(
        open_part.said() - {"allowed"}
    )  # what it allows is decided by its scheme, which sets security
    mark = hashlib.sha256(repr([(name, getattr(open_part, name)) for name in said]).encode()).hexdigest()[:8]
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in host.lower()).strip("-")
    return f"{plain[:_LONGEST_HOST].rstrip('-')}-{mark}"
