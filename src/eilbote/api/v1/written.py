"""Texts that authors write, flows and routes, as they come in and go out: YAML as it is, or JSON with what belongs to it.

A program that makes a form for them hands in and gets the same as a table (``definition``); a person the text, with comments and all.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, cast

from fastapi import Depends, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from starlette.status import HTTP_415_UNSUPPORTED_MEDIA_TYPE

from eilbote.api.json_body import is_json
from eilbote.api.v1.automation import Json
from eilbote.author.plain.source import read_source
from eilbote.engine.shown_data import plain
from eilbote.errors import DraftError, EilboteError

YAML: Final = "application/yaml"
_YAMLS: Final = frozenset({YAML, "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"})
_EXAMPLE: Final = "name: greeting\nnodes:\n  - {id: hello, kind: set_value, values: {input.said: hello}}\n"


class WrittenInput(BaseModel):
    """A text that somebody has written: as it is, or as a table."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(
        default=None, description="YAML or JSON, kept as it is written", examples=[_EXAMPLE]
    )
    definition: Json | None = Field(default=None, description="The same as a table, in place of `text`")
    revision: int | None = Field(
        default=None,
        ge=0,
        description="The revision that was seen, 0 for nothing; without it whatever is there gives way",
    )

    def written(self) -> str:
        """Give the text.

        Raises:
            DraftError: There is none, or there are two.
        """
        if (self.text is None) == (self.definition is None):
            raise DraftError(
                "one of text and definition is needed",
                field="text",
                cause="Neither is given" if self.text is None else "Both are given",
                remedy="Give text as it is written, or definition as a table",
            )
        if self.text is not None:
            return self.text
        return json.dumps(self.definition, ensure_ascii=False, indent=2)


async def _written(
    request: Request,
    revision: Annotated[
        int | None,
        Query(ge=0, le=2**31 - 1, description="The revision that was seen, beside a body that is YAML"),
    ] = None,
) -> WrittenInput:
    kind = request.headers.get("content-type", "")
    body = await request.body()
    if is_json(kind):
        try:
            return WrittenInput.model_validate_json(body)
        except ValidationError as fault:
            raise RequestValidationError(
                [{**each, "loc": ("body", *each["loc"])} for each in fault.errors(include_url=False)]
            ) from None
    if kind.partition(";")[0].strip().lower() not in _YAMLS:
        raise HTTPException(HTTP_415_UNSUPPORTED_MEDIA_TYPE)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise DraftError(
            "the body is no text", cause=f"Octet {fault.start + 1:,} is not UTF-8", remedy="Send it in UTF-8"
        ) from None
    return WrittenInput(text=text, revision=revision)


Written = Annotated[WrittenInput, Depends(_written)]
"""The dependency that reads such a body; :data:`WRITTEN_BODY` describes it."""

WRITTEN_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": WrittenInput.model_json_schema()},
            YAML: {"schema": {"type": "string"}, "example": _EXAMPLE},
        },
    }
}
WRITTEN_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {YAML: {"schema": {"type": "string"}}},
        "description": "The text, alone or with what belongs to it",
    }
}


def wants_yaml(request: Request) -> bool:
    """Tell whether a client takes YAML and does not ask for JSON."""
    accepted = request.headers.get("accept", "").lower()
    return "json" not in accepted and "yaml" in accepted


def as_yaml(text: str) -> Response:
    """Answer with a text alone."""
    return Response(text, media_type=YAML)


def definition_of_text(text: str, *, what: str) -> Json | None:
    """Give a text as a table; ``None`` when it is none."""
    try:
        data = read_source(text, what=what).data
    except EilboteError:
        return None
    return cast("dict[str, JsonValue]", plain(data)) if isinstance(data, dict) else None
