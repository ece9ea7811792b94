"""Rich content as an author writes it, made safe and made fit for mail readers.

What an editor gives, or what somebody pasted, is kept as far as it shows something: headings, lists, tables, links, pictures,
colours. What would run, load or reach out is dropped: scripts, forms, frames, styles from elsewhere. Style sheets are written
into the elements, because many mail readers read nothing else; nothing is fetched for that.
"""

from __future__ import annotations

import re
from typing import Final

from eilbote.errors import TemplateError
from eilbote.template.limits import OUTPUT_CHARACTERS

_ATTRIBUTES: Final = {
    "*": {
        "style",
        "class",
        "align",
        "dir",
        "lang",
        "title",
        "role",
        "aria-label",
        "width",
        "height",
        "valign",
        "bgcolor",
    },
    "a": {"href", "name", "target"},
    "img": {"src", "alt", "border"},
    "table": {"border", "cellpadding", "cellspacing", "summary"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "blockquote": {"cite"},
    "font": {"color", "face", "size"},
}
_MORE_TAGS: Final = frozenset({"font", "center"})
# What a style may say. Positions are left out, which would let content lie over what stands around it.
_STYLES: Final = frozenset(
    {
        "background",
        "background-color",
        "border",
        "border-bottom",
        "border-collapse",
        "border-color",
        "border-left",
    }
    | {
        "border-radius",
        "border-right",
        "border-spacing",
        "border-style",
        "border-top",
        "border-width",
        "color",
    }
    | {
        "direction",
        "display",
        "font",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "height",
        "letter-spacing",
    }
    | {
        "line-height",
        "list-style",
        "list-style-type",
        "margin",
        "margin-bottom",
        "margin-left",
        "margin-right",
    }
    | {
        "margin-top",
        "max-width",
        "min-width",
        "padding",
        "padding-bottom",
        "padding-left",
        "padding-right",
        "padding-top",
    }
    | {
        "text-align",
        "text-decoration",
        "text-indent",
        "text-transform",
        "vertical-align",
        "white-space",
        "width",
    }
    | {"word-break", "overflow-wrap"}
)
_SCHEMES: Final = {"http", "https", "mailto", "tel", "sms", "cid"}
_STYLE_SHEET: Final = re.compile(r"<style[\s>]", re.IGNORECASE)
_FETCHES: Final = re.compile(r"url\s*\(|@import|expression\s*\(|\\", re.IGNORECASE)


def safe_content(html: str, *, field: str = "content") -> str:
    """Give rich content as it may stand in a mail.

    Args:
        html: A fragment of HTML, with the values already in it.
        field: Where it stands, for errors.

    Raises:
        TemplateError: It is larger than any mail.
    """
    import nh3

    _check_length(html, field)
    if _STYLE_SHEET.search(html):
        html = inlined(html, field=field)
    return nh3.clean(
        html,
        tags=nh3.ALLOWED_TAGS | _MORE_TAGS,
        clean_content_tags={
            "script",
            "style",
            "title",
            "template",
            "noscript",
            "iframe",
            "object",
            "svg",
            "math",
        },
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes=_SCHEMES,
        filter_style_properties=_STYLES,
        link_rel="noopener noreferrer",
    )


def inlined(html: str, *, rules: str = "", field: str = "content") -> str:
    """Write style sheets into the elements they speak of; media queries stay. Nothing is fetched.

    Args:
        html: A document or a fragment.
        rules: A style sheet besides its own, for a fragment.
        field: Where it stands, for errors.

    Raises:
        TemplateError: It is larger than any mail, or a style sheet cannot be read.
    """
    import css_inline

    _check_length(html, field)
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
    try:
        return inliner.inline(html) if "<html" in html.lower() else inliner.inline_fragment(html, rules)
    except css_inline.InlineError as fault:
        raise TemplateError(
            "a style sheet cannot be written into the elements",
            field=field,
            cause=str(fault)[:200],
            remedy="Mend the <style> element, or leave it out",
        ) from fault


def _check_length(html: str, field: str) -> None:
    if len(html) > OUTPUT_CHARACTERS:
        raise TemplateError(
            f"the content has {len(html):,} characters",
            field=field,
            remedy=f"Give at most {OUTPUT_CHARACTERS:,}; pictures belong into attachments",
        )


def _kept(tag: str, name: str, value: str) -> str | None:
    """Drop what a style would fetch, and a picture that is no picture."""
    if name == "style" and _FETCHES.search(value):
        return None
    if name == "target":
        return "_blank"
    if tag == "img" and name == "src" and value.lower().lstrip().startswith(("mailto:", "tel:", "sms:")):
        return None
    return value
