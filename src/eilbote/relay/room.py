"""The port behind which the sessions of one relay find what they share: who may come in, and where mail is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.accounts.principal import Principal
    from eilbote.net.server_tls import ServerContext
    from eilbote.relay.content import IncomingContent
    from eilbote.relay.relay_options import RelayOptions
    from eilbote.relay.transaction import Client, Transaction


class Visitor(Protocol):
    """A session, as the room sees it."""

    @property
    def address(self) -> str:
        """The client's IP address."""
        ...

    def end(self) -> None:
        """Say goodbye and hang up, unless a message is being stored."""
        ...


class Room(Protocol):
    """What the sessions of one relay share."""

    @property
    def options(self) -> RelayOptions:
        """What the relay offers and allows."""
        ...

    @property
    def name(self) -> str:
        """What it calls itself."""
        ...

    @property
    def context(self) -> ServerContext | None:
        """The certificate to show, if there is one."""
        ...

    @property
    def incoming(self) -> Path | None:
        """Where large content is put while it comes; where this machine keeps what is temporary when ``None``."""
        ...

    def enter(self, session: Visitor) -> bool:
        """Hear that a session begins; ``False`` when there are too many from the same address."""
        ...

    def leave(self, session: Visitor) -> None:
        """Hear that a session has ended."""
        ...

    def is_for_bounces(self, path: str) -> bool:
        """Tell whether an address is one of ours for returned mail."""
        ...

    async def sign_in(self, user: str, password: str, client: Client) -> Principal:
        """Give whom a name and a password stand for, who may hand in messages.

        Raises:
            EilboteError: Nobody.
        """
        ...

    async def take(
        self, transaction: Transaction, content: IncomingContent, client: Client, principal: Principal | None
    ) -> str:
        """Hand a message in; gives the reply."""
        ...
