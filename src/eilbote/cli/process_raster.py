"""From a picture in SVG to one in PNG, by resvg: a renderer that runs no script and opens no file or address.

It comes with the extra ``picture``, because it is larger than everything else here and few need it.
"""

from __future__ import annotations

import math
import re
from typing import Final

from eilbote.author.process.picture.text import FONT
from eilbote.cli.faults import FieldNotValidError

_MOST_PIXELS: Final = 16_000_000
_SIZE: Final = re.compile(r'width="([\d.]+)" height="([\d.]+)"')
_PROBE: Final = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">{}</svg>'
_LETTER: Final = f'<text x="2" y="16" font-size="16" font-family="{FONT}">M</text>'


def png_of(svg: str, *, scale: float) -> bytes:
    """Draw a picture of ours in pixels.

    Args:
        svg: The picture.
        scale: Pixels for a unit of the diagram; less where the picture would have more than 16 million pixels.

    Raises:
        FieldNotValidError: The renderer is not installed.
    """
    try:
        import resvg_py
    except ImportError:
        raise FieldNotValidError(
            "a PNG cannot be drawn here",
            field="format",
            cause="The package resvg-py is not installed",
            remedy="Run: pip install 'eilbote[picture]', or write an SVG, which every browser shows",
        ) from None
    return resvg_py.svg_to_bytes(svg_string=svg, zoom=min(scale, _largest_scale(svg)))


def has_fonts() -> bool:
    """Tell whether words can be drawn: the renderer takes the fonts of this machine, and some containers have none."""
    import resvg_py

    empty, letter = (resvg_py.svg_to_bytes(svg_string=_PROBE.format(text)) for text in ("", _LETTER))
    return empty != letter


def _largest_scale(svg: str) -> float:
    # The first of our pictures' elements says how large it is; what a stranger wrote stands behind it.
    found = _SIZE.search(svg)
    if found is None:
        return 1.0
    return math.sqrt(_MOST_PIXELS / max(float(found[1]) * float(found[2]), 1.0))
