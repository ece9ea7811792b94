"""What ``eilbote notify raise|events`` do once everything is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.author.notification.catalogue import known_events
from eilbote.author.notification.pattern import read_pattern
from eilbote.author.notification.wording import title_of
from eilbote.cli.as_given import as_given, not_valid
from eilbote.cli.at_desk import at_desk
from eilbote.cli.flow_data import value_text
from eilbote.cli.flow_texts import read_input
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.notify_acknowledging import (
    acknowledgement_data,
    acknowledgement_words,
    step_data,
    step_words,
    unknown_event,
)
from eilbote.cli.outbox_options import read_name
from eilbote.cli.printable import counted, printable
from eilbote.cli.texts import read_text
from eilbote.cli.times import local_text, moment_text
from eilbote.engine.shown_data import plain
from eilbote.errors import SettingsError
from eilbote.model.ids import entry_id_text
from eilbote.model.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.notification.escalation import Acknowledgement, KeptEscalation
    from eilbote.author.notification.store import Raised
    from eilbote.author.notification.telling import KeptEvent, KeptTelling
    from eilbote.cli.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What the options of ``raise`` said."""

    event: str
    summary: str
    detail: str | None
    severity: str | None
    data: str | None
    values: tuple[str, ...]
    about: str
    to: tuple[str, ...]
    language: str
    organization: str
    id: str | None


def raise_event(happened: Happened, screen: Screen, *, data_dir: Path | None) -> None:
    """Raise an event and tell how many are told.

    Raises:
        EilboteError: The event cannot be raised as it is, or the outbox cannot be opened.
    """
    detail = "" if happened.detail is None else read_text(happened.detail, field="detail")
    data = read_input(happened.data, happened.values)
    organization = read_name(happened.organization) if happened.organization else ""

    async def work(eilbote: Eilbote) -> tuple[Raised, Sequence[KeptTelling]]:
        raised = await eilbote.notify.raise_event(
            happened.event,
            severity=happened.severity,
            summary=happened.summary,
            detail=detail,
            data=data,
            key=happened.about,
            to=happened.to,
            organization=organization,
            language=happened.language,
            id=happened.id,
        )
        return raised, await eilbote.notify.told(raised.event)

    raised, tellings = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen, makes=True)
    waiting = sorted({one.reason for one in tellings if one.done is None and one.reason})
    with outliving_lost_output():
        if screen.as_json:
            screen.data(
                {
                    "id": raised.event,
                    "is_new": raised.is_new,
                    "count": raised.count,
                    "told": raised.told,
                    "waiting": waiting,
                }
            )
        else:
            screen.text(raised.event)
            screen.note(_said(raised))
    for reason in waiting:
        screen.note(printable(f"eilbote: nobody could be told yet, and it is tried again: {reason}"))


def _said(raised: Raised) -> str:
    if raised.is_new and not raised.told:
        return "nobody is told: no subscription wants it; `eilbote notify subscribe ADDRESS` makes one"
    if raised.is_new:
        return f"{counted(raised.told, 'person is', 'people are')} told"
    if raised.count > 1:
        return f"the same is known; it was counted, {raised.count:,} times by now, and nobody is told again"
    return "an event was raised under this id before; nothing was added"


def list_events(
    screen: Screen,
    *,
    event: str,
    severity: str | None,
    organization: str | None,
    acknowledged: bool | None = None,
    limit: int,
    data_dir: Path | None,
) -> None:
    """Write what has happened, the latest first.

    Raises:
        FieldNotValidError: No event could be of such a kind.
        EilboteError: The outbox cannot be opened.
    """
    screen.given["event"] = event
    try:
        pattern = read_pattern(event)
    except SettingsError as fault:
        raise not_valid(fault) from None
    found = at_desk(
        lambda eilbote: eilbote.notify.events(
            organization=organization,
            event=pattern,
            severity=None if severity is None else Severity(severity),
            acknowledged=acknowledged,
            limit=limit,
        ),
        data_dir=data_dir,
        screen=screen,
    )
    with outliving_lost_output():
        for kept in found:
            if screen.as_json:
                screen.line(event_data(kept))
            else:
                screen.text(_line(kept))
        if not found and not screen.as_json:
            screen.note("nothing has happened, or nothing of that kind")


