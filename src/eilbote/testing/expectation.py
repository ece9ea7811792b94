"""What the exercises of all stores say of what they find: that it is as expected, that it holds, that it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from collections.abc import Awaitable

F = TypeVar("F", bound=EilboteError)


def expect(actual: object, expected: object, rule: str) -> None:
    """Compare.

    Raises:
        AssertionError: They differ; says which rule that breaks, and shows no secret.
    """
    if actual != expected:
        raise AssertionError(f"{rule}\n  expected: {expected!r}\n  found:    {actual!r}")


def holds(fact: object, rule: str) -> None:
    """Look at a fact.

    Raises:
        AssertionError: It is not so; says which rule that breaks.
    """
    if not fact:
        raise AssertionError(rule)


async def refused(work: Awaitable[object], fault: type[F], rule: str) -> F:
    """See that something is refused.

    Raises:
        AssertionError: It was not.
    """
    try:
        await work
    except fault as error:
        return error
    raise AssertionError(rule)
