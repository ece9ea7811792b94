"""A person's consent, without the person: what is asked, and what the answers mean.

Two ways lead to a refresh token. With a browser on this machine: authorization code (RFC 6749 §4.1) with PKCE (RFC 7636, S256
only) and a redirect to this machine (RFC 8252). Without one: a device code that is typed in elsewhere (RFC 8628). Everything
here is pure; :mod:`eilbote.engine.consent` opens the page and asks the endpoints.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from eilbote.errors import Durability, TokenError
from eilbote.model.secret import Secret
from eilbote.oauth2.grants import TokenRequest

if TYPE_CHECKING:
    from collections.abc import Callable

DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_MOST_SHOWN = 200
_DEVICE_SECONDS = 1800.0  # when an endpoint does not say how long its codes live, which RFC 8628 §3.2 demands
_POLL_SECONDS = 5.0  # RFC 8628 §3.2: when the endpoint names no interval
SLOW_DOWN_SECONDS = 5.0
"""How much longer to wait between two questions each time an endpoint says slow_down (RFC 8628 §3.5)."""
_MOST_POLL_SECONDS = 60.0
_PAGES = frozenset({"https", "http"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Who asks a person for consent, and where.

    Attributes:
        user: The mailbox that mail is to be sent from.
        client_id: The registered application.
        client_secret: Its secret; empty for a public client.
        token_url: The token endpoint.
        authorize_url: The page on which a person consents; empty if there is none.
        device_url: The device authorization endpoint; empty if there is none.
        scope: What is asked for.
        parameters: What else the page wants to be told.
    """

    user: str
    client_id: str
    client_secret: Secret = field(default_factory=lambda: Secret(""))
    token_url: str
    authorize_url: str = ""
    device_url: str = ""
    scope: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequest:
    """What a browser is sent away with, and what is kept to recognise its return.

    Attributes:
        url: Where the person consents.
        redirect_uri: Where the browser comes back to.
        state: Comes back with it; anybody else's return has another one.
        verifier: Shown with the code, so that nobody else can use it (RFC 7636 §4.1).
    """

    url: str
    redirect_uri: str
    state: str
    verifier: Secret


def code_request(
    authorization_url: str,
    *,
    client_id: str,
    scope: str,
    redirect_uri: str,
    user: str,
    token: Callable[[], str],
    parameters: Mapping[str, str] | None = None,
) -> CodeRequest:
    """Ask for a code.

    Args:
        authorization_url: The authorization endpoint.
        client_id: The registered application.
        scope: What the token is to allow.
        redirect_uri: Where the browser comes back to.
        user: Whom the page should offer to sign in as.
        token: Gives at least 96 random bits as letters and digits.
        parameters: What else this endpoint wants to be told, such as ``access_type=offline``.
    """
    from authlib.oauth2.rfc6749.parameters import (
        prepare_grant_uri,  # pyright: ignore[reportUnknownVariableType] - as below
    )

    verifier = "".join(token() for _ in range(3))  # 43 characters and more, as RFC 7636 §4.1 wants
    while len(verifier) < 43:  # noqa: PLR2004 - as said above
        verifier += token()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    state = token()
    url: object = prepare_grant_uri(  # pyright: ignore[reportUnknownVariableType] - its stub leaves that open
        authorization_url,
        client_id,
        "code",
        redirect_uri=redirect_uri,
        scope=scope,
        state=state,
        code_challenge=challenge,
        code_challenge_method="S256",
        login_hint=user,
        **(parameters or {}),
    )
    return CodeRequest(url=f"{url}", redirect_uri=redirect_uri, state=state, verifier=Secret(verifier))


def read_return(request: CodeRequest, target: str) -> Secret:
    """Give the code that a browser has come back with.

    Args:
        request: What it was sent away with.
        target: Path and query that it asked for.

    Raises:
        TokenError: The person or the server refused, or this is not the return of that request.
    """
    said = parse_qs(urlsplit(target).query, keep_blank_values=True)
    given = {name: values[0] for name, values in said.items() if len(values) == 1}
    if not hmac.compare_digest(given.get("state", "").encode(), request.state.encode()):
        raise TokenError(
            "the browser came back from another request than the one that was made",
            field="state",
            stage="consent",
            cause="An old page was loaded again, or somebody tries to slip in a consent of their own",
            remedy="Begin again, and use the page that opens then",
        )
    if "error" in given:
        raise refusal(given["error"], given.get("error_description", ""))
    if not given.get("code"):
        raise TokenError(
            "the browser came back without a code",
            field="code",
            stage="consent",
            remedy="Begin again; if it stays so, check the application's registration: it needs the response type 'code'",
        )
    return Secret(given["code"])


