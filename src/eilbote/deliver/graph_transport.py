"""The way out over Microsoft Graph: ``sendMail`` with a whole message, for tenants in which SMTP AUTH is switched off.

Rules it keeps:

* Graph takes a message for all recipients or for none, so every recipient of a message has the same result.
* 202 means accepted (RFC 9110 §15.3.3). When the connection breaks after the whole request has left and before an
  answer has come, the message is in doubt; before that, Graph cannot have taken it.
* A token that is refused (401) is replaced once.
* No more requests at a time than Graph allows for one mailbox, no faster than the connection's limits say, and none at
  all while Graph has asked to be left alone (429 and 503 with Retry-After): deliveries are then deferred unasked.

What SMTP has and Graph has not: an envelope sender of its own (it is the mailbox), delivery status notifications, and a
message to some of those whom its header names (:mod:`eilbote.deliver.graph_message`).

Source: https://learn.microsoft.com/graph/api/user-sendmail, "Send an existing message using MIME format".
"""

from __future__ import annotations

import asyncio
import copy
from base64 import b64encode
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from eilbote.deliver import session_faults
from eilbote.deliver.delivery import Delivery
from eilbote.deliver.graph_answer import (
    ACCEPTED,
    UNAUTHORIZED,
    GraphAnswer,
    error_of,
    read_answer,
    refusal_of,
    wait_of,
)
from eilbote.deliver.graph_message import LARGEST, graph_octets
from eilbote.deliver.pace import Pace
from eilbote.deliver.side_by_side import side_by_side
from eilbote.deliver.smtp_transport import gate_of, own_tokens
from eilbote.deliver.throttle import Throttle
from eilbote.deliver.transport import Capabilities
from eilbote.errors import (
    DeliveryError,
    Durability,
    EilboteError,
    InDoubtError,
    LocalProtocolError,
    Scope,
    SettingsError,
)
from eilbote.model.message import BodyKind
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.redactor import Redactor
from eilbote.model.status import RecipientKind, RecipientStatus
from eilbote.model.tls import Security
from eilbote.net.http import HttpDoor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator

    import httpx2

    from eilbote.connections.connection import Connection
    from eilbote.model.clock import Clock
    from eilbote.model.credentials import AccessToken
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource

MOST_REQUESTS: Final = 4
"""At a time for one mailbox: https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits."""
_PIECE: Final = 64 * 1024
_EMPTY_REFUSED: Final = frozenset({400, 411, 415, 422})
_CAPABILITIES: Final = Capabilities(body=BodyKind.SEVEN_BIT, smtputf8=False, size=LARGEST)


