"""What a message needs of a server, asked before anything is sent, and the parameters that say so.

A message that needs what is not announced is refused here, and nothing of it reaches the server: SMTPUTF8
(RFC 6531), 8BITMIME (RFC 6152), BINARYMIME (RFC 3030), SIZE (RFC 1870), REQUIRETLS (RFC 8689). DSN (RFC 3461)
is a wish and not a need: without it the request is left out, and the receipt's ``extensions`` show that.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from eilbote.errors import ExtensionError
from eilbote.model.envelope import Notify
from eilbote.model.message import BodyKind
from eilbote.model.status import RecipientKind
from eilbote.smtp.grammar import original_recipient, xtext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.model.envelope import DsnRequest, Envelope
    from eilbote.model.message import Message
    from eilbote.smtp.extensions import Extensions

BODY_PARAMETERS = {kind: f" BODY={kind.value}" for kind in BodyKind}
"""What MAIL says of the octets, after a blank (RFC 6152, RFC 3030)."""


def unmet(
    envelope: Envelope,
    message: Message,
    extensions: Extensions,
    *,
    secure: bool,
    chunking: bool = True,
    server: str | None = None,
) -> ExtensionError | None:
    """Find the first need that the server does not announce; ``None`` when there is none.

    Args:
        envelope: Where it goes.
        message: What goes.
        extensions: What the server announces.
        secure: Whether the session is in TLS, as REQUIRETLS wants it.
        chunking: Whether BDAT may be used on this connection at all.
        server: ``host:port``, for the error.
    """
    if not extensions.smtputf8 and (message.smtputf8 or envelope.needs_smtputf8):
        return _utf8_missing(envelope, server)
    body = message.body
    if body is BodyKind.EIGHT_BIT and not extensions.eight_bit:
        return _missing("8BITMIME", "the message holds octets above 127", server, field="message")
    if body is BodyKind.BINARY and not (extensions.binary and chunking):
        return _missing(
            "BINARYMIME", "the message holds binary parts, which travel by BDAT", server, field="message"
        )
    if extensions.size is not None and message.size > extensions.size:
        return ExtensionError(
            f"the message has {message.size:,} octets and the server takes at most {extensions.size:,}",
            extension="SIZE",
            field="message",
            stage="mail",
            server=server,
            cause="the server declares this limit in its reply to EHLO (RFC 1870)",
            remedy="Send smaller or fewer attachments, or a link to them",
        )
    if envelope.require_tls and not (extensions.requiretls and secure):
        return _missing("REQUIRETLS", "the message demands TLS of every hop", server, field="require_tls")
    return None


def _missing(keyword: str, need: str, server: str | None, *, field: str) -> ExtensionError:
    return ExtensionError(
        f"the server does not announce {keyword}",
        extension=keyword,
        field=field,
        stage="mail",
        server=server,
        cause=need,
        remedy=f"Compose the message without that need, or use a server that announces {keyword}",
    )


def _utf8_missing(envelope: Envelope, server: str | None) -> ExtensionError:
    for path, field in _paths(envelope):
        if not path.isascii():
            need = f"the address {path} holds characters outside ASCII"
            return _missing("SMTPUTF8", need, server, field=field)
    return _missing("SMTPUTF8", "a header field holds characters outside ASCII", server, field="message")


def _paths(envelope: Envelope) -> Iterator[tuple[str, str]]:
    """Give each path with the name of the field it comes from, as far as the envelope knows it."""
    forward_paths, kinds = envelope.forward_paths, envelope.kinds
    if not kinds or kinds[0] is RecipientKind.ENVELOPE:  # it was written as an envelope
        yield envelope.reverse_path, "envelope.reverse_path"
        yield from zip(forward_paths, repeat("envelope.forward_paths"), strict=False)
    else:
        yield envelope.reverse_path, "from"
        yield from zip(forward_paths, (kind.value for kind in kinds), strict=True)


def mail_parameters(envelope: Envelope, message: Message, extensions: Extensions, *, utf8: bool) -> str:
    """Write the parameters of MAIL, each after a blank; only what is announced is used.

    Args:
        envelope: Where it goes.
        message: What goes.
        extensions: What the server announces.
        utf8: Whether a path or a header field holds UTF-8.
    """
    text = f" SIZE={message.size}" if extensions.announces_size else ""
    if message.body is not BodyKind.SEVEN_BIT:
        text += BODY_PARAMETERS[message.body]
    if utf8:
        text += " SMTPUTF8"
    if envelope.dsn is not None and extensions.dsn:
        if envelope.dsn.ret is not None:
            text += f" RET={envelope.dsn.ret.value}"
        if envelope.dsn.envelope_id is not None:
            text += f" ENVID={xtext(envelope.dsn.envelope_id)}"
    if envelope.require_tls:
        text += " REQUIRETLS"
    return text


def rcpt_parameters(path: str, dsn: DsnRequest) -> str:
    """Write the parameters of RCPT that ask for notifications, each after a blank."""
    occasions = "NEVER" if Notify.NEVER in dsn.notify else ",".join(sorted(item.value for item in dsn.notify))
    notify = f" NOTIFY={occasions}" if occasions else ""
    return f"{notify} ORCPT={original_recipient(path)}"
