"""Of two who have read the same thing one keeps a change of it; the other one is told, in the same words by every store.

What is kept has a revision that grows with each change. Whoever changes it says which one was read: 0 when there was none.
"""

from __future__ import annotations

from typing import Final

from eilbote.errors import ConflictError

_REMEDY: Final = "Read it again, then change it"


def lost_race(noun: str, name: str, *, read: int, found: int | None = None, key: str = "id") -> ConflictError:
    """Say why a change is not kept.

    Args:
        noun: What kind of thing, without an article.
        name: Which one.
        read: The revision that was read; 0 for something new.
        found: The one that is there, 0 when it is gone; ``None`` when that was not looked at.
        key: The field by which things of that kind are told apart.
    """
    if not read:
        article = "an" if noun[:1] in "aeioA" else "a"  # "an API key", and "a user"
        return ConflictError(
            f"there is {article} {noun} {name!r} already",
            field=key,
            remedy=f"Take another {key.replace('_', ' ')}, or change that one",
        )
    if found == 0:
        return ConflictError(
            f"the {noun} {name!r} was removed meanwhile",
            field="revision",
            cause=f"Revision {read} was read",
            remedy="Make it anew",
        )
    if found is None:
        return ConflictError(
            f"somebody has changed the {noun} {name!r} meanwhile, or it was removed",
            field="revision",
            remedy=_REMEDY,
        )
    return ConflictError(
        f"somebody has changed the {noun} {name!r} meanwhile",
        field="revision",
        cause=f"Revision {read} was read, and revision {found} is there by now",
        remedy=_REMEDY,
    )


def check_race(noun: str, name: str, *, read: int, found: int | None, key: str = "id") -> None:
    """Refuse a change of something that somebody else has changed since it was read.

    Args:
        noun: What kind of thing, without an article.
        name: Which one.
        read: The revision that was read; 0 for something new.
        found: The one that is there; 0 or ``None`` when there is none.
        key: The field by which things of that kind are told apart.

    Raises:
        ConflictError: They differ.
    """
    if read != (found or 0):
        raise lost_race(noun, name, read=read, found=found or 0, key=key)
