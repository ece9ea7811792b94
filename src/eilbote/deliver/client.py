"""One session with one server, as its owner sees it: open it, hand it deliveries, take what comes back, close it.

What happens in between is the business of :mod:`eilbote.deliver.client_driver`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from eilbote.deliver import session_faults
from eilbote.deliver.client_driver import FAREWELL_SECONDS, Driver
from eilbote.deliver.opening import open_session
from eilbote.errors import DeliveryError, DisconnectedError
from eilbote.smtp.commands import Noop, Quit
from eilbote.smtp.states import SessionState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.deliver.client_options import ClientOptions, Connect
    from eilbote.deliver.delivery import Delivery
    from eilbote.model.clock import Clock
    from eilbote.smtp.extensions import Extensions

_CHECK_SECONDS = 10.0


class Client(Driver):
    """One session with one server; made by :meth:`open`.

    Attributes:
        server: ``host:port``.
        session: The core this client drives.
        redactor: What strikes this session's secrets out of texts.
        lost: What ended the session, if it is over.
        opened_at: When the session was ready for mail, on the clock's monotonic time.
    """

    __slots__ = ("opened_at",)

    def __init__(
        self,
        options: ClientOptions,
        *,
        clock: Clock,
        on_done: Callable[[Client, list[Delivery]], None],
        on_room: Callable[[Client], None],
        on_lost: Callable[[Client, DeliveryError], None],
    ) -> None:
        super().__init__(
            options,
            clock=clock,
            on_done=partial(on_done, self),
            on_room=partial(on_room, self),
            on_lost=partial(on_lost, self),
        )
        self.opened_at = 0.0

    # -- opening ----------------------------------------------------------------------------------------

    @classmethod
    async def open(
        cls,
        options: ClientOptions,
        *,
        clock: Clock,
        on_done: Callable[[Client, list[Delivery]], None],
        on_room: Callable[[Client], None],
        on_lost: Callable[[Client, DeliveryError], None],
        connect: Connect | None = None,
    ) -> Client:
        """Connect, greet, secure and authenticate; the session is ready for mail then.

        Args:
            options: Where to and how.
            clock: Tells the time.
            on_done: Takes deliveries that have a receipt or an error, one batch a wake-up.
            on_room: Called once a wake-up while more may be submitted.
            on_lost: Called once when an open session is over before :meth:`quit`.
            connect: What opens a stream; the real one when ``None``.

        Raises:
            ConnectError: The server cannot be reached, or refuses to serve.
            TLSError: TLS is required and cannot be had.
            AuthenticationError: The credentials are refused, or cannot be used here.
            DeliveryTimeoutError: A deadline passed.
            DisconnectedError: The server went away.
        """
        client = cls(options, clock=clock, on_done=on_done, on_room=on_room, on_lost=on_lost)
        try:
            await open_session(client, options, connect)
            if client.lost is not None:  # in the moment between the last reply and here
                raise client.lost
        except BaseException as error:
            client._hang_up()
            if isinstance(error, DeliveryError) and not error.transcript:
                error.transcript = client.transcript
            raise
        if not options.transcript:
            client.session.stop_transcript()
        client._settlement.tls_version = client.tls_version
        client._settlement.extensions = client.extensions.lines
        client._settlement.opening = client.transcript
        client.opened_at = clock.monotonic()
        client._is_open = True
        return client

    def _hang_up(self) -> None:
        """Leave a session that cannot be used, politely where the server is listening."""
        if self.lost is None and self.session.state is SessionState.READY and self._stream is not None:
            self.session.send(Quit())
            self._flush(self._monotonic())
            self._stream.close()
        self.abort()

    # -- what the owner sees ----------------------------------------------------------------------------

    @property
    def extensions(self) -> Extensions:
        """What the server announces."""
        return self.session.extensions

    @property
    def delivered(self) -> int:
        """Deliveries the server has decided on in this session."""
        return self._account.delivered

    @property
    def in_flight(self) -> int:
        """Deliveries submitted and not yet handed back."""
        return self.session.under_way + len(self._account.early)

    @property
    def room(self) -> int:
        """How many deliveries may be submitted now to keep the session busy."""
        free = self.session.room() - len(self._account.early)
        return free if self._is_open and free > 0 else 0

    def unsent(self) -> list[Delivery]:
        """Take the deliveries that a lost session hands back; the server has certainly taken none of them."""
        return self._account.handed_back()

    def submit(self, delivery: Delivery) -> None:
        """Take a delivery; as :meth:`submit_several`."""
        self.submit_several((delivery,))

    def submit_several(self, deliveries: Sequence[Delivery]) -> None:
        """Take deliveries; their octets leave with the next write of this wake-up. Never blocks.

        Raises:
            DisconnectedError: The session is not open.
        """
        if not self._is_open:
            raise self.lost or DisconnectedError("the session is not open", server=self.server)
        self._account.begin(deliveries)
        if not self._awake and not self._flush_due:
            self._flush_soon()

    async def check(self) -> bool:
        """Find out whether an idle session still lives; a busy one does."""
        if self.session.state is not SessionState.READY:
            return self._is_open
        try:
            reply = await self.ask(Noop(), stage="check", seconds=min(_CHECK_SECONDS, self._timeouts.command))
        except DeliveryError:
            return False
        return reply.is_positive

    async def quit(self) -> None:
        """Say goodbye and close; what the server makes of it does not matter any more."""
        self._is_open = False
        try:
            if self.lost is None and self.session.state in {SessionState.READY, SessionState.CONNECTED}:
                seconds = min(FAREWELL_SECONDS, self._timeouts.command)
                await self.ask(Quit(), stage="quit", seconds=seconds)
        except DeliveryError:
            pass
        finally:
            self.abort()

    def abort(self) -> None:
        """Close now. What was sent completely and not answered is in doubt then."""
        self._lose(session_faults.closed_from_here(self.server))
