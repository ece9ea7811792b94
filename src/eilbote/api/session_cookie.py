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

    from eilbote.app import Eilbote
    from eilbote.engine.accounts.sessions import SignedIn

COOKIE: Final = "eilbote_session"
"""Where people do not come over TLS; see :func:`host_cookie`."""


def host_cookie(name: str, eilbote: Eilbote) -> str:
    """Give the name of a cookie: where people come over TLS it is one that browsers take from this host alone."""
    return f"__Host-{name}" if comes_by_tls(eilbote) else name


async def change_session(request: Request, response: Response, signed: SignedIn, eilbote: Eilbote) -> None:
    """Have a browser keep a session; the one that it had before ends, so that nobody goes on with it.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    former = session_token(request, eilbote)
    if former:
        await eilbote.accounts.sessions.end(former)
    response.set_cookie(
        host_cookie(COOKIE, eilbote),
        signed.token,
        max_age=LONGEST_SECONDS,
        path="/",
        secure=comes_by_tls(eilbote),
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, eilbote: Eilbote) -> None:
    """Have a browser forget its session."""
    response.delete_cookie(
        host_cookie(COOKIE, eilbote), path="/", secure=comes_by_tls(eilbote), httponly=True, samesite="lax"
    )


def session_token(request: Request, eilbote: Eilbote) -> str:
    """Give what a browser's cookie holds; empty without one."""
    return request.cookies.get(host_cookie(COOKIE, eilbote), "")


def comes_by_tls(eilbote: Eilbote) -> bool:
    """Tell whether people reach the server over TLS, as far as anybody has said."""
    return eilbote.config.public_url.startswith("https:")
