"""What an answer of Microsoft Graph to ``sendMail`` means: whom it concerns, how long it lasts, and what to change.

Read as :mod:`eilbote.deliver.verdict` reads replies: a table from top to bottom, the first line that fits decides. What
is wrong with the application, the token or the mailbox never fails a recipient. Two answers of a gateway leave it open
whether Exchange took the message, and are in doubt, for nobody may get it twice in silence.

Source: https://learn.microsoft.com/graph/errors, /graph/api/user-sendmail, /graph/throttling, /graph/resolve-auth-errors
"""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from eilbote.errors import (
    AuthenticationError,
    DeliveryError,
    Durability,
    ExtensionError,
    InDoubtError,
    Scope,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ACCEPTED: Final = 202
UNAUTHORIZED: Final = 401
_LONGEST_WAIT: Final = 24 * 60 * 60.0
_USUAL_WAIT: Final = 10.0
_LONGEST_TEXT: Final = 300


class GraphAnswer(NamedTuple):
    """An answer, as far as it matters.

    Attributes:
        status: The status code (RFC 9110 §15).
        code: Graph's own code, such as ``ErrorSendAsDenied``; empty when there is none.
        message: Its words, no longer than 300 characters.
        retry_after: For how many seconds it wants to be left alone; ``None`` when it does not say.
    """

    status: int
    code: str = ""
    message: str = ""
    retry_after: float | None = None

    @property
    def text(self) -> str:
        """The answer on one line, as it may be stored."""
        words = " ".join(part for part in (self.code, self.message) if part)
        return f"HTTP {self.status}: {words}" if words else f"HTTP {self.status}"


class GraphRefusal(NamedTuple):
    """One line of the table; what is empty matches anything."""

    statuses: frozenset[int]
    codes: frozenset[str]
    scope: Scope
    durability: Durability
    cause: str
    remedy: str
    field: str
    kind: type[DeliveryError]


def _line(  # noqa: PLR0917 - a table reads by columns
    statuses: str,
    codes: str,
    scope: Scope,
    durability: Durability,
    cause: str,
    remedy: str,
    field: str = "",
    kind: type[DeliveryError] = DeliveryError,
) -> GraphRefusal:
    names = frozenset(codes.lower().split())
    return GraphRefusal(
        frozenset(map(int, statuses.split())), names, scope, durability, cause, remedy, field, kind
    )


_FOR_NOW, _FOR_GOOD, _UNKNOWN = Durability.TRANSIENT, Durability.PERMANENT, Durability.IN_DOUBT

# fmt: off
GRAPH_REFUSALS: Final = (
    _line("401", "", Scope.SITE, _FOR_GOOD,
          "the access token is not accepted: it has expired, or was made for another service than Graph",
          "Ask for the scope https://graph.microsoft.com/.default (an application) or https://graph.microsoft.com/Mail.Send (a person)",
          "access_token", AuthenticationError),
    _line("", "ErrorSendAsDenied ErrorInvalidSender", Scope.MESSAGE, _FOR_GOOD,
          "the mailbox may not send as this From address",
          "Set From to the mailbox's own address, or grant it the right to send as that address",
          "default_from"),
    _line("", "ErrorMessageSizeExceeded ErrorAttachmentSizeLimitExceeded", Scope.MESSAGE, _FOR_GOOD,
          "the message is larger than the mailbox may send",
          "Send smaller or fewer attachments, or a link to them",
          "message", ExtensionError),
    _line("413", "", Scope.MESSAGE, _FOR_GOOD,
          "the request is larger than Graph takes: 4 MB, of which base64 wastes a quarter",
          "Send smaller or fewer attachments, or a link to them; or send through SMTP",
          "message", ExtensionError),
    _line("", "ErrorExceededMessageLimit ErrorSubmissionQuotaExceeded ErrorMessageSubmissionBlocked ErrorAccountSuspend ErrorAccountSuspendShowTierUpgrade",
          Scope.SITE, _FOR_NOW,
          "the mailbox has sent as much as Microsoft allows for now, or is kept from sending as suspect",
          "Wait, and set limits.messages_per_day; an administrator finds blocked senders under Restricted entities",
          "limits.messages_per_day"),
    _line("429", "", Scope.SITE, _FOR_NOW,
          "Microsoft Graph limits how fast this application or mailbox may send",
          "Lower limits.max_sessions (Graph takes 4 requests at a time for a mailbox) or limits.messages_per_minute",
          "limits.max_sessions"),
    _line("403", "", Scope.SITE, _FOR_GOOD,
          "the application may not send for this mailbox",
          "Grant it the permission Mail.Send with an administrator's consent, and the mailbox in its access policy or role assignment",
          "client_id", AuthenticationError),
    _line("404", "", Scope.SITE, _FOR_GOOD,
          "Graph finds no mailbox of this user: the name is wrong, or the account has no mailbox in Exchange Online",
          "Set user to the mailbox's address; give the account a licence with a mailbox",
          "user", AuthenticationError),
    _line("400", "ErrorInvalidUser Request_ResourceNotFound MailboxNotEnabledForRESTAPI RequestBroker--ParseUri", Scope.SITE, _FOR_GOOD,
          "Graph finds no mailbox of this user: the name is wrong, or the account has no mailbox in Exchange Online",
          "Set user to the mailbox's address; give the account a licence with a mailbox",
          "user", AuthenticationError),
    _line("400 422", "ErrorInvalidRecipients ErrorInvalidRecipientSubfilterException ErrorRecipientNotFound", Scope.MESSAGE, _FOR_GOOD,
          "Graph cannot use an address of the message; it takes a message for all recipients or for none",
          "Check the addresses, and send without the one that is refused",
          "to"),
    _line("400 405 406 411 415 422", "", Scope.MESSAGE, _FOR_GOOD,
          "Graph cannot read the message",
          "Look at the answer's words; send through SMTP if they do not help",
          "message"),
    _line("409 423 500 503", "", Scope.SITE, _FOR_NOW,
          "Microsoft Graph cannot serve for now",
          "Nothing is wrong here: it is tried again"),
    _line("502 504", "", Scope.MESSAGE, _UNKNOWN,
          "a gateway of Microsoft got no answer from Exchange, which may have taken the message",
          "Nobody knows whether it was taken; sending it again may deliver it twice",
          "", InDoubtError),
)
# fmt: on
_OTHER: Final = GraphRefusal(
    frozenset(),
    frozenset(),
    Scope.SITE,
    Durability.PERMANENT,
    "that is no answer of Microsoft Graph",
    "Check host: https://graph.microsoft.com, or the one of your national cloud",
    "host",
    DeliveryError,
)


def read_answer(status: int, headers: Mapping[str, str], body: bytes, *, now: datetime) -> GraphAnswer:
    """Read an answer; whatever it is, it can be read."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    error = _member(document, "error")
    return GraphAnswer(
        status,
        _text(_member(error, "code")),
        _text(_member(error, "message")),
        _retry_after(headers.get("Retry-After", ""), now),
    )


def refusal_of(answer: GraphAnswer) -> GraphRefusal:
    """Say what an answer other than 202 means."""
    code = answer.code.lower()
    for line in GRAPH_REFUSALS:
        if (not line.statuses or answer.status in line.statuses) and (not line.codes or code in line.codes):
            return line
    if answer.status >= 500:  # noqa: PLR2004 - RFC 9110 §15.6
        return next(line for line in GRAPH_REFUSALS if 503 in line.statuses)  # noqa: PLR2004
    return _OTHER


def error_of(answer: GraphAnswer, *, server: str) -> DeliveryError:
    """Make the error of an answer other than 202."""
    line = refusal_of(answer)
    what = (
        "whether Microsoft Graph took the message is not known"
        if line.durability is Durability.IN_DOUBT
        else "Microsoft Graph does not take the message"
    )
    return line.kind(
        what,
        field=line.field or None,
        stage="auth" if line.kind is AuthenticationError else "content",
        server=server,
        scope=line.scope,
        durability=line.durability,
        reply_text=answer.text,
        cause=f"{line.cause} (it said: {answer.text})",
        remedy=line.remedy,
    )


def wait_of(answer: GraphAnswer) -> float:
    """Tell for how many seconds Graph is to be left alone after this; 0 when it may be asked again at once."""
    if answer.status not in {429, 503}:
        return 0.0
    wait = _USUAL_WAIT if answer.retry_after is None else answer.retry_after
    return min(max(wait, 1.0), _LONGEST_WAIT)


def _retry_after(text: str, now: datetime) -> float | None:
    """Read seconds or a date (RFC 9110 §10.2.3)."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _member(value: object, name: str) -> object:
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    cleaned = "".join(char if char.isprintable() else " " for char in value[: 4 * _LONGEST_TEXT])
    return " ".join(cleaned.split())[:_LONGEST_TEXT]
