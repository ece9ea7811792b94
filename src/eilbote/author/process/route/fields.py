"""The fields of a communication route, read one by one: what is missing, unknown or of the wrong kind is told with its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeVar

from eilbote.author.plain import source as plain
from eilbote.author.process.route.route import (
    AttributeType,
    Meeting,
    MessageAttribute,
    MessageFormat,
    MessageProperties,
    Route,
    RouteDirection,
)
from eilbote.errors import RouteError
from eilbote.model.draft_values import Priority

if TYPE_CHECKING:
    from collections.abc import Collection
    from enum import StrEnum

    from eilbote.author.plain.place import Place
    from eilbote.author.plain.source import Source
    from eilbote.model.data import Data

Path = tuple[str | int, ...]
_ChoiceT = TypeVar("_ChoiceT", bound="StrEnum")

MOST_ATTRIBUTES: Final = 200
MOST_HEADERS: Final = 50
_OF_ROUTES: Final = (
    "message_name",
    "name",
    "application",
    "connection",
    "disabled",
    "direction",
    "locale",
    "time_zone",
    "attributes",
    "properties",
)
_OF_ATTRIBUTES: Final = ("name", "system_name", "type", "required")
_TEXTS: Final = (
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
    "message",
)
OF_PROPERTIES: Final = (*_TEXTS, "format", "attachments", "meeting", "priority", "headers")
_OF_MEETINGS: Final = ("start", "end", "place")
QUOTES: Final = 'Put all of the text in quotes: "{Customer}"'
"""What to do about a text that begins with a brace."""


class RouteTextError(RouteError):
    """A route's text cannot be used, and it is known where; ``cause`` ends with the place.

    Attributes:
        place: Where; ``None`` when the fault is that something is missing altogether.
        reason: Why, without the place.
    """

    def __init__(
        self,
        what: str,
        *,
        place: Place | None,
        field: str | None = None,
        cause: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(what, field=field, cause=plain.cause_with_place(cause, place), remedy=remedy)
        self.place = place
        self.reason = cause


class Reader:
    """Reads the fields of a route, and collects what is wrong with them.

    Args:
        source: What was read.

    Attributes:
        faults: What is wrong, in the order in which it was found.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.faults: list[RouteTextError] = []

    def route(self) -> Route:
        """Read everything; with a fault the route is not to be used."""
        if not isinstance(self._source.data, dict):
            self._wrong((), "a route is a table of fields", "Write 'field: value', a line each")
            return Route(message_name="")
        self._known((), _OF_ROUTES, "a route")
        name = self._text(("message_name",)).strip()
        if not name and not any(each.field == "message_name" for each in self.faults):
            self._wrong(("message_name",), "the message name is missing", "Give it, such as order-ready")
        return Route(
            message_name=name,
            name=self._text(("name",)),
            application=self._text(("application",)),
            connection=self._text(("connection",)).strip(),
            is_disabled=self._switch(("disabled",)),
            direction=self._choice(("direction",), RouteDirection, RouteDirection.OUTGOING),
            locale=self._text(("locale",)).strip() or "en",
            time_zone=self._text(("time_zone",)).strip() or "UTC",
            attributes=self._attributes(),
            properties=self._properties(),
        )

    def _attributes(self) -> tuple[MessageAttribute, ...]:
        listed = self._source.at("attributes")
        if listed is None:
            return ()
        if not isinstance(listed, list):
            self._wrong(
                ("attributes",),
                "the attributes are no list",
                "Write a line each: - {system_name: Customer, type: account}",
            )
            return ()
        if len(listed) > MOST_ATTRIBUTES:
            self._wrong(
                ("attributes",),
                f"there are {len(listed)} attributes",
                f"Give at most {MOST_ATTRIBUTES}",
            )
            return ()
        return tuple(self._attribute(("attributes", number)) for number in range(len(listed)))

    def _attribute(self, path: Path) -> MessageAttribute:
        if not isinstance(self._source.at(*path), dict):
            self._wrong(
                path, "this is no attribute", "Give a table such as {system_name: Customer, type: account}"
            )
            return MessageAttribute(name="", system_name="")
        self._known(path, _OF_ATTRIBUTES, "an attribute")
        system_name = self._text((*path, "system_name")).strip()
        return MessageAttribute(
            name=self._text((*path, "name")).strip() or system_name,
            system_name=system_name,
            type=self._choice((*path, "type"), AttributeType, AttributeType.TEXT),
            is_required=self._switch((*path, "required")),
        )

    def _properties(self) -> MessageProperties:
        path: Path = ("properties",)
        if not self._is_table(path, "the properties are no table", "Write 'to', 'subject' and 'message'"):
            return MessageProperties()
        self._known(path, OF_PROPERTIES, "a route's message")
        texts = {name: self._text((*path, name)) for name in _TEXTS}
        return MessageProperties(
            **texts,
            format=self._choice((*path, "format"), MessageFormat, MessageFormat.PLAIN),
            attachments=self._names((*path, "attachments")),
            meeting=self._meeting((*path, "meeting")),
            priority=self._choice((*path, "priority"), Priority, Priority.NORMAL),
            headers=self._headers((*path, "headers")),
        )

    def _meeting(self, path: Path) -> Meeting | None:
        if not self._is_table(path, "the meeting is no table", "Give its start and its end"):
            return None
        self._known(path, _OF_MEETINGS, "a meeting")
        return Meeting(
            start=self._text((*path, "start")),
            end=self._text((*path, "end")),
            place=self._text((*path, "place")),
        )

    def _headers(self, path: Path) -> tuple[tuple[str, str], ...]:
        if not self._is_table(path, "the headers are no table", 'Write a line each: X-Order: "{Number}"'):
            return ()
        table = self._source.at(*path)
        names = list(table) if isinstance(table, dict) else []
        if len(names) > MOST_HEADERS:
            self._wrong(path, f"there are {len(names)} headers", f"Give at most {MOST_HEADERS}")
            return ()
        return tuple((name.strip(), self._text((*path, name))) for name in names)

    def _is_table(self, path: Path, what: str, remedy: str) -> bool:
        value = self._source.at(*path)
        if value is None:
            return False
        if not isinstance(value, dict):
            self._wrong(path, what, remedy)
            return False
        return True

    def _known(self, path: Path, known: Collection[str], whose: str) -> None:
        table = self._source.at(*path)
        for name in table if isinstance(table, dict) else ():
            if name not in known:
                self._wrong((*path, name), f"{whose} has no field {name[:60]!r}", _nearest(name, known))

    def _text(self, path: Path) -> str:
        match value := self._source.at(*path):
            case None:
                return ""
            case str():
                return value
            case bool():
                self._wrong(path, "this is no text", "Put it in quotes")
            case int():
                return str(value)
            case dict() if len(value) == 1 and None in value.values():
                self._wrong(path, "a text that begins with { has no quotes", QUOTES)
            case _:
                self._wrong(path, "this is no text", "Give a text, in quotes")
        return ""

    def _switch(self, path: Path) -> bool:
        value = self._source.at(*path)
        if value is not None and not isinstance(value, bool):
            self._wrong(path, "this is neither yes nor no", "Give true or false")
        return value is True

    def _choice(self, path: Path, words: type[_ChoiceT], otherwise: _ChoiceT) -> _ChoiceT:
        said = self._source.at(*path)
        if said is None:
            return otherwise
        try:
            return words(said.strip().lower().replace("-", "_") if isinstance(said, str) else "")
        except ValueError:
            known = [each.value for each in words]
            self._wrong(path, f"{str(said)[:60]!r} cannot be chosen", _nearest(str(said), known))
            return otherwise

    def _names(self, path: Path) -> tuple[str, ...]:
        said: Data = self._source.at(*path)
        listed = [each.strip() for each in re.split("[,;]", said)] if isinstance(said, str) else said
        names = [each for each in listed or () if isinstance(each, str)] if isinstance(listed, list) else []
        if listed is not None and (not isinstance(listed, list) or len(names) != len(listed)):
            self._wrong(path, "these are no names", "Give a list of document attributes, such as [Invoice]")
        return tuple(name.strip().removeprefix("{").removesuffix("}") for name in names if name.strip())

    def _wrong(self, path: Path, what: str, remedy: str) -> None:
        self.faults.append(
            RouteTextError(what, place=self._source.place(*path), field=field_of(path), remedy=remedy)
        )


def field_of(path: Path) -> str | None:
    """Give a path as errors write it: a message property by its name alone."""
    parts = path[1:] if path[:1] == ("properties",) and len(path) > 1 else path
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in parts).lstrip(".") or None


def _nearest(name: str, known: Collection[str]) -> str:
    import difflib

    alike = difflib.get_close_matches(name[:60], list(known), n=1, cutoff=0.5)
    return f"Did you mean {alike[0]!r}?" if alike else f"There are {', '.join(known)}"
