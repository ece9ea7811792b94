"""Whether the header fields of a route can be written, whatever their values are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.route.check_addresses import list_findings
from eilbote.author.process.route.finding import RouteFinding
from eilbote.author.process.route.headers import (
    ADDRESS_FIELDS,
    HEADER_NAME,
    OWN_PROPERTIES,
    PRIORITY_FIELDS,
    breaking_at,
    is_ascii_only,
    may_be_set,
)
from eilbote.author.process.route.placeholder import pattern_of
from eilbote.model.draft_values import Priority
from eilbote.template.finding import Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.route.route import Route


def header_findings(route: Route) -> Iterator[RouteFinding]:
    """Give what is to be said about header fields; places in them are looked at like those of other texts."""
    said = route.properties
    seen: set[str] = set()
    for name, value in said.headers:
        field, folded = f"headers.{name}", name.lower()
        yield from _name(field, name)
        if folded in seen:
            yield _error(field, f"the header {name} is given twice", "Give it in one place only")
        elif folded in PRIORITY_FIELDS and said.priority is not Priority.NORMAL:
            yield _error(field, f"the property 'priority' writes {name} as well", "Take one of them out")
        seen.add(folded)
        if not value.strip():
            yield _error(field, f"the header {name[:70]} has no value", "Give one, or leave the header out")
        elif folded in ADDRESS_FIELDS:
            yield from list_findings(route, field, value)
        else:
            yield from _constants(field, name, value)


def _name(field: str, name: str) -> Iterator[RouteFinding]:
    if HEADER_NAME.fullmatch(name) is None:
        yield _error(
            field, f"{name[:70]!a} is no header name", "Use up to 70 ASCII letters, digits and hyphens"
        )
    elif (place := OWN_PROPERTIES.get(name.lower())) is not None:
        yield _error(field, f"{name} cannot be set as a header", f"Use the property {place!r}")
    elif not may_be_set(name):
        yield _error(
            field,
            f"{name} is no header that an author may set",
            "Choose a name that begins with X-",
            cause="eilbote or a server writes it, or readers would be misled by it",
        )


def _constants(field: str, name: str, value: str) -> Iterator[RouteFinding]:
    """Look at what stands between the places; a line end behind the last word is none of it."""
    text = value.rstrip()
    if (at := breaking_at(text)) >= 0:
        yield _error(field, f"the header {name} holds {text[at]!a}", "Write it in one line", position=at)
    constants = [each for each in pattern_of(text).pieces if isinstance(each, str)]
    if is_ascii_only(name) and not all(each.isascii() and "=?" not in each for each in constants):
        yield _error(field, f"{name} can hold ASCII only, and no encoded words", "Write it in ASCII")


def _error(
    field: str, what: str, remedy: str, *, cause: str | None = None, position: int | None = None
) -> RouteFinding:
    return RouteFinding(
        severity=Weight.ERROR, field=field, what=what, cause=cause, remedy=remedy, position=position
    )
