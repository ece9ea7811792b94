"""What every store of processes refuses before it keeps anything, in the same words: names, lengths and sizes.

An index row tells about a wait or a stage what people gave in templates. It is cut where it only shows something, for no instance
may stand still because a title has grown; what is compared, a message's name and correlation key, is refused when it is too long.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.author.plain import keepable
from eilbote.author.plain.data_text import UnkeepableError, dumped, written
from eilbote.author.plain.keepable import LONGEST_NAME, check_id
from eilbote.author.process.kept import WaitKind
from eilbote.errors import ProcessError, RouteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.process.kept import KeptInstance, KeptTrigger, KeptWait, ProcessStart
    from eilbote.author.process.route.route import StoredRoute

MOST_STATE_OCTETS: Final = 8 * 1024 * 1024
"""Of an instance's state, as it is written."""
MOST_TEXT_OCTETS: Final = 2 * 1024 * 1024
"""Of a process's text, diagram and settings, in UTF-8."""
MOST_ROUTE_OCTETS: Final = 1024 * 1024
"""Of a route's text in UTF-8."""
MOST_TRIGGER_OCTETS: Final = 1024 * 1024
"""Of what happens to an instance at a time, as it is written."""
LONGEST_KEY: Final = 400
"""Of what an instance waits for: its id, an element's, and a number."""
LONGEST_TRIGGER_ID: Final = 200


def check_name(name: str, *, field: str, most: int = LONGEST_NAME) -> None:
    """Refuse a name that cannot be kept.

    Raises:
        ProcessError: It is too long, or holds control characters.
    """
    keepable.check_name(name, field=field, most=most, fault=ProcessError)


def check_text(text: str) -> str:
    """Refuse a process's text that cannot be kept; gives it.

    Raises:
        ProcessError: It is too long, or no text.
    """
    return keepable.check_text(text, of="process", most=MOST_TEXT_OCTETS, fault=ProcessError)


def check_route(route: StoredRoute) -> None:
    """Refuse a route that cannot be kept.

    Raises:
        RouteError: Its text is too long, or one of its names cannot be kept.
    """
    keepable.check_name(route.organization, field="organization", fault=RouteError)
    keepable.check_name(route.message_name, field="message_name", fault=RouteError)
    keepable.check_text(route.text, of="route", most=MOST_ROUTE_OCTETS, fault=RouteError)


def check_starts(starts: Sequence[ProcessStart]) -> None:
    """Refuse start events that cannot be kept.

    Raises:
        ProcessError: One of their names cannot be kept, or two are the same.
    """
    for start in starts:
        check_name(start.element, field="element")
        check_name(start.message, field="message")
    if len({start.element for start in starts}) < len(starts):
        raise ProcessError("two start events have the same id", field="element", remedy="Give each its own")


def keepable_instance(instance: KeptInstance) -> KeptInstance:
    """Give an instance as its rows can tell it, without its state.

    Raises:
        ProcessError: Its text is too long, or one of its names cannot be kept; ``field`` names which.
    """
    check_id(instance.id, of="a process instance", fault=ProcessError)
    check_name(instance.organization, field="organization")
    check_name(instance.process, field="process")
    check_name(instance.correlation, field="correlation")
    check_name(instance.author, field="author")
    check_text(instance.text)
    return keepable_standing(instance)


def keepable_standing(instance: KeptInstance) -> KeptInstance:
    """Give an instance with stage and waits as their rows can tell them.

    Raises:
        ProcessError: It waits for something whose names cannot be kept, or twice for the same.
    """
    waits = tuple(sorted(map(_keepable_wait, instance.waits), key=lambda wait: (wait.kind.value, wait.key)))
    named = {(wait.kind, wait.key) for wait in waits}
    if len(named) < len(waits):
        raise ProcessError(
            "the instance waits twice under one key",
            field="waits",
            remedy="Report this as a fault of eilbote",
        )
    return replace(instance, stage=_shown(instance.stage), waits=waits)


def _keepable_wait(wait: KeptWait) -> KeptWait:
    check_name(wait.key, field="key", most=LONGEST_KEY)
    if wait.kind is WaitKind.TASK:
        return replace(wait, name=_shown(wait.name), correlation=_shown(wait.correlation))
    check_name(wait.name, field="name")
    check_name(wait.correlation, field="correlation")
    return wait


def _shown(text: str) -> str:
    """Cut what is only shown, and leave out what cannot be."""
    printable = "".join(each if each.isprintable() else " " for each in text[: 2 * LONGEST_NAME])
    return printable if len(printable) <= LONGEST_NAME else printable[: LONGEST_NAME - 1] + "…"


def state_text(instance: KeptInstance) -> str:
    """Write an instance's state.

    Raises:
        ProcessError: It is too large, or holds what cannot be kept.
    """
    try:
        text = dumped(instance.state)
    except (TypeError, ValueError, RecursionError) as fault:
        raise ProcessError(
            "the state of the instance cannot be written", field="state", cause=str(fault)
        ) from fault
    if len(text) > MOST_STATE_OCTETS:
        raise ProcessError(
            f"the instance holds {len(text):,} octets",
            field="data",
            cause=f"An instance is kept with at most {MOST_STATE_OCTETS:,}: its data, and where its tokens have been",
            remedy="Take less along: what is needed and not whole answers, or several instances",
        )
    return text


def trigger_text(trigger: KeptTrigger) -> str:
    """Write what happens to an instance.

    Raises:
        ProcessError: It is too large, its id cannot be kept, or it holds what cannot be kept; ``field`` leads to it.
    """
    if not trigger.id:
        raise ProcessError(
            "what happens to an instance needs an id", field="id", remedy="Give it one of its own"
        )
    check_name(trigger.id, field="id", most=LONGEST_TRIGGER_ID)
    try:
        text = written(trigger.data, field="data")
    except UnkeepableError as fault:
        raise ProcessError(fault.what, field=fault.field, cause=fault.cause, remedy=fault.remedy) from None
    if len(text) > MOST_TRIGGER_OCTETS:
        raise ProcessError(
            f"what happens to the instance has {len(text):,} octets",
            field="data",
            remedy=f"Give at most {MOST_TRIGGER_OCTETS:,}",
        )
    return text
