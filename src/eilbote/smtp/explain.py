"""What the commonest refusals mean, and what to do about them: a table of causes and remedies.

Servers answer in their own words; people ask what to change. Each line says for which reply it is: by what was
answered, since one code means different things to different commands, by code and enhanced status code, and by words
the large providers use. The first line that fits is taken. No explanation is better than a wrong one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from eilbote.smtp.authentication_facts import AUTHENTICATION_FACTS

if TYPE_CHECKING:
    from eilbote.smtp.replies import Reply


class Explanation(NamedTuple):
    """Why a server refused, and what to change.

    Attributes:
        cause: Why.
        remedy: What to do.
        field: The setting to look at; empty when none is at fault.
    """

    cause: str
    remedy: str
    field: str = ""


class _Line(NamedTuple):
    """One line of the table; what is empty matches anything, and ``-`` the absence of an enhanced status code."""

    stages: frozenset[str]
    codes: frozenset[int]
    enhanced: frozenset[str]
    words: tuple[str, ...]
    explanation: Explanation


def _line(  # noqa: PLR0917 - a table reads by columns
    stages: str, codes: str, enhanced: str, words: str, cause: str, remedy: str, field: str = ""
) -> _Line:
    return _Line(
        frozenset(stages.split()),
        frozenset(map(int, codes.split())),
        frozenset(enhanced.split()),
        tuple(word.strip().lower() for word in words.split("|") if word.strip()),
        Explanation(cause, remedy, field),
    )


def _fact(stages: str, code: int, enhanced: str = "") -> _Line:
    """Take what is said of a code where it is about authentication."""
    fact = AUTHENTICATION_FACTS[code]
    return _line(stages, str(code), enhanced, "", fact.cause, fact.remedy, fact.field)


_MAIL = "mail rcpt data content"
_LOGIN = f"auth {_MAIL}"  # many servers, Postfix among them, put a refused login off to RCPT
_DOOR = "greeting ehlo mail rcpt"


# fmt: off
_LINES: Final = (
    # -- Microsoft 365 and Exchange ------------------------------------------------------------------------------
    _line(_LOGIN, "535", "5.7.139", "security defaults|tenant|disabled for the mailbox|smtpclientauthentication",
          "Microsoft 365 has SMTP AUTH switched off for this mailbox or organization",
          "Have an administrator allow authenticated SMTP for the mailbox, or use OAuth2 with an access token", "user"),
    _line(_LOGIN, "535", "5.7.139", "",
          "Microsoft 365 refuses password sign-in here: a policy, multi-factor sign-in or a wrong password",
          "Check user and password; if they are right, have SMTP AUTH allowed for the mailbox or use OAuth2", "password"),
    _line(_LOGIN, "535", "5.7.3", "",
          "Exchange does not accept the credentials",
          "Check user (the full address or DOMAIN\\user) and password", "password"),
    _line(_MAIL, "530", "5.7.57", "",
          "Exchange wants an authenticated session before it takes mail",
          "Set user and password of a mailbox that may send", "user"),
    _line(_MAIL, "550 554", "5.7.60", "",
          "the account may not send as this From address",
          "Set From to the account's own address, or grant it the right to send as that address", "default_from"),
    _line(_MAIL, "550 554", "", "sendasdenied|send as denied|not allowed to send as",
          "the account may not send as this From address",
          "Set From to the account's own address, or grant it the right to send as that address", "default_from"),
    _line("", "432", "4.3.2", "storedrv|concurrent connections",
          "Microsoft 365 allows three sessions at a time for each mailbox",
          "Lower limits.max_sessions to 3 or less", "limits.max_sessions"),
    # -- Google ----------------------------------------------------------------------------------------------------
    _line(_LOGIN, "534", "5.7.9", "application-specific|app password",
          "the account has two-step sign-in, where SMTP takes an app password only",
          "Make an app password in the account's security settings and use it here", "password"),
    _line(_LOGIN, "534", "5.7.9", "",
          "the mechanism is too weak for this account",
          "Use an app password, or OAuth2 with an access token", "password"),
    _line(_LOGIN, "534", "5.7.14", "",
          "Google wants a sign-in with a browser first",
          "Sign in with a browser once, then use an app password or OAuth2", "password"),
    _line(_LOGIN, "535", "5.7.8", "badcredentials|username and password not accepted",
          "user or password is wrong; Google takes app passwords only",
          "Use the full address as user and an app password, or OAuth2 with an access token", "password"),
    # -- authentication in general (RFC 4954 §6) ---------------------------------------------------------------------
    _line(_LOGIN, "535", "5.7.8", "",
          "user or password is wrong, or the account needs an app password",
          "Check user and password; many providers want the full address as user and an app password", "password"),
    _fact(_LOGIN, 535),
    _fact(_LOGIN, 534),
    _fact(_LOGIN, 538),
    _line(f"ehlo {_LOGIN}", "530", "", "starttls|must issue|encryption|tls",
          "the server wants TLS first",
          "Set security to 'starttls' or 'tls'", "security"),
    _fact(_MAIL, 530),  # not where a login is what was refused
    _line("auth", "504", "5.5.4", "",
          "the server announces this mechanism and does not know it",
          "Pin another mechanism", "mechanism"),
    _fact("auth", 454),
    _fact(_MAIL, 454, "4.7.0 -"),  # with 4.7.1 Postfix says that it does not relay for now
    # -- TLS and the names of hosts (RFC 3207 §4, RFC 5321 §4.1.4) ---------------------------------------------------
    _line("starttls", "454", "", "",
          "the server cannot speak TLS for now",
          "Try again later; if it stays, tell the server's administrator"),
    _line("ehlo mail rcpt", "450 501 504 550 554", "", "helo command rejected|invalid helo|invalid ehlo|helo name",
          "the server does not take the name this machine calls itself in EHLO",
          "Set ehlo_name to the machine's full host name, one that can be looked up", "ehlo_name"),
    _line(_MAIL, "454 550 553 554", "", "relay",
          "the server does not carry mail of this session to that recipient",
          "Set user and password, or use the server of the From address", "user"),
    _line(_MAIL, "550 553", "", "sender address rejected|not owned by user|sender verify",
          "the server does not let this account send from this address",
          "Set From to an address of the account", "default_from"),
    # -- size, rate, policy --------------------------------------------------------------------------------------------
    _line(_MAIL, "552", "5.3.4", "",
          "the message is larger than the server takes",
          "Send smaller or fewer attachments, or a link to them"),
    _line("", "421", "", "connections|sessions",
          "the server limits how many sessions this client may have",
          "Lower limits.max_sessions", "limits.max_sessions"),
    _line("", "450 451 421 452", "4.7.0", "rate|too many|throttl|limit",
          "the server limits how fast this account may send",
          "Lower limits.messages_per_second or limits.max_sessions", "limits.messages_per_second"),
    _line(_MAIL, "450 451", "", "greylist|graylist|grey-list|gray-list",
          "the server defers mail of senders it does not know yet",
          "Nothing to change: the next attempt usually passes"),
    _line("rcpt", "450 451", "4.7.1", "try again|come back|deferred",
          "the server defers mail of senders it does not know yet",
          "Nothing to change: the next attempt usually passes"),
    _line(f"greeting ehlo {_MAIL}", "550 554", "5.7.1", "spam|block|blacklist|listed|reputation",
          "the server takes this message or this client for a source of spam",
          "Look up the sending address in the block list named in the reply, and check SPF and DKIM"),
    _line(_MAIL, "550 554", "5.7.26", "",
          "the message is not authenticated: SPF and DKIM of the From domain fail",
          "Publish SPF for this server, and sign with DKIM"),
    # -- servers that take no mail (RFC 5321 §3.1, RFC 7504) -----------------------------------------------------------
    _line(_DOOR, "554", "5.3.2", "",
          "the server takes no mail, at least not from here",
          "Check host and port; ask the server's administrator", "host"),
    _line("greeting", "554", "", "",
          "the server takes no mail, at least not from here",
          "Check host and port; ask the server's administrator", "host"),
    _line(_DOOR, "521", "", "",
          "the server takes no mail, at least not from here",
          "Check host and port; ask the server's administrator", "host"),
    _line("rcpt", "556", "", "",
          "the recipient's domain takes no mail at all",
          "Check the address"),
)
# fmt: on


def explain(reply: Reply, *, stage: str) -> Explanation | None:
    """Find the explanation of a refusal; ``None`` when the table knows none, or the reply is positive.

    Args:
        reply: What the server said.
        stage: Which command it answers: greeting, ehlo, starttls, auth, mail, rcpt, data, or content for the final
            dot and the last BDAT. At any other word, for a server that speaks unasked, only such lines fit that
            hold at every stage.
    """
    if reply.code < 400:  # noqa: PLR2004 - RFC 5321 §4.2.1
        return None
    enhanced = str(reply.enhanced) if reply.enhanced is not None else "-"
    text = reply.text.lower()
    for line in _LINES:
        if line.stages and stage not in line.stages:
            continue
        if reply.code not in line.codes or (line.enhanced and enhanced not in line.enhanced):
            continue
        if line.words and not any(word in text for word in line.words):
            continue
        return line.explanation
    return None
