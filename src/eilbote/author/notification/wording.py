"""The words of notifications in the language of those who get them; English where nobody has translated them.

Values are put in by templates, once: what stands in an event's texts and data is never read as a template.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from eilbote.author.notification.catalogue import known_event
from eilbote.author.notification.escalated import original_of
from eilbote.model.moment import as_datetime
from eilbote.template.template import Markup, Template

if TYPE_CHECKING:
    from eilbote.author.notification.event import SystemEvent
    from eilbote.model.severity import Severity


def title_of(event: SystemEvent, *, language: str = "en", time_zone: str = "UTC") -> str:
    """Give an event's one line: what its author said, or what the catalogue says of its kind."""
    if event.summary:
        return event.summary
    known = known_event(event.kind)
    if not known.titles:
        return event.kind
    original = original_of(event)
    about = "" if original is None else title_of(original, language=language, time_zone=time_zone)
    return _put_in(_chosen(known.titles, language), event, Markup.TEXT, language, time_zone, original=about)


def text_of(event: SystemEvent, *, language: str, time_zone: str) -> str:
    """Give what the catalogue says about an event, as HTML; nothing for a custom one."""
    known = known_event(event.kind)
    if not known.texts:
        return ""
    return _put_in(_chosen(known.texts, language), event, Markup.HTML, language, time_zone)


def say(word: str, values: Mapping[str, object], *, language: str, time_zone: str = "UTC") -> str:
    """Give one of the sentences that every notification has, as plain text.

    Args:
        word: Its name in ``words.toml``.
        values: What is put in.
        language: In which language.
        time_zone: In which zone times are told.
    """
    words = _words()[_known(language, _words())]
    return _template(str(words[word]), Markup.TEXT).render(values, locale=language, time_zone=time_zone)


def severity_word(severity: Severity, *, language: str) -> str:
    """Give the word that stands before a subject; nothing for what is not bad."""
    words = _words()[_known(language, _words())]["severity"]
    return words.get(severity.value, "") if isinstance(words, Mapping) else ""


def values_of(event: SystemEvent) -> dict[str, object]:
    """Give what templates see of an event."""
    return {
        "data": event.data,
        "event": {
            "kind": event.kind,
            "summary": event.summary,
            "detail": event.detail,
            "organization": event.organization,
            "severity": event.severity.value,
            "at": as_datetime(event.at),
        },
    }


def _put_in(
    text: str, event: SystemEvent, markup: Markup, language: str, time_zone: str, *, original: str = ""
) -> str:
    values = values_of(event)
    values["event"] = {**cast("dict[str, object]", values["event"]), "original": original}
    made = _template(text, markup).render(values, locale=language, time_zone=time_zone)
    return " ".join(made.split()) if markup is Markup.TEXT else made


@lru_cache(maxsize=256)
def _template(text: str, markup: Markup) -> Template:
    return Template(text, markup=markup)


def _chosen(words: Mapping[str, str], language: str) -> str:
    return words[_known(language, words)]


def _known(language: str, words: Mapping[str, object]) -> str:
    own = language.replace("-", "_").partition("_")[0].lower()
    return own if own in words else "en"


@cache
def _words() -> Mapping[str, Mapping[str, str | Mapping[str, str]]]:
    import tomllib
    from importlib.resources import files

    return MappingProxyType(
        tomllib.loads(files("eilbote.author.notification").joinpath("words.toml").read_text("utf-8"))
    )