def show_event(id_: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Tell everything about an event.

    Raises:
        NameNotValidError: There is none of that id.
        EilboteError: The outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> _Everything | None:
        kept = await eilbote.notify.event(id_)
        if kept is None:
            return None
        return _Everything(
            kept=kept,
            tellings=await eilbote.notify.told(id_),
            steps=await eilbote.notify.escalations(id_),
            acknowledgement=(await eilbote.notify.acknowledgements([id_])).get(id_),
        )

    found = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    if found is None:
        raise unknown_event(id_)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(
                {
                    **event_data(found.kept),
                    "acknowledged": acknowledgement_data(found.acknowledgement),
                    "people": [_telling_data(one) for one in found.tellings],
                    "escalation": [step_data(one) for one in found.steps],
                }
            )
            return
        screen.text(_line(found.kept))
        for label, text in _details(found.kept):
            screen.text(f"  {label:<9} {printable(text)}")
        for one in found.tellings:
            screen.text(f"  {printable(one.telling.recipient)}: {_fate(one)}")
        for step in found.steps:
            screen.text(f"  {printable(step_words(step))}")
        if found.acknowledgement is not None:
            screen.text(f"  {printable(acknowledgement_words(found.acknowledgement))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Everything:
    kept: KeptEvent
    tellings: Sequence[KeptTelling]
    steps: Sequence[KeptEscalation]
    acknowledgement: Acknowledgement | None


def list_known(screen: Screen) -> None:
    """Write the events of the catalogue."""
    with outliving_lost_output():
        for known in known_events():
            if screen.as_json:
                screen.line(
                    {
                        "event": known.kind,
                        "severity": known.severity.value,
                        "personal": known.personal,
                        "title": known.titles["en"],
                    }
                )
            else:
                screen.text(f"{known.kind:<26} {known.severity.value:<12} {known.labels['en']}")


def event_data(kept: KeptEvent) -> dict[str, object]:
    """Give an event as JSON."""
    event = kept.event
    return {
        "id": event.id,
        "event": event.kind,
        "severity": event.severity.value,
        "organization": event.organization,
        "title": title_of(event),
        "detail": event.detail,
        "data": plain(dict(event.data)),
        "about": event.key,
        "at": moment_text(event.at),
        "last": moment_text(kept.last),
        "count": kept.count,
        "told": kept.told,
        "source": event.source,
    }


def _telling_data(one: KeptTelling) -> dict[str, object]:
    telling = one.telling
    return {
        "recipient": telling.recipient,
        "subscription": telling.subscription or None,
        "due": moment_text(telling.due),
        "gathered": telling.gathered,
        "done": moment_text(one.done),
        "entry": None if one.entry is None else entry_id_text(one.entry),
        "failures": one.failures,
        "reason": one.reason,
    }


def _line(kept: KeptEvent) -> str:
    event = kept.event
    often = f" ({kept.count:,} times)" if kept.count > 1 else ""
    return printable(
        f"{local_text(event.at)}  {event.id}  {event.severity.value:<11}  {event.kind}  {title_of(event)}{often}"
    )


def _details(kept: KeptEvent) -> list[tuple[str, str]]:
    event = kept.event
    found = [
        ("of", event.organization),
        ("detail", event.detail),
        ("about", event.key),
        ("data", value_text(dict(event.data)) if event.data else ""),
        ("source", event.source),
        ("last", local_text(kept.last) if kept.count > 1 else ""),
    ]
    return [(label, text) for label, text in found if text]


def _fate(one: KeptTelling) -> str:
    if one.entry is not None:
        return f"told by the message {entry_id_text(one.entry)}"
    if one.done is not None:
        return printable(f"given up: {one.reason}") if one.reason else "told"
    when = f"{'with others ' if one.telling.gathered else ''}at {local_text(one.telling.due)}"
    return printable(f"to be told {when}{f', {one.reason}' if one.reason else ''}")
