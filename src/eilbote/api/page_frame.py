"""What all pages for people have in common: no scripts, one style sheet that the policy knows by its digest, and headers that pass them on to nobody.

The addresses of these pages are secrets, most of them, so browsers are asked to keep nothing and to tell no other site, and search engines to
forget them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from eilbote.template.branding import Branding
from eilbote.template.contrast import contrast, readable_on
from eilbote.template.template import Markup, Template

LANGUAGES: Final = ("en", "de", "ru")
_HEAD: Final = "head.html"
"""The beginning of every page, down to where its own words begin."""
_STYLE: Final = "STYLE"
"""In the head, where the style sheet comes."""
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


def framed(file: str, branding: Branding, **values: object) -> Page:
    """Give a page.

    Args:
        file: Its template, in the folder of pages, without the head that all of them have.
        branding: How it looks.
        **values: What the template shows.
    """
    style = _style(branding)
    shown = {
        "product": branding.product,
        "logo": branding.logo if branding.logo.startswith("https:") else "",  # cid: lives in mail only
        "logo_width": branding.logo_width,
        **values,
    }
    before, after = _frame(file)
    html = f"{before.render(shown)}{style}{after.render(shown)}"
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src {_origin(str(shown['logo']))}; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return Page(html=html, headers={**_HEADERS, "Content-Security-Policy": policy})


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


def said(file: str, language: str, name: str) -> Template:
    """Give words of a page in one language.

    Args:
        file: Where they are, in the folder of pages.
        language: One of :data:`LANGUAGES`.
        name: Which.
    """
    return _text(file, language, name)


# -- within ----------------------------------------------------------------------------------------------------


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
def _frame(file: str) -> tuple[Template, Template]:
    before, _, after = (_read(_HEAD) + _read(file)).partition(_STYLE)
    # Each half is a template of its own, because what stands between them must not be escaped.
    return Template(before, markup=Markup.HTML), Template(after, markup=Markup.HTML)


@cache
def _text(file: str, language: str, name: str) -> Template:
    return Template(_texts(file)[language][name], field=name)


@cache
def _texts(file: str) -> Mapping[str, Mapping[str, str]]:
    import tomllib

    return tomllib.loads(_read(file))


def _read(name: str) -> str:
    from importlib.resources import files

    return files("eilbote.api").joinpath("pages", name).read_text("utf-8")
