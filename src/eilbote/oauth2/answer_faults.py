"""What the error codes of a token endpoint mean for a connection (RFC 6749 §5.2), and who has to do what.

Two kinds are told apart: *consent again*, when only a person can help, and *try again*. Google and Microsoft put the
reason into the description; what is known of it is said in our words as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from eilbote.errors import Durability, Scope, TokenError
from eilbote.model.oauth2 import RefreshTokenGrant, ServiceAccountGrant

if TYPE_CHECKING:
    from eilbote.model.oauth2 import Grant
    from eilbote.model.redactor import Redactor

_MOST_SHOWN: Final = 200
CONSENT_AGAIN: Final = "consent again"
"""What a person has to do when a refresh token is not valid any more; the first words of such an error."""


class _Meaning(NamedTuple):
    what: str
    field: str
    remedy: str
    durability: Durability = Durability.PERMANENT


_CONSENT = _Meaning(
    f"{CONSENT_AGAIN}: the refresh token is not valid any more",
    "refresh_token",
    "Let the owner of the mailbox consent again, and give the new refreshToken. Until then the mail waits",
)
_BY_CODE: Final = {
    "invalid_grant": _CONSENT,
    "interaction_required": _CONSENT,
    "consent_required": _CONSENT,
    "login_required": _CONSENT,
    "access_denied": _CONSENT,
    "invalid_client": _Meaning(
        "the token endpoint does not accept the application",
        "client_secret",
        "Check clientId and clientSecret; a secret may have run out. Give the value of the secret, not its id",
    ),
    "unauthorized_client": _Meaning(
        "the application may not have tokens in this way",
        "client_id",
        "Allow the application this grant where it is registered, and let an administrator agree to its permissions",
    ),
    "unsupported_grant_type": _Meaning(
        "the token endpoint does not know this grant",
        "grant",
        "Check grant and accessUrl",
    ),
    "invalid_scope": _Meaning(
        "the token endpoint does not know the scope, or does not give it",
        "scope",
        "Check scope: Google wants https://mail.google.com/; Microsoft https://outlook.office.com/SMTP.Send "
        "offline_access of a person, https://outlook.office365.com/.default of an application",
    ),
    "invalid_request": _Meaning(
        "the token endpoint does not understand the request",
        "access_url",
        "Check accessUrl, grant, clientId and scope",
    ),
    "invalid_target": _Meaning("the token endpoint does not know the scope's server", "scope", "Check scope"),
}
_LATER = _Meaning(
    "no access token for now",
    "access_url",
    "Nothing needs to be done now: it is asked again later",
    Durability.TRANSIENT,
)
_PASSING: Final = frozenset({"server_error", "temporarily_unavailable", "slow_down"})

_ACCOUNT = _Meaning(
    "the token endpoint does not accept the service account for this mailbox",
    "service_account",
    "Check that the user is a mailbox of the domain, that the domain's administrator has delegated the service "
    "account's client id with the scope https://mail.google.com/, and that this machine's clock is right",
)
_APPLICATION = _Meaning(
    "the token endpoint gives the application no token", "client_id", "Check clientId, tenant and scope"
)
# Parts of descriptions, with what they mean (learn.microsoft.com, "Microsoft Entra authentication error codes").
_SAID: Final = (
    ("AADSTS7000222", "the client secret has run out", "client_secret"),
    (
        "AADSTS7000215",
        "the client secret is wrong, or its id was given instead of its value",
        "client_secret",
    ),
    ("AADSTS700016", "the application is not known in this tenant", "client_id"),
    ("AADSTS90002", "there is no such tenant", "access_url"),
    ("AADSTS65001", "nobody has agreed to what the application asks for", "refresh_token"),
    ("AADSTS700082", "the refresh token was not used for too long", "refresh_token"),
    ("AADSTS70008", "the refresh token has run out, or was not used for too long", "refresh_token"),
    ("AADSTS50173", "the password was changed since the consent", "refresh_token"),
    ("AADSTS50076", "the sign-in needs a second factor", "refresh_token"),
    ("AADSTS50079", "the sign-in needs a second factor", "refresh_token"),
    ("AADSTS53003", "a rule of conditional access forbids it", "refresh_token"),
    ("AADSTS70011", "the scope is not valid", "scope"),
    ("AADSTS9002313", "the request is malformed", "refresh_token"),
    ("Token must be a short-lived token", "this machine's clock is wrong", None),
    ("Invalid JWT Signature", "the key is not (or no longer) one of the service account", "private_key"),
    ("Invalid email or User ID", "the user is no mailbox of the domain", "user"),
    ("account not found", "there is no such service account", "service_account"),
    (
        "Client is unauthorized to retrieve access tokens",
        "the domain's administrator has not delegated it",
        None,
    ),
)


def explained(code: str, description: object, grant: Grant, redactor: Redactor) -> TokenError:
    """Say what an error of the endpoint means."""
    shown = redactor.presentable(code)[:_MOST_SHOWN]
    said = redactor.presentable(description)[:_MOST_SHOWN].strip() if isinstance(description, str) else ""
    meaning = _meaning(code, grant)
    known = next(
        ((words, place) for part, words, place in _SAID if re.search(rf"{re.escape(part)}\b", said)), None
    )
    quoted = f"it said {shown}: {said}" if said else f"it said {shown}"
    return described(
        meaning.what,
        field=(known[1] if known is not None else None) or meaning.field,
        cause=f"{known[0]} ({quoted})" if known is not None else quoted,
        remedy=meaning.remedy,
        durability=meaning.durability,
    )


def _meaning(code: str, grant: Grant) -> _Meaning:
    if code in _PASSING:
        return _LATER
    meaning = _BY_CODE.get(code)
    if meaning is None:
        # A code of the server's own. To ask again does no harm, and it may be over by then.
        return _LATER._replace(
            what="no access token: the token endpoint refuses",
            remedy="Ask its operator; it is asked again later",
        )
    if isinstance(grant, ServiceAccountGrant) and (meaning is _CONSENT or code == "unauthorized_client"):
        return _ACCOUNT
    if meaning is _CONSENT and not isinstance(grant, RefreshTokenGrant):
        return _APPLICATION
    return meaning


def described(what: str, *, field: str, cause: str, remedy: str, durability: Durability) -> TokenError:
    """Make an error of the one kind there is here."""
    return TokenError(
        what, field=field, cause=cause, remedy=remedy, durability=durability, scope=Scope.SITE, stage="auth"
    )
