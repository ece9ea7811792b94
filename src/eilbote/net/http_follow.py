"""Asks a web server and follows where it sends us (RFC 9110 §15.4), each hop through the same door as the first.

Rules it keeps:

* Every hop is a new request by a new client: its URL is read, its address looked up and checked, and no cookie goes along.
* Only GET and HEAD are followed, at most a few times; what leads in a circle is named.
* From https nobody is led to http.
* Header fields of the author go to the origin that was named, and to no other (RFC 6454 §4).
* All hops have one deadline together, and one largest size.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urldefrag, urljoin, urlsplit

from eilbote.errors import DeliveryError, Durability, EilboteError, Scope
from eilbote.model.redactor import visible
from eilbote.net.http_url import read_url, shown_url

if TYPE_CHECKING:
    from collections.abc import Container

    import httpx2

    from eilbote.net.http import HttpDoor

MOST_HOPS: Final = 5
LONGEST_URL: Final = 8000
"""RFC 9110 §4.1 asks everybody to take at least as many; signed URLs have two to three thousand."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_FOLLOWED: Final = frozenset({"GET", "HEAD"})
_FOR_EVERYBODY: Final = frozenset({"accept", "accept-language"})
_ANY: Final = range(100, 600)
_LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a server is asked.

    Attributes:
        url: Of what.
        method: Such as ``GET``.
        headers: Header fields beside those that every request has.
        body: What is sent along.
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """What a server answered.

    Attributes:
        url: Who answered at last.
        status: The status code.
        reason: Its words for it.
        headers: Header fields as they came, octets as ISO 8859-1.
        body: All of it, decoded; empty when nobody wanted it.
    """

    url: str
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str:
        """Give the first header field of a name; empty when there is none."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), "")


async def answered(
    door: HttpDoor,
    question: Question,
    *,
    field: str = "url",
    hops: int = MOST_HOPS,
    wanted: Container[int] = _ANY,
    until: float | None = None,
) -> WebAnswer:
    """Ask, follow, and give the last answer, whole.

    Args:
        door: How far requests may go.
        question: What is asked.
        field: Where the URL stands, for errors.
        hops: How many times to follow at most; 0 hands redirects back.
        wanted: The status codes whose body is read; of others it is left unread.
        until: The loop's time at which it ends; counted from now by the door's seconds when ``None``.

    Raises:
        SettingsError: The URL cannot be used, or a redirect's.
        DeliveryError: Whatever else kept the answer from coming whole; see :meth:`HttpDoor.client`.
    """
    if until is None:
        until = asyncio.get_running_loop().time() + door.seconds
    question = replace(question, url=_read(question.url, door, field))
    been = [question.url]
    while True:
        answer, target = await _asked(door, question, field, until, wanted)
        if target is None or not hops or question.method not in _FOLLOWED:
            return answer
        question = _led(door, question, target, field)
        if question.url in been:
            raise _lost(field, answer, f"it leads in a circle, back to {shown_url(question.url)}")
        if len(been) > hops:
            raise _lost(field, answer, f"it leads on and on, more than {hops} times")
        been.append(question.url)


async def _asked(
    door: HttpDoor, question: Question, field: str, until: float, wanted: Container[int]
) -> tuple[WebAnswer, str | None]:
    from eilbote.net.http_transport import DEADLINE

    async with (
        door.client(field=field) as client,
        client.stream(
            question.method,
            question.url,
            headers=list(question.headers),
            content=question.body or None,
            extensions={DEADLINE: until},
        ) as response,
    ):
        target = _target(response)
        body = bytearray()
        if response.status_code in wanted and question.method != "HEAD":
            async for chunk in response.aiter_raw():
                body += chunk
        answer = WebAnswer(
            url=question.url,
            status=response.status_code,
            reason=visible(response.reason_phrase[:_LONGEST_REASON]).strip(),
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
            ),
            body=bytes(body),
        )
    return answer, target


def _target(response: httpx2.Response) -> str | None:
    if response.status_code not in _REDIRECTS:
        return None
    found = [value for name, value in response.headers.raw if name.lower() == b"location"]
    # Two would be read differently by different programs; octets outside ASCII are percent-encoded as browsers do.
    return found[0].decode("utf-8", "replace").strip() if len(found) == 1 else None


def _led(door: HttpDoor, question: Question, target: str, field: str) -> Question:
    before = urlsplit(question.url)
    try:
        # Programs differ about where these lead: http:///x, http:x and ///x.
        if target.startswith("///") or (urlsplit(target).scheme and not urlsplit(target).netloc):
            raise ValueError(target)
        url = _read(urljoin(question.url, target), door, field)
    except EilboteError as fault:
        fault.what = f"{shown_url(question.url)} leads to a URL that cannot be used"
        fault.remedy = "Give the URL of the file itself"
        raise
    except ValueError as fault:
        raise _lost(field, None, f"{shown_url(question.url)} leads to something that is no URL") from fault
    after = urlsplit(url)
    if before.scheme == "https" and after.scheme != "https":
        raise _lost(
            field, None, f"{shown_url(question.url)} leads to {shown_url(url)}, which is not protected by TLS"
        )
    if (before.scheme, before.netloc) == (after.scheme, after.netloc):
        return replace(question, url=url)
    kept = tuple((name, value) for name, value in question.headers if name.lower() in _FOR_EVERYBODY)
    return replace(question, url=url, headers=kept)


def _read(url: str, door: HttpDoor, field: str) -> str:
    return read_url(urldefrag(url).url, field=field, plain=door.plain, longest=LONGEST_URL)


def _lost(field: str, answer: WebAnswer | None, cause: str) -> DeliveryError:
    where = "the redirect" if answer is None else f"the redirect of {shown_url(answer.url)}"
    return DeliveryError(
        f"{where} cannot be followed",
        field=field,
        stage="answer",
        server=None if answer is None else urlsplit(answer.url).netloc,
        scope=Scope.SITE,
        durability=Durability.PERMANENT,
        cause=cause,
        remedy="Give the URL of the file itself",
    )
