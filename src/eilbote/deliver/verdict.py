"""What a reply or an exception means: whom it concerns, how long it lasts, what became of the recipient.

The one place that decides this (RFC 5321 §4.2.1, RFC 3463). The rules are a table, read from top to bottom;
the first that fits decides, and each says why it stands there.

The rule above all rules: **a site failure never fails a recipient.** A refused greeting, EHLO or AUTH tells
something about the connection's settings, and nothing about the people the message is for. Such a message is
deferred, and an administrator is told; a wrong password must not kill ten thousand mails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from eilbote.errors import (
    ConfigurationError,
    DeliveryError,
    DraftError,
    Durability,
    LocalProtocolError,
    Scope,
)
from eilbote.model.status import RecipientStatus
from eilbote.smtp.authentication_facts import LOGIN_REFUSED, LOGIN_UNCHECKED

if TYPE_CHECKING:
    from eilbote.model.status import EnhancedStatusCode


class Verdict(NamedTuple):
    """What a failure means.

    Attributes:
        scope: Whom it concerns.
        durability: Whether trying again can help.
        status: What became of each recipient it concerns.
        reason: Why it is judged so, for a log or a screen.
    """

    scope: Scope
    durability: Durability
    status: RecipientStatus
    reason: str


class _Rule(NamedTuple):
    """One line of the table; what is empty matches anything.

    Attributes:
        stages: Where the reply came.
        codes: Which reply codes, whole, or as ``5yz`` for all that begin with 5.
        details: Which enhanced status codes, as ``subject.detail``; ``-`` matches their absence.
        verdict: What it means.
    """

    stages: frozenset[str]
    codes: frozenset[str]
    details: frozenset[str]
    verdict: Verdict


_Outcome: TypeAlias = tuple[Scope, Durability, RecipientStatus]


def _rule(stages: str, codes: str, details: str, outcome: _Outcome, reason: str) -> _Rule:
    return _Rule(
        frozenset(stages.split()),
        frozenset(codes.split()),
        frozenset(details.split()),
        Verdict(*outcome, reason),
    )


def _spelled(codes: frozenset[int]) -> str:
    return " ".join(map(str, sorted(codes)))


_SETUP = "greeting ehlo starttls auth"

_SITE_FOR_NOW = (Scope.SITE, Durability.TRANSIENT, RecipientStatus.DEFERRED)
_SITE_SETTINGS = (Scope.SITE, Durability.PERMANENT, RecipientStatus.DEFERRED)
_NEW_SESSION = (Scope.SESSION, Durability.TRANSIENT, RecipientStatus.DEFERRED)
_MESSAGE_TAKEN = (Scope.MESSAGE, Durability.PERMANENT, RecipientStatus.ACCEPTED)
_MESSAGE_LATER = (Scope.MESSAGE, Durability.TRANSIENT, RecipientStatus.DEFERRED)
_MESSAGE_REFUSED = (Scope.MESSAGE, Durability.PERMANENT, RecipientStatus.FAILED)
_MESSAGE_IN_DOUBT = (Scope.MESSAGE, Durability.IN_DOUBT, RecipientStatus.IN_DOUBT)
_RECIPIENT_TAKEN = (Scope.RECIPIENT, Durability.PERMANENT, RecipientStatus.ACCEPTED)
_RECIPIENT_LATER = (Scope.RECIPIENT, Durability.TRANSIENT, RecipientStatus.DEFERRED)
_RECIPIENT_REFUSED = (Scope.RECIPIENT, Durability.PERMANENT, RecipientStatus.FAILED)

# fmt: off
_RULES: Final = (
    # -- nothing about the message yet: the site, whatever the code ------------------------------------------
    _rule(_SETUP, "4yz", "", _SITE_FOR_NOW,
          "the server does not serve this connection for now"),
    _rule(_SETUP, "5yz", "", _SITE_SETTINGS,
          "the server does not serve this connection; its settings need a look, the recipients are not at fault"),
    _rule(_SETUP, "", "", _NEW_SESSION,
          "the server answered out of order"),
    # -- the session ------------------------------------------------------------------------------------------
    _rule("", "421", "", _NEW_SESSION,
          "the server is closing the session (RFC 5321 section 3.8)"),
    _rule("", _spelled(LOGIN_REFUSED), "", _SITE_SETTINGS,
          "the server wants an authentication that this connection does not make (RFC 4954 section 6)"),
    _rule("", _spelled(LOGIN_UNCHECKED), "7.0", _SITE_FOR_NOW,
          "the server cannot check credentials for now (RFC 4954 section 6)"),
    # At RCPT the bare code is about the recipient, as in "454 Relay access denied": the others may still be taken.
    _rule("mail data content", _spelled(LOGIN_UNCHECKED), "-", _SITE_FOR_NOW,
          "the server cannot check credentials, or has no room for more mail of this account, for now"),
    _rule("mail", "500 502", "", _SITE_SETTINGS,
          "the server does not know the command MAIL, so it is no mail server"),
    _rule("", "503", "", _NEW_SESSION,
          "the server lost count of the dialogue; a new session starts afresh"),
    # -- the number of recipients in one transaction -----------------------------------------------------------
    _rule("rcpt", "452", "5.3 -", _RECIPIENT_LATER,
          "too many recipients in one transaction (RFC 5321 section 4.5.3.1.10); the rest go in another"),
    _rule("rcpt", "552", "5.3 -", _RECIPIENT_LATER,
          "old servers say 552 for too many recipients; it is to be read as 452 (RFC 5321 section 4.5.3.1.10)"),
    # -- one recipient -----------------------------------------------------------------------------------------
    _rule("rcpt", "2yz", "", _RECIPIENT_TAKEN, "the server takes this recipient"),
    _rule("rcpt", "4yz", "", _RECIPIENT_LATER,
          "this recipient is refused for now, as by a greylist (RFC 6647)"),
    _rule("rcpt", "5yz", "", _RECIPIENT_REFUSED, "this recipient is refused for good"),
    # -- the message ---------------------------------------------------------------------------------------------
    _rule("mail data content", "2yz", "", _MESSAGE_TAKEN,
          "the server took responsibility (RFC 5321 section 6.1)"),
    _rule("mail data content", "452", "3.1", _SITE_FOR_NOW,
          "the server's storage is full for now"),
    _rule("mail data content", "4yz", "", _MESSAGE_LATER, "the message is refused for now"),
    _rule("mail data content", "5yz", "", _MESSAGE_REFUSED, "the message is refused for good"),
    # -- anything else ---------------------------------------------------------------------------------------------
    _rule("content", "", "", _MESSAGE_IN_DOUBT,
          "the answer to the content is no answer; whether it was taken is unknown"),
    _rule("", "", "", _NEW_SESSION, "the server answered out of order"),
)
# fmt: on


def judge(code: int, enhanced: EnhancedStatusCode | None = None, *, stage: str) -> Verdict:
    """Say what a reply means.

    Args:
        code: The reply code.
        enhanced: The enhanced status code, if the server gave one. It refines what the code says; a class
            that contradicts the reply code is ignored.
        stage: Which command it answers: greeting, ehlo, starttls, auth, mail, rcpt, data, or content for the
            final dot and the last BDAT.
    """
    names = {str(code), f"{code // 100}yz"}
    for rule in _RULES:
        if rule.stages and stage not in rule.stages:
            continue
        if rule.codes and rule.codes.isdisjoint(names):
            continue
        if rule.details and not _matches(enhanced, rule.details):
            continue
        return rule.verdict
    raise AssertionError("the last rule fits everything")


def _matches(enhanced: EnhancedStatusCode | None, details: frozenset[str]) -> bool:
    if enhanced is None:
        return "-" in details
    return f"{enhanced.subject}.{enhanced.detail}" in details


def status_of(
    code: int, enhanced: EnhancedStatusCode | None = None, *, stage: str = "rcpt"
) -> RecipientStatus:
    """Say what a reply makes of the recipients it concerns."""
    if code == 250:  # noqa: PLR2004 - by far the most frequent reply (RFC 5321 §4.2.2)
        return RecipientStatus.ACCEPTED if stage not in _SETUP_STAGES else RecipientStatus.DEFERRED
    return judge(code, enhanced, stage=stage).status


_SETUP_STAGES = frozenset(_SETUP.split())


def is_recipient_limit(code: int, enhanced: EnhancedStatusCode | None = None) -> bool:
    """Say whether a reply to RCPT means that the transaction is full, and not that the recipient is refused."""
    return code in {452, 552} and _matches(enhanced, frozenset({"5.3", "-"}))


def judge_error(error: Exception) -> Verdict:
    """Say what an exception means that ended an attempt."""
    if isinstance(error, DeliveryError):
        return Verdict(error.scope, error.durability, _status(error.scope, error.durability), error.what)
    if isinstance(error, ConfigurationError):
        return Verdict(*_SITE_SETTINGS, "a setting of the connection is missing or wrong")
    if isinstance(error, DraftError):
        return Verdict(*_MESSAGE_REFUSED, "the message cannot be said safely as it is")
    if isinstance(error, LocalProtocolError):
        return Verdict(*_MESSAGE_REFUSED, "sending it would have broken a rule of SMTP")
    # A server that breaks a rule, an interrupted system call, a file that cannot be read at the moment.
    return Verdict(*_NEW_SESSION, "the session broke before the server decided")


def _status(scope: Scope, durability: Durability) -> RecipientStatus:
    if durability is Durability.IN_DOUBT:
        return RecipientStatus.IN_DOUBT
    if durability is Durability.PERMANENT and scope in {Scope.RECIPIENT, Scope.MESSAGE}:
        return RecipientStatus.FAILED
    return RecipientStatus.DEFERRED
