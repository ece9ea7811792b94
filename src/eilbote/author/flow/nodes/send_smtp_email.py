"""The Send SMTP Email node: a message through a connection of one's own, with attachments and everything a draft can say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

from eilbote.author.flow.attachment_source import AttachmentSource, read_attachments
from eilbote.author.flow.effect import Fetch
from eilbote.author.flow.fields import Fields
from eilbote.author.flow.inline_connection import InlineConnection, read_connection
from eilbote.author.flow.mail_result import MailResult
from eilbote.author.flow.mail_texts import MailTexts, text_of
from eilbote.author.flow.step import Ask
from eilbote.author.flow.wording import Wording
from eilbote.errors import EilboteError, FlowError
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft
from eilbote.template.html_text import html_to_text
from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.effect import SendEmail
    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSmtpEmail:
    """Sends a message.

    Attributes:
        texts: Recipients, subject, content and priority.
        connection: Through which connection: a name, a URI, or all that is to be said about it.
        result: What becomes of the outcome.
        from_: The author; the connection's default when ``None``.
        reply_to: Where answers go.
        text: The plain text, in one language or in several; made from the content when ``None``.
        attachments: What travels with it.
        headers: Further header fields.
        in_reply_to: The Message-ID that this answers.
        references: The Message-IDs of the thread.
        unsubscribe: URIs for List-Unsubscribe (RFC 2369).
        one_click: Whether the https one of them takes the request that mail readers send at a click (RFC 8058).
    """

    kind: ClassVar[str] = "send_smtp_email"
    exits: ClassVar[tuple[str, ...]] = ("next",)

    texts: MailTexts
    connection: str | InlineConnection = ""
    result: MailResult = field(default_factory=MailResult)
    from_: Template | None = None
    reply_to: Template | None = None
    text: Wording | None = None
    attachments: tuple[AttachmentSource, ...] = ()
    headers: tuple[tuple[str, Template], ...] = ()
    in_reply_to: Template | None = None
    references: Template | None = None
    unsubscribe: Template | None = None
    one_click: bool = False

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        node = cls(
            texts=MailTexts.read(given),
            connection=read_connection(given.data("connection")),
            result=MailResult.read(given),
            from_=given.template("from"),
            reply_to=given.template("reply_to"),
            text=Wording.read(given, "text"),
            attachments=read_attachments(given),
            headers=_headers(given),
            in_reply_to=given.template("in_reply_to"),
            references=given.template("references"),
            unsubscribe=given.template("list_unsubscribe"),
            one_click=given.switch("one_click_unsubscribe"),
        )
        if node.one_click and node.unsubscribe is None:
            raise FlowError(
                "there is no address at which one click unsubscribes",
                field="one_click_unsubscribe",
                remedy="Give list_unsubscribe with an https address, or clear this field",
            )
        given.finish()
        return node

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        yield from self.texts.templates()
        if self.text is not None:
            yield from self.text.templates()
        alone = (self.from_, self.reply_to, self.in_reply_to, self.references, self.unsubscribe)
        yield from (each for each in alone if each is not None)
        for source in self.attachments:
            yield from source.templates()
        yield from (template for _, template in self.headers)

    def enter(self, scene: Scene) -> Move:
        """Ask for the message to be sent; one that the values of this run make impossible is one that cannot be sent."""
        try:
            return Ask(effect=self._effect(scene))
        except EilboteError as fault:
            return self.result.refused(fault, scene)

    def resume(self, scene: Scene, outcome: Outcome) -> Move:  # noqa: ARG002 - the outcome says it all
        """Keep the result."""
        return self.result.move(outcome)

    def _effect(self, scene: Scene) -> SendEmail:
        html = self.texts.html_of(scene)
        made = [source.made(scene) for source in self.attachments]
        draft = Draft(
            **self.texts.recipients_of(scene),
            subject=self.texts.subject_of(scene),
            html=html or None,
            text=text_of(self.text, scene) if self.text is not None else html_to_text(html),
            from_=text_of(self.from_, scene).strip() or None,
            reply_to=text_of(self.reply_to, scene),
            priority=self.texts.priority,
            attachments=[each for each in made if isinstance(each, Attachment)],
            headers=[(name, text_of(template, scene)) for name, template in self.headers],
            in_reply_to=text_of(self.in_reply_to, scene).split(),
            references=text_of(self.references, scene).split(),
            unsubscribe=text_of(self.unsubscribe, scene).replace(",", " ").split(),
            one_click_unsubscribe=self.one_click,
        )
        fetch = tuple(each for each in made if isinstance(each, Fetch))
        return self.result.effect(draft, connection=self.connection, fetch=fetch)


def _headers(given: Fields) -> tuple[tuple[str, Template], ...]:
    said = given.data("headers")
    if said is None:
        return ()
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise FlowError(
            "these are no header fields", field="headers", remedy='Give a table such as {X-Team: "A"}'
        )
    return tuple((name, Template(str(value), field=f"headers.{name}")) for name, value in said.items())
