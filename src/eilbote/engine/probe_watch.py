"""Looks over the shoulder of a session that is being opened, and notes each step as it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.deliver.client import Client
from eilbote.engine.probe_findings import Step
from eilbote.errors import DeliveryError, EilboteError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.model.clock import Clock
    from eilbote.model.credentials import AccessToken
    from eilbote.net.stream import Stream
    from eilbote.oauth2.source import TokenSource
    from eilbote.smtp.commands import SetupCommand
    from eilbote.smtp.replies import Reply

_STEPS = frozenset({"greeting", "ehlo", "starttls", "auth"})


_NOT_USED = (
    "The server offers STARTTLS, and it is not used: security is 'none', which is the default towards this machine. "
    "To test what another machine would meet, set security to 'starttls'."
)


class Watch:
    """Notes the steps as they end, each with the time since the one before.

    Attributes:
        steps: What was noted.
        stays_in_clear: Whether the settings ask for no TLS, also where a server offers it.

    Args:
        clock: Tells the time.
        on_step: Told each step when it is over.
    """

    def __init__(self, clock: Clock, on_step: Callable[[Step], None] | None = None) -> None:
        self.steps: list[Step] = []
        self.stays_in_clear = False
        self._clock = clock
        self._on_step = on_step
        self._since = clock.monotonic()

    def done(self, name: str, seen: str, warnings: tuple[str, ...] = ()) -> None:
        """Note a step that went well."""
        self._note(name, seen, None, warnings)

    def failed(self, error: EilboteError, *, name: str = "") -> None:
        """Note the step that did not; by default the stage that the error names, or else the settings."""
        stage = error.stage if isinstance(error, DeliveryError) else None
        self._note(name or stage or "settings", "", error, ())

    def last(self) -> str:
        """Give the name of the latest step; empty before the first."""
        return self.steps[-1].name if self.steps else ""

    def _note(self, name: str, seen: str, error: EilboteError | None, warnings: tuple[str, ...]) -> None:
        now = self._clock.monotonic()
        step = Step(name=name, seconds=now - self._since, seen=seen, error=error, warnings=warnings)
        self._since = now
        self.steps.append(step)
        if self._on_step is not None:
            self._on_step(step)


class WatchedClient(Client):
    """A client whose replies are noted as steps.

    Attributes:
        watch: Who notes them.
        stream: The stream, for what it knows about TLS.
    """

    __slots__ = ("stream", "watch")

    watch: Watch
    stream: Stream

    def connected(self, stream: Stream) -> None:
        """Remember the stream."""
        self.stream = stream
        super().connected(stream)

    async def ask(self, command: SetupCommand | None, *, stage: str, seconds: float) -> Reply:
        """Ask, and note the answer."""
        if stage == "ehlo" and self.watch.last() == "starttls":
            self.watch.done("tls", self.stream.tls)
        reply = await super().ask(command, stage=stage, seconds=seconds)
        if reply.is_positive and stage in _STEPS:
            shown = ", ".join(self.session.extensions.lines) if stage == "ehlo" else str(reply)
            is_passed_over = (
                stage == "ehlo" and self.watch.stays_in_clear and self.session.extensions.has("STARTTLS")
            )
            self.watch.done(stage, self.redactor.presentable(shown), (_NOT_USED,) if is_passed_over else ())
        return reply


class WatchedTokens:
    """A source of tokens whose answers are noted as steps; the token itself never is.

    Args:
        source: Where tokens come from.
        watch: Who notes it.
        clock: Tells the time.
    """

    def __init__(self, source: TokenSource, watch: Watch, clock: Clock) -> None:
        self._source = source
        self._watch = watch
        self._clock = clock

    async def token(self) -> AccessToken:
        """Get a token, and note until when it is valid."""
        return self._noted(await self._asked(), "")

    async def replacement(self, refused: AccessToken) -> AccessToken | None:
        """Get another one, and note that the first was refused."""
        try:
            token = await self._source.replacement(refused)
        except EilboteError as error:
            raise _at_token(error) from error.__cause__
        return (
            None if token is None else self._noted(token, "a new one, because the server refused the first; ")
        )

    async def discard(self, refused: AccessToken) -> None:
        """Pass it on: the server has refused the new one as well."""
        await self._source.discard(refused)

    async def close(self) -> None:
        """Leave the source open: it is not of this test alone."""

    async def _asked(self) -> AccessToken:
        try:
            return await self._source.token()
        except EilboteError as error:
            raise _at_token(error) from error.__cause__

    def _noted(self, token: AccessToken, before: str) -> AccessToken:
        self._watch.done("token", f"{before}for {token.user}, {self._validity(token)}")
        return token

    def _validity(self, token: AccessToken) -> str:
        from eilbote.model.moment import as_datetime, moment_of

        if token.expires is None:
            return "valid for a time that nobody said"
        minutes = (token.expires - moment_of(self._clock.now())) // 60_000
        return f"valid until {as_datetime(token.expires):%Y-%m-%d %H:%M} UTC, for {minutes:,} minutes more"


def _at_token(error: EilboteError) -> EilboteError:
    """Let the step be called token, whatever the stage of the request that failed."""
    if isinstance(error, DeliveryError):
        error.stage = "token"
    return error
