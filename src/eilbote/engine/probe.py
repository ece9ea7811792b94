"""The test of a connection, step by step: what works, how long it takes, and where and why it stops.

Steps, in their order: ``dns``, ``connect``, ``tls`` (here with implicit TLS, after ``starttls`` otherwise),
``greeting``, ``ehlo``, ``auth``, and ``mail`` when asked. No message is sent: ``mail`` offers a reverse-path and
takes it back (RSET), so the server's opinion of the sender is known before the first real message.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.deliver.client import Client
from eilbote.deliver.smtp_transport import client_options
from eilbote.deliver.verdict import judge
from eilbote.errors import DeliveryError, EilboteError
from eilbote.net.stream import Stream
from eilbote.smtp.commands import Mail, Rset
from eilbote.smtp.explain import explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.connections.connection import Connection
    from eilbote.model.clock import Clock
    from eilbote.smtp.commands import SetupCommand
    from eilbote.smtp.replies import Reply

_STEPS = frozenset({"greeting", "ehlo", "starttls", "auth", "mail"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a test.

    Attributes:
        name: dns, connect, tls, greeting, ehlo, starttls, auth or mail.
        seconds: How long it took.
        seen: What was found or said: addresses, the TLS version, a reply, extensions; empty when it failed.
        error: Why it failed, with cause and remedy; ``None`` when it did not.
    """

    name: str
    seconds: float
    seen: str = ""
    error: EilboteError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a test found.

    Attributes:
        server: ``host:port``.
        steps: The steps made, the failed one last.
        extensions: What the server announces, as it wrote it; empty when the test did not come so far.
        tls_version: For instance ``TLSv1.3``; empty without TLS.
        transcript: The dialogue, secrets struck out.
    """

    server: str
    steps: tuple[Step, ...]
    extensions: tuple[str, ...] = ()
    tls_version: str = ""
    transcript: tuple[str, ...] = ()

    @property
    def error(self) -> EilboteError | None:
        """Why the test failed; ``None`` when it did not."""
        return self.steps[-1].error

    @property
    def ok(self) -> bool:
        """Whether every step went well."""
        return self.error is None


class _Watch:
    """Notes the steps as they end, each with the time since the one before."""

    def __init__(self, clock: Clock, on_step: Callable[[Step], None] | None) -> None:
        self.steps: list[Step] = []
        self._clock = clock
        self._on_step = on_step
        self._since = clock.monotonic()

    def done(self, name: str, seen: str) -> None:
        self._note(name, seen, None)

    def failed(self, error: EilboteError) -> None:
        stage = error.stage if isinstance(error, DeliveryError) else None
        self._note(stage or "settings", "", error)

    def _note(self, name: str, seen: str, error: EilboteError | None) -> None:
        now = self._clock.monotonic()
        step = Step(name=name, seconds=now - self._since, seen=seen, error=error)
        self._since = now
        self.steps.append(step)
        if self._on_step is not None:
            self._on_step(step)


class _WatchedClient(Client):
    """A client whose replies are noted as steps."""

    __slots__ = ("stream", "watch")

    watch: _Watch
    stream: Stream

    def connected(self, stream: Stream) -> None:
        """Remember the stream, for what it knows about TLS."""
        self.stream = stream
        super().connected(stream)

    async def ask(self, command: SetupCommand | None, *, stage: str, seconds: float) -> Reply:
        """Ask, and note the answer."""
        if stage == "ehlo" and self.watch.steps[-1].name == "starttls":
            self.watch.done("tls", self.stream.tls)
        reply = await super().ask(command, stage=stage, seconds=seconds)
        if reply.is_positive and stage in _STEPS:
            shown = ", ".join(self.session.extensions.lines) if stage == "ehlo" else str(reply)
            self.watch.done(stage, self.redactor.presentable(shown))
        return reply


async def probe(
    connection: Connection,
    *,
    clock: Clock,
    mail_from: str | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> Probe:
    """Test a connection; faults are in the result and not raised.

    Args:
        connection: Which server, how protected, as whom.
        clock: Tells the time.
        mail_from: A reverse-path to offer to the server; ``None`` leaves that step out.
        on_step: Told each step when it is over.

    Raises:
        AddressError: ``mail_from`` cannot be a reverse-path.
    """
    offer = None if mail_from is None else Mail(mail_from)
    watch = _Watch(clock, on_step)
    opened: list[_WatchedClient] = []

    async def connect(host: str, port: int, *, receiver: _WatchedClient, **settings: object) -> Stream:
        receiver.watch = watch
        opened.append(receiver)
        return await Stream.connect(
            host,
            port,
            receiver=receiver,
            on_step=watch.done,
            **settings,  # type: ignore[arg-type]  # what Client.open gives every stream
        )

    options = client_options(connection)
    try:
        client = await _WatchedClient.open(
            options,
            clock=clock,
            on_done=lambda _client, _deliveries: None,
            on_room=lambda _client: None,
            on_lost=lambda _client, _error: None,
            connect=connect,
        )
        try:
            if offer is not None:
                await _offer(client, offer, connection.timeouts.command)
        finally:
            await client.quit()
    except EilboteError as error:
        watch.failed(error)
    seen = opened[0] if opened else None
    return Probe(
        server=options.server,
        steps=tuple(watch.steps),
        extensions=() if seen is None else seen.extensions.lines,
        tls_version="" if seen is None else seen.tls_version,
        transcript=() if seen is None else seen.transcript,
    )


async def _offer(client: Client, offer: Mail, seconds: float) -> None:
    if not offer.reverse_path.isascii():
        offer = Mail(offer.reverse_path, ("SMTPUTF8",))
    reply = await client.ask(offer, stage="mail", seconds=seconds)
    if reply.is_positive:
        with suppress(DeliveryError):
            await client.ask(Rset(), stage="reset", seconds=seconds)
        return
    verdict = judge(reply.code, reply.enhanced, stage="mail")
    explanation = explain(reply, stage="mail")
    said = client.redactor.presentable(str(reply))
    raise DeliveryError(
        f"the server does not take mail from {offer.reverse_path or 'the null path'}",
        field="from",
        stage="mail",
        server=client.server,
        scope=verdict.scope,
        durability=verdict.durability,
        reply_code=reply.code,
        enhanced_status_code=None if reply.enhanced is None else str(reply.enhanced),
        reply_text=client.redactor.presentable(reply.text),
        cause=f"it said: {said}" if explanation is None else f"{explanation.cause} (it said: {said})",
        remedy="Use an address that this user may send from" if explanation is None else explanation.remedy,
    )
