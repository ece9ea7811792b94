"""Lets people consent in their own browsers, and keeps connections with what comes of it (RFC 6749 section 4.1, RFC 7636, RFC 8628).

Between sending somebody away and his return a consent waits in the database, for ten minutes or as long as its code is good, so that any process
of a server can finish it. In a browser it belongs to the session in which it was begun: whoever comes back in another one brings a consent that
somebody may have slipped in (RFC 6749 section 10.12). A code for another machine belongs to whoever has begun it, a person or a key.

A code for another machine is asked about when somebody asks here, and never more often than the provider allows, however many ask.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eilbote.connections.consent_fields import consent_fields, is_another_application
from eilbote.connections.repository import split_name
from eilbote.connections.stored_fields import kept_fields
from eilbote.engine.consent import Consent, Pending
from eilbote.engine.consent_parcel import BrowserParcel, DeviceParcel, packed, unpacked
from eilbote.engine.random_ids import RandomIds
from eilbote.errors import ConflictError, Durability, NotFoundError, TokenError
from eilbote.model.moment import later, moment_of
from eilbote.model.secret import Secret
from eilbote.net.http import HttpDoor
from eilbote.oauth2.consent import SLOW_DOWN_SECONDS
from eilbote.oauth2.waiting_consent import WaitingConsent

if TYPE_CHECKING:
    from eilbote.connections.known import KnownConnections
    from eilbote.connections.stored import StoredConnection
    from eilbote.engine.consent_parcel import Said
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.consent import Application
    from eilbote.oauth2.token import Token
    from eilbote.oauth2.waiting_consent import ConsentStore

SECONDS: Final = 600.0
"""How long a person may take who was sent to a page."""
_MOST_OF_ONE: Final = 5
"""How many consents one session may have begun at once; the earliest is forgotten for the next."""


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
class BegunByDevice:
    """What a person types in on another machine.

    Attributes:
        id: By which the consent is asked about; good for whoever has begun it alone.
        user_code: What is typed in.
        page: Where.
        page_with_code: The same with the code in it; empty if there is none.
        until: When it is too late.
        pause: Seconds between two questions.
    """

    id: str
    user_code: str
    page: str
    page_with_code: str
    until: Moment
    pause: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What has come of a consent on another machine.

    Attributes:
        connection: The qualified name of the connection it is for.
        is_done: Whether the connection is kept with its tokens by now.
        ask_at: When to ask again, while it is not.
    """

    connection: str
    is_done: bool
    ask_at: Moment


