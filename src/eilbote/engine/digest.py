"""What makes two submissions under one key the same: SHA-256 over what the author said.

It is taken over the draft and not over the composed octets, which hold a new Date and new boundaries each time. What
only says when and how hard to try is left out, so that a program which is started again and counts its times from
now still says the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, cast

from eilbote.compose.file_source import FileSource
from eilbote.model.attachment import FileContent

if TYPE_CHECKING:
    from eilbote.model.draft import Draft

_FORM = "1"
"""Grows when the form below changes; then a key that was used before names another message."""
_UNSAID = (None, "", (), False)


def digest_of(
    draft: Draft,
    *,
    connections: tuple[str, ...] = (),
    to: str = "",
    values: Mapping[str, str] | None = None,
) -> bytes:
    """Give the digest. Reads attached files; call it in a thread when there are some, or large ones in memory.

    Args:
        draft: What is said.
        connections: By which connections, as the author named them.
        to: Of a series, the recipient.
        values: Of a series, what stands for the placeholders.

    Raises:
        AttachmentError: A file cannot be read.
    """
    said = [_FORM, _plain(draft), connections, to, dict(values or {})]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).digest()


def _plain(value: object) -> object:
    """Give a value in JSON's terms; what says nothing is left out, so a field that is new some day changes nothing."""
    match value:
        case Enum():
            return str(value.value)
        case str() | int() | float() | None:
            return value
        case bytes():
            return hashlib.sha256(value).hexdigest()
        case datetime():
            return value.astimezone(UTC).isoformat()
        case tuple():
            return [_plain(each) for each in cast("tuple[object, ...]", value)]
        case frozenset():
            return sorted(str(_plain(each)) for each in cast("frozenset[object]", value))
        case FileContent():
            digest = hashlib.sha256()
            for piece in FileSource(value, field="attachments").chunks():
                digest.update(piece)
            return {"base64": digest.hexdigest()}
        case _ if is_dataclass(value):
            given = ((each.name, getattr(value, each.name)) for each in fields(value))
            return {name: _plain(content) for name, content in given if content not in _UNSAID}
        case _:
            return str(value)
