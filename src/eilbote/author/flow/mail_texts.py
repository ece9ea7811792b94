"""What both mail nodes say: recipients, subject, content, priority; every text a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypedDict

from eilbote.author.flow.wording import Wording
from eilbote.errors import NoRecipientsError
from eilbote.model.draft import Priority
from eilbote.template.rich_content import safe_content
from eilbote.template.template import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.fields import Fields
    from eilbote.author.flow.step import Scene
    from eilbote.template.template import Template

_LINE_ENDS: Final = ("\r\n", "\n", "\r")


class Recipients(TypedDict):
    """The recipients of a draft."""

    to: str
    cc: str
    bcc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTexts:
    """The common fields.

    Attributes:
        to: Recipients, with commas or semicolons between them.
        subject: One line, in one language or in several.
        content: Rich content, the same way; ``None`` for none.
        cc: Recipients that everybody sees.
        bcc: Recipients that nobody sees.
        priority: How urgent it is to those who read it.
    """

    to: Template
    subject: Wording
    content: Wording | None = None
    cc: Template | None = None
    bcc: Template | None = None
    priority: Priority = Priority.NORMAL

    @classmethod
    def read(cls, given: Fields) -> MailTexts:
        """Take the fields ``to``, ``subject``, ``content``, ``cc``, ``bcc`` and ``priority``.

        Raises:
            FlowError: Recipients or subject are missing, or a field cannot be used.
            TemplateError: A text is no template.
        """
        to, subject = given.template("to", required=True), Wording.read(given, "subject")
        if to is None or subject is None or not any(each.text.strip() for each in subject.templates()):
            raise given.missing("to" if to is None else "subject")
        return cls(
            to=to,
            subject=subject,
            content=Wording.read(given, "content", markup=Markup.HTML),
            cc=given.template("cc"),
            bcc=given.template("bcc"),
            priority=Priority(given.choice("priority", tuple(Priority), otherwise=Priority.NORMAL)),
        )

    def templates(self) -> Iterator[Template]:
        """Give every template."""
        yield self.to
        yield from self.subject.templates()
        if self.content is not None:
            yield from self.content.templates()
        yield from (each for each in (self.cc, self.bcc) if each is not None)

    def recipients_of(self, scene: Scene) -> Recipients:
        """Give the recipients.

        Raises:
            NoRecipientsError: After the values were put in there is none left.
        """
        found = Recipients(
            to=text_of(self.to, scene), cc=text_of(self.cc, scene), bcc=text_of(self.bcc, scene)
        )
        if not f"{found['to']}{found['cc']}{found['bcc']}".strip(" ,;"):
            raise NoRecipientsError(
                "there are no recipients",
                field="to",
                cause="The variables in it have no value in this run",
                remedy="Check the input, or put a branch before this node",
            )
        return found

    def subject_of(self, scene: Scene) -> str:
        """Give the subject, in one line."""
        return " ".join(text_of(self.subject, scene).split())

    def html_of(self, scene: Scene) -> str:
        """Give the content as it may stand in a mail."""
        return safe_content(text_of(self.content, scene)) if self.content is not None else ""


def text_of(said: Template | Wording | None, scene: Scene) -> str:
    """Give a text with the values of a visit in it, in the language of the visit; nothing for nothing."""
    if said is None:
        return ""
    template = said.template(scene.locale) if isinstance(said, Wording) else said
    return template.render(scene.values, locale=scene.locale, time_zone=scene.time_zone)