class GraphTransport:
    """Carries messages over Microsoft Graph.

    Args:
        connection: Which mailbox, and how fast; its host is that of Graph, or of a national cloud's.
        clock: Tells the time.
        tokens: Where access tokens come from; ``None`` has them fetched for this transport alone.
        egress: Which addresses may be connected to; ``None`` allows any.

    Raises:
        SettingsError: The credentials are none that a token comes from.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Clock,
        tokens: TokenSource | None = None,
        egress: EgressPolicy | None = None,
    ) -> None:
        self._clock, limits = clock, connection.limits
        self._own_tokens = own_tokens(connection, clock=clock, egress=egress) if tokens is None else None
        source = tokens or self._own_tokens
        if source is None:
            raise SettingsError(
                "Microsoft Graph is signed in to with OAuth2",
                field="access_token",
                remedy="Set client_id with a refresh_token, or with client_secret and tenant",
            )
        self._tokens = source
        self._server = f"{connection.host}:{connection.port}"
        self._url = _url(connection)
        gate, patience = gate_of(connection, egress), connection.timeouts.final_dot
        self._door = HttpDoor(egress=gate, tls=connection.tls, seconds=patience)
        self._client: httpx2.AsyncClient | None = None
        self._most = min(MOST_REQUESTS, limits.max_sessions)
        self._slots = asyncio.Semaphore(self._most)
        self._pace = Pace(limits)
        self._throttle = Throttle(limits.messages_per_second)
        self._rest: tuple[float, DeliveryError] | None = None
        self._redactor = Redactor.for_credentials(connection.credentials)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def capabilities(self) -> Capabilities:
        """Say what Graph takes; it is always the same."""
        return _CAPABILITIES

    async def ready(self) -> Capabilities:
        """Say what Graph takes, once a token has shown that it can be asked."""
        self._check_rest()
        await self._tokens.token()
        return _CAPABILITIES

    async def deliver(self, envelope: Envelope, message: Message) -> Receipt:
        """Carry one message.

        A call that is cancelled before its request was begun leaves nothing behind; after that the message goes on its
        way, since nobody could tell whether it was taken.
        """
        delivery = Delivery(envelope, message)
        turn = self._begin(delivery)
        try:
            await asyncio.shield(turn.task)
        except asyncio.CancelledError:
            if not turn.is_asked:
                turn.task.cancel()
            raise
        if delivery.receipt is None:
            raise copy.copy(delivery.error or LocalProtocolError("a delivery ended without a result"))
        return delivery.receipt

    def deliver_all(
        self, source: Iterator[Delivery] | AsyncIterator[Delivery]
    ) -> AsyncGenerator[Delivery, None]:
        """Carry many messages, some at a time."""
        return side_by_side(source, lambda delivery: self._begin(delivery).task, most=self._most)

    async def close(self) -> None:
        """Let what is under way finish, then close."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._close_client()

    async def abort(self) -> None:
        """Close now; a message whose request has left is in doubt."""
        for task in self._tasks:
            task.cancel()
        await self.close()

    async def _close_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        if self._own_tokens is not None:
            await self._own_tokens.close()

    async def knows_mailbox(self) -> str:
        """Find out whether Graph takes the token for this mailbox, without sending anything; gives what it said.

        It is handed a message without a single octet, which it refuses once it has looked at token and mailbox.

        Raises:
            TokenError: No token can be had.
            DeliveryError: Graph cannot be reached, or takes neither this nor any message.
        """
        answer = await self._ask(_Asking(), b"", await self._tokens.token())
        if answer.status not in _EMPTY_REFUSED or refusal_of(answer).scope is Scope.SITE:
            raise error_of(answer, server=self._server)
        return self._redactor.presentable(answer.text)

    # -- one message --------------------------------------------------------------------------------------------------

    def _begin(self, delivery: Delivery) -> _Turn:
        turn = _Turn(delivery)
        turn.task = asyncio.create_task(self._carry(turn))
        self._tasks.add(turn.task)
        turn.task.add_done_callback(self._tasks.discard)
        return turn

    async def _carry(self, turn: _Turn) -> None:
        delivery = turn.delivery
        try:
            async with self._slots:
                await self._keep_pace(delivery)
                self._check_rest()
                octets = b64encode(graph_octets(delivery.envelope, delivery.message, server=self._server))
                token = await self._tokens.token()
                self._check_moment(turn)
                delivery.attempts += 1
                turn.begun = self._clock.monotonic()
                self._settle(turn, await self._ask(turn, octets, token))
        except asyncio.CancelledError:
            if not turn.is_asked:
                raise
            self._doubt(turn, "the transport was closed before the answer came")
        except EilboteError as error:
            self._fail(turn, error)

    async def _keep_pace(self, delivery: Delivery) -> None:
        while (wait := self._wait()) > 0:
            if delivery.not_after is not None and self._clock.monotonic() + wait > delivery.not_after:
                raise session_faults.out_of_time(stage="content", server=self._server)
            await asyncio.sleep(wait)
        now = self._clock.monotonic()
        self._pace.spend(now)
        self._throttle.spend(now)

    def _wait(self) -> float:
        now = self._clock.monotonic()
        return max(self._pace.wait(now), self._throttle.wait(now))

    def _check_rest(self) -> None:
        """Leave Graph alone for as long as it has asked."""
        if self._rest is None:
            return
        until, error = self._rest
        if self._clock.monotonic() < until:
            raise copy.copy(error)
        self._rest = None

    def _check_moment(self, turn: _Asking) -> None:
        if turn.not_after is not None and self._clock.monotonic() > turn.not_after:
            raise session_faults.out_of_time(stage="content", server=self._server)

    async def _ask(self, turn: _Asking, octets: bytes, token: AccessToken) -> GraphAnswer:
        answer = await self._post(turn, octets, token)
        if answer.status != UNAUTHORIZED:
            return answer
        turn.is_asked = False  # it was answered, and not taken
        other = await self._tokens.replacement(token)
        if other is None:
            return answer
        self._check_moment(turn)
        answer = await self._post(turn, octets, other)
        if answer.status == UNAUTHORIZED:
            await self._tokens.discard(other)
        return answer

    async def _post(self, turn: _Asking, octets: bytes, token: AccessToken) -> GraphAnswer:
        self._redactor.learn(token.token.reveal())
        if self._client is None:
            self._client = self._door.client(field="host")
        request = self._client.build_request(
            "POST",
            self._url,
            content=_pieces(turn, octets),
            headers={
                "Authorization": f"Bearer {token.token.reveal()}",
                "Content-Type": "text/plain",
                "Content-Length": str(len(octets)),
                "Accept": "application/json",
            },
        )
        response = await self._client.send(request, stream=True)
        try:
            body = await response.aread()
        except DeliveryError:
            body = b""  # the status has said all that matters
        finally:
            await response.aclose()
        return read_answer(response.status_code, response.headers, body, now=self._clock.now())

    # -- what became of it --------------------------------------------------------------------------------------------

    def _settle(self, turn: _Turn, answer: GraphAnswer) -> None:
        said = self._redactor.presentable(answer.text)
        if answer.status == ACCEPTED:
            self._write(turn, RecipientStatus.ACCEPTED, said, reply=said)
            return
        error = error_of(answer._replace(message=self._redactor.clean(answer.message)), server=self._server)
        wait = wait_of(answer)
        if wait > 0:
            self._rest = (self._clock.monotonic() + wait, error)
        self._fail(turn, error, said=said)

    def _fail(self, turn: _Turn, error: EilboteError, *, said: str = "") -> None:
        """Note why a message was not taken; where it concerns the site alone, there is no result for anybody."""
        delivery = turn.delivery
        if isinstance(error, InDoubtError):
            self._doubt(turn, error.cause or error.what, error)
        elif turn.is_asked and not said:
            self._doubt(turn, error.what)
        elif (
            isinstance(error, DeliveryError)
            and error.scope is Scope.MESSAGE
            and error.durability is Durability.PERMANENT
        ):
            self._write(turn, RecipientStatus.FAILED, said or error.what, error, reply=said)
            delivery.error = error
        else:
            delivery.error = error

    def _doubt(self, turn: _Turn, cause: str, error: InDoubtError | None = None) -> None:
        doubt = error or InDoubtError(
            "the connection broke after the message was handed over and before Microsoft Graph's answer",
            stage="content",
            server=self._server,
            cause=cause,
            remedy="Nobody knows whether it was taken; sending it again may deliver it twice",
        )
        self._write(turn, RecipientStatus.IN_DOUBT, "", doubt)
        turn.delivery.error = doubt

    def _write(
        self,
        turn: _Turn,
        status: RecipientStatus,
        text: str,
        error: EilboteError | None = None,
        *,
        reply: str = "",
    ) -> None:
        delivery = turn.delivery
        envelope = delivery.envelope
        kinds = envelope.kinds or (RecipientKind.ENVELOPE,) * len(envelope.forward_paths)
        delivery.receipt = Receipt(
            message_id=delivery.message.message_id,
            envelope=envelope,
            results=tuple(
                RecipientResult(path, status, text=text, kind=kind)
                for path, kind in zip(envelope.forward_paths, kinds, strict=True)
            ),
            reply=reply,
            size=delivery.message.size,
            content_seconds=0.0 if turn.begun is None else self._clock.monotonic() - turn.begun,
            server=self._server,
            attempts=max(1, delivery.attempts),
            error=error,
            index=delivery.index,
        )


