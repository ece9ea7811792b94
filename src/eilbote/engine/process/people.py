"""Puts together what processes have to do with people: telling them of tasks, and taking their replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.engine.process.replies import Replies
from eilbote.engine.process.tasks import PeopleTeller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eilbote.author.questions import QuestionStore
    from eilbote.engine.answers import Answers
    from eilbote.engine.flow_mail import Submit
    from eilbote.engine.process.asking_tasks import KnownInstances
    from eilbote.engine.process.reply_keys import ReplyKeys
    from eilbote.model.clock import Clock
    from eilbote.outbox.store import OutboxStore
    from eilbote.template.branding import Branding


@dataclass(frozen=True, slots=True)
class People:
    """Who tells people, and who hears from them.

    Attributes:
        teller: Tells them of tasks.
        replies: Takes their replies.
    """

    teller: PeopleTeller
    replies: Replies


def people_of(
    instances: Callable[[], KnownInstances],
    *,
    questions: QuestionStore,
    answers: Answers,
    submit: Submit,
    outbox: Callable[[], OutboxStore],
    keys: ReplyKeys,
    clock: Clock,
    public_url: str,
    branding: Callable[[str], Awaitable[Branding]] | None = None,
    on_taken: Callable[[], None] = lambda: None,
) -> People:
    """Put them together.

    Args:
        instances: Gives where instances are kept.
        questions: Where questions are kept.
        answers: Takes answers.
        submit: Hands a message to the outbox.
        outbox: Where messages are.
        keys: What references are signed with.
        clock: Tells the time.
        public_url: Under which address people reach this machine; empty when they cannot.
        branding: Gives how the messages of an organization look.
        on_taken: Called when an instance has got a reply.
    """
    replies = Replies(
        instances,
        questions=questions,
        answers=answers,
        outbox=outbox,
        keys=keys,
        clock=clock,
        on_taken=on_taken,
    )
    teller = PeopleTeller(
        questions, submit, outbox, public_url=public_url, branding=branding, mark=replies.mark
    )
    return People(teller, replies)
