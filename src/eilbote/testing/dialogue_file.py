r"""Dialogues between client and server in the notation of the RFCs, as data for tests.

::

    # A story, and why it is worth a file.
    announce: PIPELINING, SIZE 1000
    message: a@example.org -> b@example.net, c@example.net | hello
    C: MAIL FROM:<a@example.org> SIZE=7
    C: RCPT TO:<b@example.net>
    ...
    S: 250 2.1.0 ok
    => 1 b@example.net accepted 250 2.0.0 content

``C:`` and ``S:`` are lines without their line end, ``S=`` octets with escapes and without one (``S= 250 a\n``).
``-- TLS`` is the handshake, ``-- LOST`` the end of the connection. A message's content follows ``|``, its
lines parted by ``\n``; every line gets CRLF. ``name: value`` lines before the dialogue are options.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Side = Literal["C", "S", "TLS", "LOST"]
Chunking = Literal["whole", "lines", "octets"]
CHUNKINGS: tuple[Chunking, ...] = ("whole", "lines", "octets")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says before the other does.

    Attributes:
        side: Who; or TLS for the handshake, LOST for the end of the connection.
        octets: What.
    """

    side: Side
    octets: bytes


@dataclass(frozen=True, slots=True)
class DialogueMessage:
    """A message to be sent in a dialogue."""

    reverse_path: str
    forward_paths: tuple[str, ...]
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogueFile:
    """One dialogue.

    Attributes:
        name: The file's name without its ending.
        options: The lines ``name: value`` before the dialogue.
        messages: What is to be sent.
        turns: Who says what.
        outcomes: The lines after ``=>``.
    """

    name: str
    options: Mapping[str, str]
    messages: tuple[DialogueMessage, ...]
    turns: tuple[Turn, ...]
    outcomes: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> DialogueFile:
        """Read a file.

        Raises:
            ValueError: A line is none of the forms above.
        """
        return cls.parse(path.read_text(encoding="utf-8"), name=path.stem)

    @classmethod
    def parse(cls, text: str, *, name: str = "dialogue") -> DialogueFile:
        """Read a text.

        Raises:
            ValueError: A line is none of the forms above.
        """
        options: dict[str, str] = {}
        messages: list[DialogueMessage] = []
        turns: list[Turn] = []
        outcomes: list[str] = []
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            marker, _, rest = line.partition(" ")
            match marker:
                case "C:" | "S:":
                    _add(turns, "C" if marker == "C:" else "S", rest.encode() + b"\r\n")
                case "S=":
                    _add(turns, "S", rest.encode().decode("unicode_escape").encode("latin-1"))
                case "--":
                    turns.append(Turn("TLS" if rest == "TLS" else "LOST", b""))
                case "=>":
                    outcomes.append(rest)
                case "message:":
                    messages.append(_message(rest))
                case _ if marker.endswith(":") and not turns:
                    options[marker[:-1]] = rest
                case _:
                    msg = f"{name}, line {number}: {line!r} is no line of a dialogue"
                    raise ValueError(msg)
        return cls(
            name=name,
            options=options,
            messages=tuple(messages),
            turns=tuple(turns),
            outcomes=tuple(outcomes),
        )


def cut(octets: bytes, how: Chunking) -> Iterator[bytes]:
    """Cut what a server says as a network might."""
    if how == "whole":
        yield octets
    elif how == "lines":
        yield from octets.splitlines(keepends=True)
    else:
        for index in range(len(octets)):
            yield octets[index : index + 1]


def _add(turns: list[Turn], side: Side, octets: bytes) -> None:
    if turns and turns[-1].side == side:
        octets = turns.pop().octets + octets
    turns.append(Turn(side, octets))


def _message(text: str) -> DialogueMessage:
    addresses, _, content = text.partition(" | ")
    reverse_path, _, forward_paths = addresses.partition(" -> ")
    lines = content.replace("\\n", "\n").split("\n")
    return DialogueMessage(
        reverse_path.strip().removeprefix("<>"),
        tuple(path.strip() for path in forward_paths.split(",")),
        "".join(f"{line}\r\n" for line in lines).encode(),
    )
