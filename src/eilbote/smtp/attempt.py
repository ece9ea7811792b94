"""The dialogue of one transaction, told when it is over.

Mail in bulk has no time to write down what is said, and nobody asks for it where all went well. What a transaction
said stands in its commands and what it heard in its replies; so the one that was not accepted can still be told,
and nothing of the others that were under way with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.smtp.script import Route
from eilbote.smtp.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.redactor import Redactor
    from eilbote.smtp.transaction import Transaction

MAX_TOLD: Final = 8 * 1024
"""How many octets of a dialogue are kept with an attempt, in UTF-8."""


def dialogue_of(transaction: Transaction, redactor: Redactor) -> tuple[str, ...]:
    """Tell what was said in a transaction, secrets struck out, its content by its size only."""
    transcript = Transcript(redactor)
    heard, verdict = transaction.heard or [], transaction.verdict
    answers = iter(heard)
    for line in transaction.said:
        transcript.client(line)
        if transaction.is_stepwise and (reply := next(answers, None)) is not None:
            transcript.server(reply.code, reply.lines)
    was_sent = transaction.was_sent
    is_ahead = was_sent and transaction.route is Route.STREAM
    if is_ahead:
        transcript.content(transaction.message.size)
    for reply in answers:
        transcript.server(reply.code, reply.lines)
    if was_sent and not is_ahead:
        transcript.content(transaction.message.size)
    if verdict is not None and not (heard and heard[-1] is verdict):
        transcript.server(verdict.code, verdict.lines)
    return transcript.lines()


def tail_of(lines: Sequence[str]) -> str:
    """Give the last lines of a dialogue as one text of at most :data:`MAX_TOLD` octets."""
    kept: list[str] = []
    room = MAX_TOLD
    for line in reversed(lines):
        room -= len(line.encode("utf-8", "replace")) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(reversed(kept))
