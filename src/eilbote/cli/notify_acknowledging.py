"""What ``eilbote notify acknowledge`` does once everything is read, and how steps and acknowledgements are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.notification.subscription import is_id
from eilbote.cli.at_desk import at_desk
from eilbote.cli.faults import NameNotValidError
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import printable
from eilbote.cli.this_user import this_user
from eilbote.cli.times import local_text, moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.notification.escalation import Acknowledgement, KeptEscalation
    from eilbote.cli.screen import Screen


def acknowledge(ids: Sequence[str], screen: Screen, *, by: str, note: str, data_dir: Path | None) -> None:
    """Say that somebody looks after events; all of them, or none when one is not known.

    Raises:
        NameNotValidError: There is no event of that id.
        EilboteError: A text cannot be kept, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> list[Acknowledgement]:
        for id_ in ids:
            if not is_id(id_) or await eilbote.notify.event(id_) is None:
                raise unknown_event(id_)
        return [await eilbote.notify.acknowledge(id_, by=by or this_user(), note=note) for id_ in ids]

    known = at_desk(work, data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        for each in known:
            if screen.as_json:
                screen.line({"id": each.event, **(acknowledgement_data(each) or {})})
            else:
                screen.text(printable(f"{each.event}: {acknowledgement_words(each)}"))


def unknown_event(id_: str) -> NameNotValidError:
    """Say that there is no event of an id."""
    return NameNotValidError(
        f"there is no event {printable(id_, longest=60)!r}",
        field="id",
        remedy="`eilbote notify events` tells which there are; old ones are forgotten",
    )


def acknowledgement_data(known: Acknowledgement | None) -> dict[str, object] | None:
    """Give an acknowledgement as JSON."""
    if known is None:
        return None
    return {"by": known.by, "at": moment_text(known.at), "note": known.note}


def acknowledgement_words(known: Acknowledgement) -> str:
    """Say an acknowledgement in one line."""
    note = f": {known.note}" if known.note else ""
    return f"{known.by} looks after it since {local_text(known.at)}{note}"


def step_data(one: KeptEscalation) -> dict[str, object]:
    """Give a step as JSON."""
    step = one.escalation
    return {
        "subscription": step.subscription,
        "step": step.step + 1,
        "due": moment_text(step.due),
        "done": moment_text(one.done),
        "event": one.raised or None,
        "reason": one.reason,
    }


def step_words(one: KeptEscalation) -> str:
    """Say a step in one line."""
    step = one.escalation
    name = f"step {step.step + 1} of {step.subscription}"
    if one.done is None:
        return f"{name}: at {local_text(step.due)} unless somebody acknowledges it"
    if one.raised:
        return f"{name}: others were told by the event {one.raised}"
    return f"{name}: not taken, {one.reason}"
