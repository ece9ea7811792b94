"""What is drafted, published version by version, and run: flows and processes. Their stores differ in tables and words alone.

A draft is changed by whoever has read its last revision. Publishing makes it the next version, which never changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from eilbote.author.flow.store import FlowVersion, StoredFlow
from eilbote.author.process.kept import ProcessVersion, StoredProcess
from eilbote.errors import FlowError, FlowNotFoundError, ProcessError, ProcessNotFoundError
from eilbote.store.lost_race import lost_race

if TYPE_CHECKING:
    from eilbote.author.plain.drafted import Drafted, Published
    from eilbote.errors import ConfigurationError, ConflictError
    from eilbote.model.moment import Moment

D = TypeVar("D", bound="Drafted")
V = TypeVar("V", bound="Published")
D_co = TypeVar("D_co", bound="Drafted", covariant=True)
V_co = TypeVar("V_co", bound="Published", covariant=True)


class MakesDrafted(Protocol[D_co]):
    """Makes a flow or a process."""

    def __call__(
        self,
        *,
        organization: str,
        name: str,
        draft: str | None,
        published: int,
        changed: Moment,
        revision: int,
    ) -> D_co:
        """Make it."""
        ...


class MakesVersion(Protocol[V_co]):
    """Makes a version."""

    def __call__(self, *, organization: str, name: str, version: int, text: str, published: Moment) -> V_co:
        """Make it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftKind(Generic[D, V]):
    """What is drafted.

    Attributes:
        noun: What people call it, and its table: ``flow``.
        drafted: Makes one.
        version: Makes a version of one.
        fault: How something about it is refused.
        not_found: How it is said that there is none.
    """

    noun: str
    drafted: MakesDrafted[D]
    version: MakesVersion[V]
    fault: type[ConfigurationError]
    not_found: type[ConfigurationError]

    def lost_race(self, organization: str, name: str, *, read: int, found: int) -> ConflictError:
        """Say that a draft cannot be kept, or published, because another revision is there than the one that was read.

        Args:
            organization: Whose.
            name: Which one.
            read: The revision that was read; 0 for something new.
            found: What is there now; 0 when it is gone.
        """
        return lost_race(self.noun, qualified(organization, name), read=read, found=found, key="name")

    def no_draft(self, organization: str, name: str, *, exists: bool) -> ConfigurationError:
        """Say that there is nothing to publish."""
        shown = qualified(organization, name)
        if not exists:
            return self.not_found(
                f"there is no {self.noun} {shown!r}", field="name", remedy="Save it first, with its text"
            )
        return self.fault(
            f"the {self.noun} {shown!r} has no draft",
            field="name",
            cause="What was saved last is published already",
            remedy="Change it first",
        )


FLOWS: Final = DraftKind(
    noun="flow", drafted=StoredFlow, version=FlowVersion, fault=FlowError, not_found=FlowNotFoundError
)
PROCESSES: Final = DraftKind(
    noun="process",
    drafted=StoredProcess,
    version=ProcessVersion,
    fault=ProcessError,
    not_found=ProcessNotFoundError,
)


def qualified(organization: str, name: str) -> str:
    """Name something of somebody's for people."""
    return f"{organization}/{name}" if organization else name
