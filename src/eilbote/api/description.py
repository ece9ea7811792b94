"""The description of the API (OpenAPI 3.1): what FastAPI makes of the operations, and what it cannot know by itself.

Each operation tells the permission it needs (``x-permission``), and the problems that any request may meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from eilbote.api.acting import Needs
from eilbote.api.problems import MEDIA_TYPE, Problem
from eilbote.api.v1.resources import RESOURCES
from eilbote.model.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from fastapi.dependencies.models import Dependant

_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
_REFERENCE: Final = {"$ref": "#/components/schemas/Problem"}
_WORDS: Final = {
    "401": "Nobody has said who asks, or it cannot be believed",
    "403": "They may not do this",
    "404": "There is no such thing, or it belongs to another organization",
    "409": "It does not go together with how things stand",
    "413": "The request is too large",
    "422": "Something in the request cannot be used; the fields are named",
    "429": "Too often in too short a time; `Retry-After` says when to come back",
    "503": "Nothing can be stored for now; nothing was done",
}


def description(app: FastAPI) -> dict[str, Any]:
    """Give the description of everything that stands in it."""
    made = get_openapi(
        title="eilbote",
        version=__version__,
        openapi_version="3.1.0",
        summary="Carries notifications from automations to inboxes",
        description="Errors are `application/problem+json` (RFC 9457). Lists are paged by cursors. Times are RFC 3339 in UTC. "
        "What changes something may be sent again: `PATCH` merges, `PUT` replaces, and `POST /messages` takes an `Idempotency-Key`.",
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    schemas: dict[str, Any] = made.setdefault("components", {}).setdefault("schemas", {})
    model = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(model.pop("$defs", {}))
    schemas["Problem"] = model
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    needed = dict(_needed())
    for operations in made.get("paths", {}).values():
        for method, operation in operations.items():
            if method in _METHODS:
                _complete(operation, needed)
    return made


def _complete(operation: dict[str, Any], needed: dict[str, Needs]) -> None:
    guard = needed.get(str(operation.get("operationId", "")))
    answers: dict[str, Any] = operation.setdefault("responses", {})
    for status, words in _WORDS.items():
        if guard is None and status in {"401", "403"}:
            continue
        told: dict[str, Any] = answers.setdefault(status, {})
        told["description"] = words
        told["content"] = {MEDIA_TYPE: {"schema": _REFERENCE}}
    if guard is not None and guard.permission is not None:
        operation["x-permission"] = guard.permission.value


def _needed() -> Iterator[tuple[str, Needs]]:
    for resource in RESOURCES:
        for route in resource.routes:
            if isinstance(route, APIRoute) and route.operation_id:
                for guard in _guards(route.dependant):
                    yield route.operation_id, guard


def _guards(dependant: Dependant) -> Iterator[Needs]:
    for each in dependant.dependencies:
        if isinstance(each.call, Needs):
            yield each.call
        yield from _guards(each)


def described(app: FastAPI) -> dict[str, Any]:
    """Give the description, made once."""
    known = cast("dict[str, Any] | None", getattr(app.state, "description", None))
    if known is None:
        known = app.state.description = description(app)
    return known
