"""What colours, fonts and addresses of pictures look like that may stand in a mail's frame; anything else could break out of it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_FONTS = re.compile(r"[\w ,'-]{1,200}")
WIDEST_LOGO = 640
"""In pixels; the frame itself is as wide."""
PICTURE_SCHEMES = ("https", "cid")
"""Of a picture: fetched by the reader's program, or attached."""
LINK_SCHEMES = ("https", "http")


def is_colour(text: str) -> bool:
    """Say whether this is a colour: three or six hexadecimal digits."""
    return _COLOUR.fullmatch(text) is not None


def is_list_of_fonts(text: str) -> bool:
    """Say whether these are names of fonts with commas between them."""
    return _FONTS.fullmatch(text) is not None


def is_address(text: str, schemes: tuple[str, ...]) -> bool:
    """Say whether this is an address of one of these schemes that can stand in an attribute."""
    try:
        found = urlsplit(text)
    except ValueError:
        return False
    named = found.netloc or (found.scheme == "cid" and found.path)
    return found.scheme in schemes and bool(named) and text.isprintable() and " " not in text
