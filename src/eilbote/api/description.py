"""The description of the API (OpenAPI 3.1): what FastAPI makes of the operations, and what it cannot know by itself.

Each operation tells the permission it needs (``x-permission``), the problems it may meet, and an example of what is sent and what comes back.
"""

from __future__ import annotations

import inspect
import json
import sys
from typing import TYPE_CHECKING, Any, Final, cast

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from eilbote.api.acting import Needs
from eilbote.api.answer_shapes import require_what_is_told
from eilbote.api.error_codes import error_codes, error_table
from eilbote.api.examples import example_of
from eilbote.api.problems import MEDIA_TYPE, Problem
from eilbote.api.v1.resources import RESOURCES
from eilbote.model.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from fastapi.dependencies.models import Dependant

_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
_CHANGING: Final = frozenset({"put", "post", "delete", "patch"})
_REFERENCE: Final = {"$ref": "#/components/schemas/Problem"}
EVERYBODY: Final = "everybody"
"""In place of a permission: nobody has to say who it is."""
SIGNED_IN: Final = "signed-in"
"""In place of a permission: whoever has said who it is."""
_WORDS: Final = {
    "400": "The request cannot be read",
    "401": "Nobody has said who asks, or it cannot be believed",
    "403": "They may not do this",
    "404": "There is no such thing, or it belongs to another organization",
    "409": "It does not go together with how things stand",
    "413": "The request is too large",
    "415": "The body is of another kind than is taken here",
    "422": "Something in the request cannot be used; the fields are named",
    "429": "Too often in too short a time; `Retry-After` says when to come back",
    "503": "Nothing can be stored for now; nothing was done",
}
_DONE: Final = {
    "200": "Done",
    "201": "Made; `Location` says where it is",
    "202": "Taken; `Location` says where to look what becomes of it",
    "204": "Done; there is nothing to tell",
}
"""In place of what FastAPI says where an operation says nothing."""
_WITH_A_BODY: Final = frozenset({"413", "415"})
_ABOUT: Final = """\
**Who asks.** Programs send an API key, `Authorization: Bearer eb_live_...`. Browsers have a session's cookie, and bring its token along with every
change, in `X-CSRF-Token`. What each operation needs stands with it as `x-permission`: a permission, `signed-in`, or `everybody`.

**For whom.** Whoever belongs to an organization sees that one and nothing else: what is another's does not exist. Those of the host act for the
host, for another with `?organization=NAME`, and list all with `?organization=*`.

**Bodies** are JSON in UTF-8, read strictly: no member twice, no unknown fields. `PATCH` merges (RFC 7396): what is not named stays, `null` takes back. Where
a shape has a `revision`, send back the one that was read, and hear with 409 that somebody was faster.

**Lists** come page by page: `?limit=50`, then `?cursor=` with `next_cursor` of the page before, until that is `null`.

**Errors** are `application/problem+json` (RFC 9457). `code` is for programs and never changes, `detail` is for people, `errors` names each field. Every
answer has an `X-Request-Id`; the log and the audit book know the request by it.

**Times** are RFC 3339 in UTC. **Secrets** go in and never come out.

### Error codes

"""


def description(app: FastAPI) -> dict[str, Any]:
    """Give the description of everything that stands in it."""
    made = get_openapi(
        title="eilbote",
        version=__version__,
        openapi_version="3.1.0",
        summary="Carries notifications from automations to inboxes",
        description=_ABOUT + error_table(),
        routes=app.routes,
        tags=_tags(),
        servers=[{"url": "/"}],
        separate_input_output_schemas=False,
    )
    schemas: dict[str, Any] = made.setdefault("components", {}).setdefault("schemas", {})
    model = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(model.pop("$defs", {}))
    schemas["Problem"] = model
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    made["x-error-codes"] = [
        {"code": each.code, "status": each.status, "text": each.text} for each in error_codes()
    ]
    needed = dict(_needed())
    for path, operations in made.get("paths", {}).items():
        for method, operation in operations.items():
            if method in _METHODS:
                _share_shapes(operation, schemas)
                _complete(operation, needed, method=method, path=path)
                _exemplify(operation, schemas)
    require_what_is_told(made)
    return _with_short_names(made)


