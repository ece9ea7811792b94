"""What somebody has written in a reply, without what they reply to; and which choice that names.

Programs quote in many ways. Lines with a mark are left out; from a line on that begins a history without marks, everything is. What
is left may still hold a history that nobody recognises, so only a first line that is a choice and nothing else decides anything, and
only when no other line is another choice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.author.process.people.task_words import words_for

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_CHARACTERS: Final = 100_000
"""Of a reply's text; the rest is not looked at."""
_BEGINS_HISTORY: Final = re.compile(
    r"""\s*(?:
        -{2,}\s*(?:original\ message|original\ appointment|forwarded\ message|reply\ message|urspr(?:ü|ue)ngliche\ nachricht
            |urspr(?:ü|ue)nglicher\ termin|weitergeleitete\ nachricht|исходное\ сообщение|пересылаемое\ сообщение
            |пересланное\ сообщение|mensaje\ original|message\ d['\u2019]origine|messaggio\ originale)\s*-{2,}
        |begin\ forwarded\ message:|anfang\ der\ weitergeleiteten\ nachricht:|начало\ переадресованного\ сообщения:
        |_{10,}|[⸻―─]{3,}|-{20,}
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_HEADER: Final = re.compile(r"[\s*]*(?:from|von|от|de|da|van|från|fra|од|od)\s*:[\s*]*\S.*", re.IGNORECASE)
_NEXT_HEADER: Final = re.compile(
    r"[\s*]*(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|отправлено|дата|кому|копия|тема|enviado|envoyé|à|objet|inviato|verzonden)"
    r"\s*:.*",
    re.IGNORECASE,
)
_WROTE: Final = re.compile(
    r"(?:\bwrote\b|\bschrieb\b|\bwrites\b|\bschreibt\b|написал|пишет|писал|a écrit|escribi|ha scritto|schreef|skrev|<[^<>\s]+@[^<>\s]+>)"
    r"[^\n]{0,200}:\s*\Z",
    re.IGNORECASE,
)
_BEGINS_ATTRIBUTION: Final = re.compile(
    r"\s*(?:on|am|le|el|il|op|den|\d{1,4}|mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|пн|вт|ср|чт|пт|сб|вс)\b",  # noqa: RUF001 - Russian
    re.IGNORECASE,
)
_MOST_ATTRIBUTION: Final = 3
_HEADER_LINES: Final = 5
_SIGNATURE: Final = ("-- ", "--")
_AROUND: Final = " \t.,;:!?*_\"'“”„«»()[]{}\u00a0\u200b\ufeff"


def own_words(text: str) -> str:
    """Give what the sender has written: without quoted lines, what is quoted below, and the signature."""
    lines = [line.rstrip() for line in _lines(text[:MOST_CHARACTERS])]
    end = next((number for number in range(len(lines)) if _is_end(lines, number)), len(lines))
    kept = [line for line in lines[:end] if not line.lstrip().startswith((">", "|>"))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def choice_of(words: str, choices: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Give which choice somebody has made, and what else they say; ``None`` when that is not beyond doubt.

    The first line must be a choice and nothing else: its value, its label, or for ``approve`` and ``decline`` what they are called in one
    of our languages. No other line may be another choice.

    Args:
        words: The sender's own words.
        choices: Value and label of each.
    """
    named: dict[str, set[str]] = {}
    for value, label in choices:
        for name in (value, label, *words_for(value)):
            named.setdefault(_bare(name), set()).add(value)
    lines = words.split("\n")
    said = [named.get(_bare(line), set()) for line in lines]
    first = next((number for number, line in enumerate(lines) if _bare(line)), None)
    if first is None or len(said[first]) != 1 or set().union(*said) != said[first]:
        return None
    (value,) = said[first]
    return value, "\n".join(lines[first + 1 :]).strip()


def _is_end(lines: list[str], number: int) -> bool:
    line = lines[number]
    if line in _SIGNATURE or _BEGINS_HISTORY.fullmatch(line[:300]):
        return True
    if _HEADER.fullmatch(line[:300]):
        block = [each for each in lines[number + 1 : number + 1 + _HEADER_LINES] if each.strip()]
        return any(_NEXT_HEADER.fullmatch(each[:300]) for each in block)
    if _is_attribution(lines, number):
        return True
    return bool(_WROTE.search(line[:1000])) and _goes_on_quoted(lines, number)


def _is_attribution(lines: list[str], number: int) -> bool:
    """Tell whether "On Monday, Anna wrote:" begins here; it may be broken over lines, but no blank one is in it.

    Of several lines from which on it could be read the last one is meant: "On Friday." may stand right above it.
    """
    if not _BEGINS_ATTRIBUTION.match(lines[number]):
        return False
    together = ""
    for at, line in enumerate(lines[number : number + _MOST_ATTRIBUTION]):
        if not line.strip() or (at and _BEGINS_ATTRIBUTION.match(line)):
            return False
        together = f"{together} {line}"[:1000]
        if _WROTE.search(together):
            return True
    return False


def _goes_on_quoted(lines: list[str], number: int) -> bool:
    following = next((line for line in lines[number + 1 :] if line.strip()), "")
    return following.lstrip().startswith(">")


def _bare(text: str) -> str:
    return " ".join(text.split()).strip(_AROUND).casefold()


def _lines(text: str) -> list[str]:
    return (
        text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n")
        .split("\n")
    )
