"""Which published processes send over a route, and whether a changed route would still take what they map."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.author.process.details import Destination, MessageDetails
from eilbote.author.process.route.placeholder import key_of
from eilbote.author.process.route.route import AttributeType
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.route.route import Route
    from eilbote.author.process.store import ProcessStore

_SAID_IN_TEXT = frozenset(
    {AttributeType.NUMBER, AttributeType.DURATION, AttributeType.DATE_TIME, AttributeType.BOOLEAN}
)
"""What a text attribute takes as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteUse:
    """An element of a published process that sends over a route.

    Attributes:
        process: The process.
        version: Its latest version.
        element: The element's id.
        mapped: The system names that it maps, as they are compared.
    """

    process: str
    version: int
    element: str
    mapped: frozenset[str]

    def __str__(self) -> str:
        """Name it for people: ``order-ready version 3 (Event_1)``."""
        return f"{self.process} version {self.version} ({self.element})"


async def uses_of_route(
    store: ProcessStore, organization: str, message_name: str, *, read: Callable[[str], Definition]
) -> Sequence[RouteUse]:
    """Give the uses of a route in the latest published versions of its organization's processes.

    Args:
        store: Where processes are kept.
        organization: Whose route it is.
        message_name: Which route.
        read: Reads a published text.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    found: list[RouteUse] = []
    for process in await store.processes(organization):
        if not process.published:
            continue
        version = await store.version(process.organization, process.name)
        if version is None or message_name not in version.text:
            continue
        with suppress(EilboteError):  # what cannot be read sends nothing
            definition = read(version.text)
            found += [
                RouteUse(
                    process=process.name,
                    version=version.version,
                    element=element,
                    mapped=frozenset(map(key_of, details.mapping)),
                )
                for element, details in definition.details.items()
                if isinstance(details, MessageDetails)
                and details.destination is Destination.EXTERNAL
                and details.route == message_name
            ]
    return found


def broken_by(before: Route, after: Route, use: RouteUse) -> Iterator[str]:
    """Tell what an element maps or leaves out that a changed route would not take any more."""
    old = {key_of(each.system_name): each for each in before.attributes}
    new = {key_of(each.system_name): each for each in after.attributes}
    for key, attribute in old.items():
        if key not in use.mapped:
            continue
        now = new.get(key)
        if now is None:
            yield f"it maps {attribute.system_name!r}, which would be gone"
        elif now.type is not attribute.type and not (
            now.type is AttributeType.TEXT and attribute.type in _SAID_IN_TEXT
        ):
            yield f"it maps {attribute.system_name!r} as {attribute.type}, which would be {now.type}"
    for key, attribute in new.items():
        was_required = key in old and old[key].is_required
        if attribute.is_required and not was_required and key not in use.mapped:
            yield f"it does not map {attribute.system_name!r}, which would be required"
