"""The page behind a link that asks somebody to decide: a form without scripts, in the reader's language.

Looking at it changes nothing; only its buttons send an answer, by POST. The link is a secret, so the page asks browsers to pass
it on to nobody and to keep nothing, and search engines to forget it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from eilbote.api.page_frame import LANGUAGES, Page, framed, said
from eilbote.engine.answers import LONGEST_TEXT, AnswerFault, AnswerState
from eilbote.model.moment import as_datetime
from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from eilbote.author.questions import Question
    from eilbote.engine.answers import AnswerView

_WORDS: Final = "answer.toml"


def question_page(view: AnswerView, *, given: str = "") -> Page:
    """Give the page that asks an open question.

    Args:
        view: What the link leads to.
        given: Words that somebody has written already, when the answer could not be taken.
    """
    question = _question(view)
    words = _Words(question.language, question.time_zone)
    fault = "" if view.fault is None else words.said(f"fault_{view.fault.value}", longest=LONGEST_TEXT)
    return _page(
        question.branding,
        language=words.language,
        title=words.said("heading" if question.choices else "shown_heading"),
        text="" if question.choices else words.said("shown_text"),
        question=question.text,
        details=question.details,
        question_language=question.language.replace("_", "-"),
        choices=[{"value": value, "label": label} for value, label in question.choices],
        choices_label=words.said("choices"),
        wants_text=question.wants_text,
        words=words.said("words"),
        given=given if view.fault is AnswerFault.CHOICE else given[:LONGEST_TEXT],
        for_whom=words.said("for_whom", recipient=view.recipient),
        until=words.said("first")
        if question.due is None
        else words.said("until", due=as_datetime(question.due)),
        fault=fault,
    )


def state_page(view: AnswerView, *, language: str, is_late: bool = False) -> Page:
    """Give the page that says how it stands with a question that cannot be answered, or not any more.

    Args:
        view: What the link leads to.
        language: The reader's, for a link that leads nowhere.
        is_late: Whether somebody has just tried to answer in spite of that.
    """
    if view.question is None:
        return notice_page("unknown", language=language)
    question = view.question
    words = _Words(question.language, question.time_zone)
    match view.state:
        case AnswerState.DECIDED if view.is_own and question.decision is not None:
            label, at = question.label(question.decision.answer), as_datetime(question.decision.at)
            title, text = "own_title", words.said("own_late" if is_late else "own_text", label=label, at=at)
        case AnswerState.DECIDED:
            title, text = "decided_title", words.said("decided_text")
        case AnswerState.EXPIRED:
            title, text = (
                "expired_title",
                words.said("expired_text", due=as_datetime(question.due or question.asked)),
            )
        case AnswerState.WITHDRAWN:
            title, text = "withdrawn_title", words.said("withdrawn_text")
        case AnswerState.UNKNOWN | AnswerState.OPEN:
            return notice_page("unknown", language=language)
        case _:
            assert_never(view.state)
    return _page(question.branding, language=words.language, title=words.said(title), text=text, question="")


def notice_page(name: str, *, language: str) -> Page:
    """Give a page that concerns no question: ``unknown``, ``refused`` or ``unavailable``."""
    words = _Words(language, "UTC")
    return _page(
        Branding(),
        language=words.language,
        title=words.said(f"{name}_title"),
        text=words.said(f"{name}_text"),
        question="",
    )


# -- within ----------------------------------------------------------------------------------------------------


class _Words:
    """What the page says in one language."""

    def __init__(self, language: str, time_zone: str) -> None:
        short = language.partition("-")[0].partition("_")[0].lower()
        self.language = short if short in LANGUAGES else LANGUAGES[0]
        # Times are told as the author's language tells them, where that is a dialect of the page's.
        self._locale = language if self.language == short else self.language
        self._time_zone = time_zone

    def said(self, name: str, **values: object) -> str:
        words = said(_WORDS, self.language, name)
        return words.render(values, locale=self._locale, time_zone=self._time_zone)


def _question(view: AnswerView) -> Question:
    if view.question is None:
        msg = "there is no question to be shown"
        raise ValueError(msg)
    return view.question


def _page(branding: Branding, **values: object) -> Page:
    return framed("answer.html", branding, **values)
