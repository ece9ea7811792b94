"""Reads a form as browsers send it without being told otherwise: ``application/x-www-form-urlencoded``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from starlette.requests import Request

_KIND: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 20


async def read_form(request: Request) -> dict[str, str] | None:
    """Give the fields of a form; ``None`` when it is none, or says two things under one name."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        return None
    try:
        text = (await request.body()).decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:  # not what browsers write
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None
