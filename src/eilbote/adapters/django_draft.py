"""A Django message becomes a draft. What a draft cannot say is refused: nothing of a message is dropped in silence.

Django lets a header contradict the envelope, and its attachments are octets, texts or MIME parts of the standard library. Here the
addresses are read once and stand in both, and every part is composed anew (RFC 5322, RFC 2045).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Protocol, TypedDict, cast

from eilbote.errors import AttachmentError, DraftError, HeaderError
from eilbote.model.address import parse_address_list
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft
from eilbote.model.mailbox import Mailbox

if TYPE_CHECKING:
    from datetime import datetime

_HTML: Final = "text/html"
_RFC822: Final = "message/rfc822"
_SHOWN: Final = {"to": "to", "cc": "cc"}


class DjangoMessage(Protocol):
    """What is read of ``django.core.mail.EmailMessage``."""

    subject: object
    body: object
    content_subtype: str
    from_email: str
    to: Sequence[object]
    cc: Sequence[object]
    bcc: Sequence[object]
    reply_to: Sequence[object]
    attachments: Sequence[object]
    extra_headers: Mapping[str, object]


class _Texts(TypedDict, total=False):
    text: str
    html: str


class _Fields(TypedDict, total=False):
    sender: str
    message_id: str
    date: datetime
    in_reply_to: list[str]
    references: list[str]
    auto_submitted: str
    unsubscribe: list[str]
    one_click_unsubscribe: bool
    reverse_path: str
    headers: list[tuple[str, str]]


def draft_of(message: DjangoMessage) -> Draft:
    """Give the draft of a Django message.

    Raises:
        DraftError: It says something that no draft can say, or that cannot be said safely; ``field`` names it.
    """
    subject = str(message.subject)
    if "\n" in subject or "\r" in subject:
        raise HeaderError(
            "there is a line break in the subject",
            field="subject",
            position=min(at for at in (subject.find("\n"), subject.find("\r")) if at >= 0),
            cause="Django refuses it as well: what comes behind it could be read as another header field",
            remedy="Take it out",
        )
    given = {name.lower(): (name, str(value)) for name, value in message.extra_headers.items()}
    for header, of in _SHOWN.items():
        if header in given:
            _check_shown(given.pop(header)[1], _texts(getattr(message, of)), of)
    from_ = given.pop("from", ("", message.from_email))[1]
    reply_to = given.pop("reply-to", None)
    return Draft(
        **_body(message),
        **_fields(given, from_, message.from_email),
        from_=from_,
        to=_texts(message.to),
        cc=_texts(message.cc),
        bcc=_texts(message.bcc),
        reply_to=reply_to[1] if reply_to else _texts(message.reply_to),
        subject=subject,
        attachments=[_attachment(each, number) for number, each in enumerate(message.attachments)],
    )


def _texts(addresses: Sequence[object]) -> list[str]:
    """Give addresses as texts: Django takes lazy translations as well."""
    return [str(each) for each in addresses if each]


def _check_shown(shown: str, meant: list[str], field: str) -> None:
    """Refuse a header that names other recipients than those who get the message."""
    if parse_address_list(shown, field=field) != parse_address_list(", ".join(meant), field=field):
        raise HeaderError(
            f"the header {field.capitalize()} names other recipients than those of the message",
            field=f"headers.{field.capitalize()}",
            cause="eilbote writes it from the recipients, so that the two agree",
            remedy="Leave the header out; recipients that nobody is to see are bcc",
        )


def _body(message: DjangoMessage) -> _Texts:
    said = str(message.body)
    found: _Texts = {}
    if message.content_subtype == "html":
        found["html"] = said
    elif message.content_subtype == "plain":
        if said:
            found["text"] = said
    else:
        raise _unsayable(f"text/{message.content_subtype}", "content_subtype")
    for content, kind in cast("Sequence[tuple[object, str]]", getattr(message, "alternatives", ()) or ()):
        if kind != _HTML or "html" in found:
            raise _unsayable(kind, "alternatives")
        found["html"] = str(content)
    if not found:
        found["text"] = said
    return found


def _unsayable(kind: str, field: str) -> DraftError:
    return DraftError(
        f"{kind[:60]!r} cannot be one of the forms of this text",
        field=field,
        cause="a message has one plain text and one HTML text",
        remedy="Attach it instead",
    )


def _fields(given: dict[str, tuple[str, str]], from_: str, envelope: str) -> _Fields:
    """Give what Django's headers say and a draft says elsewhere, and the headers that are left."""
    found: _Fields = {}
    if (sender := _taken(given, "sender")) is not None:
        found["sender"] = sender
    if (identifier := _taken(given, "message-id")) is not None:
        found["message_id"] = identifier
    if (date := _taken(given, "date")) is not None:
        found["date"] = _date(date)
    if (answered := _taken(given, "in-reply-to")) is not None:
        found["in_reply_to"] = answered.split()
    if (thread := _taken(given, "references")) is not None:
        found["references"] = thread.split()
    if (automatic := _taken(given, "auto-submitted")) is not None:
        found["auto_submitted"] = automatic
    if (uris := _taken(given, "list-unsubscribe")) is not None:
        found["unsubscribe"] = [uri.strip(" <>") for uri in uris.split(">,")]
    if (click := _taken(given, "list-unsubscribe-post")) is not None:
        found["one_click_unsubscribe"] = click.strip() == "List-Unsubscribe=One-Click"
    if from_ != envelope:  # Django's way of saying where failures return
        (path,) = parse_address_list(envelope, field="from_email") or (None,)
        if isinstance(path, Mailbox):
            found["reverse_path"] = path.addr_spec
    found["headers"] = list(given.values())
    return found


