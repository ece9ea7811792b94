"""What is drafted and published version by version: flows and processes, for those who treat both alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from eilbote.model.moment import Moment


class Published(Protocol):
    """A published version of a flow or a process; it never changes."""

    @property
    def name(self) -> str:
        """Of what."""
        ...

    @property
    def version(self) -> int:
        """Its number, from 1."""
        ...

    @property
    def published(self) -> Moment:
        """When."""
        ...


class Drafted(Protocol):
    """A flow or a process by its name."""

    @property
    def organization(self) -> str:
        """Whose; empty for the host's own."""
        ...

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def draft(self) -> str | None:
        """The text that is worked on; ``None`` when there is none beside the published one."""
        ...

    @property
    def published(self) -> int:
        """The number of the latest published version; 0 when there is none."""
        ...

    @property
    def changed(self) -> Moment:
        """When draft or version were last changed."""
        ...

    @property
    def revision(self) -> int:
        """Grows with each change."""
        ...
