"""Routes as people read them: a table of many, a page on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eilbote.author.process.route.text import read_route
from eilbote.cli.at_desk import at_desk
from eilbote.cli.printable import printable
from eilbote.cli.table import show_table
from eilbote.cli.times import distance_text, local_text, moment_text
from eilbote.errors import RouteError
from eilbote.model.draft_values import Priority
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.process.route.route import MessageAttribute, Route, StoredRoute
    from eilbote.cli.screen import Screen
    from eilbote.engine.process.route_uses import RouteUse
    from eilbote.model.moment import Moment

_WIDEST_LABEL = 14


def list_routes(screen: Screen, *, data_dir: Path | None, organization: str | None) -> None:
    """Write a line for each route.

    Raises:
        EilboteError: The database cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        found = await eilbote.routes.list(organization)
        if screen.as_json:
            screen.data([_short_data(each) for each in found])
        elif not found:
            screen.note("no route is kept; 'eilbote route save FILE' keeps one")
        else:
            _show_table(found, screen, now=moment_of(eilbote.clock.now()))

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def show_route(name: str, screen: Screen, *, data_dir: Path | None, organization: str) -> None:
    """Write everything about a route.

    Raises:
        RouteNotFoundError: There is no such route.
        RouteError: What is kept of it cannot be read.
    """

    async def work(eilbote: Eilbote) -> None:
        kept = await eilbote.routes.get(name, organization=organization)
        route = read_route(kept.text)
        uses = await eilbote.routes.uses(name, organization=organization)
        if screen.as_json:
            screen.data(_full_data(kept, route, uses))
        else:
            _show_page(kept, route, uses, screen)

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


# -- many -----------------------------------------------------------------------------------------------------


def _show_table(found: Sequence[StoredRoute], screen: Screen, *, now: Moment) -> None:
    rows = [_row(each, now) for each in found]
    header = ("ROUTE", "NAME", "CONNECTION", "STATE", "CHANGED")
    show_table(header, rows, screen)


def _row(kept: StoredRoute, now: Moment) -> tuple[str, str, str, str, str]:
    owner = f"{kept.organization}/" if kept.organization else ""
    name = printable(f"{owner}{kept.message_name}")
    changed = distance_text(kept.changed, now)
    route = _read(kept)
    if route is None:
        return name, "", "", "unreadable", changed
    state = "disabled" if route.is_disabled else "enabled"
    return name, printable(route.name, longest=40), printable(route.connection or "-"), state, changed


def _short_data(kept: StoredRoute) -> dict[str, object]:
    route = _read(kept)
    return {
        "route": kept.message_name,
        "organization": kept.organization or None,
        "name": (route.name or None) if route else None,
        "application": (route.application or None) if route else None,
        "connection": (route.connection or None) if route else None,
        "disabled": route.is_disabled if route else None,
        "attributes": [each.system_name for each in route.attributes] if route else None,
        "changed_at": moment_text(kept.changed),
        "revision": kept.revision,
    }


def _read(kept: StoredRoute) -> Route | None:
    try:
        return read_route(kept.text)
    except RouteError:
        return None


# -- one ------------------------------------------------------------------------------------------------------


def _show_page(kept: StoredRoute, route: Route, uses: Sequence[RouteUse], screen: Screen) -> None:
    state = typer.style(
        "disabled" if route.is_disabled else "enabled",
        fg=typer.colors.YELLOW if route.is_disabled else typer.colors.GREEN,
        bold=True,
    )
    screen.text(f"{printable(route.message_name)}  {state}")
    screen.text()
    _show_facts(_basics(kept, route, uses), screen)
    if route.attributes:
        _head("ATTRIBUTES", screen)
        rows = [_attribute_row(each) for each in route.attributes]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            screen.text(
                "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            )
    _head("MESSAGE", screen)
    _show_facts(_properties(route), screen)
    if route.properties.message.strip():
        screen.text()
        for line in route.properties.message.rstrip("\n").split("\n"):
            screen.text(f"  {printable(line)}".rstrip())


def _basics(kept: StoredRoute, route: Route, uses: Sequence[RouteUse]) -> Iterator[tuple[str, str]]:
    yield "name", route.name
    yield "organization", kept.organization
    yield "application", route.application
    yield "connection", route.connection or "(the default one)"
    yield "language", route.locale
    yield "time zone", route.time_zone
    yield "changed", local_text(kept.changed)
    yield "used by", ", ".join(map(str, uses)) or "no published process"


def _properties(route: Route) -> Iterator[tuple[str, str]]:
    said = route.properties
    yield "from", " ".join(each for each in (said.from_name, said.from_address) if each)
    for field in ("to", "cc", "bcc"):
        yield field, getattr(said, field)
        yield f"{field} names", getattr(said, f"{field}_names")
    yield "reply to", said.reply_to
    yield "subject", said.subject
    yield "priority", said.priority.value if said.priority is not Priority.NORMAL else ""
    yield "format", said.format.value
    yield "attachments", ", ".join(said.attachments)
    if said.meeting is not None:
        place = f", {said.meeting.place}" if said.meeting.place else ""
        yield "meeting", f"{said.meeting.start} to {said.meeting.end}{place}"
    for name, value in said.headers:
        yield "header", f"{name}: {value}"


def _attribute_row(attribute: MessageAttribute) -> tuple[str, str, str, str]:
    name = attribute.name if attribute.name != attribute.system_name else ""
    return (
        f"{{{printable(attribute.system_name)}}}",
        attribute.type.value,
        "required" if attribute.is_required else "",
        printable(name),
    )


def _show_facts(facts: Iterator[tuple[str, str]], screen: Screen) -> None:
    for label, text in facts:
        if text:
            screen.text(f"{label:<{_WIDEST_LABEL}}{printable(text)}")


def _head(title: str, screen: Screen) -> None:
    screen.text()
    screen.text(typer.style(title, bold=True))


def _full_data(kept: StoredRoute, route: Route, uses: Sequence[RouteUse]) -> Mapping[str, object]:
    said = route.properties
    meeting = said.meeting
    return {
        **_short_data(kept),
        "locale": route.locale,
        "time_zone": route.time_zone,
        "attributes": [
            {
                "system_name": each.system_name,
                "name": each.name,
                "type": each.type.value,
                "required": each.is_required,
            }
            for each in route.attributes
        ],
        "properties": {
            "from_address": said.from_address or None,
            "from_name": said.from_name or None,
            "to": said.to or None,
            "to_names": said.to_names or None,
            "cc": said.cc or None,
            "cc_names": said.cc_names or None,
            "bcc": said.bcc or None,
            "bcc_names": said.bcc_names or None,
            "reply_to": said.reply_to or None,
            "subject": said.subject,
            "priority": said.priority.value,
            "headers": [{"name": name, "value": value} for name, value in said.headers],
            "format": said.format.value,
            "message": said.message,
            "attachments": list(said.attachments),
            "meeting": None
            if meeting is None
            else {"start": meeting.start, "end": meeting.end, "place": meeting.place or None},
        },
        "used_by": [
            {"process": each.process, "version": each.version, "element": each.element} for each in uses
        ],
    }
