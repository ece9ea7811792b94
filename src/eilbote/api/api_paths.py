"""Which requests are for the API: those whose path begins with ``/api/``; all others are for the pages that people see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import Scope

API: Final = "/api/"
"""What the path of everything begins with that programs ask."""


def is_for_api(scope: Scope) -> bool:
    """Tell whether a request is for the API."""
    return scope["type"] == "http" and bool(scope["path"].startswith(API))
