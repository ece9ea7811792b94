"""What a reader's program, or a filter of unwanted mail, would hold against a message: seen without asking anybody (pure).

Nothing is fetched: whether a link leads somewhere is not tried, because its owner would hear that the message was looked at.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from eilbote.engine.html_page import LONGEST_HTML, read_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.engine.html_page import HtmlPage
    from eilbote.engine.message_parts import MessageView

_CLIPPED: Final = 102 * 1024
"""Beyond so many octets of HTML, Gmail shows the beginning alone."""
_LARGE: Final = 10 * 1024 * 1024
_TOO_LARGE: Final = 25 * 1024 * 1024
"""Beyond so many octets, most providers refuse a message."""
_LONGEST_SUBJECT: Final = 78
_MOST_FOUND: Final = 100
_SHOWN: Final = 80
_LEAST_WORDS: Final = 20
_LEAST_CAPITALS: Final = 8
_PLACEHOLDER: Final = re.compile(r"\{\{[^{}\n]{0,100}\}\}|\{%[^{}\n]{0,100}%\}")
_HOST_IN_TEXT: Final = re.compile(
    r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[/:?#].*)?\Z", re.IGNORECASE
)
_RUNS: Final = frozenset(
    {
        "bat",
        "cmd",
        "com",
        "exe",
        "hta",
        "img",
        "iso",
        "jar",
        "js",
        "jse",
        "lnk",
        "msi",
        "ps1",
        "scr",
        "vbe",
        "vbs",
        "wsf",
    }
)
"""Ends of the names of files that run; providers refuse messages with them."""


class CheckLevel(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """Many will not get it, or not see what was meant."""
    WARNING = "warning"
    """Some will see something else than was meant, or a filter takes it amiss."""


class CheckTopic(StrEnum):
    """What it is about."""

    TEXTS = "texts"
    LINKS = "links"
    PICTURES = "pictures"
    FILES = "files"
    SIZE = "size"
    HEADERS = "headers"
    SPAM = "spam"
    """What filters of unwanted mail take amiss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFinding:
    """Something that would be held against a message.

    Attributes:
        topic: What it is about.
        level: How bad it is.
        what: What is so.
        remedy: What to do.
    """

    topic: CheckTopic
    level: CheckLevel
    what: str
    remedy: str


def check_mail(view: MessageView, *, size: int) -> tuple[MailFinding, ...]:
    """Tell everything, what is worse first; a hundred at most.

    Args:
        view: The message.
        size: Octets of the whole.
    """
    page = read_page(view.html or "")
    header = {name.lower(): value for name, value in reversed(view.headers)}
    found = dict.fromkeys(
        (
            *_headers(header),
            *_texts(view, header, page),
            *_links(page),
            *_pictures(view, page),
            *_files(view),
            *_size(view, size),
        )
    )
    return tuple(sorted(found, key=lambda each: each.level is not CheckLevel.ERROR))[:_MOST_FOUND]


# -- within ----------------------------------------------------------------------------------------------------


def _finding(topic: CheckTopic, level: CheckLevel, what: str, remedy: str) -> MailFinding:
    return MailFinding(topic=topic, level=level, what=what, remedy=remedy)


def _headers(header: Mapping[str, str]) -> Iterator[MailFinding]:
    subject = header.get("subject", "").strip()
    if not header.get("from", "").strip():
        yield _finding(CheckTopic.HEADERS, CheckLevel.ERROR, "Nobody is named in From", "Name an author")
    if not subject:
        yield _finding(CheckTopic.HEADERS, CheckLevel.WARNING, "There is no subject", "Write one")
    elif len(subject) > _LONGEST_SUBJECT:
        yield _finding(
            CheckTopic.HEADERS,
            CheckLevel.WARNING,
            f"The subject has {len(subject)} characters, and lists show fewer",
            f"Say the same in {_LONGEST_SUBJECT} characters, what matters first",
        )
    letters = [each for each in subject if each.isalpha()]
    if len(letters) >= _LEAST_CAPITALS and all(each.isupper() for each in letters):
        yield _finding(CheckTopic.SPAM, CheckLevel.WARNING, "The subject shouts", "Write it in small letters")
    if "!!" in subject or "$$" in subject:
        yield _finding(
            CheckTopic.SPAM, CheckLevel.WARNING, "The subject repeats signs", "Leave out what is repeated"
        )


