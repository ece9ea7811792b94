"""Where the access tokens of each connection come from: one source for the same credentials, whoever uses them.

Sources are told apart by :func:`~eilbote.oauth2.token.token_key`, so a setting that is changed gets another one at
once, and two connections with the same credentials share their tokens.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.connections.repository import split_name
from eilbote.deliver.smtp_transport import gate_of
from eilbote.model.credentials import Anonymous, Password
from eilbote.model.oauth2 import OAuth2
from eilbote.net.http import HttpDoor
from eilbote.oauth2.memory_tokens import MemoryTokens
from eilbote.oauth2.provider import TokenProvider
from eilbote.oauth2.sources import token_source
from eilbote.oauth2.token import token_key
from eilbote.record.step import Step, StepKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.connections.connection import Connection
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource
    from eilbote.oauth2.token import TokenKey, TokenStore
    from eilbote.record.step import StepReport


class TokenSources:
    """The sources in use.

    Args:
        clock: Tells the time.
        store: Where tokens are kept; in memory when ``None``.
        http: The way to token endpoints; the usual one when ``None``.
        report: Hears of tokens that were asked for.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        store: TokenStore | None = None,
        http: HttpDoor | None = None,
        report: StepReport | None = None,
    ) -> None:
        self._clock = clock
        self._store = store or MemoryTokens()
        self._http = http or HttpDoor()
        self._report = report
        self._providers: dict[tuple[TokenKey, EgressPolicy | None], TokenProvider] = {}

    def of(self, connection: Connection, *, egress: EgressPolicy | None = None) -> TokenSource | None:
        """Give where the tokens of a connection come from; ``None`` when it signs in without any.

        Args:
            connection: As whom it signs in.
            egress: Which addresses its token endpoint may have; ``None`` allows any.
        """
        credentials = connection.credentials
        if isinstance(credentials, Anonymous | Password):
            return None
        if not isinstance(credentials, OAuth2):
            return token_source(credentials, clock=self._clock)
        egress = gate_of(connection, egress)
        key = (token_key(credentials), egress)
        provider = self._providers.get(key)
        # The key leaves out the access token in the settings; a new one there is a wish to use it.
        if provider is None or provider.credentials != credentials:
            http = self._http if egress is None else replace(self._http, egress=egress)
            provider = TokenProvider(
                credentials,
                store=self._store,
                http=http,
                clock=self._clock,
                told=None if self._report is None else _telling(self._report, connection),
            )
            self._providers[key] = provider
        return provider

    async def ask_again(self, connection: Connection) -> None:
        """End pauses and remembered refusals of a connection's tokens, because a person has mended something.

        Raises:
            TokenError: What is kept cannot be read or written.
        """
        source = self.of(connection)
        if isinstance(source, TokenProvider):
            await source.ask_again()

    async def forget(self, credentials: OAuth2 | None = None) -> int:
        """Forget the tokens of some credentials, or all, and what was refused; says how many there were.

        What a session signs in with next is asked for with what the settings hold. Of a server that replaces refresh
        tokens that may be one it does not take any more, so this is for after a new consent, or a change at the server.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._store.forget(None if credentials is None else token_key(credentials))

    async def close(self) -> None:
        """Wait for renewals that are under way."""
        for provider in list(self._providers.values()):
            await provider.close()


def _telling(report: StepReport, connection: Connection) -> Callable[[Moment, float, bool], None]:
    """Give what tells of tokens of a connection."""
    organization, _ = split_name(connection.name)

    def told(began: Moment, seconds: float, is_well: bool) -> None:  # noqa: FBT001 - it is the value itself
        report.stepped(
            Step(
                kind=StepKind.TOKEN_REFRESH,
                about=connection.name,
                organization=organization,
                began=began,
                seconds=seconds,
                is_well=is_well,
            )
        )

    return told
