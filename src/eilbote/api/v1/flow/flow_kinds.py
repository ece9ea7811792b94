"""The kinds of nodes that flows are made of, each with a JSON Schema from which a form can be made."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from eilbote.api.paging import Page
from eilbote.api.v1.automation import Json, Reader
from eilbote.author.flow.kind_pages import KindPage, kind_page
from eilbote.author.flow.kind_schema import kind_schema
from eilbote.author.flow.registry import node_kinds
from eilbote.errors import EilboteError, FlowNotFoundError

router = APIRouter(prefix="/flow-kinds", tags=["Flows"])


class KindFieldShape(BaseModel):
    """A field of a kind of node."""

    name: str = Field(examples=["subject"])
    type: str = Field(
        description="What a form shows: `text`, `words` (a text, or one for each language), `duration`, `switch`, `number`, "
        "`choice`, `list`, `table`, `connection`, `any`",
        examples=["words"],
    )
    what: str = Field(description="What it is for")
    is_needed: bool = Field(description="Whether it cannot be left out")
    default: str = Field(description="What holds when it is left out, in words")
    choices: list[str] = Field(description="What can be chosen, the usual one first")


class KindShape(BaseModel):
    """A kind of node."""

    kind: str = Field(examples=["email_notification"])
    what: str = Field(description="What it does")
    exits: dict[str, str] = Field(
        description="Each way out, and when it is taken; each is a field that names a node, or `end`",
        examples=[{"then": "the condition holds", "else": "it does not"}],
    )
    fields: list[KindFieldShape]
    example: str = Field(description="The shortest one that works, in YAML")
    json_schema: Json = Field(description="All its fields as JSON Schema (2020-12)")


@router.get("", summary="List the kinds of nodes", operation_id="list_flow_kinds")
async def list_kinds(_acting: Reader) -> Page[KindShape]:
    """Give every kind there is here, those of installed packages among them, in the order of their names."""
    return Page(items=[_shape(kind_page(kind)) for kind in node_kinds()])


@router.get("/{kind}", summary="Show a kind of node", operation_id="get_flow_kind")
async def get_kind(
    _acting: Reader, kind: Annotated[str, Path(max_length=100, examples=["email_notification"])]
) -> KindShape:
    """Give one."""
    try:
        return _shape(kind_page(kind))
    except EilboteError as fault:
        raise FlowNotFoundError(fault.what, field="kind", cause=fault.cause, remedy=fault.remedy) from None


def _shape(page: KindPage) -> KindShape:
    return KindShape(
        kind=page.kind,
        what=page.what,
        exits=dict(page.exits),
        fields=[
            KindFieldShape(
                name=field.name,
                type=field.type.value,
                what=field.what,
                is_needed=field.is_needed,
                default=field.default,
                choices=list(field.choices),
            )
            for field in page.fields
        ],
        example=page.example,
        json_schema=kind_schema(page),  # type: ignore[arg-type]  # it is plain JSON
    )
