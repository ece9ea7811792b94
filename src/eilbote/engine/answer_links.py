"""Links by which one person answers one question: 256 random bits, kept as a digest before the message with them is handed in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from eilbote.author.questions import AnswerLink
from eilbote.engine.answers import digest_of_token

if TYPE_CHECKING:
    from eilbote.author.questions import QuestionStore

PATH: Final = "/answer/"
"""What stands between the public address and a token."""
_OCTETS: Final = 32


async def new_link(questions: QuestionStore, question: str, recipient: str, *, public_url: str) -> str:
    """Keep a link, and give its address.

    Args:
        questions: Where it is kept.
        question: Where it leads.
        recipient: Who gets it: the address alone.
        public_url: What it begins with.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    token = secrets.token_urlsafe(_OCTETS)
    await questions.add_link(
        AnswerLink(digest=digest_of_token(token), question=question, recipient=recipient)
    )
    return f"{public_url.rstrip('/')}{PATH}{token}"
