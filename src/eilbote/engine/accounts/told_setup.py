"""Connections and what is different of them, as the audit book holds them; a secret is there, and no more is told of it (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from eilbote.connections.stored import StoredConnection

STARS: Final = "***"
"""In place of a secret."""


def told_connection(stored: StoredConnection) -> dict[str, object]:
    """Give a connection as the book holds it."""
    return {**stored.plain, **dict.fromkeys(sorted(stored.secrets), STARS)}


def differing(
    before: Mapping[str, object], now: Mapping[str, object], *, entered: Collection[str] = ()
) -> tuple[dict[str, object], dict[str, object]]:
    """Give what is different of something, before and now, in the order of the names.

    Args:
        before: What the book would hold of it as it was.
        now: What it would hold by now.
        entered: Secrets that somebody has entered, of which both look alike.
    """
    names = sorted(
        {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)} | set(entered)
    )
    return {name: before.get(name) for name in names}, {name: now.get(name) for name in names}
