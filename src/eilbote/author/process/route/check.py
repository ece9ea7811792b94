"""What can be said about a communication route before a message goes over it.

An error keeps a route from being kept, so that nobody finds out from a message that never arrived: above all a place whose name no
attribute has. A warning does not.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.process.route.check_addresses import address_findings
from eilbote.author.process.route.check_headers import header_findings
from eilbote.author.process.route.check_meeting import meeting_findings
from eilbote.author.process.route.fields import RouteTextError
from eilbote.author.process.route.finding import RouteFinding
from eilbote.author.process.route.placeholder import SYSTEM_NAME, key_of, pattern_of
from eilbote.author.process.route.placeholder_html import TAKES_VALUES, Where
from eilbote.author.process.route.route import AttributeType, MessageFormat
from eilbote.author.process.route.text import read_source, route_of
from eilbote.connections.repository import qualified
from eilbote.errors import EilboteError
from eilbote.template.finding import Weight
from eilbote.template.localized import read_locale, read_time_zone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from eilbote.author.process.route.placeholder import Placeholder
    from eilbote.author.process.route.route import MessageAttribute, Route

MESSAGE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
"""What a message name looks like."""
_TEMPLATE: Final = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")
_NOT_READ: Final = frozenset({Where.STYLE, Where.UNSEEN})
_BUILT_IN: Final = frozenset({"notification", "system"})


@dataclass(frozen=True, slots=True)
class _Text:
    field: str
    text: str
    is_html: bool = False


def check_route(route: Route, connections: Collection[str] | None = None) -> tuple[RouteFinding, ...]:
    """Give everything that is to be said about a route.

    Args:
        route: The route.
        connections: The names of all connections there are; ``None`` when nobody knows.
    """
    return tuple(_found(route, connections))


def check_route_text(
    text: str, connections: Collection[str] | None = None
) -> tuple[Route | None, tuple[RouteFinding, ...]]:
    """Read a route and check it; each finding has its place in the text, and they come in its order.

    Args:
        text: The route, YAML or JSON.
        connections: As :func:`check_route`.

    Returns:
        The route, ``None`` when it cannot be read; and what was found.
    """
    try:
        source = read_source(text)
    except RouteTextError as fault:
        return None, (_unreadable(fault),)
    route, faults = route_of(source)
    if faults:
        return None, tuple(map(_unreadable, faults))
    found = [each.placed(source) for each in check_route(route, connections)]
    return route, tuple(
        sorted(found, key=lambda each: (each.place.line, each.place.column) if each.place else (0, 0))
    )


def must_be_sound(route: Route) -> Route:
    """Refuse a route with an error in it, and give one without.

    Raises:
        RouteError: The first error; ``field`` names the property or attribute.
    """
    refuse(check_route(route))
    return route


def refuse(findings: Collection[RouteFinding]) -> None:
    """Raise the first error, if there is one.

    Raises:
        RouteError: It, with its place when that is known.
    """
    errors = [each for each in findings if each.severity is Weight.ERROR]
    if errors:
        raise errors[0].as_error(more=len(errors) - 1)


def nearest_attribute(route: Route, name: str) -> str | None:
    """Give the declared system name that is most like another word; ``None`` when none is."""
    names = {key_of(each.system_name): each.system_name for each in route.attributes}
    alike = difflib.get_close_matches(key_of(name[:60]), list(names), n=1, cutoff=0.5)
    return names[alike[0]] if alike else None


def attribute_of(route: Route, name: str) -> MessageAttribute | None:
    """Give the attribute of a system name, capitals and small letters being the same."""
    key = key_of(name)
    return next((each for each in route.attributes if key_of(each.system_name) == key), None)


# -- what is found ----------------------------------------------------------------------------------------------


def _found(route: Route, connections: Collection[str] | None) -> Iterator[RouteFinding]:
    yield from _basics(route, connections)
    yield from _attributes(route)
    for text in _texts(route):
        yield from _places(route, text)
    yield from address_findings(route)
    yield from _attachments(route)
    yield from meeting_findings(route)
    yield from header_findings(route)
    yield from _nothing_said(route)
    yield from _unused(route)


def _basics(route: Route, connections: Collection[str] | None) -> Iterator[RouteFinding]:
    if not MESSAGE_NAME.fullmatch(route.message_name):
        yield _error(
            "message_name",
            "this is no usable message name" if route.message_name else "the message name is missing",
            "Give up to 64 letters, digits, _ and -, beginning with a letter",
        )
    for field, read in (("locale", read_locale), ("time_zone", read_time_zone)):
        try:
            read(getattr(route, field))
        except EilboteError as fault:
            yield _error(field, fault.what, fault.remedy)
    name = route.connection
    if connections is None or not name or name in _BUILT_IN:
        return
    try:
        is_known = qualified(name) in connections
    except EilboteError:
        is_known = False
    if not is_known:
        alike = difflib.get_close_matches(name[:60], sorted(connections), n=1, cutoff=0.5)
        yield RouteFinding(
            severity=Weight.WARNING,
            field="connection",
            what=f"no connection is called {name[:60]!r}",
            cause="No message gets out by this route until there is one",
            remedy=f"Did you mean {alike[0]!r}?"
            if alike
            else f"'eilbote connection add {name[:60]} URI' makes one",
        )


def _attributes(route: Route) -> Iterator[RouteFinding]:
    seen: dict[str, str] = {}
    for number, each in enumerate(route.attributes):
        field, name = f"attributes[{number}].system_name", each.system_name
        if not SYSTEM_NAME.fullmatch(name):
            yield _error(
                field,
                f"{name[:60]!r} is no system name" if name else "the system name is missing",
                "Give up to 64 letters, digits and _, beginning with a letter",
            )
        elif key_of(name) in seen:
            other = seen[key_of(name)]
            yield _error(
                field,
                f"two attributes are called {name!r}"
                if other == name
                else f"{name!r} and {other!r} are one name",
                "Give each its own system name; capitals and small letters are the same",
            )
        seen.setdefault(key_of(name), name)


def _texts(route: Route) -> Iterator[_Text]:
    said = route.properties
    for name in (
        "from_address",
        "from_name",
        "to",
        "to_names",
        "cc",
        "cc_names",
        "bcc",
        "bcc_names",
        "reply_to",
        "subject",
    ):
        yield _Text(name, getattr(said, name))
    yield _Text("message", said.message, is_html=said.format is not MessageFormat.PLAIN)
    if said.meeting is not None:
        yield _Text("meeting.start", said.meeting.start)
        yield _Text("meeting.end", said.meeting.end)
        yield _Text("meeting.place", said.meeting.place)
    for name, value in said.headers:
        yield _Text(f"headers.{name}", value)


def _places(route: Route, text: _Text) -> Iterator[RouteFinding]:
    for place in pattern_of(text.text, is_html=text.is_html).placeholders:
        yield from _place(route, text, place)
    for found in _TEMPLATE.finditer(text.text):
        yield RouteFinding(
            severity=Weight.WARNING,
            field=text.field,
            position=found.start(),
            what=f"{found[0][:60]!r} is no place for a value here",
            cause="Routes know single braces only; templates stand where the message is sent",
            remedy="Declare an attribute, write its {SystemName} here, and map it there",
        )


def _place(route: Route, text: _Text, place: Placeholder) -> Iterator[RouteFinding]:
    declared = attribute_of(route, place.name)
    if place.where in _NOT_READ:
        if declared is not None:
            yield RouteFinding(
                severity=Weight.WARNING,
                field=text.field,
                position=place.position,
                what=f"{place} stays as it is here",
                cause="Styles, scripts and comments take no values",
                remedy="Put it into the text, or write the style out",
            )
        return
    if declared is None:
        alike = nearest_attribute(route, place.name)
        names = ", ".join(f"{{{each.system_name}}}" for each in route.attributes[:10])
        yield _error(
            text.field,
            f"no attribute is called {place.name[:60]!r}",
            f"Did you mean {{{alike}}}?"
            if alike
            else f"Declare it under 'attributes'; there are {names}"
            if names
            else "Declare it under 'attributes', or take it out",
            position=place.position,
        )
    elif place.where not in TAKES_VALUES:
        yield _error(
            text.field,
            f"{place} stands in a tag",
            "Put it between tags, or into the value of an attribute such as href",
            position=place.position,
        )
    elif declared.type is AttributeType.DOCUMENT:
        yield _error(
            text.field,
            f"{place} is a document, which no text can hold",
            f"Name it under 'attachments': [{declared.system_name}]",
            position=place.position,
        )


def _attachments(route: Route) -> Iterator[RouteFinding]:
    seen: set[str] = set()
    for number, name in enumerate(route.properties.attachments):
        field, declared = f"attachments[{number}]", attribute_of(route, name)
        if declared is None:
            alike = nearest_attribute(route, name)
            yield _error(
                field,
                f"no attribute is called {name[:60]!r}",
                f"Did you mean {alike!r}?" if alike else "Declare it under 'attributes', of type document",
            )
        elif declared.type is not AttributeType.DOCUMENT:
            yield _error(
                field,
                f"the attribute {declared.system_name!r} is no document",
                "Give it the type document, or take it out here",
            )
        elif key_of(name) in seen:
            yield _error(field, f"{declared.system_name!r} is attached twice", "Take one of them out")
        seen.add(key_of(name))


def _nothing_said(route: Route) -> Iterator[RouteFinding]:
    said = route.properties
    if not said.subject.strip():
        yield RouteFinding(
            severity=Weight.WARNING,
            field="subject",
            what="there is no subject",
            cause="Readers open such mail rarely, and filters think little of it",
            remedy="Give one",
        )
    if not said.message.strip() and not said.attachments and said.meeting is None:
        yield RouteFinding(
            severity=Weight.WARNING,
            field="message",
            what="the message says nothing",
            remedy="Give a message, attachments or a meeting",
        )


def _unused(route: Route) -> Iterator[RouteFinding]:
    """Find attributes that stand nowhere; while there are unknown names, one of them may be what is meant there."""
    used = {
        place.key
        for text in _texts(route)
        for place in pattern_of(text.text, is_html=text.is_html).placeholders
        if place.where not in _NOT_READ
    } | {key_of(name) for name in route.properties.attachments}
    if used - {key_of(each.system_name) for each in route.attributes}:
        return
    for number, each in enumerate(route.attributes):
        if key_of(each.system_name) not in used and SYSTEM_NAME.fullmatch(each.system_name):
            yield RouteFinding(
                severity=Weight.HINT,
                field=f"attributes[{number}].system_name",
                what=f"{{{each.system_name}}} stands nowhere",
                remedy="Put it into the message, or leave the attribute out",
            )


def _error(field: str, what: str, remedy: str | None, *, position: int | None = None) -> RouteFinding:
    return RouteFinding(severity=Weight.ERROR, field=field, what=what, remedy=remedy, position=position)


def _unreadable(fault: RouteTextError) -> RouteFinding:
    return RouteFinding(
        severity=Weight.ERROR,
        field=fault.field or "",
        what=fault.what,
        cause=fault.reason,
        remedy=fault.remedy,
        place=fault.place,
    )
