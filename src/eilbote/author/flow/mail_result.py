"""Where a mail node leaves its result, and whether a failure ends the run: the same for both mail nodes.

A result has the keys of nodemailer's (:mod:`eilbote.model.receipt_dict`) and is there whether the mail went out or not:
``status`` tells, and ``error`` says why, with cause and remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.shelf import Put, Shelf, read_key
from eilbote.author.flow.step import Halt, Leave
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from eilbote.author.flow.fields import Fields
    from eilbote.author.flow.source import Data
    from eilbote.author.flow.step import Move, Outcome

_NOWHERE: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailResult:
    """What becomes of a mail node's outcome.

    Attributes:
        shelf: Where the result is kept; ``None`` keeps it nowhere.
        key: Under which name.
        stops: Whether the run ends when the mail cannot be sent.
        waits: Whether the run goes on when the mail is settled, or as soon as it is accepted.
        shows_bcc: Whether the result may name recipients of blind copies.
    """

    shelf: Shelf | None = None
    key: str = ""
    stops: bool = False
    waits: bool = True
    shows_bcc: bool = False

    @classmethod
    def read(cls, given: Fields) -> MailResult:
        """Take the fields ``store_result``, ``store_as``, ``stop_on_error``, ``asynchronous`` and ``result_shows_bcc``.

        Raises:
            FlowError: The result is to be kept and has no name, or the other way round.
        """
        where = given.choice("store_result", (_NOWHERE, *Shelf), otherwise=_NOWHERE)
        key = given.text("store_as").strip()
        if where == _NOWHERE and key:
            raise FlowError(
                "the result has a name and is not kept",
                field="store_result",
                remedy="Give input or context, or clear store_as",
            )
        if where != _NOWHERE and not key:
            raise FlowError(
                "the result is to be kept and has no name",
                field="store_as",
                remedy="Give a name such as mail",
            )
        return cls(
            shelf=None if where == _NOWHERE else Shelf(where),
            key=read_key(key, field="store_as") if key else "",
            stops=given.switch("stop_on_error"),
            waits=not given.switch("asynchronous"),
            shows_bcc=given.switch("result_shows_bcc"),
        )

    def move(self, outcome: Outcome) -> Move:
        """Keep what came of the mail, and go on or end."""
        result: dict[str, Data] = dict(outcome.result)
        if outcome.error is not None:
            result = {"status": "failed", **result, "error": dict(outcome.error)}
        puts = () if self.shelf is None else (Put(shelf=self.shelf, key=self.key, value=result),)
        if outcome.error is not None and self.stops:
            return Halt(error=outcome.error, puts=puts)
        return Leave(puts=puts)
