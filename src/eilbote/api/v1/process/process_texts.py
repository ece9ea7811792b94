"""Processes as they come in: diagram and settings as JSON, as two parts of a form (RFC 7578), or a diagram alone.

``multipart/form-data`` has the parts ``bpmn`` and ``settings``, as a page or ``curl -F bpmn=@order.bpmn`` sends files.
"""

from __future__ import annotations

from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Annotated, Any, Final, cast

from fastapi import Depends, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.status import HTTP_415_UNSUPPORTED_MEDIA_TYPE

from eilbote.api.json_body import is_json
from eilbote.author.process.bundle import Bundle
from eilbote.errors import DraftError

XML: Final = "application/xml"
_XMLS: Final = frozenset({XML, "text/xml", "application/bpmn+xml", "application/bpmn20-xml"})
_FORM: Final = "multipart/form-data"
_FIELDS: Final = frozenset({"bpmn", "settings", "revision"})
_MOST_PARTS: Final = 10


class ProcessInput(BaseModel):
    """A process."""

    model_config = ConfigDict(extra="forbid")

    bpmn: str = Field(description="The diagram, BPMN 2.0 XML as its modeler wrote it")
    settings: str = Field(default="", description="What eilbote is told beside it, YAML; may be empty")
    revision: int | None = Field(
        default=None,
        ge=0,
        le=2**31 - 1,
        description="The revision that was seen, 0 for nothing; without it whatever is there gives way",
    )

    @property
    def bundle(self) -> Bundle:
        """Both texts."""
        return Bundle(bpmn=self.bpmn, settings=self.settings)


async def _process(
    request: Request,
    revision: Annotated[
        int | None,
        Query(ge=0, le=2**31 - 1, description="The revision that was seen, beside a body that is not JSON"),
    ] = None,
) -> ProcessInput:
    kind = request.headers.get("content-type", "")
    body = await request.body()
    media_type = kind.partition(";")[0].strip().lower()
    if is_json(kind):
        try:
            return ProcessInput.model_validate_json(body)
        except ValidationError as fault:
            raise RequestValidationError(
                [{**each, "loc": ("body", *each["loc"])} for each in fault.errors(include_url=False)]
            ) from None
    if media_type in _XMLS:
        return ProcessInput(bpmn=_text(body, "bpmn"), revision=revision)
    if media_type == _FORM:
        parts = _parts(kind, body)
        seen = parts.get("revision", "").strip()
        if seen and not (seen.isascii() and seen.isdecimal() and len(seen) < 10):  # noqa: PLR2004 - fits into 32 bits
            raise DraftError("this is no revision", field="revision", remedy="Give the number that was seen")
        if "bpmn" not in parts:
            raise DraftError(
                "the form has no part bpmn", field="bpmn", remedy="Send the diagram as the part bpmn"
            )
        return ProcessInput(
            bpmn=parts["bpmn"], settings=parts.get("settings", ""), revision=int(seen) if seen else revision
        )
    raise HTTPException(HTTP_415_UNSUPPORTED_MEDIA_TYPE)


GivenProcess = Annotated[ProcessInput, Depends(_process)]
"""The dependency that reads such a body; :data:`PROCESS_BODY` describes it."""

PROCESS_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": ProcessInput.model_json_schema()},
            _FORM: {"schema": ProcessInput.model_json_schema()},
            XML: {"schema": {"type": "string"}},
        },
    }
}
PROCESS_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {XML: {"schema": {"type": "string"}}, "application/yaml": {"schema": {"type": "string"}}},
        "description": "Both texts with what belongs to them; or the diagram alone (XML), or the settings alone (YAML)",
    }
}


def _parts(kind: str, body: bytes) -> dict[str, str]:
    """Give the parts of a form by their names.

    Raises:
        DraftError: It is none, or has parts that belong to no process.
    """
    head = b"Content-Type: " + kind.encode("ascii", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    inside: object = message.get_payload() if message.is_multipart() else []
    listed = (
        cast("list[Message[str, str]]", inside) if isinstance(inside, list) else []
    )  # a multipart holds parts and nothing else
    if not listed or len(listed) > _MOST_PARTS:
        raise DraftError(
            "this is no form",
            cause="Its parts cannot be told apart",
            remedy="Send bpmn and settings as two parts",
        )
    parts: dict[str, str] = {}
    for part in listed:
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str) or name not in _FIELDS or name in parts:
            raise DraftError(
                "the form has a part that belongs to no process",
                field="bpmn",
                cause=f"Its parts are {', '.join(sorted(_FIELDS))}, each once",
                remedy="Leave the others out",
            )
        content = part.get_payload(decode=True)
        parts[name] = _text(content if isinstance(content, bytes) else b"", name)
    return parts


def _text(octets: bytes, name: str) -> str:
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise DraftError(
            f"the {name} is no text",
            field=name,
            cause=f"Octet {fault.start + 1:,} is not UTF-8",
            remedy="Send it in UTF-8",
        ) from None
