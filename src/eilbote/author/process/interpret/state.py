"""An instance's tokens as they are kept: from an instance to a walk, and back."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.author.process.instance import (
    AwaitedMessage,
    Instance,
    InstanceStatus,
    Passage,
    PassageKind,
    Waits,
)
from eilbote.author.process.interpret.limits import MOST_PASSAGES
from eilbote.author.process.interpret.standing import Standing, check_standing, standing_of
from eilbote.author.process.interpret.walk import ROOT, Walk
from eilbote.errors import ProcessError
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from eilbote.author.process.interpret.plan import Plan
    from eilbote.author.process.interpret.stay import Stay


def new_walk(plan: Plan, instance: Instance, *, now: Moment) -> Walk:
    """Take up an instance that has no tokens yet."""
    return Walk(plan, instance, Standing(scopes={}, stays={}, counts={}, last_scope=ROOT - 1), now=now)


def walk_of(plan: Plan, instance: Instance, *, now: Moment) -> Walk:
    """Take an instance up.

    Raises:
        ProcessError: Its tokens are damaged, or stand where the process has no element.
    """
    with _told():
        standing = standing_of(instance.tokens)
        if standing is not instance.tokens:
            check_standing(standing, plan)
    return Walk(plan, instance, standing, now=now)


def with_tokens(plan: Plan, instance: Instance) -> Instance:
    """Give an instance that was read with its tokens at hand, and the messages that they wait for.

    Raises:
        ProcessError: Its tokens are damaged, or stand where the process has no element.
    """
    with _told():
        standing = standing_of(instance.tokens)
        check_standing(standing, plan)
    waits = replace(instance.waits, messages=_awaited(standing.stays.values()))
    return replace(instance, waits=waits, tokens=standing)


def instance_of(walk: Walk) -> Instance:
    """Give the instance as it stands now; the walk is over with that."""
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
        tokens=Standing(
            scopes=walk.scopes,
            stays=walk.stays,
            counts=walk.counts,
            last_scope=walk.last_scope,
            allowed_steps=walk.allowed_steps,
            allowed_mails=walk.allowed_mails,
            version=walk.version,
        ),
    )


def cancelled(instance: Instance, *, now: Moment) -> Instance:
    """Give an instance without its tokens, called back; its process is not asked.

    Raises:
        ProcessError: Its tokens are damaged.
    """
    with _told():
        standing = standing_of(instance.tokens)
    gone = (
        Passage(
            element=stay.element,
            iteration=stay.iteration,
            kind=PassageKind.CANCELLED,
            at=now,
            entry=stay.entry,
        )
        for stay in standing.stays.values()
        if stay.iteration >= 0
    )
    return replace(
        instance,
        status=InstanceStatus.CANCELLED,
        wanted=(),
        waits=Waits(),
        incidents=(),
        passages=(*instance.passages, *gone)[-MOST_PASSAGES:],
        tokens=Standing(scopes={}, stays={}, counts=standing.counts, last_scope=standing.last_scope),
    )


def _awaited(stays: Iterable[Stay]) -> tuple[AwaitedMessage, ...]:
    return tuple(
        AwaitedMessage(key=arm.key, element=arm.event, name=arm.message, correlation=arm.correlation)
        for stay in stays
        for arm in stay.arms
        if arm.due is None
    )


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
