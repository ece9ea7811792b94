"""Where a mail node leaves its result, and whether a failure ends the run: the same for both mail nodes.

A result has the keys of nodemailer's (:mod:`eilbote.model.receipt_dict`) and is there whether the mail went out or not:
``status`` tells, and ``error`` says why, with cause and remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.author.flow.duration import read_seconds
from eilbote.author.flow.effect import MOST_SECONDS_FOR_A_MAIL, SendEmail
from eilbote.author.flow.result_target import read_result_target, result_puts
from eilbote.author.flow.step import Halt, Leave, Outcome, told_at
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from eilbote.author.flow.effect import Fetch
    from eilbote.author.flow.fields import Fields
    from eilbote.author.flow.inline_connection import InlineConnection
    from eilbote.author.flow.shelf import Target
    from eilbote.author.flow.step import Move, Scene
    from eilbote.errors import EilboteError
    from eilbote.model.data import Data
    from eilbote.model.draft import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class MailResult:
    """What becomes of a mail node's outcome.

    Attributes:
        target: Where the result is kept; ``None`` keeps it nowhere.
        stops: Whether the run ends when the mail cannot be sent.
        waits: Whether the run goes on when the mail is settled, or as soon as it is accepted. In the second case the result
            says ``queued`` at first, and is replaced once the mail is settled.
        limit_seconds: How long the run waits at most. Then the result says ``deferred``, and is replaced later as well.
        deferred_fails: Whether a mail that is deferred by then counts as one that cannot be sent.
        shows_bcc: Whether the result may name recipients of blind copies.
    """

    target: Target | None = None
    stops: bool = False
    waits: bool = True
    limit_seconds: float = MOST_SECONDS_FOR_A_MAIL
    deferred_fails: bool = False
    shows_bcc: bool = False

    @classmethod
    def read(cls, given: Fields) -> MailResult:
        """Take the fields of the result and of waiting for it.

        They are ``store_result``, ``store_as``, ``stop_on_error``, ``asynchronous``, ``wait_at_most``, ``deferred_is_error`` and
        ``result_shows_bcc``.

        Raises:
            FlowError: The result is to be kept and has no name, or the other way round; or a mail that is not waited for is
                waited for.
        """
        target = read_result_target(given, example="mail")
        waits = not given.switch("asynchronous")
        limit = given.text("wait_at_most").strip()
        deferred_fails = given.switch("deferred_is_error")
        if not waits and (limit or deferred_fails):
            raise FlowError(
                "an asynchronous mail is not waited for",
                field="wait_at_most" if limit else "deferred_is_error",
                remedy="Clear this field, or asynchronous",
            )
        return cls(
            target=target,
            stops=given.switch("stop_on_error"),
            waits=waits,
            limit_seconds=read_seconds(limit, field="wait_at_most") if limit else MOST_SECONDS_FOR_A_MAIL,
            deferred_fails=deferred_fails,
            shows_bcc=given.switch("result_shows_bcc"),
        )

    def effect(
        self, draft: Draft, *, connection: str | InlineConnection, fetch: tuple[Fetch, ...] = ()
    ) -> SendEmail:
        """Ask for a message to be sent, and for its result to be kept as its author said."""
        return SendEmail(
            draft=draft,
            fetch=fetch,
            connection=connection,
            waits=self.waits,
            limit_seconds=self.limit_seconds,
            deferred_fails=self.deferred_fails,
            late=self.target,
            shows_bcc=self.shows_bcc,
        )

    def refused(self, fault: EilboteError, scene: Scene) -> Move:
        """Treat a message that this run's values have made impossible as one that cannot be sent."""
        return self.move(Outcome(error=told_at(scene.node, fault)))

    def move(self, outcome: Outcome) -> Move:
        """Keep what came of the mail, and go on or end."""
        result: dict[str, Data] = dict(outcome.result)
        if outcome.error is not None:
            result = {"status": "failed", **result, "error": dict(outcome.error)}
        puts = result_puts(self.target, result)
        if outcome.error is not None and self.stops:
            return Halt(error=outcome.error, puts=puts)
        return Leave(puts=puts, error=outcome.error or {})
