"""Replies, and the parser that finds them in a stream of octets (RFC 5321 §4.2).

The rules of the parser:

* A line ends in CRLF. A CR or LF standing alone, and NUL, are faults: a reply that two readers could cut
  differently is not believed (docs/decisions/0003).
* The code is 200 to 599, followed by a blank, a hyphen or the line's end, and is the same in every line.
* A reply holds at most 64 KiB, in as many lines as it likes; the rest is never read into memory.
* How the octets were cut on their way makes no difference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast

from eilbote.errors import RemoteProtocolError
from eilbote.model.status import EnhancedStatusCode

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_REPLY_OCTETS = 64 * 1024
_FINAL_CODES = {f"{code} ".encode(): code for code in range(200, 600)}
_SEPARATORS = (b" ", b"-", b"")
_FORBIDDEN = re.compile("[\0\r\n]")
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?: |$)", re.ASCII)
_BEGINNING = re.compile(rb"[2-5](?:[0-9](?:[0-9](?:\r|[ -][^\0\n]*)?)?)?", re.DOTALL)
# Nearly every reply begins with one of a few of these; the same octets always mean the same.
_SHORT_HEAD = re.compile(rb"[2-5]\d\d [245]\.\d\.\d ")
_SHORT_HEAD_OCTETS = len(b"250 2.0.0 ")
_SHOWN = 80
# Most replies of a session are said again and again; so many different ones are remembered.
_REMEMBERED = 64
_SHORT_LINE = 512  # RFC 5321 §4.5.3.1.5; only longer ones need counting


class Reply(NamedTuple):
    """What the server said to one command.

    Attributes:
        code: The reply code, 200 to 599.
        lines: The text of each line, without code and separator; undecodable octets as U+FFFD.
        enhanced: The enhanced status code of the first line, if its class fits the code (RFC 2034).
    """

    code: int
    lines: tuple[str, ...] = ("",)
    enhanced: EnhancedStatusCode | None = None

    @property
    def text(self) -> str:
        """The lines as one text, a line feed between them."""
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)

    @property
    def is_positive(self) -> bool:
        """Whether the command was done: 2yz."""
        return self.code < 300  # noqa: PLR2004 - RFC 5321 §4.2.1

    @property
    def is_intermediate(self) -> bool:
        """Whether the server waits for more: 3yz."""
        return 300 <= self.code < 400  # noqa: PLR2004 - RFC 5321 §4.2.1

    @property
    def is_transient(self) -> bool:
        """Whether trying again can help: 4yz."""
        return 400 <= self.code < 500  # noqa: PLR2004 - RFC 5321 §4.2.1

    @property
    def is_permanent(self) -> bool:
        """Whether the same command would be refused again: 5yz."""
        return self.code >= 500  # noqa: PLR2004 - RFC 5321 §4.2.1

    def __str__(self) -> str:
        """Write it on one line, as in ``250 2.0.0 Ok``."""
        return f"{self.code} {' '.join(self.lines)}".rstrip()


def enhanced_in(text: str, code: int) -> EnhancedStatusCode | None:
    """Find the enhanced status code a text begins with; one whose class contradicts the code is none."""
    match = _ENHANCED.match(text)
    if match is None:
        return None
    found = EnhancedStatusCode(int(match[1]), int(match[2]), int(match[3]))
    return found if found.klass == code // 100 else None


_known_heads: dict[bytes, tuple[int, EnhancedStatusCode | None]] = {}
_MOST_HEADS = 200


def _head_of(line: bytes) -> tuple[int, EnhancedStatusCode | None] | None:
    """Read the codes a line begins with; ``None`` if it is no last line of a reply."""
    code = _FINAL_CODES.get(line[:4])
    if code is None:
        return None
    head = code, enhanced_in(line[4:].decode("utf-8", "replace"), code)
    if _SHORT_HEAD.match(line) is not None and len(_known_heads) < _MOST_HEADS:
        _known_heads[line[:_SHORT_HEAD_OCTETS]] = head
    return head


# What a named tuple's own constructor does, without its Python function.
_make = cast("Callable[[type[Reply], tuple[object, ...]], Reply]", tuple.__new__)  # pyright: ignore[reportUnknownMemberType] - typeshed leaves it open


class ReplyParser:
    """Finds replies in octets, whatever the pieces they arrive in."""

    __slots__ = ("_code", "_groups", "_known", "_lines", "_pending", "_scanned", "_size")

    def __init__(self) -> None:
        self._pending = bytearray()
        self._scanned = 0
        self._code = 0
        self._lines: list[str] = []
        self._size = 0
        self._known: dict[bytes, Reply] = {}
        self._groups: dict[bytes, list[Reply]] = {}

    @property
    def is_between_replies(self) -> bool:
        """Whether every octet so far belongs to a complete reply."""
        return not self._pending and not self._lines

    def forget(self) -> None:
        """Drop what has not become a reply, as after a change to TLS."""
        self._pending.clear()
        self._lines.clear()
        self._scanned = self._size = 0

    def feed(self, data: bytes, replies: list[Reply]) -> None:
        """Take octets, and add the replies they complete to the list; also those before a fault.

        Raises:
            RemoteProtocolError: The octets are no replies, or one is too long; the parser is spent then.
        """
        if not self._pending and data[-2:] == b"\r\n":
            self._take_whole_lines(data, replies)
            return
        pending = self._pending
        pending += data
        end = pending.rfind(b"\r\n", self._scanned)
        if end >= 0:
            complete = bytes(pending[:end])
            del pending[: end + 2]
            self._scanned = 0
            self._take_lines(complete.split(b"\r\n"), replies)
        self._check_remainder()

    def _take_whole_lines(self, data: bytes, replies: list[Reply]) -> None:
        # In a pipelined dialogue the verdict on a message is new, and what follows was said of many an envelope.
        first, _, rest = data.partition(b"\r\n")
        group = None if self._lines else self._groups.get(rest)
        if group is None:
            lines, before = data[:-2].split(b"\r\n"), len(replies)
            self._take_lines(lines, replies)
            if len(replies) - before == len(lines) and len(rest) <= _SHORT_LINE:
                self._remember(rest, replies[before + 1 :])
        elif (reply := self._take_line(first)) is not None:
            replies.append(reply)
            replies += group
        elif rest:  # behind the first line of a reply of several
            self._take_lines(rest[:-2].split(b"\r\n"), replies)

    def _remember(self, octets: bytes, group: list[Reply]) -> None:
        """Keep what octets mean that are nothing but replies of one line."""
        if len(self._groups) < _REMEMBERED:
            self._groups[octets] = group

    def _take_lines(self, lines: list[bytes], replies: list[Reply]) -> None:
        start = 0
        if not self._lines:
            # Look all lines up at once; one in four is new, the verdict with its queue id.
            found = list(map(self._known.get, lines))
            for _ in range(found.count(None)):
                at = found.index(None, start)
                replies += found[start:at]  # type: ignore[arg-type]  # none of these is missing
                start = at + 1
                reply = self._take_line(lines[at])
                if reply is None:  # the beginning of a reply of several lines
                    break
                replies.append(reply)
            else:
                replies += found[start:]  # type: ignore[arg-type]  # nor of these
                return
        for line in lines[start:]:
            reply = self._take_line(line)
            if reply is not None:
                replies.append(reply)

    def _take_line(self, line: bytes) -> Reply | None:
        head = _known_heads.get(line[:_SHORT_HEAD_OCTETS]) or _head_of(line)
        if head is not None and not self._lines and len(line) <= _SHORT_LINE:
            text = line[4:].decode("utf-8", "replace")
            if text.isprintable():
                reply = _make(Reply, (head[0], (text,), head[1]))
                if len(self._known) < _REMEMBERED:
                    self._known[line] = reply
                return reply
        return self._take_unusual_line(line)

    def _take_unusual_line(self, line: bytes) -> Reply | None:
        code, separator = _FINAL_CODES.get(line[:3] + b" ", 0), line[3:4]
        text = line[4:].decode("utf-8", "replace")
        if not code or separator not in _SEPARATORS or _FORBIDDEN.search(text):
            raise _malformed(line)
        if self._lines and code != self._code:
            raise RemoteProtocolError(
                f"one reply carries two codes, {self._code} and {code}",
                cause="every line of a reply has the same code (RFC 5321 section 4.2.1)",
            )
        self._count(len(line) + 2)
        if separator == b"-":
            self._code = code
            self._lines.append(text)
            return None
        self._size = 0
        lines = (*self._lines, text)
        self._lines.clear()
        return Reply(code, lines, enhanced_in(lines[0], code))

    def _count(self, octets: int) -> None:
        self._size += octets
        if self._size > MAX_REPLY_OCTETS:
            raise RemoteProtocolError(
                f"a reply is longer than {MAX_REPLY_OCTETS} octets",
                cause="no command of this session asks for so much",
            )

    def _check_remainder(self) -> None:
        """Refuse early what can never become a line, instead of waiting for its end."""
        pending = self._pending
        if self._size + len(pending) > MAX_REPLY_OCTETS:
            self._count(len(pending))
        new = pending[max(0, self._scanned - 4) :] if self._scanned > 4 else pending  # noqa: PLR2004
        if pending and (
            (self._scanned <= 4 and not _BEGINNING.fullmatch(pending))  # noqa: PLR2004 - code and separator
            or b"\n" in new
            or b"\0" in new
            or pending.find(b"\r", max(0, self._scanned - 1), len(pending) - 1) >= 0
        ):
            raise _malformed(bytes(pending))
        self._scanned = max(0, len(pending) - 1)


def _malformed(line: bytes) -> RemoteProtocolError:
    shown = line[:_SHOWN].decode("ascii", "backslashreplace").encode("unicode_escape").decode()
    if re.match(rb"[2-5][0-9][0-9](?:[ -]|$)", line.splitlines()[0] if line.splitlines() else line):
        cause = (
            "a line of a reply ends in CR LF, and holds no CR, LF or NUL elsewhere (RFC 5321 section 2.3.8)"
        )
    elif line[:2] == b"\x15\x03" or line[:2] == b"\x16\x03":
        cause = "the server speaks TLS from the first octet on this port"
    elif line[:5] == b"HTTP/":
        cause = "this is a web server"
    else:
        cause = "a reply begins with a code from 200 to 599 (RFC 5321 section 4.2)"
    return RemoteProtocolError(f"the server sent something that is not a reply: {shown!r}", cause=cause)
