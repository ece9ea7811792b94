"""How a reply finds the process instance that it answers: a signed id among the references of each message.

A program that replies copies the References field of what it replies to (RFC 5322 section 3.6.4), whatever servers on the way have made
of the Message-ID. So each message of a process carries one reference that says for which element it was sent, signed with a key that
only this installation has (HMAC-SHA-256, RFC 2104): nobody can make one for another instance. A short form for subjects names the
instance alone.

Both are as secret as the message: whoever got it can answer it, as with every reply.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_DOMAIN: Final = "process.invalid"  # a name that nobody can own, RFC 2606
_FORMAT: Final = "p1"
_OF_ELEMENT: Final = b"eilbote process reply 1\0"
_OF_INSTANCE: Final = b"eilbote process subject 1\0"
_MAC_OCTETS: Final = 20
_SHORT_OCTETS: Final = 10
_LONGEST_KEY: Final = 400
"""Octets of a key; of a longer one only the instance is said."""
_REFERENCE: Final = re.compile(rf"<{_FORMAT}\.([a-z2-7]{{1,960}})\.([a-z2-7]{{32}})@{re.escape(_DOMAIN)}>")
_IN_SUBJECT: Final = re.compile(r"\[([!-Z\\^-~]{1,170})\.([a-z2-7]{16})\]")


class ReplyTo(NamedTuple):
    """What a reply answers.

    Attributes:
        instance: The process instance.
        key: The key of what was sent or opened there (``<instance>/<element>/<iteration>``); empty when it names the instance alone.
    """

    instance: str
    key: str


def reference_of(key: str, secret: bytes) -> str:
    """Give the reference for the messages of an element: a Message-ID with its angle brackets.

    Args:
        key: ``<instance>/<element>/<iteration>``.
        secret: The key to sign with.
    """
    octets = key.encode()
    if len(octets) > _LONGEST_KEY:
        octets = instance_of(key).encode()
    mac = _mac(_OF_ELEMENT + octets, secret)[:_MAC_OCTETS]
    return f"<{_FORMAT}.{_written(octets)}.{_written(mac)}@{_DOMAIN}>"


def read_reference(text: str, secrets: Sequence[bytes]) -> ReplyTo | None:
    """Give what a reference of ours names; ``None`` for anything else, and for one that was signed with none of these keys."""
    found = _REFERENCE.fullmatch(text)
    if found is None or (octets := _read(found[1])) is None:
        return None
    for secret in secrets:
        if hmac.compare_digest(_written(_mac(_OF_ELEMENT + octets, secret)[:_MAC_OCTETS]), found[2]):
            key = octets.decode()  # we have signed it, so we have written it
            return ReplyTo(instance_of(key), key if key.count("/") > 1 else "")
    return None


def short_id(instance: str, secret: bytes) -> str:
    """Give the id of an instance for subjects, in square brackets; ``[order-4711.k3jq7zq2m4xw5abc]``."""
    mac = _mac(_OF_INSTANCE + instance.encode(), secret)[:_SHORT_OCTETS]
    return f"[{_shown(instance)}.{_written(mac)}]"


def read_short_ids(subject: str, secrets: Sequence[bytes]) -> tuple[ReplyTo, ...]:
    """Give the instances that a subject names, each once; what was signed with none of these keys is nothing of ours."""
    found: dict[ReplyTo, None] = {}
    for shown, mac in _IN_SUBJECT.findall(subject):
        for instance in _instances(shown):
            if any(hmac.compare_digest(short_id(instance, each), f"[{shown}.{mac}]") for each in secrets):
                found[ReplyTo(instance, "")] = None
    return tuple(found)


def instance_of(key: str) -> str:
    """Give the instance of a key; its id may hold slashes, an element's may not."""
    return key.rsplit("/", 2)[0] if key.count("/") > 1 else key


def element_of(key: str) -> str:
    """Give the element of a key."""
    return key.rsplit("/", 2)[1] if key.count("/") > 1 else ""


def _mac(octets: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, octets, hashlib.sha256).digest()


def _written(octets: bytes) -> str:
    """Write octets so that they survive programs which change the case of a Message-ID."""
    return base64.b32encode(octets).decode().rstrip("=").lower()


def _read(text: str) -> bytes | None:
    try:
        octets = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error:
        return None
    return octets if _written(octets) == text else None


def _shown(instance: str) -> str:
    """Write an id for a subject: as it is, where it has no blanks and brackets and could not be mistaken for the other way."""
    plain = re.fullmatch(r"[!-Z\\^-}][!-Z\\^-~]{0,99}", instance)
    return instance if plain else f"~{_written(instance.encode())}"


def _instances(shown: str) -> tuple[str, ...]:
    if not shown.startswith("~"):
        return (shown,)
    octets = _read(shown[1:])
    try:
        return () if octets is None else (octets.decode(),)
    except UnicodeDecodeError:
        return ()
