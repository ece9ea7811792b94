"""The Ask node: people get a message with a link, one of them decides on the page behind it, and the run goes on.

Nothing is decided by opening a link, so programs that follow the links in mail change nothing. What happens when nobody can
be asked: the run ends there, because going on would pass for consent.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import TYPE_CHECKING, ClassVar, Final, Self

from eilbote.author.flow.choices import DECLINED, GOES_ON, Choice, label_of, read_choices
from eilbote.author.flow.duration import read_seconds
from eilbote.author.flow.effect import AskPeople
from eilbote.author.flow.fields import Fields
from eilbote.author.flow.inline_connection import read_connection
from eilbote.author.flow.mail_texts import text_of
from eilbote.author.flow.nodes.email_notification import ENDPOINT
from eilbote.author.flow.report_id import report_id
from eilbote.author.flow.result_target import read_result_target, result_puts
from eilbote.author.flow.shelf import Target
from eilbote.author.flow.step import Ask, Halt, Leave
from eilbote.author.flow.wording import Wording
from eilbote.errors import FlowError, NoRecipientsError
from eilbote.model.address import mailboxes, parse_address_list
from eilbote.model.draft import Draft, Priority
from eilbote.model.moment import as_datetime, later
from eilbote.template.contrast import readable_on
from eilbote.template.frame import framed
from eilbote.template.html_text import html_to_text
from eilbote.template.rich_content import safe_content
from eilbote.template.template import Markup, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

EXPIRED: Final = "expired"
_OF_THIS_PROGRAM: Final = secrets.token_bytes(32)
_WEEK: Final = "7d"
_MOST_PEOPLE: Final = 100
_LONGEST_QUESTION: Final = 2000
_USUAL: Final = (Choice(value="approve"), Choice(value="decline", by=DECLINED))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskNode:
    """Asks people to decide.

    Attributes:
        to: Whom; each gets a message and a link of their own, and the first answer counts.
        subject: One line, in one language or in several.
        content: What is said above the question, the same way; rich content.
        question: What is asked, the same way; the subject when ``None``.
        choices: What can be chosen.
        wants_text: Whether people are asked for words of their own as well.
        expires: How long they have.
        target: Where the answer is kept; ``None`` keeps it nowhere.
        connection: Through which connection the messages go.
        priority: How urgent they are to those who read them.
    """

    kind: ClassVar[str] = "ask"
    exits: ClassVar[tuple[str, ...]] = (GOES_ON, DECLINED, EXPIRED)

    to: Template
    subject: Wording
    content: Wording | None = None
    question: Wording | None = None
    choices: tuple[Choice, ...] = _USUAL
    wants_text: bool = False
    expires: Template
    target: Target | None = None
    connection: str = ENDPOINT
    priority: Priority = Priority.NORMAL

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        to, subject = given.template("to", required=True), Wording.read(given, "subject")
        if to is None or subject is None:
            raise given.missing("to" if to is None else "subject")
        expires = given.text("expires").strip() or _WEEK
        if "{" not in expires:
            read_seconds(expires, field="expires")  # said now rather than in a run
        node = cls(
            to=to,
            subject=subject,
            content=Wording.read(given, "content", markup=Markup.HTML),
            question=Wording.read(given, "question"),
            choices=read_choices(given) or _USUAL,
            wants_text=given.switch("free_text"),
            expires=Template(expires, field="expires"),
            target=read_result_target(given, example="answer"),
            connection=_connection(given),
            priority=Priority(given.choice("priority", tuple(Priority), otherwise=Priority.NORMAL)),
        )
        given.finish()
        return node

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        yield self.to
        for words in (self.subject, self.content, self.question):
            if words is not None:
                yield from words.templates()
        yield self.expires
        yield from (choice.label for choice in self.choices if choice.label is not None)

    def enter(self, scene: Scene) -> Move:
        """Have people asked.

        Raises:
            NoRecipientsError: After the values were put in nobody is left to be asked.
            FlowError: There are too many, or what is asked is too long, or the time is none.
            AddressError: An address cannot be read.
        """
        subject = " ".join(text_of(self.subject, scene).split())
        question = text_of(self.question, scene).strip() or subject
        if len(question) > _LONGEST_QUESTION:
            raise FlowError(
                f"the question has {len(question):,} characters",
                field="question",
                remedy=f"Give at most {_LONGEST_QUESTION:,}; the rest belongs into the content",
            )
        due = later(scene.now, read_seconds(text_of(self.expires, scene), field="expires"))
        place = _link_place(scene)
        html = framed(
            self._content(scene, "" if question == subject else question, place, due),
            heading=subject,
            report_id=report_id(scene),
            branding=scene.branding,
            language=scene.locale,
        )
        draft = Draft(
            subject=subject,
            html=html,
            text=html_to_text(html),
            priority=self.priority,
            auto_submitted="auto-generated",
        )
        effect = AskPeople(
            recipients=self._people(scene),
            draft=draft,
            link_place=place,
            question=question,
            choices=tuple((choice.value, self._label(choice, scene)) for choice in self.choices),
            wants_text=self.wants_text,
            due=due,
            connection=self.connection,
            language=scene.locale,
            time_zone=scene.time_zone,
            branding=scene.branding,
        )
        return Ask(effect=effect)

    def resume(self, scene: Scene, outcome: Outcome) -> Move:  # noqa: ARG002 - the outcome says it all
        """Go on as was decided, or as is said for when nobody does; end when nobody could be asked."""
        result: dict[str, Data] = dict(outcome.result)
        if outcome.error is not None:
            result["error"] = dict(outcome.error)
        puts = result_puts(self.target, result)
        if outcome.error is not None:
            return Halt(error=outcome.error, puts=puts)
        if result.get("expired") is True:
            return Leave(by=EXPIRED, puts=puts)
        for choice in self.choices:
            if choice.value == result.get("answer"):
                return Leave(by=choice.by, puts=puts)
        error: dict[str, Data] = {
            "code": FlowError.code,
            "message": "the answer is none of the choices",
            "field": "choices",
            "remedy": "Ask again in a new run",
        }
        return Halt(error=error, puts=puts)

    def _people(self, scene: Scene) -> tuple[str, ...]:
        found: dict[str, str] = {}
        for mailbox in mailboxes(parse_address_list(text_of(self.to, scene), field="to")):
            found.setdefault(mailbox.addr_spec.casefold(), str(mailbox))
        if not found:
            raise NoRecipientsError(
                "there is nobody to be asked",
                field="to",
                cause="The variables in it have no value in this run",
                remedy="Check the input, or put a branch before this node",
            )
        if len(found) > _MOST_PEOPLE:
            raise FlowError(
                f"{len(found):,} people are to be asked", field="to", remedy=f"Ask at most {_MOST_PEOPLE}"
            )
        return tuple(found.values())

    def _content(self, scene: Scene, question: str, place: str, due: Moment) -> str:
        """Write the content, the question unless the heading asks it already, the button, and until when."""
        texts, accent = _texts(scene.locale), scene.branding.accent_colour
        until = Template(texts["until"], field="until").render(
            {"due": as_datetime(due)}, locale=scene.locale, time_zone=scene.time_zone
        )
        asked = escape(question).replace("\n", "<br>")
        # The colour is important: frames give links in the dark a colour that could not be read on the button.
        style = (
            f"display:inline-block;padding:12px 28px;border-radius:6px;background-color:{accent};"
            f"color:{readable_on(accent)} !important;font-weight:600;text-decoration:none"
        )
        if asked:
            asked = f'<p style="font-size:18px;font-weight:600">{asked}</p>'
        return (
            f"{safe_content(text_of(self.content, scene))}{asked}"
            f'<p style="margin:24px 0"><a href="{place}" style="{style}">{escape(texts["button"])}</a></p>'
            f'<p style="font-size:13px">{escape(until)}</p>'
        )

    def _label(self, choice: Choice, scene: Scene) -> str:
        if choice.label is not None:
            return label_of(text_of(choice.label, scene)) or choice.value
        return _texts(scene.locale).get(choice.value, choice.value)


def _connection(given: Fields) -> str:
    """Take a connection's name or its URI, which holds no password."""
    named = read_connection(given.text("connection"))
    return named if isinstance(named, str) and named else ENDPOINT


def _link_place(scene: Scene) -> str:
    """Give what stands where the link will be: the same for a visit as long as this program runs, and known to nobody else.

    Whoever could tell it would write it into the input, behind an address of their own, and be sent the links of others.
    """
    mark = hashlib.blake2b(scene.key.encode(), key=_OF_THIS_PROGRAM, digest_size=16).hexdigest()
    return f"https://answer.invalid/{mark}"


def _texts(language: str) -> Mapping[str, str]:
    known = _all_texts()
    return known.get(language.partition("-")[0].partition("_")[0].lower(), known["en"])


@cache
def _all_texts() -> Mapping[str, Mapping[str, str]]:
    import tomllib
    from importlib.resources import files

    return tomllib.loads(files("eilbote.author.flow").joinpath("ask_texts.toml").read_text("utf-8"))
