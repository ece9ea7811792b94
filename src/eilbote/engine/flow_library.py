"""The flows of an outbox, each with its draft and its published versions: kept, published, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.flow.check import check_flow
from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.store import DRAFT, StoredFlow
from eilbote.engine.revisions import check_revision
from eilbote.errors import FlowError, FlowNotFoundError
from eilbote.model.kinds import check_kind, shown
from eilbote.model.moment import moment_of
from eilbote.template.finding import Weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.definition import Flow
    from eilbote.author.flow.store import FlowStore, FlowVersion
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment


class FlowLibrary:
    """The part of the flows that authors use.

    Args:
        store: Where they are kept.
        clock: Tells the time.
    """

    def __init__(self, store: FlowStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @property
    def store(self) -> FlowStore:
        """The flows behind their port, for what has no method here."""
        return self._store

    async def save(self, text: str, *, organization: str = "", revision: int | None = None) -> StoredFlow:
        """Keep a flow as a draft, under the name that it gives itself; what was published stays as it is.

        Args:
            text: The flow, YAML or JSON.
            organization: Whose.
            revision: The revision that was seen, 0 for a new flow; whatever is there gives way when ``None``.

        Raises:
            ConflictError: It has another revision by now.
            FlowError: It cannot run as it is written, with the place of the fault; nothing was kept.
            OutboxUnavailableError: Nothing can be kept for now.
        """
        flow = _checked(text)
        known = await self._store.flow(organization, flow.name)
        check_revision(revision, known.revision if known else 0, what=f"the flow {flow.name!r}")
        new = StoredFlow(
            organization=organization,
            name=flow.name,
            draft=None,
            published=0,
            changed=self._now(),
            revision=0,
        )
        return await self._store.keep_draft(known or new, text, now=self._now())

    async def publish(self, name: str, *, organization: str = "", revision: int | None = None) -> FlowVersion:
        """Make a flow's draft its next version; runs that have begun keep the text they began with.

        Args:
            name: Which flow.
            organization: Whose.
            revision: The revision that was seen; whatever the draft says when ``None``.

        Raises:
            ConflictError: It has another revision by now.
            FlowNotFoundError: There is no such flow.
            FlowError: It has no draft, or its draft cannot run with this eilbote.
        """
        if revision is not None:
            known = await self.stored(name, organization=organization)
            check_revision(revision, known.revision, what=f"the flow {name!r}")
        _checked(await self.text(name, organization=organization, version=DRAFT))
        return await self._store.publish(organization, name, now=self._now())

    async def flows(self, organization: str | None = None) -> Sequence[StoredFlow]:
        """Give the flows of one organization, or all, in the order of their names."""
        return await self._store.flows(organization)

    async def stored(self, name: str, *, organization: str = "") -> StoredFlow:
        """Give a flow as it is kept.

        Raises:
            FlowNotFoundError: There is none of that name; the nearest one is told.
        """
        known = await self._store.flow(organization, name)
        if known is None:
            raise await self._no_flow(name, organization)
        return known

    async def text(self, name: str, *, organization: str = "", version: int | None = None) -> str:
        """Give what a flow says.

        Args:
            name: Its name.
            organization: Whose.
            version: Which version; the latest that was published when ``None``, and 0 for the draft.

        Raises:
            FlowNotFoundError: There is no such flow or version.
        """
        return (await self.find(name, organization=organization, version=version))[0]

    async def versions(self, name: str, *, organization: str = "") -> Sequence[FlowVersion]:
        """Give all published versions of a flow, the latest first.

        Raises:
            FlowNotFoundError: There is no such flow.
        """
        await self.stored(name, organization=organization)
        return await self._store.versions(organization, name)

    async def remove(self, name: str, *, organization: str = "") -> bool:
        """Forget a flow and its versions; runs go on with the text they have. Says whether there was one."""
        return await self._store.drop(organization, name)

    async def find(self, name: str, *, organization: str = "", version: int | None = None) -> tuple[str, int]:
        """Give what a flow says, and which version that is; arguments and errors as :meth:`text`."""
        known = await self.stored(name, organization=organization)
        if version == DRAFT:
            if known.draft is None:
                raise FlowNotFoundError(
                    f"the flow {name!r} has no draft",
                    field="version",
                    cause=f"It was published as version {known.published} and not changed since",
                    remedy="Leave the version out to have the published one",
                )
            return known.draft, DRAFT
        found = await self._store.version(organization, name, version)
        if found is None and version is None:
            raise FlowNotFoundError(
                f"the flow {name!r} is not published yet",
                field="flow",
                remedy=f"Publish it with `eilbote flow publish {name}`, or ask for version 0, its draft",
            )
        if found is None:
            raise FlowNotFoundError(
                f"the flow {name!r} has no version {shown(version)}",
                field="version",
                remedy=f"There are 1 to {known.published}" if known.published else "It is not published yet",
            )
        return found.text, found.version

    # -- within ------------------------------------------------------------------------------------------------

    async def _no_flow(self, name: str, organization: str) -> FlowNotFoundError:
        import difflib

        names = [each.name for each in await self._store.flows(organization)]
        alike = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.5)
        owner = f" of the organization {organization!r}" if organization else ""
        if alike:
            remedy = f"Did you mean {alike[0]!r}?"
        else:
            remedy = (
                f"There are {', '.join(names[:10])}" if names else "Keep one with `eilbote flow save FILE`"
            )
        return FlowNotFoundError(f"there is no flow {name[:60]!r}{owner}", field="flow", remedy=remedy)

    def _now(self) -> Moment:
        return moment_of(self._clock.now())


def _checked(text: str) -> Flow:
    """Read a flow, and refuse it for what would be an error whenever it ran."""
    check_kind(text, (str,), field="text", fault=FlowError)
    flow = read_flow(text)
    for found in check_flow(text):
        if found.severity is Weight.ERROR:
            place = f"It stands in {found.place}" if found.place else None
            causes = [each.rstrip(".") for each in (found.cause, place) if each]
            raise FlowError(
                found.what, field=found.field, cause=". ".join(causes) or None, remedy=found.remedy
            )
    return flow
