"""The search language: ``to:anna status:failed,deferred after:2030-01-31 "unpaid invoice" -flow:reminder``.

Terms stand beside each other with blanks between them, and all of them must hold. A term is a word, words in quotation marks, or a field
with a value, which may be quoted as well; a hyphen before it turns it round. What cannot be understood is refused with its position, and
never read as something else: whoever cancels what was found must not cancel more than was meant.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from eilbote.errors import DraftError
from eilbote.model.moment import moment_of
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.condition import Asks, Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_SEARCH: Final = 1000
"""Characters."""
MOST_TERMS: Final = 30
"""Each of them is looked for in every entry."""

_TERM: Final = re.compile(
    r"""(?P<minus>-?)                      # turned round
        (?:(?P<field>[A-Za-z_]+):)?        # of a field
        (?:"(?P<quoted>[^"\\]*+(?:\\.[^"\\]*+)*+)"(?=\s|\Z)
          |(?P<plain>[^\s"]\S*+)
          |(?P<open>"))?""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_BLANKS: Final = re.compile(r"\s*")
_SPAN: Final = re.compile(r"(\d{1,6})(min|[hdw])\Z")
_SPANS: Final = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_OUTCOMES: Final = (RecipientStatus.ACCEPTED, RecipientStatus.FAILED)
_IN_DOUBT: Final = "in_doubt"
STATUS_WORDS: Final = (*(state.value for state in EntryState), *(one.value for one in _OUTCOMES), _IN_DOUBT)
"""What ``status:`` takes: where an entry stands, and what became of some recipient of it."""


class _Term(NamedTuple):
    """A term as it was written."""

    text: str
    at: int
    """Where its value begins."""
    negated: bool


def parse_search(text: str, *, now: datetime, zone: tzinfo = UTC) -> tuple[Condition, ...]:
    """Read a search.

    Args:
        text: What was written; blank finds everything.
        now: Where spans such as ``after:3d`` begin.
        zone: Of times that are written without one.

    Raises:
        DraftError: It cannot be understood; ``field`` is ``q``, and ``position`` tells where.
    """
    if len(text) > LONGEST_SEARCH:
        _refuse(
            "the search is too long", at=LONGEST_SEARCH, remedy=f"Give at most {LONGEST_SEARCH:,} characters"
        )
    conditions: list[Condition] = []
    for field, term in _terms(text):
        if field is None:
            conditions.append(_contains(Asks.WORD, term))
        else:
            conditions.append(_of_field(field, term, now, zone))
        if len(conditions) > MOST_TERMS:
            _refuse("the search has too many terms", at=term.at, remedy=f"Give at most {MOST_TERMS}")
    return tuple(conditions)


def _terms(text: str) -> Iterator[tuple[str | None, _Term]]:
    at = _end(_BLANKS, text, 0)
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None or found.end() == at:
            _refuse_quote(text, at)
        if found["open"] is not None:
            _refuse_quote(text, found.start("open"))
        written = found["plain"] if found["quoted"] is None else _ESCAPED.sub(r"\1", found["quoted"])
        begin = (
            found.end() if written is None else found.start("plain" if found["quoted"] is None else "quoted")
        )
        if written is not None and '"' in written and found["quoted"] is None:
            _refuse_quote(text, begin + written.index('"'))
        if written is None and found["field"] is None:
            _refuse("a hyphen alone finds nothing", at=at, remedy='Write -word, or "-" in quotation marks')
        if not (written or "").strip():
            _refuse(
                "there is nothing to be looked for"
                if found["field"] is None
                else f"{found['field']}: has no value",
                at=begin,
                remedy='Write a value right behind it, such as subject:"unpaid invoice"',
            )
        yield found["field"], _Term(written or "", begin, bool(found["minus"]))
        at = _end(_BLANKS, text, found.end())


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _of_field(field: str, term: _Term, now: datetime, zone: tzinfo) -> Condition:
    name = field.lower()
    if name in _SIMPLE:
        return _SIMPLE[name](term)
    if name in _TIMES:
        return Condition(asks=_TIMES[name], moment=moment_of(_time(term, now, zone)), negated=term.negated)
    return _refuse_field(field, term)


def _refuse_field(field: str, term: _Term) -> NoReturn:
    close = get_close_matches(field.lower(), FIELDS, n=1)
    _refuse(
        f"there is no field {field[:40]!r}",
        at=term.at - len(field) - 1,
        remedy=(f"Did you mean {close[0]}:? " if close else "")
        + f"Fields are {', '.join(f'{one}:' for one in FIELDS)}; put a word with a colon in quotation marks",
    )


def _contains(asks: Asks, term: _Term) -> Condition:
    return Condition(asks=asks, texts=(term.text,), negated=term.negated)


def _status(term: _Term) -> Condition:
    """Read ``status:failed``, or several words with commas; all of one kind, so that one condition can say it."""
    words: list[str] = []
    at = term.at
    for word in term.text.split(","):
        given = word.strip().lower().replace("-", "_")
        if given not in STATUS_WORDS:
            close = get_close_matches(given, STATUS_WORDS, n=1)
            _refuse(
                f"{word[:40]!r} is no status",
                at=at,
                remedy=(f"Did you mean {close[0]}? " if close else "")
                + f"Write one of {', '.join(STATUS_WORDS)}",
            )
        words.append(given)
        at += len(word) + 1
    kinds = {_status_asks(word) for word in words}
    if len(kinds) > 1:
        _refuse(
            "where an entry stands and what became of its recipients cannot be alternatives",
            at=term.at,
            remedy="Write two terms, both of which must hold: status:deferred status:failed",
        )
    asks = kinds.pop()
    texts = () if asks is Asks.DOUBTED else tuple(dict.fromkeys(words))
    return Condition(asks=asks, texts=texts, negated=term.negated)


def _status_asks(word: str) -> Asks:
    if word == _IN_DOUBT:
        return Asks.DOUBTED
    return Asks.RECIPIENT if word in {one.value for one in _OUTCOMES} else Asks.STATE


def _has(term: _Term) -> Condition:
    if term.text.lower() not in {"attachment", "attachments"}:
        _refuse(f"nothing is known of {term.text[:40]!r}", at=term.at, remedy="Write has:attachment")
    return Condition(asks=Asks.ATTACHMENT, negated=term.negated)


def _submitted_by(kind: str) -> Callable[[_Term], Condition]:
    def read(term: _Term) -> Condition:
        name, hash_sign, run = term.text.partition("#")
        prefix = f"{kind}:{name.strip()}#{run.strip()}" if name != "*" else f"{kind}:"
        if name == "*" and hash_sign:
            _refuse("a run belongs to one name", at=term.at, remedy=f"Write {kind}:* or {kind}:NAME#RUN")
        return Condition(asks=Asks.SUBMITTED_BY, texts=(prefix,), negated=term.negated)

    return read


def _time(term: _Term, now: datetime, zone: tzinfo) -> datetime:
    """Read a time: a day, a day with an hour, or how long ago."""
    text = term.text.strip()
    if span := _SPAN.match(text.lower()):
        try:
            return now - int(span[1]) * _SPANS[span[2]]
        except OverflowError:
            _refuse_time(term)
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        _refuse_time(term)


def _refuse_time(term: _Term) -> NoReturn:
    _refuse(
        f"{term.text[:40]!r} is no time",
        at=term.at,
        remedy="Write a day (2030-01-31), a time (2030-01-31T08:00 or with its zone, 2030-01-31T08:00+01:00), "
        "or how long ago: 90min, 12h, 3d, 2w",
    )


def _refuse_quote(text: str, at: int) -> NoReturn:
    closed = text.find('"', at + 1)
    _refuse(
        "the quotation mark is never closed" if closed < 0 else "a quotation mark stands amid a word",
        at=at,
        remedy='Put quotation marks around the whole value, "unpaid invoice"; one within it is written \\"',
    )


def _refuse(what: str, *, at: int, remedy: str) -> NoReturn:
    raise DraftError(what, field="q", position=at, remedy=remedy) from None


_SIMPLE: Final[dict[str, Callable[[_Term], Condition]]] = {
    "to": lambda term: _contains(Asks.TO, term),
    "from": lambda term: _contains(Asks.FROM, term),
    "subject": lambda term: _contains(Asks.SUBJECT, term),
    "status": _status,
    "flow": _submitted_by("flow"),
    "process": _submitted_by("process"),
    "connection": lambda term: _contains(Asks.CONNECTION, term),
    "key": lambda term: _contains(Asks.KEY, term),
    "has": _has,
}
_TIMES: Final = {"before": Asks.BEFORE, "after": Asks.AFTER}
FIELDS: Final = (*_SIMPLE, *_TIMES)
"""What may stand before a colon."""