class ConsentDesk:
    """Begins and finishes consents.

    Args:
        connections: Where connections are kept.
        store: Where consents wait.
        clock: Tells the time.
        egress: Which endpoints organizations may be sent to and asked.
        door: Makes the way to an endpoint, for an organization through its gate.
    """

    def __init__(
        self,
        connections: KnownConnections,
        *,
        store: ConsentStore,
        clock: Clock,
        egress: EgressPolicy,
        door: Callable[[EgressPolicy | None], HttpDoor] = lambda egress: HttpDoor(egress=egress),
    ) -> None:
        self._connections = connections
        self._store = store
        self._clock = clock
        self._egress = egress
        self._door = door

    # -- in a browser ----------------------------------------------------------------------------------------------

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
        said: Said = {"fields": _plain(fields), "authorize_url": authorize_url, "device_url": ""}
        stored, application = await self._application(name, said)
        request = self._consent(name, application).begin(redirect_uri)
        until = await self._keep(
            BrowserParcel(said=said, request=request),
            digest=_digest(request.state),
            session=session,
            stored=stored,
            name=name,
            seconds=SECONDS,
        )
        return Begun(url=request.url, until=until)

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
        waiting, parcel = await self._find(_digest(state), session)
        if (
            waiting is None
            or not isinstance(parcel, BrowserParcel)
            or not await self._store.take(waiting.digest)  # a code is good for once
        ):
            raise TokenError(
                "nobody waits for this consent",
                field="state",
                stage="consent",
                cause="It was begun in another session, too long ago, or has come back already",
                remedy="Begin again, and use the page that opens then",
            )
        stored, application = await self._unchanged(waiting, parcel.said)
        token = await self._consent(waiting.connection, application).finish(parcel.request, target)
        await self._keep_connection(waiting, stored, application, parcel.said, token)
        return waiting.connection

    # -- on another machine ----------------------------------------------------------------------------------------

    async def begin_by_device(
        self, name: str, fields: Mapping[str, object], *, session: str, device_url: str = ""
    ) -> BegunByDevice:
        """Begin a consent that somebody gives on another machine, by typing in a code.

        Args:
            name: The qualified name of the connection; a new one when there is none.
            fields: What is said about it beside what is kept.
            session: Who may ask about it: what tells them from everybody else, whichever way they come.
            device_url: Where device codes are, where it is not known.

        Raises:
            SettingsError: Something is missing, or cannot be used; ``field`` names it.
            TokenError: The provider gives no code.
        """
        said: Said = {"fields": _plain(fields), "authorize_url": "", "device_url": device_url}
        stored, application = await self._application(name, said)
        device = await self._consent(name, application).begin_by_device()
        known_by = RandomIds().token()
        until = await self._keep(
            DeviceParcel(said=said, device_code=device.device_code),
            digest=_digest(known_by),
            session=session,
            stored=stored,
            name=name,
            seconds=device.seconds,
            pause=device.interval,
        )
        return BegunByDevice(
            id=known_by,
            user_code=device.user_code,
            page=device.page,
            page_with_code=device.page_with_code,
            until=until,
            pause=device.interval,
        )

    async def ask(self, known_by: str, *, session: str) -> Asked:
        """Ask whether somebody has consented on another machine, and keep the connection if so.

        The provider is asked no more often than it allows; who asks in between hears that it waits.

        Args:
            known_by: The ``id`` that :meth:`begin_by_device` gave.
            session: Who asks.

        Raises:
            NotFoundError: There is no such consent of theirs.
            TokenError: None was given.
            ConflictError: The connection was changed or removed meanwhile.
            ConfigurationError: It cannot be kept.
        """
        digest = _digest(known_by)
        waiting, parcel = await self._find(digest, session)
        if waiting is None or not isinstance(parcel, DeviceParcel):
            raise NotFoundError(
                "nobody waits for this consent",
                field="id",
                cause="It was begun by somebody else or too long ago, or has ended already",
                remedy="Begin again",
            )
        now = moment_of(self._clock.now())
        if not await self._store.may_ask(digest, now=now):
            return Asked(connection=waiting.connection, is_done=False, ask_at=max(waiting.ask_at, now))
        try:
            stored, application = await self._unchanged(waiting, parcel.said)
            answer = await self._consent(waiting.connection, application).ask_about(parcel.device_code)
        except (ConflictError, TokenError) as fault:
            if isinstance(fault, ConflictError) or fault.durability is not Durability.TRANSIENT:
                await self._store.take(digest)
            raise
        if isinstance(answer, Pending):
            pause = waiting.pause / 1000
            if answer is Pending.SLOWER:
                await self._store.slow_down(digest, by=int(SLOW_DOWN_SECONDS * 1000))
                pause += SLOW_DOWN_SECONDS
            return Asked(connection=waiting.connection, is_done=False, ask_at=later(now, pause))
        await self._store.take(digest)
        await self._keep_connection(waiting, stored, application, parcel.said, answer)
        return Asked(connection=waiting.connection, is_done=True, ask_at=now)

    # -- what both do ----------------------------------------------------------------------------------------------

    async def _application(self, name: str, said: Said) -> tuple[StoredConnection | None, Application]:
        await self._connections.check_free(name)
        stored = await self._connections.stored.find(name)
        return stored, self._asked_by(stored, said)

    def _asked_by(self, stored: StoredConnection | None, said: Said) -> Application:
        fields = kept_fields(said["fields"], now=moment_of(self._clock.now()))
        return consent_fields(
            stored, fields, authorize_url=said["authorize_url"], device_url=said["device_url"]
        )

    def _consent(self, name: str, application: Application) -> Consent:
        is_guarded = bool(split_name(name)[0])
        door = self._door(self._egress if is_guarded else None)
        return Consent(application, http=door, clock=self._clock, ids=RandomIds())

    async def _keep(
        self,
        parcel: BrowserParcel | DeviceParcel,
        *,
        digest: str,
        session: str,
        stored: StoredConnection | None,
        name: str,
        seconds: float,
        pause: float = 0.0,
    ) -> Moment:
        now = moment_of(self._clock.now())
        until = later(now, seconds)
        waiting = WaitingConsent(
            digest=digest,
            session=_digest(session),
            connection=name,
            base=0 if stored is None else stored.version,
            created=now,
            ends=until,
            ask_at=later(now, pause),
            pause=int(pause * 1000),
            parcel=Secret(""),
        )
        await self._store.keep(
            replace(waiting, parcel=packed(parcel, whose=_whose(waiting))), most=_MOST_OF_ONE
        )
        return until

    async def _find(
        self, digest: str, session: str
    ) -> tuple[WaitingConsent | None, BrowserParcel | DeviceParcel | None]:
        """Give a consent that waits for this session, and what it is made of, if that can be believed."""
        waiting = await self._store.find(digest)
        if (
            waiting is None
            or waiting.ends <= moment_of(self._clock.now())
            or not hmac.compare_digest(waiting.session, _digest(session))
        ):
            return None, None
        return waiting, unpacked(waiting.parcel, whose=_whose(waiting))

    async def _unchanged(
        self, waiting: WaitingConsent, said: Said
    ) -> tuple[StoredConnection | None, Application]:
        """Give the connection as it was when the consent was begun.

        Raises:
            ConflictError: It was changed; the secrets would be joined with a destination that the person has not seen.
        """
        stored = await self._connections.stored.find(waiting.connection)
        if (0 if stored is None else stored.version) != waiting.base:
            raise ConflictError(
                f"the connection {split_name(waiting.connection)[1]!r} was changed while somebody consented",
                field="name",
                remedy="Begin again",
            )
        return stored, self._asked_by(stored, said)

    async def _keep_connection(
        self,
        waiting: WaitingConsent,
        stored: StoredConnection | None,
        application: Application,
        said: Said,
        token: Token,
    ) -> None:
        changes: dict[str, object] = {
            **said["fields"],
            "access_token": token.access_token,
            "refresh_token": token.refresh_token,
            "expiry_date": token.expires or "",
        }
        fields = kept_fields(said["fields"], now=moment_of(self._clock.now()))
        if application.client_secret or is_another_application(stored, fields):
            changes["client_secret"] = application.client_secret or ""
        await self._unchanged(waiting, said)  # the provider has taken its time
        book = self._connections.stored
        if stored is None:
            await book.add(waiting.connection, {key: value for key, value in changes.items() if value != ""})
        else:
            await book.change(waiting.connection, changes)


def _whose(waiting: WaitingConsent) -> str:
    return f"{waiting.session} {waiting.connection} {waiting.base} {waiting.ends}"


def _plain(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in fields.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(b"eilbote consent " + text.encode("utf-8", "surrogatepass")).hexdigest()