def description_alone() -> dict[str, Any]:
    """Give the description without anything that is served."""
    from fastapi import FastAPI

    from eilbote.api.v1.resources import add_operations

    app = FastAPI()
    add_operations(app)
    return description(app)


def described(app: FastAPI) -> dict[str, Any]:
    """Give the description, made once."""
    known = cast("dict[str, Any] | None", getattr(app.state, "description", None))
    if known is None:
        known = app.state.description = description(app)
    return known


# -- within ----------------------------------------------------------------------------------------------------


def _complete(operation: dict[str, Any], needed: dict[str, Needs], *, method: str, path: str) -> None:
    guard = needed.get(str(operation.get("operationId", "")))
    answers: dict[str, Any] = operation.setdefault("responses", {})
    for status, words in _DONE.items():
        if answers.get(status, {}).get("description") == "Successful Response":
            answers[status]["description"] = words
    for status, words in _WORDS.items():
        if status not in answers and (
            (guard is None and status == "401")
            or (guard is None and status == "403" and method not in _CHANGING)
            or (status in _WITH_A_BODY and "requestBody" not in operation)
            or (status == "409" and method not in _CHANGING)
            or (status == "404" and guard is None and "{" not in path)
        ):
            continue
        told: dict[str, Any] = answers.setdefault(status, {})
        told["description"] = words
        # what FastAPI says of its own faults is not so here; a page for a browser stays beside
        kept = {kind: each for kind, each in told.get("content", {}).items() if kind != "application/json"}
        told["content"] = {MEDIA_TYPE: {"schema": _REFERENCE}, **kept}
    if guard is None:
        operation["x-permission"] = EVERYBODY
        operation["security"] = []
    else:
        operation["x-permission"] = SIGNED_IN if guard.permission is None else guard.permission.value


def _share_shapes(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Give the shape of a body that an operation reads by itself, and what it refers to, their place among all shapes."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        own = content.get("schema", {})
        if "title" not in own or "properties" not in own:
            continue
        shape = json.loads(json.dumps(own).replace("#/$defs/", "#/components/schemas/"))
        for name, part in shape.pop("$defs", {}).items():
            schemas.setdefault(name, part)
        schemas[shape["title"]] = shape
        content["schema"] = {"$ref": f"#/components/schemas/{shape['title']}"}


def _exemplify(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Give an example of what is sent and of what comes back, where none stands."""
    contents = [(content, True) for content in operation.get("requestBody", {}).get("content", {}).items()]
    for status, answer in operation.get("responses", {}).items():
        if str(status).startswith("2"):
            contents += [(content, False) for content in answer.get("content", {}).items()]
    for (kind, content), is_input in contents:
        if "example" in content or "examples" in content or not kind.endswith("json"):
            continue
        content["example"] = example_of(content.get("schema", {}), schemas, is_input=is_input)


def _with_short_names(made: dict[str, Any]) -> dict[str, Any]:
    """Give shapes of one name in two modules names that generators of clients can make classes of."""
    schemas: dict[str, Any] = made["components"]["schemas"]
    text = json.dumps(made)
    for name in [each for each in schemas if "__" in each]:
        module, _, own = name.rpartition("__")
        words = module.rpartition("__")[2].removesuffix("_shapes").removesuffix("_input").split("_")
        short = "".join(word.capitalize() for word in words) + own
        if short not in schemas:
            text = text.replace(f'schemas/{name}"', f'schemas/{short}"').replace(
                f'"{name}": ', f'"{short}": '
            )
    return cast("dict[str, Any]", json.loads(text))


def _tags() -> list[dict[str, str]]:
    """Give what each group of operations is about: what its module says of itself first."""
    found: dict[str, str] = {}
    for resource in RESOURCES:
        for route in resource.routes:
            if isinstance(route, APIRoute) and route.tags:
                module = inspect.getmodule(route.endpoint) or sys.modules[__name__]
                text = (module.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
                found.setdefault(str(route.tags[0]), text.replace("``", "`"))
    return [{"name": name, "description": text} for name, text in found.items()]


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
