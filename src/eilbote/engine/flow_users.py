"""Which flows name which connections: asked before one is removed, and when some go into a snapshot."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.author.flow.source import read_source
from eilbote.author.flow.store import DRAFT
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.store import FlowStore, StoredFlow

_FIELD: Final = "connection"


class Resolving(Protocol):
    """Knows which connection an author means by a name."""

    async def resolve(self, name: str, organization: str = "") -> str:
        """Give its qualified name.

        Raises:
            ConfigurationError: It can be none.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowUse:
    """A flow that names a connection.

    Attributes:
        organization: Whose flow it is; empty for the host's.
        flow: What it is called.
        version: The published version that names it, the latest; 0 when it is the draft.
    """

    organization: str
    flow: str
    version: int

    def __str__(self) -> str:
        """Name it for people: ``acme/order-ready (draft)``."""
        name = f"{self.organization}/{self.flow}" if self.organization else self.flow
        return f"{name} ({f'version {self.version}' if self.version else 'draft'})"


async def users_of_connections(
    flows: FlowStore, connections: Resolving, *, of: str | None = None
) -> dict[str, tuple[FlowUse, ...]]:
    """Tell for each connection which flows name it: in the version that runs begin with, or in the draft.

    Args:
        flows: The flows.
        connections: The connections.
        of: The own name of the only connection that matters, without its organization; all of them when ``None``.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    found: dict[str, list[FlowUse]] = {}
    for flow in await flows.flows():
        for version, text in await current_texts(flows, flow):
            use = FlowUse(organization=flow.organization, flow=flow.name, version=version)
            for said in sorted(set(names_in(text, of=of))):
                with suppress(EilboteError):
                    found.setdefault(await connections.resolve(said, flow.organization), []).append(use)
    return {name: tuple(dict.fromkeys(uses)) for name, uses in found.items()}


async def current_texts(flows: FlowStore, flow: StoredFlow) -> list[tuple[int, str]]:
    """Give what a flow says where it counts: its latest version with its number, and its draft with 0."""
    texts: list[tuple[int, str]] = []
    if flow.published:
        version = await flows.version(flow.organization, flow.name)
        if version is not None:
            texts.append((version.version, version.text))
    if flow.draft is not None:
        texts.append((DRAFT, flow.draft))
    return texts


def may_name(text: str, name: str | None) -> bool:
    """Tell whether a name occurs in a text, however it is written; ``None`` always does. To find out takes less than reading the text."""
    return name is None or name in text.lower().replace("_", "-")


def names_in(text: str, *, of: str | None = None) -> Iterator[str]:
    """Give the names of connections that stand in a flow's text; none of a text that cannot be read.

    Args:
        text: The flow.
        of: The only name that matters; a text in which it does not occur is not read.
    """
    # Reading a flow takes milliseconds, and most flows name no connection.
    if _FIELD not in text or not may_name(text, of):
        return
    try:
        source = read_source(text)
    except EilboteError:
        return
    nodes = source.at("nodes")
    for number in range(len(nodes) if isinstance(nodes, list) else 0):
        said = source.at("nodes", number, _FIELD)
        if isinstance(said, str) and said.strip() and "://" not in said:
            yield said.strip()
