"""A name for a set of settings that changes with every one of them and tells none of them."""

from __future__ import annotations

import os
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, cast

from eilbote.model.secret import Secret

if TYPE_CHECKING:
    import hashlib

# Drawn once a process: a fingerprint that reaches a log cannot be tried against a list of likely passwords.
_KEY = os.urandom(32)


def fingerprint(*settings: object) -> str:
    """Give 32 hexadecimal digits, equal within this process if and only if the settings are equal."""
    import hashlib

    digest = hashlib.blake2b(digest_size=16, key=_KEY)
    for item in settings:
        _feed(digest, item)
    return digest.hexdigest()


def _feed(digest: hashlib.blake2b, item: object) -> None:
    """Feed one setting with its type and length, so that no two lists of settings run together."""
    match item:
        case Secret():
            _feed_text(digest, "Secret", item.reveal())
        case tuple():
            members = cast("tuple[object, ...]", item)
            _feed_text(digest, "tuple", str(len(members)))
            for member in members:
                _feed(digest, member)
        case _ if is_dataclass(item):
            _feed_text(digest, "noun", type(item).__name__)
            for part in fields(item):
                _feed(digest, getattr(item, part.name))
        case _:
            _feed_text(digest, type(item).__name__, str(item))


def _feed_text(digest: hashlib.blake2b, kind: str, text: str) -> None:
    octets = text.encode("utf-8", "surrogatepass")
    digest.update(f"{kind}:{len(octets)}:".encode("ascii"))
    digest.update(octets)
