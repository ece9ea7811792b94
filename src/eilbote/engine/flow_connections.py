"""Connections that stand in flows: kept with the stored ones while mail goes through them, and forgotten afterwards."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.inline_connection import is_of_a_flow
from eilbote.connections.repository import qualified_name, split_name
from eilbote.errors import ConfigurationError, FlowError
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.author.flow.inline_connection import InlineConnection
    from eilbote.connections.stored_book import StoredBook
    from eilbote.engine.web_request import Secrets
    from eilbote.outbox.store import OutboxStore


_MOST_AT_ONCE: Final = 100


class FlowConnections:
    """Gives the connections that nodes name or hold.

    Args:
        book: The stored connections.
        secrets: Where secrets are read.
        outbox: Where it is seen whether mail still goes through one.
    """

    def __init__(self, book: StoredBook, *, secrets: Secrets, outbox: Callable[[], OutboxStore]) -> None:
        self._book = book
        self._secrets = secrets
        self._outbox = outbox
        self._unused: frozenset[str] = frozenset()

    async def named(
        self, said: str | InlineConnection, *, organization: str, flow: str, node: str
    ) -> tuple[str, ...]:
        """Give the names for a submission; none for the default connection.

        One that stands in the node is kept first; one that is kept already gets the secrets as they are now.

        Raises:
            ConfigurationError: It cannot be kept, or a secret cannot be read; ``field`` names it.
            OutboxUnavailableError: The database does not answer.
        """
        if isinstance(said, str):
            return (said,) if said else ()
        name = qualified_name(organization, said.name(flow=flow, node=node))
        secrets = {
            field: self._secrets.read(reference, organization=organization).reveal()
            for field, reference in said.secrets.items()
        }
        try:
            await self._book.add(name, {**said.plain, **secrets}, replace_known=True)
        except ConfigurationError as fault:
            raise FlowError(
                fault.what,
                field=f"connection.{fault.field}" if fault.field else "connection",
                cause=fault.cause,
                remedy=fault.remedy,
            ) from None
        return (name,)

    async def sweep(self, *, limit: int = _MOST_AT_ONCE) -> int:
        """Forget those that no message waits for or has gone through as far as the outbox remembers; says how many.

        One goes only when the last look found it unused as well: a message for it may be about to be handed in. One that is
        needed again later is kept again by then.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        unused = [name for name in await self._book.names() if await self._is_unused(name)]
        over = [name for name in unused if name in self._unused][:limit]
        for name in over:
            with suppress(ConfigurationError):  # somebody else was quicker
                await self._book.remove(name)
        self._unused = frozenset(unused)
        return len(over)

    async def _is_unused(self, name: str) -> bool:
        if not is_of_a_flow(split_name(name)[1]):
            return False
        return not await self._outbox().entries(EntryFilter(connection=name), limit=1)
