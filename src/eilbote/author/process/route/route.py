"""Outgoing communication routes: by which connection a process's messages go, what they are told, and what they say.

A route has three pages: basic properties; message attributes, which a process fills; and message properties, in which
``{SystemName}`` stands for an attribute's value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from eilbote.model.draft_values import Priority

if TYPE_CHECKING:
    from eilbote.model.moment import Moment


class RouteDirection(StrEnum):
    """Which way messages go."""

    OUTGOING = "outgoing"


class AttributeType(StrEnum):
    """What an attribute's value is."""

    TEXT = "text"
    NUMBER = "number"
    DURATION = "duration"
    DATE_TIME = "date_time"
    BOOLEAN = "boolean"
    DOCUMENT = "document"
    """A file: its name and what is in it. It cannot stand in a text, only be attached."""
    ACCOUNT = "account"
    """A person: address and name. As a recipient it gives both; in a text it is the name."""


class MessageFormat(StrEnum):
    """What the message is made of."""

    PLAIN = "plain"
    HTML = "html"
    BOTH = "both"
    """HTML, and the same as plain text (multipart/alternative)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAttribute:
    """A parameter of a message.

    Attributes:
        name: What people read.
        system_name: What ``{...}`` and mappings call it; a letter, then letters, digits and ``_``; unique in the route, capitals
            and small letters being the same.
        type: What its value is.
        is_required: Whether each message must have it.
    """

    name: str
    system_name: str
    type: AttributeType = AttributeType.TEXT
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """An invitation that goes with the message.

    Attributes:
        start: When it begins: constants and one date-and-time attribute, or ISO 8601.
        end: When it ends.
        place: Where.
    """

    start: str
    end: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageProperties:
    """How attributes become a message. In every text ``{SystemName}`` is replaced; other braces stay as they are.

    Attributes:
        from_address: In place of the connection's sender address; empty for that.
        from_name: In place of the connection's sender name.
        to: Addresses, separated by semicolons or commas; with names as ``Anna <anna@example.org>``; or accounts.
        to_names: Names for them, in the same order, separated by semicolons; may be empty.
        cc: As ``to``.
        cc_names: As ``to_names``.
        bcc: As ``to``.
        bcc_names: As ``to_names``.
        reply_to: As ``to``: where answers go, when not to the sender.
        subject: One line.
        format: What the message is made of.
        message: The text: HTML for HTML and both.
        attachments: System names of document attributes that are attached.
        meeting: An invitation; ``None`` for none.
        priority: How urgent the author finds it.
        headers: Further header fields (RFC 5322 section 2.2), names and values; one whose value turns out empty is left out.
    """

    from_address: str = ""
    from_name: str = ""
    to: str = ""
    to_names: str = ""
    cc: str = ""
    cc_names: str = ""
    bcc: str = ""
    bcc_names: str = ""
    reply_to: str = ""
    subject: str = ""
    format: MessageFormat = MessageFormat.PLAIN
    message: str = ""
    attachments: tuple[str, ...] = ()
    meeting: Meeting | None = None
    priority: Priority = Priority.NORMAL
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A communication route.

    Attributes:
        message_name: What processes call it; unique in its organization.
        name: What people read.
        application: To which application it belongs; a word of its author's, for lists.
        connection: Over which connection it goes; empty for the default one.
        is_disabled: Whether nothing may go over it for now.
        direction: Which way messages go.
        locale: The language in which numbers, times and yes and no are written.
        time_zone: The zone in which times are told, and meant where they name none.
        attributes: Its message attributes.
        properties: Its message properties.
    """

    message_name: str
    name: str = ""
    application: str = ""
    connection: str = ""
    is_disabled: bool = False
    direction: RouteDirection = RouteDirection.OUTGOING
    locale: str = "en"
    time_zone: str = "UTC"
    attributes: tuple[MessageAttribute, ...] = ()
    properties: MessageProperties = field(default_factory=MessageProperties)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRoute:
    """A route as it is kept.

    Attributes:
        organization: Whose; empty for the host's own.
        message_name: What processes call it.
        text: The route as :mod:`eilbote.author.process.route.text` writes it.
        changed: When it was last changed.
        revision: Grows with each change; 0 for one that is not kept yet.
    """

    organization: str
    message_name: str
    text: str
    changed: Moment
    revision: int = 0
