"""From the names of connections to a way out: the connections in their order, and the composer for the first of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.connections.catalogue import lookup_service
from eilbote.connections.repository import qualified_name
from eilbote.connections.unnamed import name_for_uri
from eilbote.errors import ConfigurationError, DraftError, EilboteError
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.compose.composer import Composer
    from eilbote.compose.dkim import DkimSigner
    from eilbote.connections.connection import Connection
    from eilbote.connections.known import KnownConnections
    from eilbote.model.clock import Clock
    from eilbote.model.ids import IdSource

_MOST_WAYS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way out.

    Attributes:
        names: The connections' names, in the order they are to be tried.
        connections: The same, as they were when the way was looked up.
        composer: Composes for the first of them, and for the narrowest limit of all.
        stays: It is the same as long as the program runs.
    """

    names: tuple[str, ...]
    connections: tuple[Connection, ...]
    composer: Composer
    stays: bool


class Ways:
    """Finds ways by names; the composer of one that was used before is used again while its connections stay.

    Args:
        known: The connections.
        clock: Tells the time for the Date field.
        ids: Makes Message-IDs.
        largest_message: Octets a message may have, whatever a connection allows.
        dkim: Signs every message, if given.
    """

    def __init__(
        self,
        known: KnownConnections,
        *,
        clock: Clock,
        ids: IdSource,
        largest_message: int,
        dkim: DkimSigner | None,
    ) -> None:
        self._known = known
        self._clock = clock
        self._ids = ids
        self._largest_message = largest_message
        self._dkim = dkim
        self._of_uris: dict[tuple[str, str], str] = {}
        self._new: dict[
            str, int
        ] = {}  # kept for messages that are still being handed in, and how many those are
        self._found: dict[tuple[str, ...], Way] = {}  # by organization and names as they were written

    async def find(self, asked: tuple[str, ...], organization: str = "") -> Way:
        """Find the way for names as an author wrote them; none means the default connection.

        A URI may stand in place of a name. It is kept with the stored connections of the organization, under a name made
        from it. A connection that is switched off is a way as well: what is handed in for it waits.

        Raises:
            ConnectionNotFoundError: A name is unknown; the remedy tells those that look alike.
            ConfigurationError: A connection cannot be used, or none is named and there is no default.
            DraftError: A connection is named twice.
        """
        key = (organization, *asked)
        known = self._found.get(key)
        if known is not None and known.stays:
            return known
        names = await self._names(asked, organization)
        try:
            connections = tuple([await self._known.find(name) for name in names])
        except EilboteError as fault:
            if isinstance(fault, ConfigurationError):
                fault.field = "connections"
            await self._let_go(names)
            raise
        if known is None or not _same(known.connections, connections) or known.names != names:
            if len(self._found) >= _MOST_WAYS:
                self._found.clear()
            known = self._found[key] = Way(
                names=names,
                connections=connections,
                composer=self._composer(connections),
                stays=all(map(self._known.stays, names)),
            )
        return known

    async def _names(self, asked: tuple[str, ...], organization: str) -> tuple[str, ...]:
        if not asked:
            return (await self._known.default(organization),)
        names: list[str] = []
        try:
            for one in asked:
                name = (
                    await self._kept(one, organization)
                    if "://" in one
                    else await self._known.resolve(one, organization)
                )
                if name in names:
                    raise DraftError(
                        f"the connection {name!r} is named twice",
                        field="connections",
                        remedy="Name each connection once, in the order they are to be tried",
                    )
                names.append(name)
        except EilboteError:
            await self._let_go(names)
            raise
        return tuple(names)

    async def _kept(self, uri: str, organization: str) -> str:
        """Keep the connection of a URI, once: what somebody changes afterwards stays changed.

        It is the organization's own: its server is looked for where those of organizations may be, and nowhere else.
        """
        name = self._of_uris.get((organization, uri))
        is_kept = name is not None and await self._known.stored.find(name) is not None
        if name is None:
            if len(self._of_uris) >= _MOST_WAYS:
                self._of_uris.clear()
            name = qualified_name(organization, name_for_uri(uri))
        if not is_kept:
            is_known = await self._known.stored.find(name) is not None
            await self._known.put(name, Secret(uri))
            if not is_known:
                self._new[name] = 0
            self._of_uris[organization, uri] = name
        if name in self._new:
            self._new[name] += 1
        return name

    def used(self, way: Way) -> None:
        """Hear that a message was handed in for a way: the connections of its URIs are there to stay."""
        if self._new:
            for name in way.names:
                self._new.pop(name, None)

    async def not_used(self, way: Way) -> None:
        """Hear that a message for a way was refused: a connection that was only kept for it is forgotten again."""
        await self._let_go(way.names)

    async def _let_go(self, names: Sequence[str]) -> None:
        for name in names if self._new else ():
            waiting = self._new.get(name)
            if waiting is None:
                continue
            if waiting > 1:  # another message is being handed in for it right now
                self._new[name] = waiting - 1
                continue
            del self._new[name]
            with suppress(EilboteError):  # the refusal is told; a connection too many does no harm
                await self._known.stored.remove(name)

    def _composer(self, connections: tuple[Connection, ...]) -> Composer:
        # Only who submits composes; who looks at the outbox need not wait for what it takes.
        from eilbote.compose.composer import Composer
        from eilbote.compose.limits import ComposeLimits

        allowed = [self._largest_message]
        for connection in connections:
            published = lookup_service(connection.service).limits if connection.service else None
            if published is not None and published.message_size is not None and not published.unconfirmed:
                allowed.append(published.message_size)
        return Composer(
            clock=self._clock,
            ids=self._ids,
            default_from=connections[0].default_from,
            allowed_senders=tuple(each.allowed_senders for each in connections if each.allowed_senders),
            limits=ComposeLimits(message_octets=min(allowed)),
            signer=self._dkim,
        )


def _same(some: tuple[Connection, ...], others: tuple[Connection, ...]) -> bool:
    """Compare by identity: a connection that was changed is a new object."""
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))
