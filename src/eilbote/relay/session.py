"""One session of the relay (RFC 5321, RFC 6409): aiosmtpd reads commands and keeps time, and this says what becomes of them.

Rules it keeps:

* Nobody says a password in clear, except on this machine itself (RFC 4954 section 4).
* Only who has signed in hands in mail; returned mail for our own addresses is taken from everybody.
* 250 behind the content means that the message is on the disk. It is never said before, and whatever a client does meanwhile, a message
  that is being stored is stored to its end.
* What came in clear behind STARTTLS, and content that comes unasked, ends the session: it would be read as something else.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from typing import TYPE_CHECKING, AnyStr, Final, cast

from aiosmtpd.smtp import SMTP, Session

from eilbote.connections.host import is_loopback
from eilbote.relay.content import IncomingContent
from eilbote.relay.entrance import Entrance
from eilbote.relay.envelope_commands import add_recipient, begin, read_argument
from eilbote.relay.hello import hello_reply, is_name, send_away
from eilbote.relay.strict_reader import LineEndError, StrictReader
from eilbote.relay.transaction import Client
from eilbote.smtp.sign_in import SignIn

if TYPE_CHECKING:
    from eilbote.relay.room import Room
    from eilbote.relay.transaction import Transaction
    from eilbote.smtp.path_argument import PathArgument

_LOG: Final = logging.getLogger("eilbote")
_LONGEST_LINE: Final = 4096
_COMMANDS: Final = {"*": 1_000_000, "NOOP": 100, "VRFY": 20, "HELP": 20, "EXPN": 5, "EHLO": 20, "HELO": 20}
"""How often each may come in one session."""
_MOST_FAILURES: Final = 20
_PROGRESS_OCTETS: Final = 64 * 1024
"""So much of a content has to come within the time of a command, or the session is over."""
_HANDSHAKE_SECONDS: Final = 30.0


class RelaySession(SMTP):
    """A session.

    Args:
        room: What it shares with others.
        is_secured: Whether TLS protects it from its first octet on.

    Attributes:
        address: The client's IP address.
    """

    def __init__(self, room: Room, *, is_secured: bool) -> None:
        options = room.options
        super().__init__(
            _NoHooks(),
            data_size_limit=options.max_size,
            enable_SMTPUTF8=True,
            hostname=room.name,
            ident="ESMTP eilbote",
            timeout=options.idle_seconds,
            command_call_limit=dict(_COMMANDS),
            loop=asyncio.get_running_loop(),
        )
        # aiosmtpd makes a reader of its own, which takes a line feed for the end of a line
        asyncio.StreamReaderProtocol.__init__(
            self,
            StrictReader(limit=_LONGEST_LINE, loop=self.loop),
            client_connected_cb=self._cb_client_connected,
            loop=self.loop,
        )
        self.command_size_limit = _LONGEST_LINE  # the reader has the same
        self.command_size_limits = defaultdict(lambda: _LONGEST_LINE)
        self._room = room
        self._is_secured = is_secured
        self._is_admitted = False
        self.address = ""
        self._entrance = Entrance(room)
        self._transaction: Transaction | None = None
        self._content: IncomingContent | None = None
        self._content_ended: asyncio.Future[None] | None = None
        self._progress = 0
        self._failures = 0

    # -- its connection ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        peer: object = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""  # pyright: ignore[reportUnknownArgumentType] - of a socket
        self._is_admitted = self._room.enter(self)
        if self._is_admitted:
            super().connection_made(transport)
        else:
            send_away(cast("asyncio.Transport", transport))  # uvloop's is one without being derived from it

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        if self._is_admitted:
            super().connection_lost(error)
        self._room.leave(self)

    def eof_received(self) -> bool | None:
        """Hear that the client says no more: so do we."""
        return super().eof_received() if self._is_admitted else False

    def data_received(self, data: bytes) -> None:
        """Take octets: of the content, while it comes, or of commands."""
        if not self._is_admitted:
            return
        content, ended = self._content, self._content_ended
        if content is None or ended is None:
            super().data_received(data)
            return
        self._progress += len(data)
        if self._progress >= _PROGRESS_OCTETS:
            self._progress = 0
            self._reset_timeout()
        try:
            rest = content.feed(data)
        except OSError as fault:  # no room for the file
            self._content = None
            ended.set_exception(fault)
            return
        if rest is not None:
            self._content = None
            ended.set_result(None)
            if rest:
                super().data_received(rest)

    def end(self, reply: str = "421 4.3.2 This server is being stopped") -> None:
        """Say goodbye and hang up, unless a message is being stored."""
        transport = cast("asyncio.Transport | None", self.transport)
        if transport is not None and not transport.is_closing():
            transport.write(f"{reply}\r\n".encode())
            transport.close()

    @property
    def client(self) -> Client:
        """Who sends."""
        session = self.session
        return Client(
            address=self.address,
            hello="" if session is None else str(session.host_name or ""),
            is_extended=session is not None and bool(session.extended_smtp),
            is_secured=self._is_secured,
            is_signed_in=self._entrance.principal is not None,
        )

    # -- what aiosmtpd asks -----------------------------------------------------------------------------------

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Give who has not signed in less time."""
        options = self._room.options
        is_known = self._entrance.principal is not None or self._content is not None
        super()._reset_timeout(duration or (options.idle_seconds if is_known else options.sign_in_seconds))

    def _set_rset_state(self) -> None:
        super()._set_rset_state()  # type: ignore[no-untyped-call] # it has no types
        self._transaction = None

    async def push(self, status: AnyStr) -> None:
        """Reply; who is refused too often is sent away."""
        if str(status)[:1] in {"4", "5"}:  # whoever says octets, says no refusal
            self._failures += 1
            if self._failures > _MOST_FAILURES and not str(status).startswith("421"):
                await self._hang_up("421 4.7.0 Too many errors")
                return
        await super().push(status)

    async def handle_exception(self, error: Exception) -> str:
        """Tell what is wrong with a line; what nobody has foreseen is told as that."""
        if isinstance(error, LineEndError):
            reply = "500 5.5.2 A line ends in CR LF (RFC 5321 section 2.3.8); this one did not"
        else:
            reply = "421 4.3.0 Something went wrong that nobody has foreseen"
            _LOG.error("a session of the relay failed: %s", type(error).__name__, exc_info=error)
        self._end_reading()
        self.loop.call_soon(self._close)  # behind the reply
        return reply

    # -- before a mail ----------------------------------------------------------------------------------------

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd finds it by its name
        """Tell what there is."""
        if not is_name(hostname):
            await self.push("501 5.5.4 Write EHLO and the name of this client")
            return
        self._set_rset_state()
        self._begin(hostname, is_extended=True)
        reply = hello_reply(
            self._room.name,
            max_size=self._room.options.max_size,
            starttls=self._may_secure,
            auth=self._may_sign_in,
        )
        await self.push(reply)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 - as above
        """Take a client of old."""
        if not is_name(hostname):
            await self.push("501 5.5.4 Write HELO and the name of this client")
            return
        self._set_rset_state()
        self._begin(hostname, is_extended=False)
        await self.push(f"250 {self._room.name}")

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - as above
        """Begin TLS (RFC 3207)."""
        context = self._room.context
        if arg:
            await self.push("501 5.5.4 STARTTLS has no argument")
            return
        if context is None or not self._may_secure:
            await self.push("503 5.5.1 STARTTLS was not announced")
            return
        if self._reader_has_more:
            await self._hang_up("503 5.5.0 Commands came behind STARTTLS in clear")
            return
        transport = self._writer.transport
        transport.pause_reading()  # type: ignore[attr-defined] # at once: what comes now belongs to TLS
        await self.push("220 2.0.0 Go ahead with the TLS handshake")
        try:
            await self._writer.start_tls(context, ssl_handshake_timeout=_HANDSHAKE_SECONDS)
        except (OSError, asyncio.CancelledError):
            transport.close()
            raise
        self.transport = self._writer.transport
        self._is_secured = True
        self._entrance.forget()
        peer = None if self.session is None else self.session.peer
        self.session = Session(self.loop)  # nothing said in clear counts any more (RFC 3207 section 4.2)
        self.session.peer = peer
        self._set_rset_state()

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802 - as above
        """Let somebody sign in (RFC 4954)."""
        mechanism, _, initial = (arg or "").partition(" ")
        mechanism = mechanism.upper()
        if (
            self.session is None
            or not self.session.extended_smtp
            or self._entrance.principal
            or self._transaction
        ):
            await self.push("503 5.5.1 AUTH comes once, after EHLO and before MAIL")
        elif not self._may_sign_in:
            await self.push("538 5.7.11 STARTTLS comes first: a password would travel in clear")
        elif mechanism not in {"PLAIN", "LOGIN"}:
            await self.push("504 5.5.4 PLAIN and LOGIN are known here")
        else:
            said = await self._interrogated(SignIn(mechanism), initial.strip())
            if said is None:
                await self.push("501 5.5.2 Authentication was cancelled, or is not base64")
            else:
                await self._sign_in(*said)

    async def _interrogated(self, asking: SignIn, initial: str) -> tuple[str, str] | None:
        line = initial.encode("utf-8", "surrogateescape")
        while not asking.complete:
            if not line:
                await self.push(f"334 {asking.challenge()}")
                line = (await self._reader.readuntil()).rstrip(b"\r\n")
            if line == b"*" or not asking.take(line):
                return None
            line = b""
        return asking.user, asking.password

    async def _sign_in(self, user: str, password: str) -> None:
        reply = await self._entrance.sign_in(user, password, self.client)
        if reply.startswith("421"):
            await self._hang_up(reply)
            return
        if reply.startswith("235"):
            self._reset_timeout()
        await self.push(reply)

    # -- a mail -----------------------------------------------------------------------------------------------

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - as above
        """Begin a mail."""
        reply = await self._entrance.ask_again(self.client)
        if reply.startswith("421"):
            await self._hang_up(reply)
        else:
            await self.push(reply or self._mail(read_argument("FROM", arg)))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - as above
        """Add a recipient."""
        await self.push(self._rcpt(read_argument("TO", arg)))

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - as above
        """Take the content, and hand the message in."""
        transaction, options = self._transaction, self._room.options
        if arg:
            await self.push("501 5.5.4 DATA has no argument")
            return
        if transaction is None or not transaction.forward_paths:
            await self.push("503 5.5.1 DATA comes after RCPT")
            return
        if self._reader_has_more:
            # RFC 2920 section 3.1: DATA ends a group. Another server that refuses DATA would read this content as commands.
            await self._hang_up("503 5.5.0 Content came before it was asked for")
            return
        limit = min(options.max_size, options.max_bounce_size) if transaction.is_bounce else options.max_size
        content = IncomingContent(limit, directory=self._room.incoming)
        ended = self.loop.create_future()
        self._progress = 0
        self._content, self._content_ended = content, ended
        storing: asyncio.Task[str] | None = None
        try:
            await self.push("354 Go ahead, end with CR LF . CR LF")
            await ended
            self._transaction = None
            # it goes on when the client has hung up; who is cancelled here only waits for it
            storing = self.loop.create_task(self._take(transaction, content, limit))
            reply = await asyncio.shield(storing)
        except OSError:
            await self._hang_up("452 4.3.1 There is no room for the message now")
            return
        finally:
            self._content = self._content_ended = None
            if storing is None:
                content.close()
        self._reset_timeout()
        if reply.startswith("250"):
            self._failures = 0
        await self.push(reply)

    async def _take(self, transaction: Transaction, content: IncomingContent, limit: int) -> str:
        try:
            if content.is_too_large:
                return f"552 5.3.4 A message has at most {limit} octets here"
            if content.looked_over.fault:
                return f"550 5.6.0 {content.looked_over.fault}. {content.looked_over.remedy}"
            return await self._room.take(transaction, content, self.client, self._entrance.principal)
        finally:
            content.close()

    def _mail(self, mail: PathArgument | None) -> str:
        session = self.session
        if session is None or not session.host_name:
            return "503 5.5.1 EHLO comes first"
        if self._entrance.principal is None and not self._room.options.bounces:
            return "530 5.7.0 Authentication required"
        if self._transaction is not None:
            return "503 5.5.1 A transaction is open already"
        begun = begin(mail, is_extended=session.extended_smtp, options=self._room.options)
        if isinstance(begun, str):
            return begun
        self._transaction = begun
        return "250 2.1.0 Ok"

    def _rcpt(self, rcpt: PathArgument | None) -> str:
        if self._transaction is None:
            return "503 5.5.1 RCPT comes after MAIL"
        return add_recipient(
            rcpt, self._transaction, room=self._room, is_signed_in=self._entrance.principal is not None
        )

    # -- within -----------------------------------------------------------------------------------------------

    @property
    def _may_secure(self) -> bool:
        return self._room.context is not None and not self._room.options.implicit_tls and not self._is_secured

    @property
    def _may_sign_in(self) -> bool:
        return self._is_secured or is_loopback(self.address)

    @property
    def _reader_has_more(self) -> bool:
        return isinstance(self._reader, StrictReader) and self._reader.has_more

    def _begin(self, hello: str, *, is_extended: bool) -> None:
        if self.session is not None:
            self.session.host_name = hello
            self.session.extended_smtp = is_extended

    async def _hang_up(self, reply: str) -> None:
        await super().push(reply)
        self._close()

    def _close(self) -> None:
        """Hang up; what has come already is not read, for it was not meant for whoever would read it now."""
        self._end_reading()
        if self.transport is not None:
            self.transport.close()

    def _end_reading(self) -> None:
        if isinstance(self._reader, StrictReader):
            self._reader.is_over = True


class _NoHooks:
    """What aiosmtpd would ask; nobody answers."""
