"""Where a node keeps its result: the fields ``store_result`` and ``store_as``, the same for every kind that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.flow.shelf import Put, Shelf, Target, read_key
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.flow.fields import Fields
    from eilbote.model.data import Data

_NOWHERE: Final = "none"


def read_result_target(given: Fields, *, example: str) -> Target | None:
    """Take both fields; ``None`` keeps the result nowhere.

    Args:
        given: The node's fields.
        example: A name that it could be kept under, for the remedy.

    Raises:
        FlowError: The result is to be kept and has no name, or the other way round.
    """
    where = given.choice("store_result", (_NOWHERE, *Shelf), otherwise=_NOWHERE)
    key = given.text("store_as").strip()
    if where == _NOWHERE:
        if key:
            raise FlowError(
                "the result has a name and is not kept",
                field="store_result",
                remedy="Give input or context, or clear store_as",
            )
        return None
    if not key:
        raise FlowError(
            "the result is to be kept and has no name",
            field="store_as",
            remedy=f"Give a name such as {example}",
        )
    return Target(shelf=Shelf(where), key=read_key(key, field="store_as"))


def result_puts(target: Target | None, result: Mapping[str, Data]) -> tuple[Put, ...]:
    """Give what keeps a result: nothing when it is kept nowhere."""
    return () if target is None else (Put(shelf=target.shelf, key=target.key, value=dict(result)),)
