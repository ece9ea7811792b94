"""From a connection to the way out through it: one transport for each set of settings, shared while it is used."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.deliver.transport import OverSessions
from eilbote.engine.token_sources import TokenSources
from eilbote.engine.way_out import way_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eilbote.connections.connection import Connection
    from eilbote.deliver.transport import Transport
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy


@dataclass(slots=True)
class _Shared:
    """A transport, through which connection it leads, and how many use it."""

    transport: Transport
    name: str
    users: int = 0


class Transports:
    """The transports in use.

    They are told apart by the connection's fingerprint: a session opened with one password, TLS policy or server
    is never used for another, and a connection that was changed gets a new transport.

    Args:
        clock: Tells the time.
        egress: Which addresses may be connected to, by mail and for tokens, over which connection; ``None`` allows any.
        tokens: Where access tokens come from; kept in memory when ``None``.
        make: Makes a transport in another way, for tests and for ways out of one's own.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        egress: Callable[[Connection], EgressPolicy | None] | None = None,
        tokens: TokenSources | None = None,
        make: Callable[[Connection], Transport] | None = None,
    ) -> None:
        self._tokens = sources = tokens or TokenSources(clock=clock)

        def usual(connection: Connection) -> Transport:
            gate = None if egress is None else egress(connection)
            source = sources.of(connection, egress=gate)
            return way_out(connection, clock=clock, egress=gate, tokens=source)

        self._make = make or usual
        self._shared: dict[str, _Shared] = {}

    def borrow(self, connection: Connection) -> Transport:
        """Give the transport for these settings; :meth:`give_back` it when done."""
        key = connection.fingerprint()
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _Shared(self._make(connection), connection.name)
        shared.users += 1
        return shared.transport

    async def give_back(self, connection: Connection) -> None:
        """Stop using a transport; the last user's departure closes it, and its sessions say goodbye."""
        key = connection.fingerprint()
        shared = self._shared[key]
        shared.users -= 1
        if shared.users == 0:
            del self._shared[key]
            await shared.transport.close()
        if not self._shared:
            await self._tokens.close()

    async def abort(self) -> None:
        """Close every session now; what is on its way may be in doubt."""
        for shared in list(self._shared.values()):
            await shared.transport.abort()
        await self._tokens.close()

    def open_sessions(self) -> Mapping[str, int]:
        """Tell how many sessions with servers are open, by connection."""
        found = Counter[str]()
        for shared in self._shared.values():
            if isinstance(shared.transport, OverSessions):
                found[shared.name] += shared.transport.open_sessions
        return found

    def __len__(self) -> int:
        """Give the number of transports in use."""
        return len(self._shared)
