"""A message as a catcher received it: the envelope, the octets, and how it was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage, MIMEPart


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtPart:
    """One attachment of a caught message.

    Attributes:
        filename: The name it was sent with; empty without one.
        media_type: Type and subtype in lower case.
        octets: Its content, decoded.
        content_id: Without angle brackets; empty without one.
        inline: Whether it says of itself that it is shown within the text.
    """

    filename: str
    media_type: str
    octets: bytes
    content_id: str
    inline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtMessage:
    """One message that arrived.

    Attributes:
        reverse_path: The envelope sender; empty for the null path.
        forward_paths: The envelope recipients in the order of RCPT; Bcc is seen here and only here.
        octets: The message as composed: transparency undone, CRLF line ends kept.
        mail_parameters: What MAIL said besides the path, keywords in upper case.
        rcpt_parameters: The same for each RCPT.
        hello: The name the client gave in EHLO or HELO.
        peer: ``host:port`` of the client.
        user: Who signed in; empty without authentication.
        tls_version: For instance ``TLSv1.3``; empty when it came in clear.
        remarks: What a stricter server might have refused; empty when all is well.
        dialogue: The session up to the reply that took this message; content and passwords left out.
    """

    reverse_path: str
    forward_paths: tuple[str, ...]
    octets: bytes = field(repr=False)
    mail_parameters: Mapping[str, str]
    rcpt_parameters: tuple[Mapping[str, str], ...]
    hello: str
    peer: str
    user: str = ""
    tls_version: str = ""
    remarks: tuple[str, ...] = ()
    dialogue: tuple[str, ...] = field(default=(), repr=False)
    _parsed: EmailMessage | None = field(default=None, init=False, repr=False, compare=False)

    def parse(self) -> EmailMessage:
        """Read the octets with Python's own parser, an independent opinion on what was sent.

        This is done once, for it takes a second for every 30 MB; whoever wants to change the result copies it.
        """
        if self._parsed is not None:
            return self._parsed
        from email import message_from_bytes
        from email.policy import SMTPUTF8

        parsed = message_from_bytes(self.octets, policy=SMTPUTF8)
        object.__setattr__(self, "_parsed", parsed)
        return parsed

    def header(self, name: str) -> str:
        """Give the first header field of that name, decoded and unfolded; empty when there is none."""
        value = self.parse()[name]
        return "" if value is None else str(value)

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return self.header("Subject")

    @property
    def text(self) -> str:
        """The plain text; empty when there is none."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """The HTML text; empty when there is none."""
        return self._body("html")

    @property
    def attachments(self) -> tuple[CaughtPart, ...]:
        """Everything that is neither the plain nor the HTML text, inline images included."""
        message = self.parse()
        bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
        return tuple(
            CaughtPart(
                filename=part.get_filename() or "",
                media_type=part.get_content_type(),
                octets=_content_of(part),
                content_id=str(part["Content-ID"] or "").strip(" <>"),
                inline=part.get_content_disposition() == "inline",
            )
            for part in _leaves(message)
            if not any(part is body for body in bodies)
        )

    def _body(self, kind: str) -> str:
        part = self.parse().get_body((kind,))
        if part is None:
            return ""
        charset = part.get_content_charset("utf-8")
        try:
            return _content_of(part).decode(charset, "replace").replace("\r\n", "\n")
        except LookupError:  # a charset nobody has heard of
            return _content_of(part).decode("latin-1").replace("\r\n", "\n")


def _leaves(part: MIMEPart) -> Iterator[MIMEPart]:
    """Go through the parts; an attached message is one of them, whatever it holds itself."""
    if part.get_content_maintype() == "multipart":
        for child in part.iter_parts():
            yield from _leaves(child)
    else:
        yield part


def _content_of(part: MIMEPart) -> bytes:
    if part.get_content_maintype() == "message":
        return b"".join(child.as_bytes() for child in part.iter_parts())
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
