"""The reference of the API as one page, made from its description: searchable, without anything from elsewhere, readable without scripts.

It serves people who are offline, and those who may load nothing from other sites. The style sheet and the one small script are its own, and the
policy knows them by their digests (Content Security Policy, level 3).
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, cast

from eilbote.api.description import EVERYBODY, SIGNED_IN
from eilbote.api.reference_fields import fields_table, kind_of, markdown, parameters_table, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.api.reference_fields import Schema

PATH: Final = "/api/docs"
_METHODS: Final = ("get", "post", "put", "patch", "delete")


def reference_page(description: Schema, *, query: str = "") -> str:
    """Give the page.

    Args:
        description: What is described (OpenAPI 3.1).
        query: Words to look for, for readers without scripts.
    """
    groups = _groups(description, query.lower().split())
    style, script = _file("reference.css"), _file("reference.js")
    info = description["info"]
    is_hidden = " hidden" if query.strip() else ""
    about = f'<section id="about"{is_hidden}>{markdown(str(info.get("description", "")))}</section>'
    nav = "".join(
        f'<li><span class="count">{len(operations)}</span><a href="#{_anchor(name)}">{escape(name)}</a></li>'
        for name, _, operations in groups
    )
    body = "".join(
        f'<section class="group"><h2 id="{_anchor(name)}">{escape(name)}</h2>'
        f'<p class="about">{markdown(text, is_line=True)}</p>{"".join(operations)}</section>'
        for name, text, operations in groups
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(str(info['title']))}: API reference</title><style>{style}</style></head>"
        f"<body{'' if groups else ' class=nothing'}>"
        f'<nav aria-label="Resources"><h1>{escape(str(info["title"]))} API</h1>'
        f'<p class="version">{escape(str(info["version"]))} · <a href="openapi.json">openapi.json</a></p>'
        f'<form action="{PATH.rpartition("/")[2]}" role="search"><input type="search" name="q" value="{escape(query)}" '
        'placeholder="Search operations" aria-label="Search operations"></form>'
        f"<ul>{nav}</ul></nav>"
        f"<main><h1>API reference</h1>{about}{body}"
        '<p class="none">No operation is described with these words.</p></main>'
        f"<script>{script}</script></body></html>"
    )


@cache
def reference_policy() -> str:
    """Give the page's Content-Security-Policy."""
    style, script = (_digest(_file(name)) for name in ("reference.css", "reference.js"))
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


# -- within ----------------------------------------------------------------------------------------------------


def _groups(description: Schema, words: list[str]) -> list[tuple[str, str, list[str]]]:
    """Give each group of operations that has any with these words: its name, what it is about, its operations."""
    schemas = cast("Schema", description.get("components", {}).get("schemas", {}))
    found: dict[str, list[str]] = {}
    texts = {str(tag["name"]): str(tag.get("description", "")) for tag in description.get("tags", ())}
    for method, path, operation in _operations(description):
        known = _words(method, path, operation)
        if all(word in known for word in words):
            tag = str((operation.get("tags") or ["Other"])[0])
            found.setdefault(tag, []).append(_operation(method, path, operation, schemas, known))
    order = [*texts, *(name for name in found if name not in texts)]
    return [(name, texts.get(name, ""), found[name]) for name in order if name in found]


def _operations(description: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, operations in description.get("paths", {}).items():
        for method in _METHODS:
            if method in operations:
                yield method, path, operations[method]


def _words(method: str, path: str, operation: Schema) -> str:
    """Give what an operation is found by."""
    said = (
        *(method, path, operation.get("operationId", ""), operation.get("summary", "")),
        *(operation.get("description", ""), operation.get("x-permission", ""), *operation.get("tags", ())),
    )
    return " ".join(str(each) for each in said).lower()


def _operation(method: str, path: str, operation: Schema, schemas: Schema, words: str) -> str:
    name = str(operation.get("operationId", ""))
    parts = [
        f'<p class="needs">{_needs(str(operation.get("x-permission", "")))} · <a href="#{escape(name)}">{escape(name)}</a></p>',
        markdown(str(operation.get("description", ""))),
        parameters_table(operation.get("parameters", []), schemas),
        _sent(operation, schemas),
        _answers(operation, schemas),
    ]
    return (
        f'<details id="{escape(name)}" data-words="{escape(words)}"><summary><span class="method {method}">{method.upper()}</span>'
        f'<code>{escape(path)}</code><span class="what">{escape(str(operation.get("summary", "")))}</span></summary>'
        f'<div class="inside">{"".join(parts)}</div></details>'
    )


def _needs(permission: str) -> str:
    match permission:
        case _ if permission == EVERYBODY:
            return "For everybody"
        case _ if permission == SIGNED_IN:
            return "For whoever is signed in, or has a key"
        case _:
            return f"Needs <code>{escape(permission)}</code>"


def _sent(operation: Schema, schemas: Schema) -> str:
    body = operation.get("requestBody")
    if not body:
        return ""
    parts = ["<h4>Request body</h4>"]
    for kind, content in body.get("content", {}).items():
        schema = resolved(content.get("schema", {}), schemas)
        parts += [
            f"<p><code>{escape(kind)}</code>{_about(schema)}</p>",
            fields_table(schema, schemas),
            _example(content),
        ]
    return "".join(parts)


def _answers(operation: Schema, schemas: Schema) -> str:
    rows: list[str] = []
    shown: list[str] = []
    for status, answer in sorted(operation.get("responses", {}).items()):
        kinds = ", ".join(f"<code>{escape(kind)}</code>" for kind in answer.get("content", {}))
        rows.append(
            f"<tr><td><code>{escape(status)}</code></td><td>{markdown(str(answer.get('description', '')), is_line=True)}</td>"
            f"<td>{kinds}</td></tr>"
        )
        if not status.startswith("2"):
            continue
        for content in answer.get("content", {}).values():
            schema = resolved(content.get("schema", {}), schemas)
            table = fields_table(schema, schemas)
            if table:
                shown.append(
                    f"<h4>{escape(status)}: {kind_of(content.get('schema', {}), schemas)}</h4>{table}"
                )
            shown.append(_example(content))
    table = f'<h4>Answers</h4><div class="scroll"><table><tbody>{"".join(rows)}</tbody></table></div>'
    return table + "".join(shown)


def _about(schema: Schema) -> str:
    text = str(schema.get("description", ""))
    return f": {markdown(text, is_line=True)}" if text else ""


def _example(content: Schema) -> str:
    found: Any = content.get("example")
    if found is None and content.get("examples"):
        found = next(iter(content["examples"].values())).get("value")
    if found is None:
        return ""
    text = found if isinstance(found, str) else json.dumps(found, indent=2, ensure_ascii=False)
    return f"<h4>Example</h4><pre>{escape(text)}</pre>"


def _anchor(name: str) -> str:
    return "group-" + escape(name.lower().replace(" ", "-"))


@cache
def _file(name: str) -> str:
    return files("eilbote.api.pages").joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
