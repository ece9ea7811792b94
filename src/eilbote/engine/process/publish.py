"""Publishing a process: everything that is wrong with it is said at once, and nothing is published that cannot run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.check.check import Known, Severity, check_process
from eilbote.author.process.kept import StartKind
from eilbote.author.process.route.text import read_route
from eilbote.author.process.written.read_definition import read_definition
from eilbote.engine.process.process_starts import starts_of
from eilbote.errors import EilboteError, ProcessError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from eilbote.author.flow.store import FlowStore
    from eilbote.author.process.check.check import ProcessFinding
    from eilbote.author.process.definition import Definition
    from eilbote.author.process.kept import ProcessStart
    from eilbote.author.process.route.route import Route
    from eilbote.author.process.store import ProcessStore
    from eilbote.connections.known import KnownConnections
    from eilbote.model.moment import Moment


class PublicationError(ProcessError):
    """A process that cannot be published as it is.

    Attributes:
        findings: Everything that was found, errors first; warnings and notes as well.
    """

    def __init__(self, name: str, findings: Sequence[ProcessFinding]) -> None:
        errors = [each for each in findings if each.severity is Severity.ERROR]
        first = errors[0]
        many = "an error in it" if len(errors) == 1 else f"{len(errors)} errors in it; the first is told"
        super().__init__(
            f"the process {name!r} cannot be published: {first.what}",
            field=".".join(each for each in (first.element, first.field) if each) or None,
            cause=f"{first.cause.rstrip('.')}. There is {many}" if first.cause else f"There is {many}",
            remedy=first.remedy,
        )
        self.findings = tuple(findings)


class World:
    """What there is beside a process.

    Args:
        store: Routes and other processes.
        connections: By which connections mail can go.
        flows: Which flows there are.
    """

    def __init__(self, store: ProcessStore, *, connections: KnownConnections, flows: FlowStore) -> None:
        self._store = store
        self._connections = connections
        self._flows = flows

    async def known(self, organization: str, *, without: str = "") -> Known:
        """Tell what an organization has.

        Args:
            organization: Whose processes.
            without: The process that is checked; what it was before does not count.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return Known(
            routes=await self._routes(organization),
            connections=await self._connections.names_for(organization),
            processes=await self._processes(organization, without),
            flows=frozenset(flow.name for flow in await self._flows.flows(organization) if flow.published),
        )

    async def _routes(self, organization: str) -> Mapping[str, Route]:
        found: dict[str, Route] = {}
        for stored in await self._store.routes(organization):
            try:
                found[stored.message_name] = read_route(stored.text)
            except EilboteError:  # nothing can go over it; as if it were not there
                continue
        return found

    async def _processes(self, organization: str, without: str) -> Mapping[str, Collection[str]]:
        found: dict[str, Collection[str]] = {}
        for process in await self._store.processes(organization):
            version = await self._store.version(organization, process.name) if process.published else None
            if version is None or process.name == without:
                continue
            try:
                definition = read_definition(version.text)
                starts = starts_of(definition, organization=organization, now=version.published)
            except EilboteError:
                found[process.name] = ()
                continue
            found[process.name] = messages_of(starts)
        return found


def messages_of(starts: Sequence[ProcessStart]) -> tuple[str, ...]:
    """Give the messages at which a process begins."""
    return tuple(start.message for start in starts if start.kind is StartKind.MESSAGE)


def checked(
    text: str, known: Known, *, now: Moment, organization: str
) -> tuple[Definition, Sequence[ProcessStart]]:
    """Give a process and its starts when it can be published.

    Raises:
        PublicationError: It cannot, with everything that is wrong.
        ProcessError: It cannot be read, or another process begins at the same message.
    """
    definition = read_definition(text)
    findings = check_process(definition, known)
    if any(each.severity is Severity.ERROR for each in findings):
        raise PublicationError(definition.name, findings)
    starts = starts_of(definition, organization=organization, now=now)
    others = {message: name for name, messages in (known.processes or {}).items() for message in messages}
    for start in starts:
        if start.kind is StartKind.MESSAGE and start.message in others:
            raise ProcessError(
                f"the message {start.message!r} begins another process already",
                field=start.element,
                cause=f"{others[start.message]!r} is published with a start event for it, and a message begins one instance",
                remedy="Give the message another name, or drop the other process",
            )
    return definition, starts
