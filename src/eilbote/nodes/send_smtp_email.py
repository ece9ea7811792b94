"""The Send SMTP Email node: a message through a connection of one's own, with everything a message can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from eilbote.nodes.mail_node import MailNode


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSmtpEmail(MailNode):
    """Sends a message, as the node ``send_smtp_email`` of a flow does.

    ::

        SendSmtpEmail(
            connection="office",
            to="{{ input.email }}",
            subject="Your invoice",
            attachments=[{"kind": "url", "url": "https://files.example.org/{{ input.number }}.pdf"}],
        )

    Attributes:
        connection: The name of a connection, its URI without a password, or a table of its fields; secrets are named:
            ``{"env": NAME}`` or ``{"file": NAME}``. The default one when empty.
        from_: The author; the connection's default when empty.
        reply_to: Where answers go.
        text: The plain text, in one language or several; made from the content when empty.
        attachments: Tables with ``kind``: ``url``, ``text``, ``base64``, ``custom`` or ``mime``.
        headers: Further header fields.
        in_reply_to: The Message-ID that this answers.
        references: The Message-IDs of the thread.
        list_unsubscribe: Where to unsubscribe: ``https:`` or ``mailto:`` URIs.
        one_click_unsubscribe: Whether the ``https:`` one takes one-click requests (RFC 8058).

    Raises:
        FlowError: A field cannot be used; ``field`` names it.
    """

    KIND: ClassVar[str] = "send_smtp_email"

    connection: str | Mapping[str, object] = ""
    from_: str = ""
    reply_to: str = ""
    text: str | Mapping[str, str] = ""
    attachments: Sequence[Mapping[str, object]] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    in_reply_to: str = ""
    references: str = ""
    list_unsubscribe: str = ""
    one_click_unsubscribe: bool = False
