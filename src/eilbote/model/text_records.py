"""What the name servers say of a name's TXT records (RFC 1035 §3.3.14): the records, that there are none, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Silence(StrEnum):
    """Why there is no answer."""

    TIMEOUT = "the name servers did not answer in time"
    FAILURE = "the name servers could not find out"
    UNUSABLE = "the answer could not be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecords:
    """The TXT records of one name.

    Attributes:
        texts: The records, each with its strings joined; in no order that means anything.
        exists: Whether there is such a name at all (RFC 8020); meaningless when there is no answer.
        silence: Why there is no answer; ``None`` when there is one.
    """

    texts: tuple[str, ...] = ()
    exists: bool = True
    silence: Silence | None = None
