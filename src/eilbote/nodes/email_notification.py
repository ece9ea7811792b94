"""The Email Notification node: a message in the frame, through the provider that is set up for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from eilbote.nodes.mail_node import MailNode


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailNotification(MailNode):
    """Sends a notification, as the node ``email_notification`` of a flow does.

    ::

        EmailNotification(to="{{ input.email }}", subject="Order {{ input.number }}", content="<p>It is ready.</p>")

    Provider and frame come from the environment and the settings; its fields are those of every mail node.

    Raises:
        FlowError: A field cannot be used; ``field`` names it.
    """

    KIND: ClassVar[str] = "email_notification"
