"""The fields of a kind of node as JSON Schema (2020-12), from which a program makes a form.

It says which fields there are and of what kind, so that a form is filled in; whether a flow is sound is what a check says.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from eilbote.author.flow.kind_pages import FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.flow.kind_pages import FieldPage, KindPage

Schema: TypeAlias = "dict[str, object]"

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
WIDGET: Final = "x-type"
"""The keyword under which a schema says what a form shows: a value of :class:`~eilbote.author.flow.kind_pages.FieldType`, or ``exit``."""
_ID: Final = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"
_TEXT: Final[Mapping[str, str]] = MappingProxyType({"type": "string"})


def kind_schema(page: KindPage) -> Schema:
    """Give the schema of a node of a kind, with id, kind, label and its ways out.

    Fields of a kind that another package brings are not known; its schema leaves them open.
    """
    properties: dict[str, Schema] = {
        "id": {"type": "string", "pattern": _ID, "description": "What it is called in this flow."},
        "kind": {"const": page.kind},
        "label": {"type": "string", "description": "What people call it; its id when it is left out."},
    }
    for field in page.fields:
        properties[field.name] = _field(field)
    for name, when in page.exits.items():
        said = (
            f"Where it goes on when {when}."
            if when
            else "Where it goes on; to the node below when it is left out."
        )
        properties[name] = {
            "type": "string",
            "description": f"{said} The id of a node, or end.",
            WIDGET: "exit",
        }
    return {
        "$schema": DIALECT,
        "title": page.kind,
        "description": page.what,
        "type": "object",
        "properties": properties,
        "required": ["id", "kind", *(field.name for field in page.fields if field.is_needed)],
        "additionalProperties": not page.fields,
    }


def _field(field: FieldPage) -> Schema:
    usual = f" Otherwise {field.default}." if field.default else ""
    made: Schema = {**_shape(field), "description": f"{field.what}{usual}", WIDGET: field.type.value}
    if field.type is FieldType.CHOICE and field.default in field.choices:
        made["default"] = field.default
    if field.type is FieldType.SWITCH and field.default:
        made["default"] = field.default == "true"
    return made


def _shape(field: FieldPage) -> Schema:
    match field.type:
        case FieldType.TEXT:
            # numbers and truth values are read as they are written
            return {"type": ["string", "number", "boolean"]}
        case FieldType.WORDS:
            return {"anyOf": [dict(_TEXT), {"type": "object", "additionalProperties": dict(_TEXT)}]}
        case FieldType.DURATION:
            return {"type": "string", "examples": ["2d 4h", "90m", "30s"]}
        case FieldType.SWITCH:
            return {"type": "boolean"}
        case FieldType.NUMBER:
            return {"type": "number"}
        case FieldType.CHOICE:
            return {"enum": list(field.choices)}
        case FieldType.LIST:
            return {"type": "array"}
        case FieldType.TABLE:
            return {"type": "object"}
        case FieldType.CONNECTION:
            return {"anyOf": [dict(_TEXT), {"type": "object"}]}
        case FieldType.ANY:
            return {}
        case _:
            assert_never(field.type)
