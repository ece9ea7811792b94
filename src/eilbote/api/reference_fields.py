"""Parts of the reference page: tables of fields and parameters from schemas (JSON Schema 2020-12), and the little Markdown in which they are explained."""

from __future__ import annotations

import re
from html import escape
from typing import Any, Final, TypeAlias, cast

Schema: TypeAlias = dict[str, Any]
_DEEPEST: Final = 2
_MOST_FIELDS: Final = 120
_CODE: Final = re.compile(r"``?([^`]+)``?")
_STRONG: Final = re.compile(r"\*\*([^*]+)\*\*")
_ROLE: Final = re.compile(r":(?:class|meth|func|data|mod|attr):`~?([^`<]+?)(?:\s*<[^>]*>)?`")
_LEAST_ROWS: Final = 2
_LIMITS: Final = (
    ("minimum", "from {:,}", 2**53),
    ("maximum", "to {:,}", 2**53),
    ("maxLength", "at most {:,} characters", 5000),
    ("maxItems", "at most {:,}", 10_000),
)
"""What is told of the limits of a field, as long as somebody could meet them."""


def resolved(schema: Schema, schemas: Schema) -> Schema:
    """Give a schema itself, where another one refers to it, or says that it may be null."""
    if "$ref" in schema:
        return cast("Schema", schemas.get(str(schema["$ref"]).rpartition("/")[2], {}))
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return resolved(kinds[0], schemas) if len(kinds) == 1 else schema


def kind_of(schema: Schema, schemas: Schema) -> str:
    """Say what a schema takes, in a word or two, as HTML."""
    if "$ref" in schema:
        return escape(str(schema["$ref"]).rpartition("/")[2])
    if schema.get("enum"):
        return " or ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"][:12])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if schema.get("anyOf"):
        return " or ".join(dict.fromkeys(kind_of(each, schemas) for each in schema["anyOf"]))
    match schema.get("type"):
        case "array":
            return f"list of {kind_of(schema.get('items', {}), schemas)}"
        case "string" if schema.get("format"):
            return escape(str(schema["format"]))
        case "string":
            return "text"
        case None:
            return "anything"
        case other:
            return escape(str(other))


def fields_table(schema: Schema, schemas: Schema) -> str:
    """Give a table of the fields of an object and of those within it; empty where there are none."""
    rows = _rows(schema, schemas, before="", depth=0)
    if not rows:
        return ""
    more = f"<p>and {len(rows) - _MOST_FIELDS} more</p>" if len(rows) > _MOST_FIELDS else ""
    return f'<div class="scroll"><table><tbody>{"".join(rows[:_MOST_FIELDS])}</tbody></table></div>{more}'


def parameters_table(parameters: list[Schema], schemas: Schema) -> str:
    """Give a table of what stands in the address and the headers."""
    rows = [
        f"<tr><td><code>{escape(str(each['name']))}</code>{_required(is_it=each.get('required', False))}</td>"
        f"<td>{escape(str(each['in']))}, {kind_of(each.get('schema', {}), schemas)}</td>"
        f"<td>{markdown(str(each.get('description', '')), is_line=True)}{_limits(each.get('schema', {}))}</td></tr>"
        for each in parameters
    ]
    if not rows:
        return ""
    return f'<h4>Parameters</h4><div class="scroll"><table><tbody>{"".join(rows)}</tbody></table></div>'


def markdown(text: str, *, is_line: bool = False) -> str:
    """Give text as HTML: paragraphs, headings, tables, code and strong words; all else stays as it is written.

    Args:
        text: The text.
        is_line: Whether it stands within a line.
    """
    if is_line:
        return _inline(" ".join(text.split()))
    parts: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines()]
        if lines and lines[0].startswith("#"):
            parts.append(f"<h3>{_inline(lines[0].lstrip('# '))}</h3>")
        elif len(lines) >= _LEAST_ROWS and all(line.startswith("|") for line in lines):
            parts.append(_table(lines))
        elif block.strip():
            parts.append(f"<p>{_inline(' '.join(lines))}</p>")
    return "".join(parts)


# -- within ----------------------------------------------------------------------------------------------------


def _rows(schema: Schema, schemas: Schema, *, before: str, depth: int) -> list[str]:
    found = resolved(schema, schemas)
    required = set(found.get("required", ()))
    rows: list[str] = []
    for name, each in cast("dict[str, Schema]", found.get("properties", {})).items():
        full = f"{before}{name}"
        mark = "write only. " if each.get("writeOnly") else ""
        rows.append(
            f"<tr><td><code>{escape(full)}</code>{_required(is_it=name in required)}</td><td>{kind_of(each, schemas)}</td>"
            f"<td>{mark}{markdown(str(each.get('description', '')), is_line=True)}{_limits(each)}</td></tr>"
        )
        if depth < _DEEPEST:
            inner = resolved(each, schemas)
            step = "."
            if inner.get("type") == "array":
                inner, step = resolved(inner.get("items", {}), schemas), "[]."
            rows += _rows(inner, schemas, before=full + step, depth=depth + 1)
    return rows


def _required(*, is_it: bool) -> str:
    return ' <span class="required">required</span>' if is_it else ""


def _limits(schema: Schema) -> str:
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    inner = kinds[0] if len(kinds) == 1 else schema
    said = [
        words.format(inner[name])
        for name, words, most in _LIMITS
        if isinstance(inner.get(name), int) and inner[name] <= most
    ]
    if schema.get("default") not in (None, "", [], {}):
        said.append(f"by default <code>{escape(str(schema['default']))}</code>")
    return f' <span class="needs">({", ".join(said)})</span>' if said else ""


def _inline(text: str) -> str:
    shown = escape(_ROLE.sub(r"`\1`", text))
    return _STRONG.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", shown))


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head = "".join(f"<th>{_inline(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>"
        for row in rows[1:]
        if not all(set(cell) <= set("-: ") for cell in row)
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
