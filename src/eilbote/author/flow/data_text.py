"""Data of flows as JSON (:mod:`eilbote.author.plain.data_text`)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from eilbote.author.plain import data_text
from eilbote.author.plain.data_text import Json, UnkeepableError
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Generator


def as_json(data: object, *, field: str) -> Json:
    """Give data as :func:`json.dumps` takes it; see :func:`eilbote.author.plain.data_text.as_json`.

    Raises:
        FlowError: Something in it cannot be kept; ``field`` leads to it.
    """
    with _told():
        return data_text.as_json(data, field=field)


def written(data: object, *, field: str) -> str:
    """Write data as one line of ASCII.

    Raises:
        FlowError: As :func:`as_json`.
    """
    with _told():
        return data_text.written(data, field=field)


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except UnkeepableError as fault:
        raise FlowError(fault.what, field=fault.field, cause=fault.cause, remedy=fault.remedy) from None
