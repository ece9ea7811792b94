"""The processes of an outbox, each with its draft and its published versions: kept, checked, published, read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.author.process.bundle import Bundle, write_bundle
from eilbote.author.process.kept import StoredProcess
from eilbote.author.process.written.read_definition import read_definition
from eilbote.engine.revisions import check_revision
from eilbote.errors import ProcessError, ProcessNotFoundError
from eilbote.model.kinds import check_kind, shown
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.author.process.check.check import Known, ProcessFinding
    from eilbote.author.process.definition import Definition
    from eilbote.author.process.kept import ProcessVersion
    from eilbote.author.process.store import ProcessStore
    from eilbote.engine.process.publish import World
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment

DRAFT: Final = 0
"""The version of a text that is worked on."""
_LARGEST: Final = 2**31 - 1
"""Of what a database counts versions with."""


class ProcessLibrary:
    """The part of the processes that authors use.

    Args:
        store: Where they are kept.
        world: Gives what there is beside them.
        clock: Tells the time.
        check: Looks whether this program can do what a process wants, before it is published.
    """

    def __init__(
        self,
        store: ProcessStore,
        *,
        world: Callable[[], World],
        clock: Clock,
        check: Callable[[Definition], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._world = world
        self._clock = clock
        self._can_do = check

    @property
    def store(self) -> ProcessStore:
        """The processes behind their port, for what has no method here."""
        return self._store

    async def save(
        self, text: str | Bundle, *, organization: str = "", revision: int | None = None
    ) -> StoredProcess:
        """Keep a process as a draft, under the name that it gives itself; what was published stays as it is.

        A draft can be read, and need not be sound: that is looked at when it is published.

        Args:
            text: A bundle, its text, or a BPMN diagram alone.
            organization: Whose.
            revision: The revision that was seen, 0 for a new process; whatever is there gives way when ``None``.

        Raises:
            ConflictError: It has another revision by now.
            ProcessError: It cannot be read, with the place of the fault; nothing was kept.
            OutboxUnavailableError: Nothing can be kept for now.
        """
        text = text_of(text)
        name = read_definition(text).name
        known = await self._store.process(organization, name)
        check_revision(revision, known.revision if known else 0, what=f"the process {name!r}")
        new = StoredProcess(
            organization=organization, name=name, draft=None, published=0, changed=self._now(), revision=0
        )
        return await self._store.keep_draft(known or new, text, now=self._now())

    async def check(self, text: str | Bundle, *, organization: str = "") -> tuple[ProcessFinding, ...]:
        """Check a process against what an organization has; keeps nothing. Errors come first.

        Raises:
            ProcessError: It cannot be read at all.
        """
        from eilbote.author.process.check.check import check_process  # who only works instances checks none

        definition = read_definition(text_of(text))
        return check_process(definition, await self.known(organization, without=definition.name))

    async def known(self, organization: str = "", *, without: str = "") -> Known:
        """Tell what there is beside a process: routes, connections, flows and other processes."""
        return await self._world().known(organization, without=without)

    async def publish(
        self, name: str, *, organization: str = "", revision: int | None = None
    ) -> ProcessVersion:
        """Make a draft the next version; instances that have begun keep the text they began with.

        Args:
            name: Which process.
            organization: Whose.
            revision: The revision that was seen; whatever the draft says when ``None``.

        Raises:
            ConflictError: It has another revision by now.
            ProcessNotFoundError: There is no such process.
            PublicationError: It is not sound; ``findings`` has everything that is wrong.
            ProcessError: It has no draft.
            OutboxUnavailableError: Nothing can be kept for now.
        """
        from eilbote.engine.process.publish import checked

        stored = await self.stored(name, organization=organization)
        check_revision(revision, stored.revision, what=f"the process {name!r}")
        if stored.draft is None:
            raise ProcessError(
                f"the process {name!r} has no draft",
                field="process",
                cause=f"It was published as version {stored.published} and not changed since",
                remedy="Save what is to be published first",
            )
        now = self._now()
        known = await self.known(organization, without=name)
        definition, starts = checked(stored.draft, known, now=now, organization=organization)
        self._can_do(definition)
        return await self._store.publish(organization, name, revision=stored.revision, starts=starts, now=now)

    async def processes(self, organization: str | None = None) -> Sequence[StoredProcess]:
        """Give the processes of one organization, or all, in the order of their names."""
        return await self._store.processes(organization)

    async def stored(self, name: str, *, organization: str = "") -> StoredProcess:
        """Give a process as it is kept.

        Raises:
            ProcessNotFoundError: There is none of that name; the nearest one is told.
        """
        found = await self._store.process(organization, name)
        if found is None:
            raise await self._no_process(name, organization)
        return found

    async def text(self, name: str, *, organization: str = "", version: int | None = None) -> str:
        """Give what a process says: a bundle of diagram and settings.

        Args:
            name: Its name.
            organization: Whose.
            version: Which version; the latest that was published when ``None``, and 0 for the draft.

        Raises:
            ProcessNotFoundError: There is no such process or version.
        """
        if version != DRAFT:
            return (await self.version(name, organization=organization, version=version)).text
        draft = (await self.stored(name, organization=organization)).draft
        if draft is None:
            raise ProcessNotFoundError(
                f"the process {name!r} has no draft",
                field="version",
                remedy="Leave the version out to have the published one",
            )
        return draft

    async def version(
        self, name: str, *, organization: str = "", version: int | None = None
    ) -> ProcessVersion:
        """Give a published version, the latest when it is not said which.

        Raises:
            ProcessNotFoundError: There is no such process or version.
        """
        is_there = version is None or 0 < version <= _LARGEST
        found = await self._store.version(organization, name, version) if is_there else None
        if found is not None:
            return found
        known = await self.stored(name, organization=organization)
        if not known.published:
            raise ProcessNotFoundError(
                f"the process {name!r} is not published yet",
                field="process",
                remedy=f"Publish it with `eilbote process publish {name}`",
            )
        raise ProcessNotFoundError(
            f"the process {name!r} has no version {shown(version)}",
            field="version",
            remedy=f"There are 1 to {known.published}",
        )

    async def versions(self, name: str, *, organization: str = "") -> Sequence[ProcessVersion]:
        """Give all published versions of a process, the latest first.

        Raises:
            ProcessNotFoundError: There is no such process.
        """
        await self.stored(name, organization=organization)
        return await self._store.versions(organization, name)

    async def drop(self, name: str, *, organization: str = "") -> bool:
        """Forget a process, its versions and what begins it; instances go on. Says whether there was one."""
        return await self._store.drop(organization, name)

    # -- within ------------------------------------------------------------------------------------------------

    async def _no_process(self, name: str, organization: str) -> ProcessNotFoundError:
        import difflib

        names = [each.name for each in await self._store.processes(organization)]
        alike = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.5)
        owner = f" of the organization {organization!r}" if organization else ""
        if alike:
            remedy = f"Did you mean {alike[0]!r}?"
        else:
            there = ", ".join(names[:10])
            remedy = f"There are {there}" if names else "Keep one with `eilbote process save FILE`"
        return ProcessNotFoundError(
            f"there is no process {name[:60]!r}{owner}", field="process", remedy=remedy
        )

    def _now(self) -> Moment:
        return moment_of(self._clock.now())


def text_of(given: str | Bundle) -> str:
    """Give the text of a process; a diagram alone gets no settings.

    Raises:
        ProcessError: It is neither a bundle nor a text.
    """
    check_kind(given, (str, Bundle), field="process", fault=ProcessError)
    if isinstance(given, Bundle):
        return write_bundle(given)
    is_diagram = given.lstrip("\ufeff \t\r\n").startswith("<")
    return write_bundle(Bundle(bpmn=given)) if is_diagram else given
