"""Whether send-message events can send: their names, their routes, and what they map to the attributes of a message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.author.process.check.scene import called
from eilbote.author.process.check.texts import check_duration, check_result, check_texts, is_literal
from eilbote.author.process.details import Destination, MessageDetails, OnFailure
from eilbote.author.process.route.attribute_values import read_values
from eilbote.author.process.route.check import attribute_of, check_route
from eilbote.author.process.route.placeholder import key_of
from eilbote.author.process.route.route import AttributeType
from eilbote.connections.repository import qualified
from eilbote.errors import EilboteError
from eilbote.template.finding import Weight

if TYPE_CHECKING:
    from collections.abc import Collection

    from eilbote.author.process.check.scene import Scene
    from eilbote.author.process.diagram import Element
    from eilbote.author.process.route.route import MessageAttribute, Route
    from eilbote.model.data import Data

_SYSTEM_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_LONGEST_STATE: Final = 100
_USES: Final = {
    Destination.EXTERNAL: {"route", "mapping", "on_failure"},
    Destination.START: {"message", "mapping", "correlation"},
    Destination.INTERMEDIATE: {"message", "mapping", "instance", "correlation"},
    Destination.NOTIFICATION: {"title", "text", "duration", "importance", "mapping"},
}
"""Fields that a destination reads."""
_ALONE: Final = re.compile(r"\s*\{\{[^{}]*\}\}\s*")


def check_messages(scene: Scene) -> None:
    """Find send-message events that cannot send."""
    seen: dict[str, Element] = {}
    for element in scene.graph.executed.values():
        details = scene.definition.details.get(element.id)
        if not isinstance(details, MessageDetails):
            continue
        _names(scene, element, details, seen)
        for field in ("route", "message", "instance", "correlation", "title", "text"):
            value = getattr(details, field)
            if field == "route" and not is_literal(value):
                scene.error(
                    element,
                    "a route cannot be chosen by a template",
                    field="route",
                    remedy="Name one route, and draw a gateway before it when there is something to choose",
                )
            elif value:
                check_texts(scene, element, value, field=field)
        check_texts(scene, element, dict(details.mapping), field="mapping")
        check_result(scene, element, details.result)
        _unused(scene, element, details)
        match details.destination:
            case Destination.EXTERNAL:
                _external(scene, element, details)
            case Destination.START | Destination.INTERMEDIATE:
                _message(scene, element, details)
            case Destination.NOTIFICATION:
                _notification(scene, element, details)


def _names(scene: Scene, element: Element, details: MessageDetails, seen: dict[str, Element]) -> None:
    if not element.name:
        scene.warning(
            element,
            f"{called(element)} has no name",
            cause="People see only its id in lists and pictures",
            remedy="Write beside it what it tells",
        )
    name = details.system_name
    if not name:
        scene.error(
            element,
            f"{called(element)} has no system name",
            field="system_name",
            cause="By it programs know which message this is",
            remedy=f"Write it into the settings: elements: {{{element.id}: {{system_name: order_ready}}}}",
        )
    elif not _SYSTEM_NAME.fullmatch(name):
        scene.error(
            element,
            f"{name[:60]!r} is no system name",
            field="system_name",
            remedy="Give a letter, then letters, digits, _, - and dots; at most 64",
        )
    elif (other := seen.get(name.lower())) is not None:
        scene.error(
            element,
            f"the system name {name!r} is that of {called(other)} as well",
            field="system_name",
            cause=f"The other one is {other.id}, line {other.line}; capitals and small letters are the same",
            remedy="Give each a name of its own",
        )
    else:
        seen[name.lower()] = element
    if not details.state:
        scene.error(
            element,
            f"{called(element)} has no state",
            field="state",
            cause="By it people see how far an instance has come once this was sent",
            remedy=f"Write it into the settings: elements: {{{element.id}: {{state: Notified}}}}",
        )
    elif len(details.state) > _LONGEST_STATE:
        scene.error(
            element,
            "the state is too long for lists",
            field="state",
            remedy=f"Give at most {_LONGEST_STATE} characters",
        )


def _unused(scene: Scene, element: Element, details: MessageDetails) -> None:
    given = {
        "route": details.route,
        "on_failure": details.on_failure is not OnFailure.RECORD,
        "message": details.message and details.message != element.message,
        "instance": details.instance,
        "correlation": details.correlation,
        "title": details.title,
        "text": details.text,
        "duration": details.duration,
    }
    for field, value in given.items():
        if value and field not in _USES[details.destination]:
            meant = [str(each) for each, fields in _USES.items() if field in fields]
            scene.warning(
                element,
                f"{field!r} is not read for the destination {details.destination.value!r}",
                field=field,
                remedy=f"Take it away, or write destination: {' or '.join(meant)}",
            )


def _external(scene: Scene, element: Element, details: MessageDetails) -> None:
    routes = scene.known.routes
    if not details.route:
        scene.error(
            element,
            f"{called(element)} has no route",
            field="route",
            cause="A message to people goes over an outgoing communication route",
            remedy=scene.nearest("", routes or (), otherwise="Name one of")
            or "Make one with `eilbote route save FILE`, and name it here",
        )
        return
    if routes is None or not is_literal(details.route):
        return
    route = routes.get(details.route)
    if route is None:
        scene.error(
            element,
            f"no communication route has the message name {details.route[:60]!r}",
            field="route",
            remedy=scene.nearest(details.route, routes, none="Make it with `eilbote route save FILE`"),
        )
        return
    _route(scene, element, route)
    _mapping(scene, element, details, route)


def _route(scene: Scene, element: Element, route: Route) -> None:
    if route.is_disabled:
        scene.error(
            element,
            f"the route {route.message_name!r} is disabled",
            field="route",
            cause="Nothing may go over it for now",
            remedy=f"`eilbote route enable {route.message_name}` allows it, or name another one",
        )
    connections = scene.known.connections
    if route.connection and connections is not None and not _is_usable(route.connection, connections):
        scene.error(
            element,
            f"the route {route.message_name!r} goes over the connection {route.connection[:60]!r}, which cannot be used",
            field="route",
            cause="There is none of that name, or it is disabled",
            remedy=scene.nearest(
                route.connection,
                connections,
                none=f"`eilbote connection add {route.connection[:60]} URI` makes one",
            ),
        )
    if not route.connection and connections is not None and not connections:
        scene.warning(
            element,
            f"the route {route.message_name!r} goes over the default connection, and there is none",
            field="route",
            cause="Messages wait until there is one",
            remedy="`eilbote connection add notification URI` makes one",
        )
    faults = [each for each in check_route(route) if each.severity is Weight.ERROR]
    if faults:
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        scene.error(
            element,
            f"the route {route.message_name!r} has faults of its own: {faults[0].field}: {faults[0].what}{more}",
            field="route",
            cause=faults[0].cause,
            remedy=faults[0].remedy,
        )


def _is_usable(name: str, connections: Collection[str]) -> bool:
    try:
        return name in connections or qualified(name) in connections
    except EilboteError:
        return False


def _mapping(scene: Scene, element: Element, details: MessageDetails, route: Route) -> None:
    declared = {key_of(each.system_name): each for each in route.attributes}
    given: dict[str, str] = {}
    for name, value in details.mapping.items():
        key, attribute = key_of(name), attribute_of(route, name)
        if attribute is None:
            scene.error(
                element,
                f"the route {route.message_name!r} has no attribute {name[:60]!r}",
                field=f"mapping.{name}",
                remedy=scene.nearest(
                    name,
                    (each.system_name for each in route.attributes),
                    none="Declare it in the route first",
                ),
            )
        elif key in given:
            scene.error(
                element,
                f"the attribute {attribute.system_name!r} is mapped twice",
                field=f"mapping.{name}",
                cause=f"{given[key]!r} is the same name; capitals and small letters are the same",
                remedy="Keep one of them",
            )
        else:
            _value(scene, element, attribute, name, value)
        given[key] = name
    for key, attribute in declared.items():
        if attribute.is_required and key not in given:
            scene.error(
                element,
                f"the required attribute {attribute.system_name!r} of the route {route.message_name!r} is not mapped",
                field="mapping",
                cause=f"Every message must have it ({attribute.name or attribute.system_name}, {attribute.type.value})",
                remedy=f'Write mapping: {{{attribute.system_name}: "{{{{ … }}}}"}} with the value from the process data',
            )


def _value(scene: Scene, element: Element, attribute: MessageAttribute, name: str, value: Data) -> None:
    """Check a value that is written out, or a text that can never be what the attribute is."""
    if isinstance(value, str) and not is_literal(value):
        if attribute.type is AttributeType.DOCUMENT and not _ALONE.fullmatch(value):
            scene.error(
                element,
                f"the attribute {attribute.system_name!r} is a document, and this is a text",
                field=f"mapping.{name}",
                remedy="Name one value alone, {{ invoice }}, or write {name: invoice.pdf, content: {{ … }}}",
            )
        return
    if not _is_written_out(value):
        return
    try:
        read_values((attribute,), {attribute.system_name: value})
    except EilboteError as fault:
        scene.error(element, fault.what, field=f"mapping.{name}", cause=fault.cause, remedy=fault.remedy)


def _is_written_out(value: Data) -> bool:
    match value:
        case str():
            return is_literal(value)
        case dict():
            return all(map(_is_written_out, value.values()))
        case list():
            return all(map(_is_written_out, value))
        case _:
            return True


def _message(scene: Scene, element: Element, details: MessageDetails) -> None:
    if not details.message:
        scene.error(
            element,
            f"{called(element)} does not say which message it sends",
            field="message",
            remedy="Choose a message in the modeler, or write its name into the settings",
        )
        return
    if details.destination is Destination.INTERMEDIATE and not details.instance and not details.correlation:
        scene.error(
            element,
            f"{called(element)} does not say which instance gets the message",
            field="correlation",
            remedy='Write correlation: "{{ order.number }}", the key that the other instance waits with, or instance:',
        )
    processes = scene.known.processes
    if details.destination is Destination.START and processes is not None and is_literal(details.message):
        messages = {message for begun in processes.values() for message in begun}
        own = {each.message for each in scene.graph.starts(scene.definition.process)}
        if details.message not in messages | own:
            scene.error(
                element,
                f"no published process begins at the message {details.message[:60]!r}",
                field="message",
                remedy=scene.nearest(
                    details.message, messages, none="Publish the process that is to begin with it first"
                ),
            )


def _notification(scene: Scene, element: Element, details: MessageDetails) -> None:
    if not details.title:
        scene.error(
            element,
            f"{called(element)} is a common notification without a title",
            field="title",
            remedy="Write one line that tells what has happened",
        )
    check_duration(scene, element, details.duration, field="duration")
