"""What a check of a process may be told about the world around it: a noun."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eilbote.author.process.route.route import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is beside a process; ``None`` where nobody knows, and then nothing is said about it.

    Attributes:
        routes: Communication routes by their message names.
        connections: Names of the connections that mail can go over.
        processes: Messages at which published processes begin, by the processes' names.
        flows: Names of published flows.
    """

    routes: Mapping[str, Route] | None = None
    connections: Collection[str] | None = None
    processes: Mapping[str, Collection[str]] | None = None
    flows: Collection[str] | None = None


NOTHING_KNOWN: Final = Known()
"""Only the process itself is checked."""
