"""What a message is made of when it is handed in over the API, and how it becomes a draft."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from eilbote.errors import AttachmentError, DraftError, TemplateError
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft, Priority
from eilbote.model.invitation import Invitation, Method
from eilbote.model.submission import InDoubtPolicy, PartialPolicy, SubmissionOptions
from eilbote.template.localized import read_time_zone
from eilbote.template.template import Markup, Missing, Template

if TYPE_CHECKING:
    from collections.abc import Mapping

Addresses = Annotated[
    str | list[str],
    Field(
        description="One text with commas between the addresses, or a list",
        examples=["Anna <anna@example.org>"],
    ),
]
Time = Annotated[
    AwareDatetime, Field(gt=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(2500, 1, 1, tzinfo=UTC))
]
"""A point in time with its zone, that every calendar can hold."""
_LONGEST_TEXT = 20_000_000
_MOST_ATTACHMENTS = 1000


class AttachmentInput(BaseModel):
    """A file, inline."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"filename": "order.csv", "text": "item;price\r\n17;9.90\r\n"}]},
    )

    filename: str | None = Field(default=None, max_length=1000, description="Shown to the reader")
    media_type: str | None = Field(
        default=None,
        max_length=500,
        description="Type and subtype; guessed from the file name when it is left out",
        examples=["application/pdf"],
    )
    base64: str | None = Field(
        default=None, description="The octets, in base64 (RFC 4648 section 4) with padding; this or `text`"
    )
    text: str | None = Field(default=None, description="A text, sent as UTF-8; this or `base64`")
    content_id: str | None = Field(
        default=None,
        max_length=200,
        description="Makes it part of the HTML, which shows it where it says `cid:` and this",
        examples=["logo"],
    )


class InvitationInput(BaseModel):
    """A meeting that the message invites to (RFC 5545)."""

    model_config = ConfigDict(extra="forbid")

    summary: str = Field(max_length=1000, description="Its title", examples=["Delivery of order 4711"])
    start: Time = Field(examples=["2030-01-31T09:00:00+01:00"])
    end: Time = Field(examples=["2030-01-31T10:00:00+01:00"])
    location: str = Field(default="", max_length=1000)
    description: str = Field(default="", max_length=100_000)
    uid: str | None = Field(
        default=None,
        max_length=500,
        description="The same in updates and in the cancellation; made when left out",
    )
    sequence: int = Field(default=0, ge=0, le=1_000_000, description="Grows with every update")
    method: Literal["REQUEST", "PUBLISH", "CANCEL"] = "REQUEST"


