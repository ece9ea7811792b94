"""Where programs and people deal with processes: keep and publish them, begin instances, give them messages, decide what they ask.

::

    await eilbote.processes.save(text)
    await eilbote.processes.publish("order-ready")
    instance = await eilbote.processes.start("order-ready", {"customer": {"name": "Anna"}})
    await eilbote.processes.message("payment", {"amount": 12}, correlation="4711")
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING

from eilbote.author.plain.keepable import check_id
from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import InstanceFilter, WaitKind
from eilbote.engine.outbox_parts import check_limit
from eilbote.engine.process.given_data import plain_data
from eilbote.engine.process.process_decisions import NO_DATA, ProcessDecisions, no_instance
from eilbote.engine.process.process_deeds import digest_of
from eilbote.engine.process.process_view import in_full, in_short
from eilbote.engine.workers import Workers
from eilbote.errors import ProcessError
from eilbote.model.kinds import check_kind
from eilbote.model.moment import later

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.kept import KeptInstance
    from eilbote.author.process.store import ProcessStore
    from eilbote.engine.process.process_messages import ProcessMessages
    from eilbote.engine.process.process_starts import ProcessStarts
    from eilbote.engine.process.process_view import ProcessInstance
    from eilbote.engine.process.publish import World
    from eilbote.engine.process.replies import Replies
    from eilbote.engine.process.tasks import TaskTeller
    from eilbote.engine.worker import Worker
    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId, IdSource


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageGiven:
    """What became of a message.

    Attributes:
        instance: The id of the instance that has it.
        begun: Whether the message began it.
        is_new: Whether the instance had not had it before.
    """

    instance: str
    begun: bool
    is_new: bool


class ProcessDesk(ProcessDecisions):
    """The processes of an outbox.

    Args:
        store: Where they are kept.
        world: Gives what there is beside them.
        worker: Makes a worker for instances, all of them for ``None``; it is told what to call with each id it lets go of.
        starts: Begins instances.
        messages: Gives messages to instances.
        people: Tells people of their tasks.
        replies: Reads people's answers by e-mail.
        clock: Tells the time.
        ids: Makes the ids of instances.
        author: Who begins instances, when nobody says so.
        sleep: Waits for seconds; tests hand in their own.
    """

    def __init__(
        self,
        store: ProcessStore,
        *,
        world: Callable[[], World],
        worker: Callable[[Sequence[str] | None, Callable[[str], None]], Worker[KeptInstance]],
        starts: ProcessStarts,
        messages: ProcessMessages,
        people: TaskTeller,
        replies: Replies,
        clock: Clock,
        ids: IdSource,
        author: str = "",
        check: Callable[[Definition], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(
            store,
            world=world,
            people=people,
            replies=replies,
            clock=clock,
            author=author,
            check=check,
            nudge=self.nudge,
        )
        self._starts = starts
        self._messages = messages
        self._ids = ids
        self._workers = Workers(
            worker,
            find=self._kept,
            is_stayed_with=self._is_stayed_with,
            monotonic=clock.monotonic,
            sleep=sleep,
        )

    # -- instances -----------------------------------------------------------------------------------------------

    async def start(
        self,
        process: str,
        data: Mapping[str, object] = NO_DATA,
        *,
        organization: str = "",
        instance_id: str | None = None,
        correlation: str | None = None,
        version: int | None = None,
        author: str = "",
        wait_seconds: float | None = None,
    ) -> ProcessInstance:
        """Begin an instance; it is on the disk when this returns, and a courier works it, in this process or another one.

        Args:
            process: The name of a published process.
            data: What it is given: texts, numbers, true, false, ``None``, lists and tables.
            organization: On whose behalf.
            instance_id: A name of the caller's for the instance: begun twice under one name it runs once. 1 to 100 visible
                ASCII characters.
            correlation: The key by which messages find it; as the process says when ``None``.
            version: Which version; the latest when ``None``.
            author: Who begins it.
            wait_seconds: Work it in this process, and stay with it for so long at most; it goes on without us.

        Returns:
            The instance; under an id that was used before, the earlier one.

        Raises:
            ProcessNotFoundError: There is no such process or version.
            ProcessError: It cannot begin with these data; or the id was used before for something else.
            OutboxUnavailableError: Nothing can be kept for now; nothing was begun.
        """
        texts = {"process": process, "organization": organization, "author": author}
        texts |= {"correlation": correlation or "", "instance_id": instance_id or ""}
        for name, text in texts.items():
            check_kind(text, (str,), field=name, fault=ProcessError)
        if instance_id is not None:
            check_id(instance_id, of="a process instance", fault=ProcessError)
        found = await self.version(process, organization=organization, version=version)
        kept = await self._starts.begin(
            found,
            plain_data(data),
            instance_id=instance_id or self._ids.token(),
            author=author or self._author,
            correlation=correlation or "",
        )
        if kept.process != found.name:
            raise ProcessError(
                f"the id {kept.id!r} was used before",
                field="instance_id",
                cause=f"It is that of an instance of the process {kept.process!r}",
                remedy="Give each instance an id of its own",
            )
        if wait_seconds is None:
            return in_full(kept)
        return in_full(await self._workers.follow(kept.id, wait_seconds))

    async def message(
        self,
        name: str,
        data: Mapping[str, object] = NO_DATA,
        *,
        organization: str = "",
        correlation: str = "",
        instance: str = "",
        id: str | None = None,  # noqa: A002 - the message's own word
        author: str = "",
    ) -> MessageGiven:
        """Give a message to the instance that waits for it, or begin one with it.

        The instance that has waited longest for that name and correlation key gets it; when none does, the process that begins
        at it begins an instance.

        Args:
            name: Of the message, as the diagram says.
            data: What it carries.
            organization: Whose processes.
            correlation: The key by which it finds its instance.
            instance: The id of the instance, in place of a correlation key.
            id: A name of the caller's for the message: given twice under one name to one instance, it is taken in once.
            author: Who gives it.

        Raises:
            ProcessError: Nobody waits for it, and no process begins with it; or it cannot be kept.
            OutboxUnavailableError: Nothing can be kept for now.
        """
        texts = {"name": name, "organization": organization, "id": id or ""}
        texts |= {"correlation": correlation, "instance": instance}
        for field, text in texts.items():
            check_kind(text, (str,), field=field, fault=ProcessError)
        plain, called = plain_data(data), id or self._ids.token()
        begins = digest_of("message", organization, name, called)
        known = None if id is None else await self._store.instance(begins)
        if known is not None and known.organization == organization:
            return MessageGiven(instance=known.id, begun=True, is_new=False)
        receiver = await self._messages.receiver(
            name, organization=organization, instance=instance, correlation=correlation
        )
        if receiver is not None:
            is_new = await self._messages.give(
                receiver, name, plain, id=called, correlation=correlation, now=self._now()
            )
            return MessageGiven(instance=receiver.instance, begun=False, is_new=is_new)
        begun = None
        if not instance:
            begun = await self._starts.begin_at_message(
                name,
                plain,
                organization=organization,
                instance_id=begins,
                correlation=correlation,
                author=author or self._author,
            )
        if begun is None:
            raise self._nobody(name, correlation=correlation, instance=instance)
        return MessageGiven(instance=begun, begun=True, is_new=True)

    async def resume(
        self, instance_id: str | None = None, *, wait_seconds: float | None = None
    ) -> Sequence[ProcessInstance]:
        """Work what is due now: one instance until it has ended or waits, or each that is due.

        One that a restored backup has brought back, and that is held back for that, goes on by being named.

        Args:
            instance_id: Which.
            wait_seconds: How long to stay with one instance at most; it goes on without us.

        Raises:
            InstanceNotFoundError: There is no such instance.
        """
        if instance_id is not None:
            await self._kept(instance_id)
            return (in_full(await self._workers.follow(instance_id, wait_seconds)),)
        async with self.engaged() as worker:
            worked = await worker.run(once=True)
        return tuple([in_full(await self._kept(each)) for each in worked])

    async def get(self, instance_id: str, *, organization: str | None = None) -> ProcessInstance:
        """Give an instance with everything that is known of it.

        Args:
            instance_id: Which.
            organization: On whose behalf it must run; any when ``None``.

        Raises:
            InstanceNotFoundError: There is none.
        """
        kept = await self._kept(instance_id)
        if organization not in {None, kept.organization}:
            raise no_instance(instance_id)
        return in_full(kept)

    async def instances(
        self, which: InstanceFilter | None = None, *, limit: int = 100, after: str | None = None
    ) -> Sequence[ProcessInstance]:
        """List instances, the latest first, without what they know and where they have been.

        Args:
            which: Which ones; all when ``None``.
            limit: At most so many.
            after: The id of the last one of the page before.
        """
        check_kind(which, (InstanceFilter, NoneType), field="which", fault=ProcessError)
        check_limit(limit)
        found = await self._store.instances(which, limit=limit, after=after)
        return tuple([in_short(kept) for kept in found])

    async def cancel(self, instance_id: str) -> bool:
        """Call an instance back: it ends before its next step, and messages it has handed in stay in the outbox.

        Says whether it had not ended yet.

        Raises:
            InstanceNotFoundError: There is no such instance.
        """
        await self._kept(instance_id)
        is_called_back = await self._store.cancel(instance_id, now=self._now())
        self.nudge()
        return is_called_back

    # -- working -------------------------------------------------------------------------------------------------

    def nudge(self) -> None:
        """Tell the workers of this process that there is something new."""
        self._workers.nudge()

    def hear(self, entries: Sequence[EntryId]) -> None:
        """Tell the workers of this process which messages were settled."""
        self._workers.hear(entries)

    def engaged(self) -> AbstractAsyncContextManager[Worker[KeptInstance]]:
        """Have a worker for all instances while the block lasts; whoever engages it runs it."""
        return self._workers.engaged()

    # -- within --------------------------------------------------------------------------------------------------

    def _is_stayed_with(self, kept: KeptInstance, seconds: float | None) -> bool:
        """Tell whether something may soon happen in an instance."""
        if kept.status is not InstanceStatus.RUNNING:
            return False
        if kept.cancelled or kept.held_back or any(wait.kind is WaitKind.MAIL for wait in kept.waits):
            return True
        # It waits for a time or for somebody: only who has said how long stays.
        return kept.due is not None and kept.due <= later(self._now(), seconds or 0.0)

    def _nobody(self, name: str, *, correlation: str, instance: str) -> ProcessError:
        whom = f"the instance {instance!r}" if instance else f"an instance with the key {correlation!r}"
        return ProcessError(
            f"nobody waits for the message {name[:60]!r}",
            field="name",
            cause=f"It was for {whom}, and no published process begins with it",
            remedy="See what instances wait for with `eilbote process show`; give it again when one does",
        )
