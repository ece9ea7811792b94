"""Asks people: keeps the question, and sends each of them a message with a link of their own.

Each step may be repeated after a crash. A link is kept before its message is handed to the outbox, and a message that the
outbox has already is not made again; so whatever link arrives, works. Of a link whose message was not handed in nobody knows
the token any more, and another one is made beside it.
"""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.store import Awaits
from eilbote.author.questions import Question
from eilbote.engine.answer_links import new_link
from eilbote.engine.flow_effects import Done, Parked
from eilbote.errors import AlreadySubmittedError, FlowError
from eilbote.model.address import mailboxes, parse_address_list
from eilbote.model.moment import as_datetime, later
from eilbote.model.submission import SubmissionOptions
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.author.flow.definition import Flow
    from eilbote.author.flow.effect import AskPeople
    from eilbote.author.questions import QuestionStore
    from eilbote.engine.answers import Answers
    from eilbote.engine.flow_effects import Asked, Performed
    from eilbote.engine.flow_mail import Submit
    from eilbote.outbox.store import OutboxStore

_RECHECK_SECONDS: Final = 60.0
"""How often a wait is looked at while the clock has just been set forward and nobody knows whether to believe it."""


class PeopleAsker:
    """Performs what Ask nodes want.

    Args:
        questions: Where questions are kept.
        answers: Knows what became of them.
        submit: Hands a message to the outbox.
        outbox: Where messages are.
        public_url: Under which address people reach this machine; empty when they cannot.
    """

    def __init__(
        self,
        questions: QuestionStore,
        answers: Answers,
        submit: Submit,
        outbox: Callable[[], OutboxStore],
        *,
        public_url: str,
    ) -> None:
        self._questions = questions
        self._answers = answers
        self._submit = submit
        self._outbox = outbox
        self._public_url = public_url.rstrip("/")

    def check(self, flow: Flow) -> None:
        """Refuse a flow that asks people when there is no address for their answers.

        Raises:
            FlowError: There is none.
        """
        for node in flow.nodes.values():
            if node.kind == "ask":
                self._check_public_url(node.id)

    async def perform(self, asked: Asked, effect: AskPeople, /) -> Performed:
        """Ask people, go on with asking them, or look whether somebody has answered.

        Raises:
            FlowError: There is no address for their answers.
            EilboteError: A message cannot be handed in. The run ends, and with it what links can do that are out by then.
            OutboxUnavailableError: The database does not answer; the next time goes on where this ended.
        """
        key = asked.run.key
        if asked.again and (outcome := await self._answers.outcome(key, now=asked.certain)) is not None:
            return Done(outcome=outcome)
        question = await self._questions.pose(_question(asked, effect))
        if question.decision is None and not question.is_over(asked.certain):
            for number, recipient in enumerate(effect.recipients):
                await self._ask_one(asked, effect, recipient, f"flow/{key}/{number}")
        if (outcome := await self._answers.outcome(key, now=asked.certain)) is not None:
            return Done(outcome=outcome)
        ahead = asked.now > asked.certain
        until = later(asked.now, min((effect.due - asked.certain) / 1000, _RECHECK_SECONDS))
        return Parked(awaits=Awaits.ANSWER, due=until if ahead else effect.due)

    async def _ask_one(self, asked: Asked, effect: AskPeople, recipient: str, key: str) -> None:
        organization = asked.kept.organization
        which = EntryFilter(idempotency_key=key, organization=organization)
        if asked.again and await self._outbox().entries(which, limit=1):
            return
        self._check_public_url(asked.run.at or "")
        mailbox = next(mailboxes(parse_address_list(recipient, field="to")))
        link = await new_link(self._questions, asked.run.key, mailbox.addr_spec, public_url=self._public_url)
        draft = effect.draft.replace(
            to=mailbox,
            html=(effect.draft.html or "").replace(effect.link_place, escape(link)),
            text=(effect.draft.text or "").replace(effect.link_place, link),
        )
        options = SubmissionOptions(
            idempotency_key=key,
            connections=(effect.connection,) if effect.connection else (),
            organization=organization,
            expires_at=as_datetime(effect.due),
        )
        # Who held this run before us may not be dead, and has asked with a link that works.
        with suppress(AlreadySubmittedError):
            await self._submit(draft, options, author=asked.author)

    def _check_public_url(self, node: str) -> None:
        if not self._public_url:
            raise FlowError(
                "nobody can be asked, because there is no address for their answers",
                field=node,
                cause="The setting public_url is empty",
                remedy="Set EILBOTE_PUBLIC_URL to the address under which people reach `eilbote serve`, "
                "such as https://eilbote.example.org",
            )


def _question(asked: Asked, effect: AskPeople) -> Question:
    return Question(
        id=asked.run.key,
        organization=asked.kept.organization,
        run=asked.kept.id,
        text=effect.question,
        choices=effect.choices,
        wants_text=effect.wants_text,
        language=effect.language,
        time_zone=effect.time_zone,
        branding=effect.branding,
        asked=asked.since,
        due=effect.due,
    )