class MessageInput(BaseModel):
    """A message to be sent."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {
                    "from": "Orders <orders@example.org>",
                    "to": ["Anna <anna@example.org>"],
                    "subject": "Your order 4711",
                    "text": "It is on its way.",
                },
                {
                    "to": "anna@example.org",
                    "subject": "Invoice {{ number }}",
                    "html": "<p>Dear {{ name }}, the invoice is attached.</p>",
                    "data": {"number": 17, "name": "Anna"},
                    "attachments": [{"filename": "invoice.pdf", "base64": "JVBERi0xLjcK"}],
                    "connections": ["office"],
                    "send_at": "2030-01-31T08:00:00Z",
                },
            ]
        },
    )

    from_: str | None = Field(
        default=None,
        alias="from",
        max_length=2000,
        description="The author; the connection's own when left out",
        examples=["Orders <orders@example.org>"],
    )
    sender: str | None = Field(
        default=None, max_length=2000, description="Who sends it for the author, if that is another"
    )
    to: Addresses = Field(default=[], max_length=1_000_000)
    cc: Addresses = Field(default=[], max_length=1_000_000)
    bcc: Addresses = Field(default=[], max_length=1_000_000, description="In the envelope only")
    reply_to: Addresses = Field(default=[], max_length=100_000)
    subject: str = Field(default="", max_length=10_000, examples=["Your order 4711"])
    text: str | None = Field(
        default=None, max_length=_LONGEST_TEXT, description="Plain text; made from `html` when left out"
    )
    html: str | None = Field(default=None, max_length=_LONGEST_TEXT)
    data: dict[str, JsonValue] | None = Field(
        default=None,
        description="When given, `subject`, `text` and `html` are Liquid templates into which these values are put, escaped in HTML; "
        "a variable without a value is an error. When left out they go as they are",
    )
    language: str = Field(
        default="en", max_length=35, description="In which numbers and dates of `data` are written"
    )
    time_zone: str = Field(default="UTC", max_length=64, description="In which dates of `data` are written")
    headers: dict[str, str] = Field(
        default={},
        max_length=100,
        description="Further fields, such as `X-Order`",
        examples=[{"X-Order": "4711"}],
    )
    attachments: list[AttachmentInput] = Field(default=[], max_length=_MOST_ATTACHMENTS)
    invitation: InvitationInput | None = None
    priority: Literal["high", "normal", "low"] = Field(
        default="normal", description="Shown to the reader, and which messages of a connection go first"
    )
    message_id: str | None = Field(
        default=None, max_length=998, description="With angle brackets; made when left out"
    )
    in_reply_to: list[str] = Field(default=[], max_length=100)
    references: list[str] = Field(default=[], max_length=100)
    auto_submitted: str | None = Field(default=None, max_length=100, examples=["auto-generated"])
    unsubscribe: list[str] = Field(default=[], max_length=10, description="`https:` or `mailto:` (RFC 2369)")
    one_click_unsubscribe: bool = Field(
        default=False, description="Whether the `https:` one takes a POST (RFC 8058)"
    )
    reverse_path: str | None = Field(
        default=None, max_length=254, description="Where reports of failure go; empty for nowhere"
    )
    require_tls: bool = Field(default=False, description="Every hop has to use TLS (RFC 8689)")
    connections: list[str] = Field(
        default=[],
        max_length=20,
        description="Names, in the order they are to be tried; the default connection when left out",
        examples=[["office"]],
    )
    send_at: Time | None = Field(default=None, description="Not before")
    expires_at: Time | None = Field(default=None, description="What is not accepted by then has failed")
    on_in_doubt: Literal["retry", "park"] = Field(
        default="retry",
        description="When nobody knows whether the server took it: send it again, or hold it until somebody decides",
    )
    on_partial: Literal["retry_rest", "ok", "error"] = Field(
        default="retry_rest",
        description="What becomes of the others once the server has accepted some recipient",
    )
    idempotency_key: str | None = Field(
        default=None,
        max_length=255,
        description="A name for this message: under one name it is accepted once. The header `Idempotency-Key` says the same",
    )

    def draft(self) -> Draft:
        """Make the draft.

        Raises:
            DraftError: Something cannot be said safely, with its field.
        """
        subject, text, html = self.subject, self.text, self.html
        if self.data is not None:
            self._check_time_zone()
            subject = self._filled("subject", subject, self.data)
            text = None if text is None else self._filled("text", text, self.data)
            html = None if html is None else self._filled("html", html, self.data)
        return Draft(
            from_=self.from_,
            sender=self.sender,
            to=self.to,
            cc=self.cc,
            bcc=self.bcc,
            reply_to=self.reply_to,
            subject=subject,
            text=text,
            html=html,
            headers=self.headers,
            attachments=[_attachment(each, number) for number, each in enumerate(self.attachments)],
            invitation=None if self.invitation is None else _invitation(self.invitation),
            priority=Priority(self.priority),
            message_id=self.message_id,
            in_reply_to=self.in_reply_to,
            references=self.references,
            auto_submitted=self.auto_submitted,
            unsubscribe=self.unsubscribe,
            one_click_unsubscribe=self.one_click_unsubscribe,
            reverse_path=self.reverse_path,
            require_tls=self.require_tls,
        )

    def options(self, *, organization: str, key: str | None = None) -> SubmissionOptions:
        """Make the options.

        Args:
            organization: On whose behalf.
            key: What the header says; counts when the body says nothing.

        Raises:
            DraftError: One cannot be used, or body and header name different keys.
        """
        if key is not None and self.idempotency_key is not None and key != self.idempotency_key:
            raise DraftError(
                "body and header name different keys",
                field="idempotency_key",
                remedy="Give one of them, or the same in both",
            )
        return SubmissionOptions(
            idempotency_key=key if self.idempotency_key is None else self.idempotency_key,
            connections=tuple(self.connections),
            send_at=self.send_at,
            expires_at=self.expires_at,
            on_in_doubt=InDoubtPolicy(self.on_in_doubt),
            on_partial=PartialPolicy(self.on_partial),
            organization=organization,
        )

    def _check_time_zone(self) -> None:
        """Refuse a zone that nobody knows, whether or not a template asks for it today."""
        try:
            read_time_zone(self.time_zone)
        except TemplateError as fault:
            raise DraftError(fault.what, field="time_zone", cause=fault.cause, remedy=fault.remedy) from fault

    def _filled(self, field: str, source: str, data: Mapping[str, JsonValue]) -> str:
        made = Template(
            source, markup=Markup.HTML if field == "html" else Markup.TEXT, field=field, missing=Missing.ERROR
        )
        return made.render(data, locale=self.language, time_zone=self.time_zone)


def _attachment(said: AttachmentInput, number: int) -> Attachment:
    field = f"attachments[{number}]"
    if (said.base64 is None) == (said.text is None):
        raise AttachmentError(
            "an attachment is a text or octets", field=field, remedy="Give `text` or `base64`, one of them"
        )
    try:
        if said.text is not None:
            made = Attachment.from_text(said.text, filename=said.filename, media_type=said.media_type)
        else:
            made = Attachment.from_base64(
                said.base64 or "", filename=said.filename, media_type=said.media_type
            )
        return made if said.content_id is None else made.as_inline(said.content_id)
    except AttachmentError as fault:
        fault.field = f"{field}.{(fault.field or '').removeprefix('attachment.')}".rstrip(".")
        raise


def _invitation(said: InvitationInput) -> Invitation:
    return Invitation(
        summary=said.summary,
        start=said.start,
        end=said.end,
        location=said.location,
        description=said.description,
        uid=said.uid,
        sequence=said.sequence,
        method=Method(said.method),
    )
