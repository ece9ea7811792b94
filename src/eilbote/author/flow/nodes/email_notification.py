"""The Email Notification node: a message to people of the house, inside the frame, through the provider set up for all.

Nothing of the provider stands in the node: it comes from the environment and the settings. Files cannot be attached; the Send
SMTP Email node can do that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, Self

from eilbote.author.flow.fields import Fields
from eilbote.author.flow.mail_result import MailResult
from eilbote.author.flow.mail_texts import MailTexts
from eilbote.author.flow.report_id import report_id
from eilbote.author.flow.step import Ask
from eilbote.errors import EilboteError, FlowError
from eilbote.model.draft import Draft
from eilbote.template.frame import framed
from eilbote.template.html_text import html_to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.effect import SendEmail
    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template

ENDPOINT: Final = "notification"
"""The connection that these messages go through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailNotification:
    """Sends a notification.

    Attributes:
        texts: Recipients, subject, content and priority.
        result: What becomes of the outcome.
    """

    kind: ClassVar[str] = "email_notification"
    exits: ClassVar[tuple[str, ...]] = ("next",)

    texts: MailTexts
    result: MailResult = field(default_factory=MailResult)

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        if given.data("attachments") is not None:
            raise FlowError(
                "a notification has no attachments",
                field="attachments",
                remedy="Use a node of the kind send_smtp_email",
            )
        node = cls(texts=MailTexts.read(given), result=MailResult.read(given))
        given.finish()
        return node

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        yield from self.texts.templates()

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
        subject = self.texts.subject_of(scene)
        html = framed(
            self.texts.html_of(scene),
            heading=subject,
            report_id=report_id(scene),
            branding=scene.branding,
            language=scene.locale,
        )
        draft = Draft(
            **self.texts.recipients_of(scene),
            subject=subject,
            html=html,
            text=html_to_text(html),
            priority=self.texts.priority,
            auto_submitted="auto-generated",
        )
        return self.result.effect(draft, connection=ENDPOINT)
