"""What ``eilbote audit`` does once everything is read."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NamedTuple

import typer

from eilbote.accounts.audit import AuditFilter
from eilbote.cli.at_desk import at_desk
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import counted, printable
from eilbote.cli.times import local_text, read_time
from eilbote.engine.accounts.audit_export import CSV, NDJSON, exported, record_data
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from eilbote.accounts.audit import AuditRecord
    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.model.moment import Moment

_LONGEST = 120


class Chosen(NamedTuple):
    """Which records the options choose."""

    organization: str | None
    action: str
    thing: str
    who: str
    since: str | None
    before: str | None


def list_records(screen: Screen, chosen: Chosen, *, limit: int, data_dir: Path | None) -> None:
    """Write records.

    Raises:
        EilboteError: A time cannot be read, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> Sequence[AuditRecord]:
        return await eilbote.audit.records(_filter(chosen, eilbote.clock.now()), limit=limit)

    found = at_desk(work, data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        for record in found:
            if screen.as_json:
                screen.line(record_data(record))
            else:
                screen.text(_words(record))
        if not found and not screen.as_json:
            screen.note("nothing like that was done")


def verify(screen: Screen, *, data_dir: Path | None) -> None:
    """Look the whole book over.

    Raises:
        Exit: The book is broken.
        EilboteError: The outbox cannot be opened.
    """
    verified = at_desk(lambda eilbote: eilbote.audit.verify(), data_dir=data_dir, screen=screen)
    is_whole = verified.broken_at is None
    with outliving_lost_output():
        if screen.as_json:
            screen.data(
                {
                    "is_whole": is_whole,
                    "records": verified.records,
                    "last": verified.last,
                    "broken_at": verified.broken_at,
                }
            )
        elif is_whole:
            screen.text(f"{counted(verified.records, 'record')}, and each follows from the one before it")
            screen.text(verified.last)
        else:
            screen.text(
                f"record {verified.broken_at} does not follow from the one before it, or is missing: "
                "somebody has changed it or taken it out, or what was there"
            )
    if not is_whole:
        raise typer.Exit(ExitCode.FAILED)


def export(screen: Screen, chosen: Chosen, *, as_csv: bool, data_dir: Path | None) -> None:
    """Write records as a file.

    Raises:
        EilboteError: A time cannot be read, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        which = _filter(chosen, eilbote.clock.now())
        with outliving_lost_output():
            async for piece in exported(eilbote.audit, which, kind=CSV if as_csv else NDJSON):
                sys.stdout.write(piece)
            sys.stdout.flush()

    at_desk(work, data_dir=data_dir, screen=screen)


def _filter(chosen: Chosen, now: datetime) -> AuditFilter:
    return AuditFilter(
        organization=chosen.organization,
        action=chosen.action,
        thing=chosen.thing,
        who=chosen.who,
        since=_moment(chosen.since, "since", now),
        before=_moment(chosen.before, "before", now),
    )


def _moment(text: str | None, field: str, now: datetime) -> Moment | None:
    return None if text is None else moment_of(read_time(text, field=field, now=now, ago=True))


def _words(record: AuditRecord) -> str:
    deed = record.deed
    who = printable(deed.name or deed.kind.value)
    at = f" ({printable(deed.address)})" if deed.address else ""
    changed = ""
    if deed.before or deed.after:
        changed = f": {json.dumps(dict(deed.before), ensure_ascii=False)} -> {json.dumps(dict(deed.after), ensure_ascii=False)}"
    words = f"{deed.action} {deed.thing} by {who}{at}{changed}"
    return f"{record.sequence:>6}  {local_text(deed.at)}  {printable(words, longest=_LONGEST)}"
