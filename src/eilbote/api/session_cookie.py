"""The cookie of a session: readable by no script, sent by no other site's form, and over TLS only where people come over TLS.

Its name begins with ``__Host-`` there, so that browsers take it from this host alone (RFC 6265bis section 4.1.3.2). The other name
is not read then: a page of a neighbouring host may write a cookie for the whole domain, and would have people work in a session of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.engine.accounts.sessions import LONGEST_SECONDS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from eilbote.api.acting import House
    from eilbote.engine.accounts.sessions import SignedIn

COOKIE: Final = "eilbote_session"
"""Where people do not come over TLS; see :func:`host_cookie`."""


def host_cookie(name: str, house: House) -> str:
    """Give the name of a cookie: where people come over TLS it is one that browsers take from this host alone."""
    return f"__Host-{name}" if comes_by_tls(house) else name


async def change_session(request: Request, response: Response, signed: SignedIn, house: House) -> None:
    """Have a browser keep a session; the one that it had before ends, so that nobody goes on with it.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    former = session_token(request, house)
    if former:
        await house.eilbote.accounts.sessions.end(former)
    response.set_cookie(
        host_cookie(COOKIE, house),
        signed.token,
        max_age=LONGEST_SECONDS,
        path="/",
        secure=comes_by_tls(house),
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, house: House) -> None:
    """Have a browser forget its session."""
    response.delete_cookie(
        host_cookie(COOKIE, house), path="/", secure=comes_by_tls(house), httponly=True, samesite="lax"
    )


def session_token(request: Request, house: House) -> str:
    """Give what a browser's cookie holds; empty without one."""
    return request.cookies.get(host_cookie(COOKIE, house), "")


def comes_by_tls(house: House) -> bool:
    """Tell whether people reach the server over TLS, as far as anybody has said."""
    return house.eilbote.config.public_url.startswith("https:")