def _texts(view: MessageView, header: Mapping[str, str], page: HtmlPage) -> Iterator[MailFinding]:
    plain = (view.text or "").strip()
    if view.html is not None and not plain:
        yield _finding(
            CheckTopic.TEXTS,
            CheckLevel.WARNING,
            "There is HTML without a plain text",
            "Give a text beside it: some readers see it alone, and filters miss it",
        )
    if not plain and not page.words and not page.pictures and not view.parts:
        yield _finding(CheckTopic.TEXTS, CheckLevel.ERROR, "It says nothing", "Give a text, or HTML")
    if page.pictures and page.words < _LEAST_WORDS:
        yield _finding(
            CheckTopic.SPAM,
            CheckLevel.WARNING,
            "It has pictures and hardly any words",
            "Write what the pictures say: many readers do not load them",
        )
    for name, text in (("subject", header.get("subject", "")), ("text", plain), ("HTML", view.html or "")):
        if (left := _PLACEHOLDER.search(text[:LONGEST_HTML])) is not None:
            yield _finding(
                CheckTopic.TEXTS,
                CheckLevel.ERROR,
                f"A placeholder was left in the {name}: {left[0][:_SHOWN]}",
                "Give its value, or mend the template",
            )


def _links(page: HtmlPage) -> Iterator[MailFinding]:
    for link in page.links:
        target = link.target
        shown = target[:_SHOWN]
        try:
            parts = urlsplit(target)
            host = (parts.hostname or "").lower()
        except ValueError:
            yield _finding(CheckTopic.LINKS, CheckLevel.ERROR, f"{shown!r} is no address", "Mend it")
            continue
        if parts.scheme in {"mailto", "tel", "sms", "cid"} or target.startswith("#"):
            continue
        if parts.scheme not in {"http", "https"} or not host:
            yield _finding(
                CheckTopic.LINKS,
                CheckLevel.ERROR,
                f"{shown!r} leads nowhere from within a mail",
                "Write the whole address, with https:// before it",
            )
            continue
        if _is_private(host):
            yield _finding(
                CheckTopic.LINKS,
                CheckLevel.ERROR,
                f"{shown!r} leads to a machine that readers do not reach",
                "Use the address under which people reach it",
            )
            continue
        if _is_number(host):
            yield _finding(
                CheckTopic.SPAM,
                CheckLevel.WARNING,
                f"{shown!r} names a number in place of a host",
                "Use a name",
            )
        if parts.scheme == "http":
            yield _finding(CheckTopic.LINKS, CheckLevel.WARNING, f"{shown!r} is not encrypted", "Write https")
        said = _HOST_IN_TEXT.match(link.text.strip()[:200])
        if said is not None and not _is_same_site(said[1].lower(), host):
            yield _finding(
                CheckTopic.SPAM,
                CheckLevel.ERROR,
                f"A link shows {said[1][:_SHOWN]} and leads to {host[:_SHOWN]}",
                "Show where it leads: filters take it for fraud",
            )


def _pictures(view: MessageView, page: HtmlPage) -> Iterator[MailFinding]:
    there = {part.content_id for part in view.parts if part.content_id}
    for picture in page.pictures:
        source = (picture.get("src") or "").strip()
        if source.lower().startswith("cid:") and source[4:] not in there:
            yield _finding(
                CheckTopic.PICTURES,
                CheckLevel.ERROR,
                f"The picture {source[:_SHOWN]!r} does not travel with the message",
                "Attach it with that content id",
            )
        if source.lower().startswith("http://"):
            yield _finding(
                CheckTopic.PICTURES,
                CheckLevel.WARNING,
                f"The picture {source[:_SHOWN]!r} is fetched without encryption",
                "Write https",
            )
        if picture.get("alt") is None:
            yield _finding(
                CheckTopic.PICTURES,
                CheckLevel.WARNING,
                "A picture has no alternative text",
                'Say what it shows in alt="", or leave that empty when it is decoration',
            )


def _files(view: MessageView) -> Iterator[MailFinding]:
    for part in view.parts:
        end = part.filename.rpartition(".")[2].strip().lower()
        if "." in part.filename and end in _RUNS:
            yield _finding(
                CheckTopic.FILES,
                CheckLevel.ERROR,
                f"The file {part.filename[:_SHOWN]!r} runs, and providers refuse such messages",
                "Send a link to it",
            )
        if not part.octets:
            yield _finding(
                CheckTopic.FILES,
                CheckLevel.WARNING,
                f"The file {part.filename[:_SHOWN]!r} is empty",
                "See where it comes from",
            )


def _size(view: MessageView, size: int) -> Iterator[MailFinding]:
    if size > _LARGE:
        level = CheckLevel.ERROR if size > _TOO_LARGE else CheckLevel.WARNING
        whom = "most providers refuse" if size > _TOO_LARGE else "some providers refuse"
        yield _finding(
            CheckTopic.SIZE,
            level,
            f"It has {size / 1024 / 1024:.1f} MiB, which {whom}",
            "Send links to files",
        )
    if view.html is not None and len(view.html.encode("utf-8", "replace")) > _CLIPPED:
        yield _finding(
            CheckTopic.SIZE,
            CheckLevel.WARNING,
            "The HTML has more than 102 KiB, of which Gmail shows the beginning alone",
            "Make it shorter, or take out what no reader sees",
        )


def _is_same_site(one: str, other: str) -> bool:
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host
