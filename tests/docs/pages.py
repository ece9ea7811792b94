"""Reads the code blocks of a Markdown page, each with its line and with what the page says about it.

What a page says stands in a comment that readers do not see, before the block::

    <!-- test: catches=2 -->            the block delivers that many messages
    <!-- test: raises=AddressError -->  the block ends with that exception
    <!-- test: exit=4 -->               the last command ends with that exit code
    <!-- test: file=order.yaml -->      the block is what stands in that file from here on
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"(?P<indent>[ ]*)(?P<fence>`{3,})(?P<language>[\w+-]*)[^`\n]*")
_WORD = re.compile(r"<!-- test: (?P<words>.*?) -->")
KNOWN_WORDS = {"catches", "raises", "exit", "file"}


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block: its language, its text, and the line of the page on which the text begins."""

    language: str
    text: str
    line: int
    said: dict[str, str] = field(default_factory=dict)


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page in order."""
    lines = page.splitlines()
    said: dict[str, str] = {}
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if found := _WORD.fullmatch(line.strip()):
            said = dict(word.split("=", 1) for word in found["words"].split())
            if unknown := said.keys() - KNOWN_WORDS:
                raise ValueError(
                    f"line {position}: unknown words {sorted(unknown)}; known are {sorted(KNOWN_WORDS)}"
                )
        elif opening := _FENCE.fullmatch(line):
            start = position
            while lines[position].strip() != opening["fence"]:
                position += 1
            text = "\n".join(text.removeprefix(opening["indent"]) for text in lines[start:position]) + "\n"
            position += 1
            yield Block(language=opening["language"], text=text, line=start + 1, said=said)
            said = {}
        elif line.strip():
            said = {}


@dataclass(frozen=True, kw_only=True)
class Command:
    """One ``$`` line of a console block, and what the page shows below it."""

    line: str
    shown: str


def commands(block: Block) -> list[Command]:
    """Split a console block; a line that ends with a backslash goes on in the next."""
    found: list[Command] = []
    for piece in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, *shown = re.sub(r"\\\n\s*(?:> )?", "", piece).split("\n")
        found.append(Command(line=re.sub(r"\s+#\s.*$", "", line), shown="\n".join(shown).strip()))
    return found


def shows(shown: str, real: str) -> bool:
    """Whether real output is what a page shows.

    ``...`` stands for anything; times, sizes, ports, dates and ids may differ; blanks may be more or fewer.
    """
    pieces = (re.escape(_without_accidents(piece)) for piece in shown.split("..."))
    return re.fullmatch(".*".join(pieces), _without_accidents(real), re.DOTALL) is not None


def _without_accidents(text: str) -> str:
    text = re.sub(r"<[0-9A-Za-z][\w.+-]*@", "<ID@", text)
    text = re.sub(r"\d+(?:[.,:]\d+)*", "0", text)
    return re.sub(r"\s+", " ", text).strip()


def pages(root: Path) -> list[Path]:
    """List the pages whose code must run: README.md and everything below docs."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
