"""Reading the arguments of MAIL, RCPT (RFC 5321 §4.1.2) and BDAT (RFC 3030 §2), as strictly as a careful server does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_ARGUMENT = re.compile(
    r"""(?P<word>FROM|TO):<(?P<path>(?:"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"|[^<>"\x00-\x20\x7f])*)>"""
    r"""(?P<parameters>(?:\x20[^\x00-\x20\x7f]+)*)""",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^=\x00-\x20\x7f]+))?")
_CHUNK = re.compile(r"([0-9]{1,15})(\x20LAST)?", re.IGNORECASE | re.ASCII)


class PathArgument(NamedTuple):
    """The argument of MAIL or RCPT, read."""

    path: str
    parameters: Mapping[str, str]


def read_path_argument(word: str, argument: str) -> PathArgument | None:
    """Read ``FROM:<path> KEYWORD=value ...``; ``None`` when it is not that, or a keyword comes twice.

    Nothing may stand between the colon and the angle bracket, and one blank separates parameters.
    """
    found = _ARGUMENT.fullmatch(argument)
    if found is None or found["word"].upper() != word:
        return None
    parameters: dict[str, str] = {}
    for text in found["parameters"].split():
        parameter = _PARAMETER.fullmatch(text)
        if parameter is None or parameter[1].upper() in parameters:
            return None
        parameters[parameter[1].upper()] = parameter[2] or ""
    return PathArgument(found["path"], parameters)


class ChunkArgument(NamedTuple):
    """The argument of BDAT, read."""

    size: int
    last: bool


def read_chunk_argument(argument: str) -> ChunkArgument | None:
    """Read a size and perhaps ``LAST``; ``None`` when it is not that."""
    found = _CHUNK.fullmatch(argument)
    return None if found is None else ChunkArgument(int(found[1]), last=found[2] is not None)
