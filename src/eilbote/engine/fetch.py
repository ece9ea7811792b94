"""Fetches the files that a message brings along by their URLs: once, when the message is accepted.

Rules it keeps:

* http, https and ``data:`` only; whatever is on the network is reached through the gate for addresses, at every hop.
* A file comes whole or not at all: within the time, within its size, with as many octets as its server announced. What
  may be mended by a moment's patience is tried again within the same time.
* What a server says about it is checked (:mod:`eilbote.engine.fetched_file`); an error page is never a file.
* An error names the node's field and the URL without its query, because signed URLs hold secrets there.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.effect import Unfetched
from eilbote.engine.data_url import is_data_url, read_data_url
from eilbote.engine.fetched_file import file_name, file_type, is_page_instead
from eilbote.errors import AttachmentError, DeliveryError, Durability, EilboteError
from eilbote.model.attachment import Attachment
from eilbote.net.http import HttpDoor
from eilbote.net.http_follow import Question, answered
from eilbote.net.http_url import shown_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.effect import Fetch
    from eilbote.net.egress import EgressPolicy
    from eilbote.net.http_follow import WebAnswer

MOST_OCTETS: Final = 10 * 1024 * 1024
"""Of one file."""
MOST_OCTETS_TOGETHER: Final = 25 * 1024 * 1024
"""Of all files of a message; in base64 they are a third more, and few servers take a message of more than 35 MB."""
SECONDS: Final = 30.0
"""For one file, from the look-up to the last octet, redirects included."""
PAUSES: Final = (1.0, 4.0)
"""Seconds between attempts, for what may pass; a server that says how long to wait (RFC 9110 §10.2.3) is heard."""
_WHOLE: Final = frozenset({200, 203})
_LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class UnfetchedError(AttachmentError):
    """A file could not be fetched.

    Attributes:
        durability: Whether trying again later can help.
        retry_after: How many seconds later, when the server has said so.
    """

    def __init__(
        self,
        what: str,
        *,
        field: str,
        cause: str,
        remedy: str,
        durability: Durability = Durability.PERMANENT,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(what, field=field, cause=cause, remedy=remedy)
        self.durability = durability
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFiles:
    """The files of a message.

    Attributes:
        attachments: Those that were fetched, in their order.
        notes: For each that was left out, a sentence for those who read the message.
        faults: Why each of those was left out, for those who run the flow.
    """

    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[AttachmentError, ...] = ()


def file_door(egress: EgressPolicy, ports: frozenset[int] | None) -> HttpDoor:
    """Give the door for files: http as well as https, because nothing secret is sent.

    Args:
        egress: Which addresses may be connected to.
        ports: Which ports.
    """
    return HttpDoor(egress=egress, ports=ports, seconds=SECONDS, octets=MOST_OCTETS, plain=True)


async def fetched_files(fetches: Sequence[Fetch], *, door: HttpDoor) -> FetchedFiles:
    """Fetch the files of a message, one after another.

    Raises:
        UnfetchedError: One cannot be had, and the message is not to be sent without it.
        AttachmentError: As before, where the URL itself is wrong.
    """
    attachments: list[Attachment] = []
    notes: list[str] = []
    faults: list[AttachmentError] = []
    room = MOST_OCTETS_TOGETHER
    for fetch in fetches:
        try:
            file = await fetched(fetch, door=door, room=room)
        except AttachmentError as fault:
            if fetch.otherwise is Unfetched.FAIL:
                raise
            notes.append(skip_note(fetch))
            faults.append(fault)
        else:
            attachments.append(file)
            room -= file.size
    return FetchedFiles(attachments=tuple(attachments), notes=tuple(notes), faults=tuple(faults))


async def fetched(
    fetch: Fetch,
    *,
    door: HttpDoor,
    room: int = MOST_OCTETS_TOGETHER,
    pauses: Sequence[float] = PAUSES,
) -> Attachment:
    """Fetch one file.

    Args:
        fetch: Which.
        door: The way to the network, see :func:`file_door`; its limits are those of one file.
        room: Octets that the message has left for it.
        pauses: Seconds between attempts; as many as there are more attempts.

    Raises:
        UnfetchedError: It cannot be had; ``field`` names the node's field, ``durability`` tells whether later it may.
        AttachmentError: A ``data:`` URL is malformed.
    """
    file = await _patiently(fetch, door, pauses)
    if file.size > room:
        raise _unfetched(
            fetch,
            shown_url(fetch.url),
            f"it has {file.size:,} octets, and the files of a message at most {MOST_OCTETS_TOGETHER:,} together",
            "Send several messages, or links to the files in the text",
        )
    return file


async def _patiently(fetch: Fetch, door: HttpDoor, pauses: Sequence[float]) -> Attachment:
    loop = asyncio.get_running_loop()
    until = loop.time() + door.seconds
    for pause in pauses:
        try:
            return await _file(fetch, door, until)
        except UnfetchedError as fault:
            wait = max(pause, fault.retry_after)
            if fault.durability is not Durability.TRANSIENT or loop.time() + wait >= until:
                raise
        await asyncio.sleep(wait)
    return await _file(fetch, door, until)


async def _file(fetch: Fetch, door: HttpDoor, until: float) -> Attachment:
    if is_data_url(fetch.url):
        found = read_data_url(fetch.url, most_octets=door.octets, field=fetch.field)
        name = file_name(fetch.filename, "", "", found.media_type)
        return Attachment.from_bytes(
            found.octets, filename=name, media_type=file_type(found.media_type, name, found.octets)
        )
    shown = shown_url(fetch.url)
    try:
        answer = await answered(door, Question(url=fetch.url), field=fetch.field, wanted=_WHOLE, until=until)
    except DeliveryError as fault:
        # An answer that came and cannot be used is the same the next time; only what breaks on the way may pass.
        passing = type(fault) is not DeliveryError and fault.durability is Durability.TRANSIENT
        durability = Durability.TRANSIENT if passing else Durability.PERMANENT
        raise _unfetched(fetch, shown, fault.cause or fault.what, fault.remedy or "", durability) from fault
    except EilboteError as fault:
        raise _unfetched(fetch, shown, fault.cause or fault.what, fault.remedy or "") from fault
    if answer.status not in _WHOLE:
        raise _refused(fetch, shown, answer)
    said = answer.header("Content-Type")
    name = file_name(fetch.filename, answer.header("Content-Disposition"), answer.url, said)
    if is_page_instead(said, name, answer.body):
        raise _unfetched(
            fetch,
            shown,
            f"the server sent a page of HTML instead of {name!r}: most likely one to sign in at",
            "Use a URL at which the file can be had without signing in, such as a signed one",
        )
    return Attachment.from_bytes(answer.body, filename=name, media_type=file_type(said, name, answer.body))


def skip_note(fetch: Fetch) -> str:
    """Say in one sentence that a file is missing, for readers of the message.

    They may be anybody: neither the address nor the reason is told, which show the inside of a network.
    """
    name = fetch.filename or ("" if is_data_url(fetch.url) else file_name(None, "", fetch.url, ""))
    called = f"The file {name!r}" if "." in name else "A file"
    return f"{called} could not be fetched and is missing from this message."


def _refused(fetch: Fetch, shown: str, answer: WebAnswer) -> UnfetchedError:
    status = f"{answer.status} {answer.reason}".strip()
    match answer.status:
        case 401 | 403 | 407:
            remedy = "Use a URL at which the file can be had without signing in, such as a signed one"
        case 404 | 410:
            remedy = "Check the URL: no such file is there"
        case _ if answer.status in _LATER:
            remedy = "Try again later; the server cannot give it now"
        case _:
            remedy = "Check the URL in a browser: the server must answer 200 with the file"
    durability = Durability.TRANSIENT if answer.status in _LATER else Durability.PERMANENT
    fault = _unfetched(fetch, shown, f"the server answered {status}", remedy, durability)
    asked = answer.header("Retry-After").strip()
    if asked.isascii() and asked.isdecimal():  # a date would be later than anybody waits here
        fault.retry_after = float(asked[:9])
    return fault


def _unfetched(
    fetch: Fetch, shown: str, cause: str, remedy: str, durability: Durability = Durability.PERMANENT
) -> UnfetchedError:
    return UnfetchedError(
        f"the file from {shown} cannot be fetched",
        field=fetch.field,
        cause=cause,
        remedy=remedy or "Check the URL",
        durability=durability,
    )
