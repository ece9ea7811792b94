"""A communication route as its author writes it and as it is kept: YAML, with a field for each of its properties.

::

    message_name: order-ready
    connection: office
    attributes:
      - {system_name: Customer, type: account, required: true}
      - {system_name: Total, type: number}
    properties:
      to: "{Customer}; sales@example.org"
      subject: "Your order over {Total}"
      format: html
      message: |
        <p>Dear {Customer}, ...</p>

JSON is read as well.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.author.plain import source as plain
from eilbote.author.process.route.fields import OF_PROPERTIES, QUOTES, Reader, RouteTextError
from eilbote.author.process.route.route import Meeting, MessageFormat, MessageProperties, Route
from eilbote.errors import RouteError
from eilbote.model.draft_values import Priority

if TYPE_CHECKING:
    from eilbote.author.plain.source import Source
    from eilbote.author.process.route.route import MessageAttribute

LONGEST: Final = 256 * 1024
"""Characters of a route's text."""
_BARE_PLACE: Final = re.compile(r"[:-]\s+(\{[A-Za-z][A-Za-z0-9_]*\}.*)$")


def read_route(text: str) -> Route:
    """Read a route; whether it is sound is for :mod:`eilbote.author.process.route.check`.

    Raises:
        RouteTextError: It is neither YAML nor JSON, or a field is missing, unknown, or holds what it cannot.
    """
    route, faults = route_of(read_source(text))
    if faults:
        raise faults[0]
    return route


def read_source(text: str) -> Source:
    """Read the text alone.

    Raises:
        RouteTextError: It is neither YAML nor JSON, or not plain data; line and column are told.
    """
    try:
        return plain.read_source(text, what="route")
    except plain.PlainTextError as fault:
        what, remedy = str(fault.what), fault.remedy
        lines = text.splitlines()
        line = lines[fault.place.line - 1] if fault.place and fault.place.line <= len(lines) else ""
        if not text.strip():
            remedy = "Give it a message_name, attributes and properties"
        elif _BARE_PLACE.search(line):
            what, remedy = "a text that begins with { has no quotes", QUOTES
        raise RouteTextError(what, place=fault.place, cause=fault.reason, remedy=remedy) from None


def route_of(source: Source) -> tuple[Route, tuple[RouteTextError, ...]]:
    """Make a route of what was read, and give everything that is wrong with it; with a fault the route is not to be used."""
    reader = Reader(source)
    route = reader.route()
    return route, tuple(
        sorted(reader.faults, key=lambda each: (each.place.line, each.place.column) if each.place else (0, 0))
    )


def write_route(route: Route) -> str:
    """Write a route as YAML; what has its default value is left out.

    Raises:
        RouteError: It cannot be written so that it is read as it is.
    """
    text = _dumped(_table_of(route))
    if len(text) > LONGEST:
        raise RouteError(
            f"the route has {len(text):,} characters",
            field=route.message_name,
            remedy=f"Keep it below {LONGEST:,}; pictures belong into attachments",
        )
    return text


def switched(text: str, *, is_disabled: bool) -> str:
    """Give a route's text with its field ``disabled`` changed, and everything else as its author wrote it, comments too.

    Raises:
        RouteTextError: The text cannot be read.
    """
    route = replace(read_route(text), is_disabled=is_disabled)
    line = f"disabled: {'true' if is_disabled else 'false'}"
    changed, count = re.subn(r"^disabled\s*:\s*\w+", line, text, count=1, flags=re.MULTILINE)
    if not count:
        changed = re.sub(r"^message_name\s*:.*$", rf"\g<0>\n{line}", text, count=1, flags=re.MULTILINE)
    with suppress(RouteError):
        if read_route(changed) == route:
            return changed
    return write_route(route)


def _table_of(route: Route) -> dict[str, object]:
    said, usual = route.properties, MessageProperties()
    properties: dict[str, object] = {}
    for name in OF_PROPERTIES:
        value: object = getattr(said, name)
        if value != getattr(usual, name):
            properties[name] = _headers_table(said.headers) if name == "headers" else _plain(value)
    table: dict[str, object] = {
        "message_name": route.message_name,
        "name": route.name,
        "application": route.application,
        "connection": route.connection,
        "disabled": route.is_disabled,
        "direction": route.direction.value,
        "locale": "" if route.locale == "en" else route.locale,
        "time_zone": "" if route.time_zone == "UTC" else route.time_zone,
        "attributes": [_attribute_table(each) for each in route.attributes],
        "properties": properties,
    }
    return {name: value for name, value in table.items() if value}


def _plain(value: object) -> object:
    match value:
        case Meeting():
            table = {"start": value.start, "end": value.end, "place": value.place}
            return {name: text for name, text in table.items() if text}
        case MessageFormat() | Priority():
            return value.value
        case tuple():
            return [*value]  # pyright: ignore[reportUnknownVariableType] - names of attributes
        case _:
            return value


def _headers_table(headers: tuple[tuple[str, str], ...]) -> dict[str, object]:
    table: dict[str, object] = dict(headers)
    if len(table) < len(headers):
        raise RouteError("a header is given twice", field="headers", remedy="Give each in one place only")
    return table


def _attribute_table(attribute: MessageAttribute) -> dict[str, object]:
    table: dict[str, object] = {"system_name": attribute.system_name}
    if attribute.name not in {"", attribute.system_name}:
        table["name"] = attribute.name
    table["type"] = attribute.type.value
    if attribute.is_required:
        table["required"] = True
    return table


def _dumped(table: dict[str, object]) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes texts of several lines below a ``|``, where that keeps them as they are."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        # Between other quotes line ends of other systems would become blanks.
        is_plain = all(each.isprintable() or each == "\n" for each in value)
        style = ("|" if "\n" in value else None) if is_plain else '"'
        return dumper.represent_scalar(  # pyright: ignore[reportUnknownMemberType] - any value
            "tag:yaml.org,2002:str", value, style=style
        )

    Dumper.add_representer(str, text)
    return yaml.dump(
        table, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=1000
    )
