"""Lets people consent in their own browsers, and keeps connections with what comes of it (RFC 6749 section 4.1, RFC 7636).

Between sending a browser away and its return a consent waits here, in memory, for ten minutes. It belongs to the session in which it was begun: whoever
comes back in another one brings a consent that somebody may have slipped in (RFC 6749 section 10.12). A process that ends forgets what waits,
and the person begins again.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eilbote.connections.consent_fields import consent_fields, is_another_application
from eilbote.connections.repository import split_name
from eilbote.connections.stored_fields import kept_fields
from eilbote.engine.consent import Consent
from eilbote.engine.random_ids import RandomIds
from eilbote.errors import ConflictError, TokenError
from eilbote.model.moment import later, moment_of
from eilbote.net.http import HttpDoor

if TYPE_CHECKING:
    from eilbote.connections.known import KnownConnections
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.consent import CodeRequest

SECONDS: Final = 600.0
"""How long a person may take."""
_MOST: Final = 500
_MOST_OF_ONE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where to send a person.

    Attributes:
        url: The page on which they consent.
        until: When it is too late to come back.
    """

    url: str
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A consent that was begun."""

    name: str
    session: str = field(repr=False)
    request: CodeRequest
    consent: Consent
    fields: Mapping[str, object] = field(repr=False)
    base: int
    """The revision of the connection when it was begun; 0 when there was none."""
    ends: float


class ConsentDesk:
    """Begins and finishes consents.

    Args:
        connections: Where connections are kept.
        clock: Tells the time.
        egress: Which endpoints organizations may be sent to and asked.
        door: Makes the way to an endpoint, for an organization through its gate.
    """

    def __init__(
        self,
        connections: KnownConnections,
        *,
        clock: Clock,
        egress: EgressPolicy,
        door: Callable[[EgressPolicy | None], HttpDoor] = lambda egress: HttpDoor(egress=egress),
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._egress = egress
        self._door = door
        self._waiting: dict[str, _Waiting] = {}

    async def begin(
        self,
        name: str,
        fields: Mapping[str, object],
        *,
        session: str,
        redirect_uri: str,
        authorize_url: str = "",
    ) -> Begun:
        """Begin a consent for a connection, which is kept when the person comes back.

        Args:
            name: Its qualified name; a new one when there is none.
            fields: What is said about it beside what is kept.
            session: Who has to come back: a secret of the session in which it is begun.
            redirect_uri: Where the browser comes back to.
            authorize_url: The page on which people consent, where it is not known.

        Raises:
            SettingsError: Something is missing, or cannot be used; ``field`` names it.
        """
        await self._connections.check_free(name)
        stored = await self._connections.stored.find(name)
        said = kept_fields(fields, now=moment_of(self._clock.now()))
        asked = consent_fields(stored, said, authorize_url=authorize_url)
        is_guarded = bool(split_name(name)[0])
        consent = Consent(
            asked,
            http=self._door(self._egress if is_guarded else None),
            clock=self._clock,
            ids=RandomIds(),
        )
        request = consent.begin(redirect_uri)
        changes = dict(fields)
        if asked.client_secret or is_another_application(stored, said):
            changes["client_secret"] = asked.client_secret or ""
        self._make_room(session)
        self._waiting[request.state] = _Waiting(
            name=name,
            session=session,
            request=request,
            consent=consent,
            fields=changes,
            base=0 if stored is None else stored.version,
            ends=self._clock.monotonic() + SECONDS,
        )
        return Begun(url=request.url, until=later(moment_of(self._clock.now()), SECONDS))

    async def finish(self, state: str, target: str, *, session: str) -> str:
        """Keep the connection that somebody has consented to; gives its qualified name.

        Args:
            state: By which the consent is known.
            target: Path and query that the browser has come back to.
            session: Who has come back.

        Raises:
            TokenError: There is no such consent in this session, or none was given.
            ConflictError: The connection was changed or removed meanwhile.
            ConfigurationError: It cannot be kept.
        """
        waiting = self._waiting.get(state)
        if (
            waiting is None
            or waiting.ends < self._clock.monotonic()
            or not hmac.compare_digest(waiting.session.encode(), session.encode())
        ):
            raise TokenError(
                "nobody waits for this consent",
                field="state",
                stage="consent",
                cause="It was begun in another session, too long ago, or has come back already",
                remedy="Begin again, and use the page that opens then",
            )
        del self._waiting[state]  # a code is good for once
        token = await waiting.consent.finish(waiting.request, target)
        changes: dict[str, object] = {
            **waiting.fields,
            "access_token": token.access_token,
            "refresh_token": token.refresh_token,
            "expiry_date": token.expires or "",
        }
        book = self._connections.stored
        stored = await book.find(waiting.name)
        if (0 if stored is None else stored.version) != waiting.base:
            # the secrets would be joined with a destination that the person has not seen
            raise ConflictError(
                f"the connection {split_name(waiting.name)[1]!r} was changed while somebody consented",
                field="name",
                remedy="Begin again",
            )
        if stored is None:
            await book.add(waiting.name, {key: value for key, value in changes.items() if value != ""})
        else:
            await book.change(waiting.name, changes)
        return waiting.name

    def _make_room(self, session: str) -> None:
        """Forget what is over, and the earliest of those who begin many."""
        now = self._clock.monotonic()
        for state in [state for state, each in self._waiting.items() if each.ends < now]:
            del self._waiting[state]
        own = [state for state, each in self._waiting.items() if each.session == session]
        for state in own[: max(0, len(own) - _MOST_OF_ONE + 1)]:
            del self._waiting[state]
        while len(self._waiting) >= _MOST:
            del self._waiting[next(iter(self._waiting))]
