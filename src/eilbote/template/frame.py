"""The frame around a notification: logo, heading, content, a line, a link, and a footer by which it can be reported.

It is written in MJML, which is made into HTML once; values are put in for each message. The content arrives as safe HTML and
is the only thing that is put in as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from eilbote.template.branding import Branding, footer_template
from eilbote.template.contrast import lightened
from eilbote.template.rich_content import inlined
from eilbote.template.template import Markup, Template

_CONTENT: Final = "CONTENT"
_OPTIONAL: Final = ("logo", "website")
_PART: Final = re.compile(r"<!-- if (\w+) -->(.*?)<!-- end -->", re.DOTALL)
# Liquid is covered by words while programs that read HTML are at work: they escape quotes, and split addresses.
_LIQUID: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_DARK_CARD: Final = "#232529"
"""Behind the content, where the reader has asked for a dark page; the frame says it as well."""
_PREVIEW_CHARACTERS: Final = 120


def framed(
    content: str, *, heading: str, report_id: str, branding: Branding | None = None, language: str = "en"
) -> str:
    """Put content into the frame.

    Args:
        content: Safe HTML (:func:`~eilbote.template.rich_content.safe_content`).
        heading: What stands above it; as a rule the subject.
        report_id: By which somebody who got the mail can tell which one it was.
        branding: How it looks.
        language: In which language the footer is.

    Raises:
        TemplateError: The footer is no template, or too much.
    """
    look = branding or Branding()
    footer = look.footer or _usual_footer(language)
    around = {
        "language": language,
        "heading": heading,
        "preview": heading[:_PREVIEW_CHARACTERS],
        "product": look.product,
        "logo": look.logo,
        "logo_width": f"{look.logo_width}px",
        "website": look.website,
        "website_label": look.website_label or look.website,
        "contact": look.contact,
        "report_id": report_id,
        "font": look.font,
        "accent_colour": look.accent_colour,
        "dark_accent_colour": lightened(look.accent_colour, on=_DARK_CARD),
        "page_colour": look.page_colour,
        "card_colour": look.card_colour,
        "text_colour": look.text_colour,
        "faint_colour": look.faint_colour,
        "rule_colour": look.rule_colour,
    }
    around["footer"] = footer_template(footer).render(around)
    before, after = _frame(tuple(part for part in _OPTIONAL if around[part]))
    return f"{before.render(around)}{_dressed(content, look)}{after.render(around)}"


def _dressed(content: str, look: Branding) -> str:
    """Write into the content what it does not say itself: the colour of links, room for pictures.

    What lies on a ground of its own gets the colour of text as well: on a dark page the text around it is light.
    """
    on_ground = f'[style*="background"],[bgcolor]{{color:{look.text_colour}}}'
    rules = f"a{{color:{look.accent_colour}}}img{{max-width:100%;height:auto}}{on_ground}"
    return inlined(content, rules=rules) if "<" in content else content


@cache
def _frame(parts: tuple[str, ...]) -> tuple[Template, Template]:
    """Give what stands before the content, and what stands after it, with these of the optional parts."""
    import mjml

    source = _PART.sub(lambda found: found[2] if found[1] in parts else "", _read("notification.mjml"))
    covered: list[str] = []

    def cover(found: re.Match[str]) -> str:
        covered.append(found[0])
        return f"liquid{len(covered) - 1}z"

    html = inlined(mjml.mjml2html(_LIQUID.sub(cover, source)))
    before, _, after = re.sub(r"liquid(\d+)z", lambda found: covered[int(found[1])], html).partition(_CONTENT)
    return Template(before, markup=Markup.HTML), Template(after, markup=Markup.HTML)


def _usual_footer(language: str) -> str:
    known = _footers()
    return known.get(language.partition("-")[0].partition("_")[0].lower(), known["en"])


@cache
def _footers() -> Mapping[str, str]:
    import tomllib

    return MappingProxyType(tomllib.loads(_read("footers.toml")))


def _read(name: str) -> str:
    from importlib.resources import files

    return files("eilbote.template").joinpath("frames", name).read_text("utf-8")
