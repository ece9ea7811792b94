"""The audit book as a file: one JSON object a line, one array of them, or CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Final

from eilbote.accounts.audit import deed_data
from eilbote.model.moment import as_datetime

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from eilbote.accounts.audit import AuditFilter, AuditRecord
    from eilbote.engine.accounts.audit_book import AuditBook

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
JSON: Final = "application/json"
_AT_ONCE: Final = 500
_COLUMNS: Final = (
    *("sequence", "at", "organization", "kind", "who", "name", "action", "thing"),
    *("before", "after", "door", "address", "request", "hash"),
)
# Where a spreadsheet may see a cell begin, and a formula in it: at the beginning, and behind what separates cells or lines
# in some country. A program that takes semicolons for separators takes no heed of our commas and quotation marks.
_FORMULA: Final = re.compile(
    r"(?:\A|(?<=[;\t\r\n]))(?=[ \xa0\u3000\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]|\A[\t\r])"
)


async def exported(book: AuditBook, which: AuditFilter, *, kind: str) -> AsyncGenerator[str]:
    """Give records, the latest first, piece by piece.

    Args:
        book: The book.
        which: Which records.
        kind: :data:`NDJSON`, :data:`JSON` or :data:`CSV`.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    if kind == CSV:
        yield _line(_COLUMNS)
    elif kind == JSON:
        yield "["
    after: int | None = None
    while records := await book.records(which, limit=_AT_ONCE, after=after):
        if kind == JSON:
            lines = ",\n".join(json_line(each).rstrip() for each in records)
            yield f"\n{lines}" if after is None else f",\n{lines}"
        else:
            yield "".join(_csv(each) if kind == CSV else json_line(each) for each in records)
        after = records[-1].sequence
    if kind == JSON:
        yield "\n]\n"


def record_data(record: AuditRecord) -> dict[str, object]:
    """Give a record as JSON."""
    said = deed_data(record.deed)
    said["at"] = as_datetime(record.deed.at).isoformat(timespec="milliseconds")
    return {"sequence": record.sequence, **said, "hash": record.hash}


def json_line(record: AuditRecord) -> str:
    """Give a record as one line of JSON."""
    return json.dumps(record_data(record), ensure_ascii=True, separators=(",", ":")) + "\n"


def _csv(record: AuditRecord) -> str:
    data = record_data(record)
    return _line(tuple(_cell(data[name]) for name in _COLUMNS))


def _cell(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True) if isinstance(value, dict) else str(value)
    return _FORMULA.sub("'", text)


def _line(cells: tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
