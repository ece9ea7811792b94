"""How notifications of one sender look, and what stands below each of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from eilbote.errors import TemplateError
from eilbote.model.look import (
    LINK_SCHEMES,
    PICTURE_SCHEMES,
    WIDEST_LOGO,
    is_address,
    is_colour,
    is_list_of_fonts,
)
from eilbote.template.template import Template

_COLOURS = ("accent_colour", "page_colour", "card_colour", "text_colour", "faint_colour", "rule_colour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """What surrounds the content of a notification.

    Attributes:
        product: Who speaks, for instance ``Acme Orders``.
        logo: A picture's address, https or ``cid:`` of a picture that is attached; empty shows none.
        logo_width: How wide it is shown, in pixels.
        website: Where the link below leads; empty shows none.
        website_label: What the link says; the address itself when empty.
        contact: Whom to write to about a mail that came by mistake; empty leaves that sentence out.
        footer: A text in place of the one that is usual, with ``{{ product }}``, ``{{ contact }}`` and ``{{ report_id }}``.
        font: The fonts in the order in which readers try them.
        accent_colour: Of links.
        page_colour: Behind everything.
        card_colour: Behind the content.
        text_colour: Of the text.
        faint_colour: Of the footer.
        rule_colour: Of the line above the link.

    Raises:
        TemplateError: An address or a colour cannot be used, or the footer is no template.
    """

    product: str = "eilbote"
    logo: str = ""
    logo_width: int = 160
    website: str = ""
    website_label: str = ""
    contact: str = ""
    footer: str = ""
    font: str = "system-ui, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
    accent_colour: str = "#1f5fd0"
    page_colour: str = "#f3f4f6"
    card_colour: str = "#ffffff"
    text_colour: str = "#1c1e21"
    faint_colour: str = "#6b7077"
    rule_colour: str = "#e1e3e6"

    def __post_init__(self) -> None:
        """Refuse what would break the frame, or let it load from elsewhere than it says."""
        for name in _COLOURS:
            if not is_colour(getattr(self, name)):
                raise _unusable(name, "is no colour", "Give six hexadecimal digits, such as #1f5fd0")
        if not is_list_of_fonts(self.font):
            raise _unusable("font", "is no list of fonts", "Give names with commas between them")
        if not 1 <= self.logo_width <= WIDEST_LOGO:
            raise _unusable("logo_width", "is no width", f"Give 1 to {WIDEST_LOGO} pixels")
        _check_address("logo", self.logo, PICTURE_SCHEMES)
        _check_address("website", self.website, LINK_SCHEMES)
        if self.footer:
            footer_template(self.footer)


@lru_cache(maxsize=256)
def footer_template(text: str) -> Template:
    """Give a footer as the template that it is.

    Raises:
        TemplateError: It is none.
    """
    return Template(text, field="branding.footer")


def _check_address(name: str, value: str, schemes: tuple[str, ...]) -> None:
    if value and not is_address(value, schemes):
        raise _unusable(
            name, "is no address that can be used", f"Begin it with {' or '.join(f'{s}:' for s in schemes)}"
        )


def _unusable(name: str, what: str, remedy: str) -> TemplateError:
    return TemplateError(f"the {name.replace('_', ' ')} {what}", field=f"branding.{name}", remedy=remedy)
