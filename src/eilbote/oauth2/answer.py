"""What a token endpoint answered (RFC 6749 §5): a token, or why there is none and whether a person has to act.

The endpoint is another's machine, and its answer ends up inside SASL messages and header fields, on screens and in logs.
So nothing is believed: kinds are checked, tokens have the characters of RFC 6750 §2.1, texts are cut and cleaned.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import Durability, TokenError
from eilbote.model.moment import later
from eilbote.model.secret import Secret
from eilbote.oauth2.answer_faults import described, explained
from eilbote.oauth2.token import Token

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.model.oauth2 import Grant
    from eilbote.model.redactor import Redactor

_OK: Final = 200
_MOVED_FOR_GOOD: Final = frozenset({301, 308})
_REDIRECTS: Final = range(300, 400)
_NOT_THERE: Final = frozenset({404, 405, 410})
_BUSY: Final = frozenset({408, 425, 429})
_SERVER_FAULTS: Final = range(500, 600)
_B64TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_VISIBLE_TOKEN: Final = re.compile(r"[\x20-\x7e]+")  # RFC 6749 §A.17
_LONGEST_TOKEN: Final = 24 * 1024
# Nothing that expires in seconds is valid for twelve days, and what expires in milliseconds seldom for less than 17
# minutes. A token that is renewed too early costs one request; one that is renewed too late, a refused session.
_MILLISECONDS_FROM: Final = 1_000_000
_LONGEST_SECONDS: Final = 24 * 3600.0
_LONGEST_PAUSE: Final = 24 * 3600.0
_BOM: Final = b"\xef\xbb\xbf"
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of HTTP.

    Attributes:
        status: The status code.
        kind: The media type it claims to have.
        retry_after: Seconds for which the endpoint asks to be left alone, if it does.
        body: The octets, at most as many as the door lets through; may hold tokens.
    """

    status: int
    kind: str = ""
    retry_after: float | None = None
    body: bytes = field(default=b"", repr=False)


def read_answer(answer: Answer, *, grant: Grant, asked: Moment, server: str, redactor: Redactor) -> Token:
    """Give the token.

    Args:
        answer: What the endpoint said.
        grant: What it was asked with, for what a person has to do when it refuses.
        asked: When the request began; validity is counted from there.
        server: ``host:port`` of the endpoint.
        redactor: Strikes what was sent out of what came back.

    Raises:
        TokenError: There is none.
    """
    said = object_in(answer.body)
    code = said.get("error") if said is not None else None
    if isinstance(code, str) and code and answer.status != _OK:
        fault = explained(code, said.get("error_description") if said is not None else None, grant, redactor)
    elif answer.status in _REDIRECTS or answer.status in _NOT_THERE:
        fault = _wrong_place(answer)
    elif answer.status in _BUSY or answer.status in _SERVER_FAULTS:
        fault = _busy(answer.status)
    elif answer.status != _OK:
        fault = _strange(f"it answers with status {answer.status} and does not say why")
    elif said is None:
        fault = _no_object(answer, redactor)
    elif isinstance(code, str) and code:  # some answer 200 to everything
        fault = explained(code, said.get("error_description"), grant, redactor)
    else:
        try:
            return _token(said, asked)
        except TokenError as error:
            fault = error
    fault.server = server
    if fault.durability is Durability.TRANSIENT and answer.retry_after is not None:
        fault.retry_after = min(max(answer.retry_after, 0.0), _LONGEST_PAUSE)
    raise fault


def object_in(body: bytes) -> dict[str, object] | None:
    """Give the JSON object that an answer holds; ``None`` when it holds something else."""
    try:
        said: object = json.loads(body.removeprefix(_BOM).decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", said) if isinstance(said, dict) else None


def _token(said: dict[str, object], asked: Moment) -> Token:
    access_token = said.get("access_token")
    if not isinstance(access_token, str) or not access_token:
        raise _strange("its answer holds no access token")
    if len(access_token) > _LONGEST_TOKEN or not _B64TOKEN.fullmatch(access_token):
        raise _strange("its access token holds characters that no token has, or is far too long")
    kind = said.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise _strange("its token is of a kind that mail servers do not take: they want a bearer token")
    refresh_token = said.get("refresh_token")
    if refresh_token in (None, ""):
        refresh_token = None
    elif (
        not isinstance(refresh_token, str)
        or len(refresh_token) > _LONGEST_TOKEN
        or not _VISIBLE_TOKEN.fullmatch(refresh_token)
    ):
        raise _strange("its refresh token holds characters that no token has, or is far too long")
    return Token(
        access_token=Secret(access_token),
        expires=_expiry(said.get("expires_in"), asked),
        refresh_token=None if refresh_token is None else Secret(refresh_token),
    )


def _expiry(said: object, asked: Moment) -> Moment | None:
    """Give until when; ``None`` when nothing usable was said, and the mail server will tell."""
    if isinstance(said, str) and re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,9})?", said, re.ASCII):
        said = float(said)
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 < said < 10**15:
        return None  # NaN compares false as well
    seconds = said / 1000 if said >= _MILLISECONDS_FROM else said
    return later(asked, min(seconds, _LONGEST_SECONDS))


# -- why there is none ----------------------------------------------------------------------------------------


def _wrong_place(answer: Answer) -> TokenError:
    if answer.status in _NOT_THERE:
        cause = f"there is no token endpoint at this address (status {answer.status})"
    else:
        cause = f"the address leads elsewhere (status {answer.status}), and secrets are not carried after it"
    lasting = answer.status in _NOT_THERE or answer.status in _MOVED_FOR_GOOD
    return described(
        "no access token: the address of the token endpoint is wrong",
        field="access_url",
        cause=cause,
        remedy="Check accessUrl: it is the token endpoint itself, such as https://oauth2.googleapis.com/token",
        durability=Durability.PERMANENT if lasting else Durability.TRANSIENT,
    )


def _busy(status: int) -> TokenError:
    return described(
        "no access token for now: the token endpoint is not able to answer",
        field="access_url",
        cause=f"it answers with status {status}",
        remedy="Nothing needs to be done now: it is asked again later",
        durability=Durability.TRANSIENT,
    )


def _no_object(answer: Answer, redactor: Redactor) -> TokenError:
    found = _MEDIA_TYPE.match(answer.kind)
    what = f" but {redactor.clean(found[0])}" if found is not None and "json" not in found[0].lower() else ""
    return _strange(f"its answer is no JSON object{what}; a sign-in page or a proxy may have answered")


def _strange(cause: str) -> TokenError:
    return described(
        "no access token: the token endpoint does not answer as it should",
        field="access_url",
        cause=cause,
        remedy="Check accessUrl; if it is right, ask the server's operator. It is asked again later",
        durability=Durability.TRANSIENT,
    )
