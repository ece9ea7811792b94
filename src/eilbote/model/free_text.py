"""Free text in one line: the rule for subjects, display names and file names.

People paste such text, and it arrives with line breaks. A header field cannot hold one (RFC 5322 §2.2), so
every run of line breaks becomes one blank: CR and LF, and also whatever some program somewhere takes for a
line break, because readers must not disagree about where a line ends. All other control characters, and
halves of characters (lone surrogates), are nobody's intention and are found for the caller to refuse.
"""

from __future__ import annotations

import re

# Tabs are white space to every reader; VT, FF, FS, GS, RS, NEL, LS and PS end a line for str.splitlines.
_BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029][\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029 ]*+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_FORMATTING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """Replace every run of line breaks and tabs by one blank, and trim blanks at the ends."""
    if text.isprintable():
        return text.strip(" ")
    return _BREAKS.sub(" ", text).strip(" ")


def find_control(text: str) -> int:
    """Give the offset of the first control character or lone surrogate that is no line break, or -1."""
    if text.isprintable():
        return -1
    found = _FORBIDDEN.search(text)
    return found.start() if found else -1


def find_direction_override(text: str) -> int:
    """Give the offset of the first character that reorders the text around it (UAX #9 §2), or -1.

    They let ``moc.elpmaxe`` be shown as ``example.com``.
    """
    if text.isascii():
        return -1
    found = _FORMATTING.search(text)
    return found.start() if found else -1
