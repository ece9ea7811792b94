"""The events that eilbote knows by itself (``catalogue.toml``); every other dotted name is an event as well, with its own words.

Titles and texts are Liquid. They see the event's data as ``data``, and the event as ``event``: ``kind``, ``summary``, ``detail``,
``organization``, ``at``, ``severity``; and ``original``, the title of what nobody has acknowledged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Final, cast

from eilbote.model.severity import Severity

_NO_WORDS: Mapping[str, str] = MappingProxyType({})
_REPEAT_MINUTES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvent:
    """What is known of a kind of event.

    Attributes:
        kind: Its name.
        severity: How bad it is when nobody says otherwise.
        personal: Whether it concerns one person, who is named when it is raised.
        confidential: Whether its data hold what nobody else may see, such as a link by which a password is set.
        mandatory: Whether administrators hear of it in any case, and nobody is left out who has muted or unsubscribed.
        repeat_minutes: For how long the same about the same thing is only counted, once it was told often enough.
        at_most: How often it is told within that time.
        labels: What lists of kinds call it, by language; plain text.
        titles: Its one line, by language.
        texts: What is said about it, as HTML by language.
    """

    kind: str
    severity: Severity = Severity.INFORMATION
    personal: bool = False
    confidential: bool = False
    mandatory: bool = False
    repeat_minutes: int = _REPEAT_MINUTES
    at_most: int = 1
    labels: Mapping[str, str] = field(default_factory=lambda: _NO_WORDS)
    titles: Mapping[str, str] = field(default_factory=lambda: _NO_WORDS)
    texts: Mapping[str, str] = field(default_factory=lambda: _NO_WORDS)


def known_events() -> tuple[KnownEvent, ...]:
    """Give every event in the catalogue, in its order."""
    return tuple(_catalogue().values())


def known_event(kind: str) -> KnownEvent:
    """Give what is known of a kind; of a custom one nothing but the usual."""
    return _catalogue().get(kind) or KnownEvent(kind=kind)


@cache
def _catalogue() -> Mapping[str, KnownEvent]:
    import tomllib
    from importlib.resources import files

    said = tomllib.loads(files("eilbote.author.notification").joinpath("catalogue.toml").read_text("utf-8"))
    return MappingProxyType({kind: _known(kind, table) for kind, table in said.items()})


def _known(kind: str, said: Mapping[str, object]) -> KnownEvent:
    return KnownEvent(
        kind=kind,
        severity=Severity(str(said["severity"])),
        personal=said.get("personal") is True,
        confidential=said.get("confidential") is True,
        mandatory=said.get("mandatory") is True,
        repeat_minutes=_number(kind, said, "repeat_minutes", _REPEAT_MINUTES),
        at_most=_number(kind, said, "at_most", 1),
        labels=_words(said["label"]),
        titles=_words(said["title"]),
        texts=_words(said["text"]),
    )


def _number(kind: str, said: Mapping[str, object], name: str, usual: int) -> int:
    number = said.get(name, usual)
    if not isinstance(number, int):
        raise TypeError(f"catalogue.toml: {name} of {kind} is no number")
    return number


def _words(said: object) -> Mapping[str, str]:
    if not isinstance(said, dict):
        raise TypeError("catalogue.toml: words by language are expected")
    words = cast("dict[str, object]", said)  # TOML names its keys by texts
    return MappingProxyType({language: str(text) for language, text in words.items()})
