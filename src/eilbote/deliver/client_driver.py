"""The driver of one session: what happens in each wake-up of the loop.

All replies that have come are heard, finished deliveries are handed to the owner in one batch, the owner fills
what room there is, and one write carries everything that may be sent. No task, future or timer belongs to a
single message.

What becomes of deliveries when a session breaks follows from how far each has come:

* all its recipients refused: settled, the replies say it;
* content sent completely and unanswered: settled as in doubt (RFC 1047), never sent again from here;
* anything less: the server cannot have taken it; handed back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from eilbote.deliver import session_faults
from eilbote.deliver.account import Account
from eilbote.deliver.content_pump import pump
from eilbote.deliver.deadline import NEVER, Deadline
from eilbote.deliver.settlement import Settlement
from eilbote.errors import DeliveryError, DisconnectedError, EilboteError
from eilbote.model.credentials import Anonymous
from eilbote.model.redactor import Redactor
from eilbote.smtp.events import Answered, Broken, Closing
from eilbote.smtp.pace import SessionOptions
from eilbote.smtp.session import Session
from eilbote.smtp.states import TransactionState
from eilbote.smtp.transaction import Transaction
from eilbote.smtp.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.deliver.client_options import ClientOptions
    from eilbote.deliver.delivery import Delivery
    from eilbote.model.clock import Clock
    from eilbote.model.timeouts import Timeouts
    from eilbote.net.stream import Stream
    from eilbote.smtp.commands import SetupCommand
    from eilbote.smtp.events import Event
    from eilbote.smtp.replies import Reply

FAREWELL_SECONDS = 5.0


def _shortest(timeouts: Timeouts) -> float:
    waits = [timeouts.greeting, timeouts.command, timeouts.data_block, timeouts.final_dot]
    return min([*waits, timeouts.total or NEVER, FAREWELL_SECONDS])


class Driver:
    """A session at work, from its first octet to its last.

    Args:
        options: Where it goes and how.
        clock: Tells the time.
        on_done: Takes deliveries that have a receipt or an error, one batch a wake-up.
        on_room: Called once a wake-up while more may be submitted.
        on_lost: Called once when an open session is over before its owner let it go.

    Attributes:
        server: ``host:port``.
        session: The core it drives.
        redactor: What strikes this session's secrets out of texts.
        lost: What ended the session, if it is over.
    """

    __slots__ = (
        "_account",
        "_asked",
        "_awake",
        "_deadline",
        "_flush_due",
        "_greeting",
        "_is_open",
        "_monotonic",
        "_moved_at",
        "_on_done",
        "_on_lost",
        "_on_room",
        "_pumping",
        "_settlement",
        "_stage",
        "_stream",
        "_timeouts",
        "_transcript",
        "_wait",
        "lost",
        "redactor",
        "server",
        "session",
    )

    def __init__(
        self,
        options: ClientOptions,
        *,
        clock: Clock,
        on_done: Callable[[list[Delivery]], None],
        on_room: Callable[[], None],
        on_lost: Callable[[DeliveryError], None],
    ) -> None:
        self.server = options.server
        self.redactor = Redactor.for_credentials(options.credentials)
        self._transcript = Transcript(self.redactor)
        self.session = Session(
            SessionOptions(pipelining=options.pipelining, chunking_window=options.chunking_window),
            transcript=self._transcript,
        )
        self._settlement = Settlement(
            server=options.server,
            redactor=self.redactor,
            largest=options.max_recipients,
            anonymous=isinstance(options.credentials, Anonymous),
        )
        self._account = Account(
            self.session,
            self._settlement,
            server=options.server,
            redactor=self.redactor,
            chunking=options.chunking_window > 0,
        )
        self._timeouts = options.timeouts
        self._monotonic = clock.monotonic
        self._on_done = on_done
        self._on_room = on_room
        self._on_lost = on_lost
        self._stream: Stream | None = None
        self._deadline = Deadline(
            clock.monotonic,
            due=self._due,
            expired=self._expired,
            shortest=_shortest(options.timeouts),
        )
        self._moved_at = 0.0
        self._asked: asyncio.Future[Reply] | None = None
        self._greeting: Reply | None = None
        self._stage = "greeting"
        self._wait = options.timeouts.command
        self._awake = False
        self._flush_due = False
        self._pumping: asyncio.Task[None] | None = None
        self._is_open = False
        self.lost: DeliveryError | None = None

    def connected(self, stream: Stream) -> None:
        """Take the stream to talk over."""
        self._stream = stream
        self.session.secure = bool(stream.tls_version)

    @property
    def tls_version(self) -> str:
        """For instance ``TLSv1.3``; empty without TLS."""
        return self._stream.tls_version if self._stream is not None else ""

    @property
    def transcript(self) -> tuple[str, ...]:
        """The dialogue so far, secrets struck out; without the mail unless the options ask for it."""
        return self._transcript.lines()

    async def ask(self, command: SetupCommand | None, *, stage: str, seconds: float) -> Reply:
        """Say one command and wait for its reply; ``None`` waits for the greeting.

        Raises:
            DeliveryError: The session is lost, or the time is up.
        """
        if command is None and self._greeting is not None:
            return self._greeting  # also when it was a 421, which ended the session at once
        if self.lost is not None:
            raise self.lost
        self._asked = asyncio.get_running_loop().create_future()
        self._stage, self._wait, self._moved_at = stage, seconds, self._monotonic()
        self._deadline.start()
        if command is not None:
            self.session.send(command)
            self._flush(self._moved_at)
        try:
            return await self._asked
        finally:
            self._asked = None

    # -- sending ----------------------------------------------------------------------------------------

    def _flush_soon(self) -> None:
        self._flush_due = True
        asyncio.get_running_loop().call_soon(self._flush_now)

    def _flush_now(self) -> None:
        self._flush_due = False
        if self.lost is None:
            try:
                self._finish_wake_up(self._monotonic(), [])
            except Exception as error:  # noqa: BLE001 - as in octets_received
                self._give_up(error)

    def _flush(self, now: float) -> None:
        stream, session = self._stream, self.session
        if stream is None:
            return
        if session.is_fenced:
            now = self._monotonic()  # making messages for the room there is may have taken a while
        out = session.data_to_send(now)
        if out:
            stream.write(out[0] if len(out) == 1 else b"".join(out))
        if session.late:
            self._account.run_out(session.late)
        if session.streaming is not None and self._pumping is None:
            content = self._pump(session.streaming, stream)
            self._pumping = asyncio.get_running_loop().create_task(content)

    async def _pump(self, transaction: Transaction, stream: Stream) -> None:
        try:
            await pump(transaction, stream, self._progress)
        except DisconnectedError:
            return  # stream_lost tells the rest
        except Exception as error:  # noqa: BLE001 - a source is anybody's code, and somebody waits for this message
            fault = session_faults.content_fault(error, server=self.server)
            lost = session_faults.content_unfinished(fault, server=self.server)
            self._lose(lost, culprit=transaction, fault=fault)
            return
        finally:
            self._pumping = None
        if self.lost is None:
            self.session.content_sent()
            self._finish_wake_up(self._monotonic(), [])

    def _progress(self) -> float:
        self._moved_at = now = self._monotonic()
        return now

    # -- receiving --------------------------------------------------------------------------------------

    def octets_received(self, data: bytes) -> None:
        """Hear the server; called by the stream."""
        if self.lost is not None:
            return
        now = self._monotonic()
        session, account = self.session, self._account
        events: list[Event] = []
        done: list[Delivery] = []
        others: list[Answered | Closing | Broken] = []
        heard = 0
        try:
            events = session.receive(data, now)
            if not events and not session.heard:
                return  # a piece of a reply moves no deadline
            if len(events) > 1:
                heard = account.settle_accepted(events, now, done)
            for event in events[heard:] if heard else events:
                if isinstance(event, Transaction):
                    account.settle(event, now, done)
                else:
                    others.append(event)
                heard += 1
            told, done = done, []
            if others:
                self._hear_others(others, told, now)
            else:
                self._finish_wake_up(now, told)
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for these deliveries
            self._give_up(error, events[heard:], done)

    def _give_up(
        self, error: Exception, unheard: Sequence[Event] = (), done: list[Delivery] | None = None
    ) -> None:
        """End the session because of a fault nobody foresaw; nobody is left waiting for ever."""
        done = done if done is not None else []
        self._account.conclude(unheard, self._monotonic(), done)
        self._lose(
            session_faults.unforeseen(error, stage=self._stage, server=self.server, redactor=self.redactor),
            done,
        )

    def _hear_others(
        self, events: list[Answered | Closing | Broken], done: list[Delivery], now: float
    ) -> None:
        answer: Reply | None = None
        lost: DeliveryError | None = None
        for event in events:
            match event:
                case Answered(reply=reply):
                    answer = reply
                case Closing(reply=reply):
                    lost = self._settlement.closing(reply)
                case Broken(error=fault):
                    answer = None  # who breaks a rule in the same breath is not believed
                    lost = session_faults.broken_rule(
                        fault, stage=self._stage, server=self.server, redactor=self.redactor
                    )
        if answer is not None:
            self._take_answer(answer)
        if lost is not None:
            self._lose(lost, done)
        else:
            self._finish_wake_up(now, done)

    def _take_answer(self, reply: Reply) -> None:
        if self._asked is None:
            self._greeting = reply  # the only reply that can come before anybody waits for it
        elif not self._asked.done():
            self._asked.set_result(reply)

    def _finish_wake_up(self, now: float, done: list[Delivery]) -> None:
        """Hand out what is done, let the owner fill the room, write once, and move the deadline."""
        account = self._account
        if account.early:
            done += account.early
            account.early = []
        self._awake = True
        if done:
            self._on_done(done)
        if self._is_open and self.session.room() > 0:
            self._on_room()
        self._awake = False
        if self.lost is not None:
            return
        self._flush(now)
        if account.early and not self._flush_due:
            self._flush_soon()
        self._moved_at = now
        if not self._deadline.is_running:
            self._deadline.start()

    # -- time -------------------------------------------------------------------------------------------

    def _due(self) -> float:
        """Say when the time will be up: each wait begins with the latest whole reply, or the latest write."""
        if self._asked is not None:
            return self._moved_at + self._wait
        oldest = self.session.oldest
        if oldest is None:
            return NEVER
        timeouts, state = self._timeouts, oldest.state
        if state is TransactionState.VERDICT or state is TransactionState.STREAMED:
            self._stage, self._wait = "content", timeouts.final_dot
        elif state is TransactionState.CONTENT:
            self._stage, self._wait = "content", timeouts.data_block
        else:
            self._stage, self._wait = oldest.stage, timeouts.command
        due = self._moved_at + self._wait
        if timeouts.total is not None and oldest.begun_at + timeouts.total < due:
            self._wait = timeouts.total
            return oldest.begun_at + timeouts.total
        return due

    def _expired(self) -> None:
        self._lose(session_faults.expired(self._wait, stage=self._stage, server=self.server))

    # -- ending -----------------------------------------------------------------------------------------

    def stream_lost(self, error: DeliveryError | None) -> None:
        """Learn that nothing more will come; called by the stream."""
        if self.lost is not None:
            return
        lost = error or session_faults.closed_by_server()
        lost.server = lost.server or self.server
        lost.stage = lost.stage or self._stage
        self._lose(lost)

    def _lose(
        self,
        error: DeliveryError,
        done: list[Delivery] | None = None,
        *,
        culprit: Transaction | None = None,
        fault: EilboteError | None = None,
    ) -> None:
        """End the session: settle what is decided or in doubt, hand back the rest."""
        if self.lost is not None:
            return
        was_open, self._is_open = self._is_open, False
        self.lost = error
        error.transcript = error.transcript or self.transcript
        done = done if done is not None else []
        self._account.close(error, done, culprit=culprit, fault=fault)
        self._deadline.cancel()
        if self._stream is not None:
            self._stream.abort()
        if self._pumping is not None and culprit is None:
            self._pumping.cancel()
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(error)
        if done:
            self._on_done(done)
        if was_open:
            self._on_lost(error)
