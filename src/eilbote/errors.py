"""Every exception eilbote raises, and the two words that sort a failed delivery.

::

    EilboteError
    ├── DraftError (ValueError)          the author must change something; nothing was sent
    │   ├── AddressError                 an address or address list cannot be read or sent safely
    │   ├── HeaderError                  a header field name or value is not allowed
    │   ├── NoRecipientsError            nobody to send to
    │   ├── AttachmentError              missing, too large, undecodable or badly described
    │   ├── PlaceholderError             a placeholder without a value, or a malformed one
    │   ├── TemplateError                a text cannot be rendered
    │   └── SuppressedError              whoever is written to does not take mail from us any more
    ├── ConfigurationError               an administrator must change something
    │   ├── ConnectionNotFoundError
    │   ├── ConnectionDisabledError
    │   ├── ProviderNotFoundError        no service of that name in the catalogue
    │   ├── UriError                     an SMTP URI that cannot be used
    │   ├── RouteError                   a communication route that cannot be used as it is written
    │   │   └── RouteNotFoundError       no route of that message name
    │   ├── ProcessError                 a process that cannot be published, or not run, as it is drawn
    │   │   ├── ProcessNotFoundError     no process of that name
    │   │   └── InstanceNotFoundError    no process instance of that id
    │   ├── FlowError                    a flow that cannot run as it is written
    │   │   ├── FlowNotFoundError        no flow of that name
    │   │   └── RunNotFoundError         no run of that id
    │   ├── SettingsError                a field of the settings is missing or wrong
    │   ├── SecretKeyError               a stored secret cannot be decrypted, or not be encrypted
    │   ├── NotFoundError                no organization, user, key, webhook or the like of that name or id
    │   └── ConflictError                somebody has changed it meanwhile, or the name is taken
    ├── AccessError                      whoever asks may not do this
    │   ├── SignInError                  nobody has said who they are, or it cannot be believed
    │   ├── ForbiddenError               they are known, and may not
    │   └── ThrottledError               too often in too short a time
    ├── DeliveryError                    an attempt ended without the server's verdict
    │   ├── ConnectError                 name not found, refused, unreachable, plain/TLS mix-up
    │   ├── DeliveryTimeoutError         a deadline passed
    │   ├── TLSError                     TLS required but not offered, or a certificate fault
    │   ├── AuthenticationError          credentials refused, missing or not usable here
    │   │   └── TokenError               an OAuth2 token could not be had
    │   ├── ExtensionError               the message needs what the server does not announce
    │   ├── DisconnectedError            the connection broke before the final dot
    │   └── InDoubtError                 the connection broke after it: taken or not, nobody knows
    ├── ProtocolError
    │   ├── LocalProtocolError           eilbote broke a rule: a bug here
    │   └── RemoteProtocolError          the server broke a rule
    ├── OutboxError
    │   ├── EntryNotFoundError
    │   ├── IllegalTransitionError
    │   ├── LeaseLostError
    │   ├── AlreadySubmittedError
    │   ├── OutboxUnavailableError       no space, locked, or gone for now; nothing was stored
    │   ├── OutboxSchemaError            the database is older or newer than this program
    │   └── UnreadableEntryError         a stored message is damaged or of an unknown form
    └── RecipientsRefusedError           direct send only: the server accepted nobody

A server's decision about a recipient is a result in a receipt. Exceptions carry data, so nobody needs to parse texts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, TypedDict, Unpack

from eilbote.trouble import Durability as Durability  # noqa: PLC0414 - a part of what errors say
from eilbote.trouble import Scope as Scope  # noqa: PLC0414 - as above

if TYPE_CHECKING:
    from eilbote.model.receipt import Receipt


class _Parts(TypedDict, total=False):
    field: str | None
    cause: str | None
    remedy: str | None
    stage: str | None
    server: str | None


class EilboteError(Exception):
    """Something eilbote cannot do, said so that the reader can mend it.

    Attributes:
        what: What happened, one sentence without the final full stop.
        field: The field, setting or option that holds the fault, if one does.
        position: Offset in the field's text, in characters, counted from 0.
        cause: Why it happened, as far as it is known.
        remedy: What to change or do next.
        receipt: What became of each recipient, where a direct send had begun when this happened.
    """

    code: ClassVar[str] = "error"
    receipt: Receipt | None = None

    def __init_subclass__(cls) -> None:
        """Derive the code from the name, where none is said: ``NoRecipientsError`` is ``no_recipients``.

        Errors of other modules only refine one of these, and keep its code.
        """
        super().__init_subclass__()
        if "code" not in cls.__dict__ and cls.__module__ == __name__:
            cls.code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__.removesuffix("Error")).lower()

    def __init__(
        self,
        what: str,
        *,
        field: str | None = None,
        position: int | None = None,
        cause: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.field = field
        self.position = position
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        """Give the whole story in one line: where, what, why, what to do."""
        where = self.field or ""
        if self.position is not None:
            where = f"{where} at character {self.position + 1}".strip()
        head = f"{where}: {self.what}" if where else self.what
        tail = [part.rstrip(".") for part in (self.cause, self.remedy) if part]
        return ". ".join([head.rstrip("."), *tail]) + ("." if tail else "")


class DraftError(EilboteError, ValueError):
    """What the author asked for cannot be said safely; nothing was sent."""


class AddressError(DraftError):
    """An address or an address list is malformed or cannot be represented safely."""


class HeaderError(DraftError):
    """A header field name or value is not allowed."""


class NoRecipientsError(DraftError):
    """To, Cc and Bcc are all empty."""


class AttachmentError(DraftError):
    """An attachment is missing, too large, not decodable or badly described."""


class PlaceholderError(DraftError):
    """A placeholder has no value, or is malformed."""


class TemplateError(DraftError):
    """A template cannot be rendered."""


class SuppressedError(DraftError):
    """Nobody who is written to takes mail from us any more; the suppression list tells why."""


class ConfigurationError(EilboteError):
    """A setting is missing or wrong; no message is at fault."""


class ConnectionNotFoundError(ConfigurationError):
    """No connection has that name."""


class ConnectionDisabledError(ConfigurationError):
    """The connection exists but has been switched off."""


class ProviderNotFoundError(ConfigurationError):
    """The catalogue knows no service of that name."""


class UriError(ConfigurationError):
    """An SMTP URI cannot be used."""


class RouteError(ConfigurationError):
    """A communication route is incomplete or contradicts itself; ``field`` names the property or attribute."""


class RouteNotFoundError(RouteError):
    """No communication route has that message name."""


class ProcessError(ConfigurationError):
    """A process cannot be used as it is drawn; ``field`` names the element and its property."""


class ProcessNotFoundError(ProcessError):
    """No process has that name, or it has no such version."""


class InstanceNotFoundError(ProcessError):
    """No process instance has that id; it may be so long ago that it was forgotten."""


class FlowError(ConfigurationError):
    """A flow cannot run as it is written; ``field`` names the node and its field, the cause line and column."""


class FlowNotFoundError(FlowError):
    """No flow has that name, or it has no such version."""


class RunNotFoundError(FlowError):
    """No run of a flow has that id; it may be so long ago that it was forgotten."""


class SettingsError(ConfigurationError):
    """A settings field is missing, malformed or contradicts another."""


class SecretKeyError(ConfigurationError):
    """The key for stored secrets is missing, malformed, or not the one they were encrypted with."""


class NotFoundError(ConfigurationError):
    """Nothing of that kind has that name or id, or it belongs to somebody else."""


class ConflictError(ConfigurationError):
    """Somebody has changed it since it was read, or the name is taken."""


class AccessError(EilboteError):
    """Whoever asks may not do this."""


class SignInError(AccessError):
    """Nobody has said who they are, or what they say cannot be believed."""


class ForbiddenError(AccessError):
    """It is known who asks, and they may not."""


class ThrottledError(AccessError):
    """Too often in too short a time; ``retry_after`` says in how many seconds to come back."""

    retry_after: float = 1.0


class DeliveryError(EilboteError):
    """An attempt ended without the server's decision on the recipients.

    Attributes:
        scope: What the failure concerns.
        durability: Whether another attempt can help, or whether the outcome is unknown.
        stage: Where it happened: dns, connect, tls, greeting, ehlo, auth, mail, rcpt, data, content, quit.
        server: ``host:port`` of the peer.
        reply_code: The server's reply code, if it replied (RFC 5321 §4.2).
        enhanced_status_code: Its enhanced status code, such as ``5.7.8`` (RFC 3463).
        reply_text: What the server said, secrets struck out.
        transcript: The dialogue so far, one line an entry, secrets struck out.
    """

    default_scope: ClassVar[Scope] = Scope.SESSION
    default_durability: ClassVar[Durability] = Durability.TRANSIENT

    def __init__(
        self,
        what: str,
        *,
        field: str | None = None,
        position: int | None = None,
        cause: str | None = None,
        remedy: str | None = None,
        scope: Scope | None = None,
        durability: Durability | None = None,
        stage: str | None = None,
        server: str | None = None,
        reply_code: int | None = None,
        enhanced_status_code: str | None = None,
        reply_text: str | None = None,
        transcript: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, field=field, position=position, cause=cause, remedy=remedy)
        self.scope = scope or self.default_scope
        self.durability = durability or self.default_durability
        self.stage = stage
        self.server = server
        self.reply_code = reply_code
        self.enhanced_status_code = enhanced_status_code
        self.reply_text = reply_text
        self.transcript = transcript


class ConnectError(DeliveryError):
    """No session could be opened: name not found, refused, unreachable, or not SMTP."""

    default_scope = Scope.SITE


class DeliveryTimeoutError(DeliveryError):
    """A deadline passed before the server answered."""

    code = "timeout"


class TLSError(DeliveryError):
    """TLS was required and could not be had; nothing was sent in clear."""

    default_scope = Scope.SITE


class AuthenticationError(DeliveryError):
    """The server refused the credentials, wants some, or offers no usable mechanism."""

    default_scope = Scope.SITE
    default_durability = Durability.PERMANENT


class TokenError(AuthenticationError):
    """No OAuth2 access token can be had: permanent when a person must act, transient when another try may help."""

    retry_after: float | None = None  # seconds for which the token endpoint asked to be left alone


class ExtensionError(DeliveryError):
    """The message needs an SMTP extension that the server does not announce, or more of it than the server has.

    ``extension`` is its EHLO keyword, such as ``SMTPUTF8``; ``field`` names what in the message needs it.
    """

    default_scope = Scope.MESSAGE
    default_durability = Durability.PERMANENT

    def __init__(self, what: str, *, extension: str = "", **parts: Unpack[_Parts]) -> None:
        super().__init__(what, **parts)
        self.extension = extension


class DisconnectedError(DeliveryError):
    """The connection broke before the final dot: the message was certainly not taken."""


class InDoubtError(DeliveryError):
    """The connection broke after the content: whether the server took it is unknown (RFC 1047)."""

    default_scope = Scope.MESSAGE
    default_durability = Durability.IN_DOUBT


class ProtocolError(EilboteError):
    """A rule of SMTP was broken."""


class LocalProtocolError(ProtocolError):
    """Eilbote was about to break a rule of SMTP: a bug here, nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The server broke a rule of SMTP; the session cannot be trusted any more."""


class OutboxError(EilboteError):
    """The outbox cannot do what was asked."""


class EntryNotFoundError(OutboxError):
    """No outbox entry has that id."""


class IllegalTransitionError(OutboxError):
    """The entry's state does not allow this."""


class LeaseLostError(OutboxError):
    """Another courier owns the entry by now."""


class AlreadySubmittedError(OutboxError):
    """The idempotency key was used before, for another message."""


class OutboxUnavailableError(OutboxError):
    """The outbox cannot store anything for now: no space, locked for too long, or gone; nothing was stored."""


class OutboxSchemaError(OutboxError):
    """The database was made by an older or a newer eilbote, or by something else."""


class UnreadableEntryError(OutboxError):
    """What is stored of a message is damaged, or of a form this eilbote does not know."""


class RecipientsRefusedError(EilboteError):
    """The server accepted nobody; ``receipt`` tells its words for each recipient."""

    receipt: Receipt  # pyright: ignore[reportIncompatibleVariableOverride] - never None here

    def __init__(self, what: str, *, receipt: Receipt, remedy: str | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.receipt = receipt  # pyright: ignore[reportIncompatibleVariableOverride] - as above
