"""Two who change the same thing: the one who saw what it was before loses nothing, and learns that it has changed."""

from __future__ import annotations

from eilbote.errors import ConflictError


def check_revision(seen: int | None, known: int, *, what: str) -> None:
    """Refuse a change of something that has changed since it was read.

    Args:
        seen: The revision that was read, 0 for nothing; ``None`` for whatever is there.
        known: The revision that is kept, 0 when there is none.
        what: What is changed, for people.

    Raises:
        ConflictError: They differ.
    """
    if seen is None or seen == known:
        return
    if not known:
        cause = f"Revision {seen} was seen, and it is not there any more"
    elif not seen:
        cause = f"It is there already, in revision {known}"
    else:
        cause = f"Revision {seen} was seen, and it is revision {known} by now"
    raise ConflictError(
        f"{what} was changed meanwhile",
        field="revision",
        cause=cause,
        remedy="Read it again, and change what is there now",
    )
