"""The replies that are about authentication, whatever command they answer (RFC 4954 §6, RFC 5248).

One table, read by all who must agree on it: what the reply means to a reader (:mod:`eilbote.smtp.explain`), what it
means for the recipients (:mod:`eilbote.deliver.verdict`), and whether it asks for credentials that the session
does not have (:mod:`eilbote.deliver.settlement`). Many servers, Postfix among them, put off such a refusal from
MAIL to RCPT, so the stage does not tell; the code does.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class AuthenticationFact(NamedTuple):
    """What one reply code says about the authentication of a session.

    Attributes:
        is_permanent: Trying again with the same settings cannot help.
        wants_login: It asks for an authentication that was not made, and does not judge one that was.
        cause: Why the server says so.
        remedy: What to do.
        field: The setting to look at; empty when none is at fault.
    """

    is_permanent: bool
    wants_login: bool
    cause: str
    remedy: str
    field: str = ""


AUTHENTICATION_FACTS: Final = {
    454: AuthenticationFact(
        is_permanent=False,
        wants_login=False,
        cause="the server cannot check credentials for now",
        remedy="Nothing is wrong here: try again later",
    ),
    530: AuthenticationFact(
        is_permanent=True,
        wants_login=True,
        cause="the server wants an authentication before it takes mail",
        remedy="Set user and password",
        field="user",
    ),
    534: AuthenticationFact(
        is_permanent=True,
        wants_login=False,
        cause="the server finds this mechanism too weak for this user",
        remedy="Use another mechanism, an app password, or OAuth2 with an access token",
        field="mechanism",
    ),
    535: AuthenticationFact(
        is_permanent=True,
        wants_login=False,
        cause="the server does not accept user and password",
        remedy="Check both; many providers want the full address as user and an app password",
        field="password",
    ),
    538: AuthenticationFact(
        is_permanent=True,
        wants_login=True,
        cause="the server takes credentials in TLS only",
        remedy="Set security to 'starttls' or 'tls'",
        field="security",
    ),
}
"""By reply code. ``432``, a password transition is needed (RFC 4954 §6), is left out: Exchange limits sessions by it."""

LOGIN_REFUSED: Final = frozenset(code for code, fact in AUTHENTICATION_FACTS.items() if fact.is_permanent)
"""Codes that no recipient is to blame for, and that stay until the settings change."""

LOGIN_WANTED: Final = frozenset(code for code, fact in AUTHENTICATION_FACTS.items() if fact.wants_login)
"""Codes that ask for an authentication."""

LOGIN_UNCHECKED: Final = frozenset(
    code for code, fact in AUTHENTICATION_FACTS.items() if not fact.is_permanent
)
"""Codes that say that the server cannot tell for now."""
