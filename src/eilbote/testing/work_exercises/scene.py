"""What these exercises need of a store, whatever its methods are called; and how one is played on a store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from eilbote.model.moment import later, moment_of
from eilbote.testing.manual_clock import ManualClock

if TYPE_CHECKING:
    from eilbote.author.plain.drafted import Drafted
    from eilbote.errors import ConfigurationError
    from eilbote.model.moment import Moment

NOW: Final = moment_of(ManualClock().now())
LEASE: Final = 60.0

S = TypeVar("S")
T = TypeVar("T")
W = TypeVar("W", bound="WorkView")
W_co = TypeVar("W_co", bound="WorkView", covariant=True)


class VersionView(Protocol):
    """A published version."""

    @property
    def version(self) -> int:
        """Its number."""
        ...

    @property
    def text(self) -> str:
        """What it says."""
        ...

    @property
    def published(self) -> Moment:
        """When."""
        ...


class Drafts(Protocol):
    """A handle on a store, for what is drafted in it."""

    @property
    def fault(self) -> type[ConfigurationError]:
        """How it refuses."""
        ...

    @property
    def not_found(self) -> type[ConfigurationError]:
        """How it says that there is none."""
        ...

    @property
    def most_octets(self) -> int:
        """How long a text may be."""
        ...

    def new(self, name: str, organization: str = "") -> Drafted:
        """Give one that is not kept yet."""
        ...

    async def all(self, organization: str | None = None) -> Sequence[Drafted]:
        """Give all of one organization, or of all."""
        ...

    async def find(self, organization: str, name: str) -> Drafted | None:
        """Give one."""
        ...

    async def keep(self, drafted: Drafted, text: str, *, now: Moment) -> Drafted:
        """Keep a draft."""
        ...

    async def publish(self, organization: str, name: str, *, now: Moment) -> VersionView:
        """Publish the draft that is there."""
        ...

    async def version(self, organization: str, name: str, version: int | None = None) -> VersionView | None:
        """Give a version."""
        ...

    async def versions(self, organization: str, name: str) -> Sequence[VersionView]:
        """Give all versions."""
        ...

    async def drop(self, organization: str, name: str) -> bool:
        """Forget one."""
        ...


class WorkView(Protocol):
    """A run or an instance as it is kept."""

    @property
    def id(self) -> str:
        """Its own."""
        ...

    @property
    def revision(self) -> int:
        """Grows each time it is taken or kept."""
        ...

    @property
    def due(self) -> Moment | None:
        """When it is to be looked at next."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether it was called back."""
        ...


class Work(Protocol):
    """A handle on a store, for what is worked on in it."""

    async def begin(self, name: str, *, organization: str = "", due: float | None = 0.0) -> WorkView:
        """Begin something."""
        ...

    async def take(
        self,
        worker: str = "worker",
        *,
        limit: int = 10,
        now: float = 0.0,
        only: Sequence[str] | None = None,
    ) -> Sequence[WorkView]:
        """Claim for :data:`LEASE` seconds."""
        ...

    async def keep(
        self,
        one: WorkView,
        *,
        now: float,
        due: float | None = None,
        ends: bool = False,
        holds: bool = False,
        mark: str = "",
    ) -> WorkView:
        """Keep how it stands; ``mark`` goes into its state."""
        ...

    async def find(self, name: str) -> WorkView | None:
        """Give one."""
        ...

    async def prolong(self, worker: str, names: Sequence[str], *, until: float) -> Sequence[str]:
        """Hold some longer."""
        ...

    async def next_due(self, now: float) -> Moment | None:
        """Tell when one is due next."""
        ...

    async def cancel(self, name: str, *, now: float) -> bool:
        """Call one back."""
        ...


class LeasingStore(Protocol[W_co]):
    """What stores of runs and of instances have in common."""

    async def claim(
        self, worker: str, *, limit: int, now: Moment, until: Moment, only: Sequence[str] | None = None
    ) -> Sequence[W_co]:
        """Take some."""
        ...

    async def prolong(self, worker: str, names: Sequence[str], /, *, until: Moment) -> Sequence[str]:
        """Hold some longer."""
        ...

    async def next_due(self, now: Moment) -> Moment | None:
        """Tell when one is due next."""
        ...

    async def cancel(self, name: str, /, *, now: Moment) -> bool:
        """Call one back."""
        ...


class Leases(Generic[W]):
    """The half of :class:`Work` that is the same for runs and instances.

    Args:
        leasing: The handle.
    """

    def __init__(self, leasing: LeasingStore[W]) -> None:
        self._leasing = leasing

    async def take(
        self,
        worker: str = "worker",
        *,
        limit: int = 10,
        now: float = 0.0,
        only: Sequence[str] | None = None,
    ) -> Sequence[W]:
        """Claim for :data:`LEASE` seconds."""
        return await take(self._leasing, worker, limit=limit, now=now, only=only)

    async def prolong(self, worker: str, names: Sequence[str], *, until: float) -> Sequence[str]:
        """Hold some longer."""
        return await self._leasing.prolong(worker, names, until=at(until))

    async def next_due(self, now: float) -> Moment | None:
        """Tell when one is due next."""
        return await self._leasing.next_due(at(now))

    async def cancel(self, name: str, *, now: float) -> bool:
        """Call one back."""
        return await self._leasing.cancel(name, now=at(now))


async def take(
    store: LeasingStore[W],
    worker: str = "worker",
    *,
    limit: int = 10,
    now: float = 0.0,
    only: Sequence[str] | None = None,
) -> list[W]:
    """Claim some for :data:`LEASE` seconds."""
    claimed = await store.claim(worker, limit=limit, now=at(now), until=at(now + LEASE), only=only)
    return list(claimed)


def at(seconds: float) -> Moment:
    """Give the moment some seconds after :data:`NOW`."""
    return later(NOW, seconds)


def names(all_: Sequence[WorkView]) -> list[str]:
    """Name what was taken."""
    return [one.id for one in all_]


def played_on(
    view: Callable[[S], T], exercise: Callable[[Callable[[], T]], Awaitable[None]]
) -> Callable[[Callable[[], S]], Awaitable[None]]:
    """Give an exercise for stores that have to be looked at in some way first."""

    @wraps(exercise)
    async def played(kept: Callable[[], S]) -> None:
        await exercise(lambda: view(kept()))

    return played
