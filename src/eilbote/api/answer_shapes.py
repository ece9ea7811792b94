"""Which members of an answer are always there, for the description of the API (OpenAPI 3.1, JSON Schema 2020-12 section 6.5.3).

An answer always holds each member of its shape: what there is nothing to say of is null, empty or 0. Shapes alone do not say so, because one
schema stands for what may be left out when a shape is made and for what is written; generators of clients for typed languages would have
readers look whether ``next_cursor`` is there at all before they look whether it is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPERATIONS: Final = frozenset({"get", "put", "post", "delete", "patch"})
_PLACE: Final = "#/components/schemas/"


def require_what_is_told(made: dict[str, Any]) -> None:
    """Make each member required in shapes that are only answered; those that are sent as well stay as they are.

    Args:
        made: A description, which is changed. Its references have to lead somewhere.
    """
    schemas: dict[str, Any] = made["components"]["schemas"]
    sent: set[str] = set()
    told: set[str] = set()
    for operations in made.get("paths", {}).values():
        for method, operation in operations.items():
            if method in _OPERATIONS:
                _follow(operation.get("requestBody", {}), schemas, sent)
                _follow(operation.get("responses", {}), schemas, told)
    for name in told - sent:
        if properties := schemas[name].get("properties"):
            schemas[name]["required"] = list(properties)


def _follow(part: object, schemas: dict[str, Any], found: set[str]) -> None:
    """Find the names of all shapes that something refers to, directly or through others."""
    for name in _references(part):
        if name not in found:
            found.add(name)
            _follow(schemas[name], schemas, found)


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in cast("dict[str, object]", part).items():
            if key == "$ref" and isinstance(value, str) and value.startswith(_PLACE):
                yield value.removeprefix(_PLACE)
            elif key not in {"example", "examples"}:
                yield from _references(value)
    elif isinstance(part, list):
        for value in cast("list[object]", part):
            yield from _references(value)