def code_question(
    request: CodeRequest, code: Secret, *, client_id: str, client_secret: Secret
) -> TokenRequest:
    """Give the question that turns a code into tokens (RFC 6749 §4.1.3)."""
    return TokenRequest(
        fields=(
            ("grant_type", "authorization_code"),
            ("code", code.reveal()),
            ("redirect_uri", request.redirect_uri),
            ("code_verifier", request.verifier.reveal()),
        ),
        client_id=client_id,
        client_secret=client_secret,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What a person types in on another machine, and what is asked about meanwhile.

    Attributes:
        device_code: Shown to the token endpoint.
        user_code: Typed in by the person.
        page: Where it is typed in.
        page_with_code: The same with the code in it, for a link or a QR code; empty if there is none.
        seconds: How long both are valid.
        interval: Seconds between two questions.
    """

    device_code: Secret
    user_code: str
    page: str
    page_with_code: str
    seconds: float
    interval: float


def read_device_code(answer: Mapping[str, object]) -> DeviceCode:
    """Read the answer of a device authorization endpoint (RFC 8628 §3.2).

    Raises:
        TokenError: It is a refusal, or says less than it must.
    """
    if isinstance(error := answer.get("error"), str):
        raise refusal(error, str(answer.get("error_description", "")))
    # The draft that Google and others began with said verification_url.
    page = answer.get("verification_uri") or answer.get("verification_url")
    code, user_code = answer.get("device_code"), answer.get("user_code")
    if not (_is_text(code) and _is_text(user_code) and _is_text(page)):
        raise TokenError(
            "the endpoint did not give a device code",
            field="device_url",
            stage="consent",
            cause="Its answer has no device_code, user_code or verification_uri (RFC 8628 §3.2)",
            remedy="Check the device URL, or consent in a browser instead",
        )
    if not _is_page(page):
        raise TokenError(
            "the endpoint named no page on which a code can be typed in",
            field="device_url",
            stage="consent",
            cause=f"It said {_shown(str(page))!r}, and people are sent to addresses with https:// or http:// alone",
            remedy="Check the device URL, or consent in a browser instead",
        )
    whole = answer.get("verification_uri_complete")
    return DeviceCode(
        device_code=Secret(str(code)),
        user_code=_shown(str(user_code)),
        page=_shown(str(page)),
        page_with_code=_shown(whole) if isinstance(whole, str) and _is_page(whole) else "",
        seconds=_seconds(answer.get("expires_in"), otherwise=_DEVICE_SECONDS, most=86_400.0),
        interval=_seconds(answer.get("interval"), otherwise=_POLL_SECONDS, most=_MOST_POLL_SECONDS),
    )


def device_question(device_code: Secret, *, client_id: str, client_secret: Secret) -> TokenRequest:
    """Give the question whether somebody has consented by now (RFC 8628 §3.4)."""
    return TokenRequest(
        fields=(("grant_type", DEVICE_CODE_GRANT), ("device_code", device_code.reveal())),
        client_id=client_id,
        client_secret=client_secret,
    )


def refusal(error: str, description: str) -> TokenError:
    """Say what an endpoint's error means for a consent (RFC 6749 §4.1.2.1, RFC 8628 §3.5)."""
    what, field, remedy = _REFUSALS.get(
        error,
        (
            "the server refused the request",
            None,
            "Check the application's registration at the provider, and begin again",
        ),
    )
    said = f"{_shown(error)}: {_shown(description)}" if description else _shown(error)
    is_momentary = error in {"server_error", "temporarily_unavailable"}
    return TokenError(
        what,
        field=field,
        stage="consent",
        durability=Durability.TRANSIENT if is_momentary else Durability.PERMANENT,
        cause=f"it said: {said}",
        remedy=remedy,
    )


_REFUSALS = {
    "access_denied": (
        "consent was refused",
        None,
        "Begin again and agree; in an organization its administrator may have to agree first",
    ),
    "expired_token": ("nobody consented in time", None, "Begin again"),
    "invalid_scope": (
        "the server does not know the scope",
        "scope",
        "Check the scope: the one of an application (.default, SendAsApp) cannot be consented to by a person",
    ),
    "unauthorized_client": (
        "the application may not ask in this way",
        "client_id",
        "Allow this in the application's registration: public client flows, or a redirect to http://127.0.0.1",
    ),
    "invalid_client": (
        "the server does not know the application, or not this secret of it",
        "client_id",
        "Check client_id and client_secret; a secret may have expired",
    ),
    "invalid_grant": ("the code is not valid any more", None, "Begin again"),
    "server_error": ("the server is in trouble", None, "Try again in some minutes"),
    "temporarily_unavailable": ("the server is busy", None, "Try again in some minutes"),
}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_page(address: object) -> bool:
    """Tell whether somebody can be sent there: a portal makes a link of it, and ``javascript:`` would run in the portal."""
    try:
        parts = urlsplit(str(address).strip())
        return parts.scheme in _PAGES and bool(parts.hostname)
    except ValueError:
        return False


def _seconds(value: object, *, otherwise: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        return otherwise
    return min(max(float(value), 1.0), most)  # a fraction of a second would be thousands of questions


def _shown(text: str) -> str:
    """Give a server's text as it may be shown: printable, and not long."""
    kept = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return kept if len(kept) <= _MOST_SHOWN else f"{kept[: _MOST_SHOWN - 1]}…"
