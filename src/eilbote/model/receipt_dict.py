"""A receipt as plain data, with the keys that nodemailer's ``sendMail`` result has.

Whoever moves from a flow engine built on nodemailer (n8n, Cognigy and others) finds the paths of that result
again: ``accepted``, ``rejected``, ``rejectedErrors``, ``ehlo``, ``envelopeTime``, ``messageTime``,
``messageSize``, ``response``, ``envelope``, ``messageId``. Eilbote adds what that object cannot say: ``status``,
one entry for each recipient, ``pending`` for recipients in doubt, and errors with cause and remedy.

Blind copies stay blind: a result is stored in flow contexts and shown on screens, so recipients of Bcc are left
out unless they are asked for; ``undisclosed`` counts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NotRequired, TypedDict

from eilbote.errors import (
    AddressError,
    AttachmentError,
    AuthenticationError,
    ConfigurationError,
    ConnectError,
    DeliveryError,
    DeliveryTimeoutError,
    DisconnectedError,
    EilboteError,
    ExtensionError,
    InDoubtError,
    NoRecipientsError,
    ProtocolError,
    RecipientsRefusedError,
    TLSError,
    TokenError,
)
from eilbote.model.status import RecipientKind, RecipientStatus

if TYPE_CHECKING:
    from eilbote.model.receipt import Receipt, RecipientResult

EnvelopeDict = TypedDict("EnvelopeDict", {"from": str, "to": list[str]})


class RejectedErrorDict(TypedDict):
    """Why one recipient was refused, as nodemailer tells it."""

    code: str
    command: str
    response: str
    responseCode: int
    recipient: str


class RecipientDict(TypedDict):
    """What became of one recipient."""

    address: str
    kind: str
    status: str
    code: int
    enhanced: str
    text: str


class ErrorDict(TypedDict):
    """An error; ``code`` is nodemailer's, ``error`` the stable one of eilbote."""

    code: str
    error: str
    message: str
    field: str | None
    cause: str | None
    remedy: str | None
    command: NotRequired[str]
    response: NotRequired[str]
    responseCode: NotRequired[int]


class ReceiptDict(TypedDict):
    """A receipt; times in milliseconds, sizes in octets."""

    accepted: list[str]
    rejected: list[str]
    rejectedErrors: NotRequired[list[RejectedErrorDict]]
    pending: NotRequired[list[str]]
    ehlo: NotRequired[list[str]]
    envelopeTime: int
    messageTime: int
    messageSize: int
    response: str
    envelope: EnvelopeDict
    messageId: str
    status: str
    recipients: list[RecipientDict]
    undisclosed: NotRequired[int]
    attempts: int
    server: str
    index: int
    error: NotRequired[ErrorDict]


# nodemailer's name of the command, by the stage where a delivery ended.
_COMMANDS: Final = {
    "dns": "CONN",
    "connect": "CONN",
    "tls": "CONN",
    "greeting": "CONN",
    "ehlo": "EHLO",
    "starttls": "STARTTLS",
    "auth": "AUTH",
    "mail": "MAIL FROM",
    "rcpt": "RCPT TO",
    "data": "DATA",
    "content": "DATA",
    "quit": "QUIT",
}
# The first class that fits decides, so the narrow ones come first.
_CODES: Final = (
    (TokenError, "EOAUTH2"),
    (AuthenticationError, "EAUTH"),
    (DeliveryTimeoutError, "ETIMEDOUT"),
    (TLSError, "ETLS"),
    (ConnectError, "ECONNECTION"),
    (DisconnectedError, "ECONNECTION"),
    (InDoubtError, "ECONNECTION"),
    (ExtensionError, "EMESSAGE"),
    (DeliveryError, "ECONNECTION"),
    (ProtocolError, "EPROTOCOL"),
    (ConfigurationError, "ECONFIG"),
    (AddressError, "EENVELOPE"),
    (NoRecipientsError, "EENVELOPE"),
    (RecipientsRefusedError, "EENVELOPE"),
    (AttachmentError, "EFILEACCESS"),
)


