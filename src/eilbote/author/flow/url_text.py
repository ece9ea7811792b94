"""A URL with places for values, each of which stays inside its part of the URL (RFC 3986 §2.4).

Rules it keeps:

* A value is percent-encoded: ``@``, ``/``, ``?``, ``#`` and line breaks in it are data, and lead nowhere else.
* Scheme and host stand in the text, or in the one value that the text begins with; no other value reaches them.
* A value cannot climb out of its folder: ``.`` and ``..`` are refused where they would be a segment of the path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from eilbote.errors import EilboteError, FlowError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.step import Scene

_VALUE: Final = re.compile(r"(\{\{.*?\}\})", re.DOTALL)
_HEAD: Final = re.compile(r"https?://[^/?#]+[/?#]", re.IGNORECASE)
_ENCODED_ALREADY: Final = re.compile(r"\|\s*(?:url_encode|url_escape)\s*-?\}\}\Z")
_CLIMBS: Final = frozenset({".", ".."})


class UrlText:
    """A URL to be made for each visit.

    Args:
        said: What the author wrote.
        field: Where, for errors.

    Attributes:
        names_host: Whether scheme and host stand in the text itself.

    Raises:
        FlowError: A value would stand in the host, or there are tags in it.
        TemplateError: A part is no template.
    """

    __slots__ = ("_field", "_parts", "names_host")

    def __init__(self, said: str, *, field: str) -> None:
        text = said.strip()
        self._field = field
        if "{%" in text:
            raise FlowError(
                "an address has places for values only",
                field=field,
                remedy="Make the parts with a node of the kind set_value, and name them here in {{ }}",
            )
        pieces = [piece for piece in _VALUE.split(text) if piece]
        self.names_host = bool(pieces) and _is_fixed(f"{pieces[0]}/")
        begins_with_value = bool(pieces) and pieces[0].startswith("{{")
        if len(pieces) > 1 and not begins_with_value and not _is_fixed(pieces[0]):
            raise FlowError(
                "a value stands where the host is named",
                field=field,
                cause="Whoever gives the value would choose the server",
                remedy="Write the host out, or begin the address with one value that holds scheme and host",
            )
        parts: list[tuple[Template, bool]] = []
        offset = said.find(text)
        for piece in pieces:
            try:
                template = Template(piece, field=field)
            except EilboteError as fault:
                fault.position = None if fault.position is None else offset + fault.position
                raise
            is_whole = begins_with_value and not parts
            parts.append(
                (template, piece.startswith("{{") and not is_whole and not _ENCODED_ALREADY.search(piece))
            )
            offset += len(piece)
        self._parts = tuple(parts)

    def templates(self) -> Iterator[Template]:
        """Give every template in it."""
        yield from (template for template, _ in self._parts)

    def text(self, scene: Scene) -> str:
        """Give the URL with the values of a visit in it.

        Raises:
            FlowError: A value would climb out of its folder.
            TemplateError: A part cannot be rendered.
        """
        made = ""
        values: list[tuple[int, int]] = []
        for template, encodes in self._parts:
            piece = template.render(scene.values, locale=scene.locale, time_zone=scene.time_zone)
            if encodes:
                piece = quote(piece.encode("utf-8", "replace"), safe="")
                values.append((len(made), len(made) + len(piece)))
            made += piece
        self._check(made, values)
        return made.strip()

    def _check(self, made: str, values: list[tuple[int, int]]) -> None:
        path_end = min((found for found in (made.find("?"), made.find("#")) if found >= 0), default=len(made))
        for start, end in values:
            if start > path_end:
                return
            segment = made[made.rfind("/", 0, start) + 1 :].partition("/")[0]
            segment = re.split(r"[?#]", segment, maxsplit=1)[0]
            if segment in _CLIMBS or (start == end and not segment):
                raise FlowError(
                    "a value in the address is empty, or leads to another folder",
                    field=self._field,
                    cause=f"The part of the path that it stands in is {segment!r}",
                    remedy="Check the input; put a branch before this node",
                )


def _is_fixed(beginning: str) -> bool:
    return _HEAD.match(beginning) is not None or beginning.lower().startswith("data:")
