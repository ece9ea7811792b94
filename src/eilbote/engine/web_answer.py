"""A web server's answer as plain data that a run can keep: JSON where it is some, text where it is that, and nothing secret."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from eilbote.engine.fetched_file import charset_of
from eilbote.errors import DeliveryError

if TYPE_CHECKING:
    from eilbote.model.data import Data
    from eilbote.model.redactor import Redactor
    from eilbote.net.http_follow import WebAnswer

_JSON: Final = re.compile(r"application/json|text/json|[\w.+-]+/[\w.-]+\+json", re.IGNORECASE | re.ASCII)
_NO_TEXT: Final = re.compile(
    r"(?:image|audio|video|font)/(?!svg)|application/(?:pdf|zip|gzip|octet-stream)", re.IGNORECASE
)
# Halves of characters cannot be written as UTF-8, and PostgreSQL keeps no NUL.
_UNKEEPABLE: Final = re.compile("[\x00\ud800-\udfff]")
_DEEPEST: Final = 40
_MOST_VALUES: Final = 50_000
_MOST_DIGITS: Final = 300  # of a number; a few characters can stand for a billion digits: 1e999999999
_MOST_BITS: Final = 1000
_MOST_HEADERS: Final = 100
_LONGEST_HEADER: Final = 2000
_WITHHELD: Final = frozenset({"set-cookie", "set-cookie2", "www-authenticate", "proxy-authenticate"})


def answer_data(answer: WebAnswer, redactor: Redactor) -> dict[str, Data]:
    """Give ``status``, ``reason``, ``url``, ``headers`` and ``body``.

    Args:
        answer: What the server said.
        redactor: Knows the secrets it was told.

    Raises:
        DeliveryError: Its JSON is nested too deeply, or has too many values.
    """
    return {
        "status": answer.status,
        "reason": redactor.presentable(answer.reason),
        "url": redactor.clean(answer.url),
        "headers": _headers(answer, redactor),
        "body": _body(answer, redactor),
    }


def _headers(answer: WebAnswer, redactor: Redactor) -> dict[str, Data]:
    found: dict[str, Data] = {}
    for name, value in answer.headers[:_MOST_HEADERS]:
        lowered = name.lower()
        if lowered in _WITHHELD:
            continue
        text = _kept(redactor.clean(value)[:_LONGEST_HEADER])
        before = found.get(lowered)
        found[lowered] = text if before is None else f"{before}, {text}"
    return found


def _body(answer: WebAnswer, redactor: Redactor) -> Data:
    kind = answer.header("Content-Type")
    bare = kind.partition(";")[0].strip()
    if not answer.body or _NO_TEXT.match(bare):
        return None if answer.body else ""
    charset = charset_of(kind)
    try:
        text = answer.body.decode(charset or "utf-8-sig")
    except (UnicodeError, LookupError):
        text = answer.body.decode("utf-8", "replace")
    if _JSON.fullmatch(bare):
        try:
            found: object = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, ArithmeticError):
            found = None if text.strip() == "null" else redactor.clean(text)
        except RecursionError:
            raise _unusable(answer, f"its JSON is nested more than {_DEEPEST} deep") from None
        return _Plain(answer, redactor).data(found, _DEEPEST)
    return _kept(redactor.clean(text))


class _Plain:
    """Makes plain data of what was read, within bounds."""

    def __init__(self, answer: WebAnswer, redactor: Redactor) -> None:
        self._answer = answer
        self._redactor = redactor
        self._left = _MOST_VALUES

    def data(self, found: object, levels: int) -> Data:
        self._left -= 1
        if self._left < 0:
            raise _unusable(self._answer, f"its JSON has more than {_MOST_VALUES:,} values")
        if levels < 0:
            raise _unusable(self._answer, f"its JSON is nested more than {_DEEPEST} deep")
        match found:
            case str():
                return _kept(self._redactor.clean(found))
            case dict():
                table = cast("dict[str, object]", found)
                return {
                    _kept(self._redactor.clean(name)): self.data(value, levels - 1)
                    for name, value in table.items()
                }
            case list():
                return [self.data(each, levels - 1) for each in cast("list[object]", found)]
            case int() if found.bit_length() > _MOST_BITS:
                return str(found)
            case Decimal() if (
                abs(found.adjusted()) > _MOST_DIGITS or len(found.as_tuple().digits) > _MOST_DIGITS
            ):
                return str(found)
            case _:
                return cast("Data", found)


def _kept(text: str) -> str:
    return _UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _no_number(word: str) -> Decimal:
    raise ValueError(f"{word} is no JSON")


def _unusable(answer: WebAnswer, cause: str) -> DeliveryError:
    return DeliveryError(
        "the answer cannot be used",
        field="url",
        cause=f"{cause}; it came with status {answer.status}",
        remedy="Ask for less at a time, or for another form",
    )
