"""The page behind a link that asks somebody to decide: a form without scripts, in the reader's language.

Looking at it changes nothing; only its buttons send an answer, by POST. The link is a secret, so the page asks browsers to pass
it on to nobody and to keep nothing, and search engines to forget it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, assert_never
from urllib.parse import urlsplit

from eilbote.engine.answers import LONGEST_TEXT, AnswerFault, AnswerState
from eilbote.model.moment import as_datetime
from eilbote.template.branding import Branding
from eilbote.template.contrast import contrast, readable_on
from eilbote.template.template import Markup, Template

if TYPE_CHECKING:
    from eilbote.author.questions import Question
    from eilbote.engine.answers import AnswerView

LANGUAGES: Final = ("en", "de", "ru")
_STYLE: Final = "STYLE"
_READABLE: Final = 4.5  # WCAG 2.2, success criterion 1.4.3
_HEADERS: Final = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page to be sent.

    Attributes:
        html: What it says.
        headers: What goes with it.
    """

    html: str
    headers: Mapping[str, str]


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


def reader_language(accepted: str) -> str:
    """Choose a language of ours by a browser's Accept-Language (RFC 9110 section 12.5.4)."""
    wishes: list[tuple[float, str]] = []
    for wish in accepted[:500].split(","):
        name, _, weight = wish.partition(";")
        language = name.strip().partition("-")[0].lower()
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if language in LANGUAGES and quality > 0:
            wishes.append((quality, language))
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else LANGUAGES[0]


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
        return _text(self.language, name).render(values, locale=self._locale, time_zone=self._time_zone)


def _question(view: AnswerView) -> Question:
    if view.question is None:
        msg = "there is no question to be shown"
        raise ValueError(msg)
    return view.question


def _page(branding: Branding, **values: object) -> Page:
    style = _style(branding)
    shown = {
        "product": branding.product,
        "logo": branding.logo if branding.logo.startswith("https:") else "",  # cid: lives in mail only
        "logo_width": branding.logo_width,
        **values,
    }
    before, after = _frame()
    html = f"{before.render(shown)}{style}{after.render(shown)}"
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src {_origin(str(shown['logo']))}; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return Page(html=html, headers={**_HEADERS, "Content-Security-Policy": policy})


def _origin(logo: str) -> str:
    """Give where the logo comes from as a policy writes it; nothing else may be loaded."""
    if not logo:
        return "'none'"
    parts = urlsplit(logo)
    plain = parts.hostname is not None and all(each.isalnum() or each in ".-" for each in parts.hostname)
    if not plain or not logo.isascii():
        return "'none'"
    return f"https://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


@lru_cache(maxsize=256)
def _style(branding: Branding) -> str:
    text = branding.text_colour
    return _sheet().render(
        {
            "page_colour": branding.page_colour,
            "page_text": readable_on(branding.page_colour),
            "card_colour": branding.card_colour,
            "text_colour": text
            if contrast(text, branding.card_colour) >= _READABLE
            else readable_on(branding.card_colour),
            "accent_colour": branding.accent_colour,
            "accent_text": readable_on(branding.accent_colour),
            "font": branding.font,
        }
    )


@cache
def _sheet() -> Template:
    return Template(_read("answer.css"), field="answer.css")


@cache
def _frame() -> tuple[Template, Template]:
    before, _, after = _read("answer.html").partition(_STYLE)
    # Each half is a template of its own, because what stands between them must not be escaped.
    return Template(before, markup=Markup.HTML), Template(after, markup=Markup.HTML)


@cache
def _text(language: str, name: str) -> Template:
    return Template(_texts()[language][name], field=name)


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    import tomllib

    return tomllib.loads(_read("answer.toml"))


def _read(name: str) -> str:
    from importlib.resources import files

    return files("eilbote.api").joinpath("pages", name).read_text("utf-8")