def _taken(given: dict[str, tuple[str, str]], name: str) -> str | None:
    found = given.pop(name, None)
    return None if found is None else found[1]


def _date(text: str) -> datetime:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        raise HeaderError(
            f"{text[:60]!r} is no date",
            field="headers.Date",
            remedy="Write it as RFC 5322 §3.3 does, for instance with email.utils.format_datetime()",
        ) from None


def _attachment(said: object, number: int) -> Attachment:
    """Give an attachment: a MIME part of the standard library, or file name, content and media type."""
    field = f"attachments[{number}]"
    try:
        if isinstance(said, Message):
            return _part(cast("Message[str, str]", said))
        filename, content, media_type = cast("tuple[str | None, object, str | None]", said)
        return _file(filename or None, content, media_type or None)
    except AttachmentError as fault:
        fault.field = field
        raise
    except (TypeError, ValueError) as fault:
        raise AttachmentError(
            "this is no attachment",
            field=field,
            cause=str(fault),
            remedy="Give (file name, content, media type), or a MIME part",
        ) from None


def _file(filename: str | None, content: object, media_type: str | None) -> Attachment:
    if media_type == _RFC822:
        return Attachment.from_mime(
            b"Content-Type: message/rfc822\nContent-Disposition: attachment\n\n" + _message_octets(content)
        )
    if isinstance(content, str):
        return Attachment.from_text(content, filename=filename, media_type=media_type)
    if isinstance(content, bytes | bytearray | memoryview):
        octets = cast("bytes | bytearray | memoryview", content)
        return Attachment.from_bytes(octets, filename=filename, media_type=media_type)
    raise TypeError(f"its content is a {type(content).__name__}")


def _message_octets(content: object) -> bytes:
    """Give the octets of a message that is attached: as a text, as octets, or as one of two kinds of objects."""
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, bytes):
        return content
    if not isinstance(content, Message) and callable(make := getattr(content, "message", None)):
        content = make()  # another EmailMessage of Django's
    if isinstance(content, Message):
        return cast("Message[str, str]", content).as_bytes()
    raise TypeError(f"a {type(content).__name__} is no message")


def _part(part: Message[str, str]) -> Attachment:
    """Give a MIME part; one with a Content-ID is shown where the HTML says ``cid:``."""
    name = str(part.get("Content-ID", "")).strip().strip("<>")
    if not name or part.is_multipart():
        return Attachment.from_mime(part.as_bytes())
    octets = part.get_payload(decode=True)
    return Attachment.from_bytes(
        octets if isinstance(octets, bytes) else b"",
        filename=part.get_filename(),
        media_type=part.get_content_type(),
    ).as_inline(name)