class _Asking:
    """One request, and the one that may take its place.

    Attributes:
        is_asked: Whether a whole request may have left whose answer is not known.
        not_after: The last moment to begin it; ``None`` for any.
    """

    __slots__ = ("is_asked", "not_after")

    def __init__(self, not_after: float | None = None) -> None:
        self.is_asked = False
        self.not_after = not_after


class _Turn(_Asking):
    """One message on its way.

    Attributes:
        delivery: Which one.
        begun: When its first request began.
        task: What carries it.
    """

    __slots__ = ("begun", "delivery", "task")

    task: asyncio.Task[None]

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(delivery.not_after)
        self.delivery = delivery
        self.begun: float | None = None


async def _pieces(turn: _Asking, octets: bytes) -> AsyncGenerator[bytes, None]:
    """Give a body piece by piece, and note the last: a request whose body is not complete cannot be acted upon."""
    for start in range(0, len(octets), _PIECE):
        turn.is_asked = start + _PIECE >= len(octets)
        yield octets[start : start + _PIECE]


def _url(connection: Connection) -> str:
    """Say where the mailbox is; without a user it is the one the token was made for."""
    user = getattr(connection.credentials, "user", "")
    mailbox = f"users/{quote(user, safe='')}" if user else "me"
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    scheme = "http" if connection.security is Security.NONE else "https"
    return f"{scheme}://{host}:{connection.port}/v1.0/{mailbox}/sendMail"
