"""An instance's tokens as they are kept: from an instance to a walk, and back."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.process.instance import (
    MOST_MAILS,
    MOST_STEPS,
    AwaitedMessage,
    Instance,
    InstanceStatus,
    Passage,
    PassageKind,
    Waits,
)
from eilbote.author.process.interpret_joins import read_scope, scope_data
from eilbote.author.process.interpret_limits import MOST_PASSAGES
from eilbote.author.process.interpret_stay import Phase, listed, number_of, read_stay, stay_data, table
from eilbote.author.process.interpret_walk import Walk
from eilbote.errors import ProcessError
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from eilbote.author.plain.data_text import Json
    from eilbote.author.process.interpret_plan import Plan
    from eilbote.author.process.interpret_stay import Stay

FORM: Final = 1
"""The form of what is written; one that reads another way gets another number."""


def walk_of(plan: Plan, instance: Instance, *, now: Moment) -> Walk:
    """Take an instance up.

    Raises:
        ProcessError: Its tokens are damaged, or stand where the process has no element.
    """
    walk = Walk(plan, instance, now=now)
    with _told():
        _read(walk, table(instance.tokens))
    return walk


def instance_of(walk: Walk) -> Instance:
    """Give the instance as it stands now."""
    is_running = walk.status is InstanceStatus.RUNNING
    dues = [arm.due for stay in walk.stays.values() for arm in stay.arms if arm.due is not None]
    if walk.ready and is_running:
        dues.append(walk.now)
    return Instance(
        id=walk.id,
        status=walk.status,
        correlation=walk.correlation,
        data=walk.data,
        state=walk.stage,
        wanted=tuple(walk.wanted.values()),
        waits=Waits(
            tasks=tuple(walk.tasks.values()),
            messages=_awaited(walk.stays.values()),
            due=Moment(min(dues)) if dues else None,
        ),
        incidents=tuple(walk.incidents.values()),
        error=walk.error,
        steps=walk.steps,
        mails=walk.mails,
        taken=walk.taken,
        passages=tuple(walk.passages[-MOST_PASSAGES:]),
        tokens=cast("dict[str, object]", _data(walk)),
    )


def cancelled(instance: Instance, *, now: Moment) -> Instance:
    """Give an instance without its tokens, called back; its process is not asked.

    Raises:
        ProcessError: Its tokens are damaged.
    """
    with _told():
        tokens = table(instance.tokens)
        stays = [read_stay(table(each)) for each in listed(tokens["stays"])]
    gone = (
        Passage(
            element=stay.element,
            iteration=stay.iteration,
            kind=PassageKind.CANCELLED,
            at=now,
            entry=stay.entry,
        )
        for stay in stays
        if stay.iteration >= 0
    )
    return replace(
        instance,
        status=InstanceStatus.CANCELLED,
        wanted=(),
        waits=Waits(),
        incidents=(),
        passages=(*instance.passages, *gone)[-MOST_PASSAGES:],
        tokens={**tokens, "scopes": [], "stays": []},
    )


def awaited(tokens: Mapping[str, object]) -> tuple[AwaitedMessage, ...]:
    """Give the messages that are awaited according to kept tokens.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is of another kind.
        ValueError: Something means nothing.
    """
    return _awaited([read_stay(table(each)) for each in listed(tokens["stays"])])


def _awaited(stays: Iterable[Stay]) -> tuple[AwaitedMessage, ...]:
    return tuple(
        AwaitedMessage(key=arm.key, element=arm.event, name=arm.message, correlation=arm.correlation)
        for stay in stays
        for arm in stay.arms
        if arm.due is None
    )


def _data(walk: Walk) -> dict[str, Json]:
    data: dict[str, Json] = {
        "form": FORM,
        "scopes": [scope_data(scope) for scope in walk.scopes.values()],
        "stays": [stay_data(stay) for stay in walk.stays.values()],
        "counts": dict(walk.counts),
        "last_scope": walk.last_scope,
    }
    if walk.allowed_steps != MOST_STEPS:
        data["steps"] = walk.allowed_steps
    if walk.allowed_mails != MOST_MAILS:
        data["mails"] = walk.allowed_mails
    return data


def _read(walk: Walk, data: dict[str, object]) -> None:
    if (form := data.get("form")) != FORM:
        raise ValueError(f"it is of form {form!r:.40}, and this eilbote knows form {FORM}")
    walk.allowed_steps = number_of(data.get("steps", MOST_STEPS))
    walk.allowed_mails = number_of(data.get("mails", MOST_MAILS))
    walk.last_scope = number_of(data["last_scope"])
    walk.counts = {name: number_of(count) for name, count in table(data["counts"]).items()}
    for each in listed(data["scopes"]):
        scope = read_scope(each)
        walk.scopes[scope.number] = scope
    for each in listed(data["stays"]):
        stay = read_stay(table(each))
        if stay.element not in walk.plan.elements:
            raise ValueError(f"the process has no element {stay.element[:64]!r}")
        walk.stays[stay.key] = stay
        if stay.phase is Phase.READY:
            walk.ready.append(stay.key)
        if stay.turn < 0:
            walk.scopes[stay.scope].stays += 1


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        raise ProcessError(
            "the kept state of the instance cannot be read",
            field="tokens",
            cause=f"its part {fault.args[0]!r} is missing"
            if isinstance(fault, KeyError)
            else str(fault)[:300],
            remedy="Look the database over with `eilbote db check`, and begin the instance anew",
        ) from fault
