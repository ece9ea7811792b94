"""Tells a value that was given to a command from a setting that is wrong: the exit codes of the two are not the same.

Rooms below know settings alone, and say of a role and of a variable of the environment with one error that it cannot be used. Here it is known what
stood on the command line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from eilbote.cli.faults import FieldNotValidError
from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen

_T = TypeVar("_T")


def as_given(work: Callable[[Eilbote], Awaitable[_T]], screen: Screen) -> Callable[[Eilbote], Awaitable[_T]]:
    """Give the same work, which says of a field that this command takes that what was given cannot be used.

    Args:
        work: What to do at the outbox.
        screen: Knows which fields the command takes.
    """

    async def done(eilbote: Eilbote) -> _T:
        try:
            return await work(eilbote)
        except SettingsError as fault:
            field = re.split(r"[.\[]", fault.field or "", maxsplit=1)[0]
            if type(fault) is not SettingsError or field not in screen.names:
                raise
            raise not_valid(fault) from None

    return done


def not_valid(fault: SettingsError) -> FieldNotValidError:
    """Give the error of a value that was given and cannot be used."""
    return FieldNotValidError(
        fault.what, field=fault.field, position=fault.position, cause=fault.cause, remedy=fault.remedy
    )
