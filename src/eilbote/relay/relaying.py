"""The relay: listens, lets clients in, and hands what they bring to the outbox."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

from eilbote.accounts.principal import Origin
from eilbote.accounts.role import Permission
from eilbote.engine.random_ids import RandomIds
from eilbote.errors import EilboteError, SettingsError
from eilbote.model.ids import entry_id_text
from eilbote.model.submission import SubmissionOptions
from eilbote.net.local_name import local_name
from eilbote.net.server_tls import server_context
from eilbote.relay.hello import send_away
from eilbote.relay.refusals import reply_to
from eilbote.relay.session import RelaySession
from eilbote.relay.transaction import key_of, trace_field

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from eilbote.accounts.principal import Principal
    from eilbote.app import Eilbote
    from eilbote.engine.accounts.doorkeeper import Doorkeeper
    from eilbote.net.listening import Listening
    from eilbote.net.server_tls import ServerContext
    from eilbote.relay.content import IncomingContent
    from eilbote.relay.relay_options import RelayOptions
    from eilbote.relay.room import Visitor
    from eilbote.relay.transaction import Client, Transaction

_LOG: Final = logging.getLogger("eilbote")
_GRACE_SECONDS: Final = 10.0
_HANDSHAKE_SECONDS: Final = 30.0
_HOUR_MILLISECONDS: Final = 3_600_000
_TAG: Final = re.compile(r"\+[A-Za-z0-9._=-]{1,100}\Z")


@asynccontextmanager
async def relaying(
    eilbote: Eilbote,
    doorkeeper: Doorkeeper,
    options: RelayOptions,
    listening: Sequence[Listening],
    *,
    bounced: Callable[[bytes, Sequence[str]], Awaitable[None]] | None = None,
) -> AsyncGenerator[None]:
    """Take mail while the block lasts. At its end sessions are told so, and a message that is being stored is stored to its end.

    Args:
        eilbote: Takes the messages; open.
        doorkeeper: Lets clients in.
        options: What is offered and allowed.
        listening: Where; closed at the end.
        bounced: Hears of returned mail, its octets and to which addresses it came, in place of ``eilbote.bounces``.

    Raises:
        SettingsError: The certificate or its key cannot be used.
    """
    relay = Relay(eilbote, doorkeeper, options, bounced=bounced)
    servers: list[asyncio.Server] = []
    loop = asyncio.get_running_loop()
    implicit = relay.context if options.implicit_tls else None
    try:
        for each in listening:
            server = await loop.create_server(
                relay.session,
                sock=each,
                ssl=implicit,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS if implicit else None,
            )
            servers.append(server)
        yield
    finally:
        for server in servers:
            server.close()
        for each in listening:
            each.close()
        await relay.end()


class Relay:
    """What the sessions of a relay share.

    Args:
        eilbote: Takes the messages.
        doorkeeper: Lets clients in.
        options: What is offered and allowed.
        bounced: Hears of returned mail.

    Raises:
        SettingsError: The certificate or its key cannot be used.
    """

    def __init__(
        self,
        eilbote: Eilbote,
        doorkeeper: Doorkeeper,
        options: RelayOptions,
        *,
        bounced: Callable[[bytes, Sequence[str]], Awaitable[None]] | None = None,
    ) -> None:
        self.options = options
        self.name = options.host_name or local_name() or "eilbote.invalid"
        self.context = _context(options)
        data_dir = eilbote.config.data_dir
        self.incoming = data_dir if data_dir.is_dir() else None
        self._eilbote = eilbote
        self._doorkeeper = doorkeeper
        self._bounced = bounced
        self._ids = RandomIds()
        self._sessions: set[Visitor] = set()
        self._of_client: Counter[str] = Counter()
        self._storing: set[asyncio.Task[object]] = set()
        self._is_ending = False
        # aiosmtpd tells every command of every client; whoever wants that sets the level of its logger
        said_elsewhere = logging.getLogger("mail.log")
        if said_elsewhere.level == logging.NOTSET:
            said_elsewhere.setLevel(logging.ERROR)

    # -- sessions ---------------------------------------------------------------------------------------------

    def session(self) -> asyncio.Protocol:
        """Begin a session, unless there are too many."""
        if self._is_ending or len(self._sessions) >= self.options.max_sessions:
            return Refusal()
        return cast(
            "asyncio.Protocol",
            RelaySession(self, is_secured=self.context is not None and self.options.implicit_tls),
        )

    def enter(self, session: Visitor) -> bool:
        """Hear that a session begins; ``False`` when there are too many from the same address."""
        self._sessions.add(session)
        self._of_client[session.address] += 1
        return self._of_client[session.address] <= self.options.sessions_per_client

    def leave(self, session: Visitor) -> None:
        """Hear that a session has ended."""
        self._sessions.discard(session)
        self._of_client[session.address] -= 1
        if self._of_client[session.address] <= 0:
            del self._of_client[session.address]

    async def end(self) -> None:
        """Send everybody away; what is being stored is stored to its end."""
        self._is_ending = True
        if self._storing:
            await asyncio.wait(self._storing, timeout=_GRACE_SECONDS)
        for session in tuple(self._sessions):
            session.end()
        await asyncio.sleep(0)

    # -- what they ask ----------------------------------------------------------------------------------------

    def is_for_bounces(self, path: str) -> bool:
        """Tell whether an address is one of ours for returned mail: the address itself, or with ``+TOKEN``."""
        local, _, domain = path.rpartition("@")
        own_local, _, own_domain = self.options.bounces.rpartition("@")
        return (
            bool(own_local)
            and domain.lower() == own_domain.lower()
            and _TAG.sub("", local).lower() == own_local.lower()
        )

    async def sign_in(self, user: str, password: str, client: Client) -> Principal:
        """Give whom a name and a password stand for, who may hand in messages.

        Raises:
            EilboteError: Nobody.
        """
        origin = Origin(door="relay", address=client.address, agent=client.hello[:200])
        principal = await self._doorkeeper.by_password(user, password, origin=origin)
        principal.must(Permission.MESSAGES_SUBMIT)
        return principal

    async def take(
        self, transaction: Transaction, content: IncomingContent, client: Client, principal: Principal | None
    ) -> str:
        """Hand a message in; gives the reply."""
        task = asyncio.current_task()
        if task is not None:
            self._storing.add(task)
        try:
            if transaction.is_bounce:
                return await self._take_bounce(transaction, content)
            if principal is None:
                return "530 5.7.0 Authentication required"
            return await self._submit(transaction, content, client, principal)
        except EilboteError as error:
            return reply_to(error)
        except Exception as error:  # noqa: BLE001 - a client has to hear something
            _LOG.exception("the relay could not hand a message in: %s", type(error).__name__)
            return reply_to(error)
        finally:
            if task is not None:
                self._storing.discard(task)

    async def _submit(
        self, transaction: Transaction, content: IncomingContent, client: Client, principal: Principal
    ) -> str:
        now, organization = self._eilbote.clock.now(), principal.organization
        hour = int(now.timestamp() * 1000) // _HOUR_MILLISECONDS
        with await self._eilbote.quotas.take(organization) as taken:
            submission = await self._eilbote.messages.submit(
                content.octets(),
                transaction.envelope(),
                SubmissionOptions(
                    organization=organization,
                    connections=(self.options.connection,) if self.options.connection else (),
                    idempotency_key=key_of(transaction, content, organization=organization, hour=hour),
                ),
                senders=principal.senders,
                trace=trace_field(
                    client,
                    host_name=self.name,
                    token=self._ids.token(),
                    now=now,
                    smtputf8=transaction.parameters.smtputf8,
                ),
                author=f"relay:{principal.name or principal.id}"[:200],
                looked_over=content.looked_over,
            )
            taken.accepted += submission.is_new
        again = "" if submission.is_new else ", as before"
        return f"250 2.0.0 Accepted as {entry_id_text(submission.id)}{again}"

    async def _take_bounce(self, transaction: Transaction, content: IncomingContent) -> str:
        octets = content.octets()
        if not isinstance(octets, bytes):
            octets = b"".join(octets.chunks())
        if self._bounced is None:
            await self._eilbote.bounces.take(octets, tuple(transaction.forward_paths))
        else:
            await self._bounced(octets, tuple(transaction.forward_paths))
        return "250 2.0.0 Taken"


class Refusal(asyncio.Protocol):
    """Sends a client away that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so."""
        send_away(cast("asyncio.Transport", transport))


def _context(options: RelayOptions) -> ServerContext | None:
    if options.certificate is None and options.key is None and not options.implicit_tls:
        return None
    if options.certificate is None:
        raise SettingsError(
            "the relay has no certificate",
            field="relay.tls_certificate",
            remedy="Name its PEM file, and that of its key in relay.tls_key when it is not in the same file",
        )
    try:
        return server_context(options.certificate, options.key or options.certificate)
    except OSError as fault:  # ssl.SSLError is one
        raise SettingsError(
            "the relay's certificate cannot be used",
            field="relay.tls_certificate",
            cause=fault.strerror or str(fault),
            remedy="Give PEM files: the certificate with those between it and its authority, and its private key",
        ) from fault
