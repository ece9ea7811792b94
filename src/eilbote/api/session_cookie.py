"""The cookie of a session: readable by no script, sent by no other site's form, and over TLS only where people come over TLS.

Its name begins with ``__Host-`` there, so that browsers take it from this host alone (RFC 6265bis section 4.1.3.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.api.acting import COOKIE, COOKIES
from eilbote.engine.accounts.sessions import LONGEST_SECONDS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from eilbote.api.acting import House
    from eilbote.engine.accounts.sessions import SignedIn


def give_cookie(response: Response, signed: SignedIn, house: House) -> None:
    """Have a browser keep a session."""
    is_https = comes_by_tls(house)
    response.set_cookie(
        f"__Host-{COOKIE}" if is_https else COOKIE,
        signed.token,
        max_age=LONGEST_SECONDS,
        path="/",
        secure=is_https,
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, house: House) -> None:
    """Have a browser forget its session."""
    is_https = comes_by_tls(house)
    response.delete_cookie(
        f"__Host-{COOKIE}" if is_https else COOKIE, path="/", secure=is_https, httponly=True, samesite="lax"
    )


def session_token(request: Request) -> str:
    """Give what a browser's cookie holds; empty without one."""
    return next((found for name in COOKIES if (found := request.cookies.get(name))), "")


def comes_by_tls(house: House) -> bool:
    """Tell whether people reach the server over TLS, as far as anybody has said."""
    return house.eilbote.config.public_url.startswith("https:")
