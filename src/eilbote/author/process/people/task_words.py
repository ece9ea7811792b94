"""The words of tasks in the language of those who do them; English where nobody has translated them."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.process.details import TaskDetails

_KNOWN_CHOICES: Final = ("approve", "decline")


def say(word: str, values: Mapping[str, object], *, language: str, time_zone: str = "UTC") -> str:
    """Give a sentence of ``task_texts.toml`` on one line.

    Args:
        word: Its name.
        values: What is put in; never read as a template.
        language: In which language.
        time_zone: In which zone times are told.

    Raises:
        TemplateError: There is no such time zone.
    """
    known = _short(language)
    locale = language if known == _base(language) else known  # a dialect tells times in its own way
    said = _template(_texts()[known][word]).render(values, locale=locale, time_zone=time_zone)
    return " ".join(said.split())


def task_choices(details: TaskDetails) -> tuple[tuple[str, str], ...]:
    """Give what can be chosen, with labels in the language of the task where none were said."""
    texts = _texts()[_short(details.language)]
    known = {value: texts[value] for value in _KNOWN_CHOICES}
    return tuple(
        (value, " ".join(label.split()) if label.strip() and label != value else known.get(value, value))
        for value, label in details.choices
    )


def words_for(choice: str) -> Iterator[str]:
    """Give what a choice is called in all our languages, for choices that we know."""
    if choice in _KNOWN_CHOICES:
        yield from (texts[choice] for texts in _texts().values())


def _base(language: str) -> str:
    return language.partition("-")[0].partition("_")[0].lower()


def _short(language: str) -> str:
    base = _base(language)
    return base if base in _texts() else "en"


@lru_cache(maxsize=256)
def _template(text: str) -> Template:
    return Template(text)


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    import tomllib
    from importlib.resources import files

    return tomllib.loads(
        files("eilbote.author.process.people").joinpath("task_texts.toml").read_text("utf-8")
    )