def receipt_dict(receipt: Receipt, *, reveal_bcc: bool = False) -> ReceiptDict:
    """Give a receipt as plain data that JSON can carry.

    Args:
        receipt: The receipt.
        reveal_bcc: Whether the addresses of blind copies are shown.
    """
    shown = [result for result in receipt.results if reveal_bcc or result.kind is not RecipientKind.BCC]
    refused = [
        result for result in shown if result.status in {RecipientStatus.DEFERRED, RecipientStatus.FAILED}
    ]
    pending = [result.address for result in shown if result.status is RecipientStatus.IN_DOUBT]
    answer = ReceiptDict(
        accepted=[result.address for result in shown if result.status is RecipientStatus.ACCEPTED],
        rejected=[result.address for result in refused],
        envelopeTime=round(receipt.envelope_seconds * 1000),
        messageTime=round(receipt.content_seconds * 1000),
        messageSize=receipt.size,
        response=receipt.reply,
        envelope={
            "from": "" if receipt.envelope is None else receipt.envelope.reverse_path,
            "to": [result.address for result in shown],
        },
        messageId=receipt.message_id,
        status=summary(receipt),
        recipients=[_recipient(result) for result in shown],
        attempts=receipt.attempts,
        server=receipt.server,
        index=receipt.index,
    )
    if refused:
        answer["rejectedErrors"] = [_rejection(result) for result in refused]
    if pending:
        answer["pending"] = pending
    if receipt.extensions:
        answer["ehlo"] = list(receipt.extensions)
    if len(shown) < len(receipt.results):
        answer["undisclosed"] = len(receipt.results) - len(shown)
    if receipt.error is not None:
        answer["error"] = error_dict(receipt.error)
    return answer


def summary(receipt: Receipt) -> str:
    """Say in one word what became of a message: accepted, partial, in_doubt, deferred or failed."""
    found = {result.status for result in receipt.results}
    if found == {RecipientStatus.ACCEPTED}:
        return "accepted"
    if RecipientStatus.ACCEPTED in found:
        return "partial"
    for status in (RecipientStatus.IN_DOUBT, RecipientStatus.DEFERRED):
        if status in found:
            return status.value
    return RecipientStatus.FAILED.value


def error_dict(error: EilboteError) -> ErrorDict:
    """Give an error as plain data, with nodemailer's code beside our own."""
    answer = ErrorDict(
        code=error_code(error),
        error=error.code,
        message=error.what,
        field=error.field,
        cause=error.cause,
        remedy=error.remedy,
    )
    if isinstance(error, DeliveryError):
        if error.stage in _COMMANDS:
            answer["command"] = _COMMANDS[error.stage]
        if error.reply_text is not None:
            answer["response"] = error.reply_text
        if error.reply_code is not None:
            answer["responseCode"] = error.reply_code
    return answer


def error_code(error: EilboteError) -> str:
    """Give the code that nodemailer has for an error of this kind."""
    if isinstance(error, ConnectError) and error.stage == "dns":
        return "EDNS"
    if isinstance(error, ExtensionError) and error.extension == "REQUIRETLS":
        return "EREQUIRETLS"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "EMESSAGE")


def _recipient(result: RecipientResult) -> RecipientDict:
    return RecipientDict(
        address=result.address,
        kind=result.kind.value,
        status=result.status.value,
        code=result.reply_code,
        enhanced="" if result.enhanced_status_code is None else str(result.enhanced_status_code),
        text=result.text,
    )


def _rejection(result: RecipientResult) -> RejectedErrorDict:
    return RejectedErrorDict(
        code="EENVELOPE",
        command="RCPT TO",
        response=f"{result.reply_code} {result.text}".strip() if result.reply_code else result.text,
        responseCode=result.reply_code,
        recipient=result.address,
    )
