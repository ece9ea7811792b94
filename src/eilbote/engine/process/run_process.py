"""Works one instance of a process: goes on as far as it goes, has done what it wants, and keeps it before and after.

What is promised:

* What an instance wants done is kept before it is begun. Whoever takes the instance up again wants exactly the same.
* It is done under the deed's name, so that it is done once; an e-mail has one entry in the outbox for each element and iteration.
* What happens to an instance is forgotten in the same transaction that keeps what came of it.
* What only people can decide is an incident: the token stays, other tokens go on, and it is told.
* Who has lost the lease keeps nothing any more: :class:`~eilbote.errors.LeaseLostError` ends the work.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.interpret.instance_state import read_instance
from eilbote.author.process.kept import UNREADABLE, WaitKind
from eilbote.author.process.written.read_definition import read_definition
from eilbote.engine.flow_fault import told, told_as, told_unforeseen
from eilbote.engine.process.instance_keeper import words_of
from eilbote.engine.process.ledger import Ledger, read_ledger, with_ledger
from eilbote.engine.process.work_instance import Working
from eilbote.errors import EilboteError, OutboxError
from eilbote.record.notice import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.kept import KeptInstance
    from eilbote.engine.process.instance_keeper import InstanceKeeper
    from eilbote.model.data import Data

_DEFINITIONS_IN_MIND: Final = 64


@lru_cache(maxsize=_DEFINITIONS_IN_MIND)
def definition_of(text: str) -> Definition:
    """Read a process; those that run often are read once.

    Raises:
        ProcessError: It cannot be read any more as it was kept.
    """
    return read_definition(text)


class RunProcess:
    """Works instances that were claimed.

    Args:
        keeper: Keeps them, and knows who else has to do with them.
    """

    def __init__(self, keeper: InstanceKeeper) -> None:
        self._keeper = keeper

    async def work(self, kept: KeptInstance) -> KeptInstance:
        """Work a claimed instance until it has ended or waits, and let go of it.

        Raises:
            LeaseLostError: Somebody else has it by now.
            OutboxError: What is kept cannot be reached; the instance goes on where it was kept last.
        """
        state, ledger = read_ledger(kept.state)
        working: Working | None = None
        if UNREADABLE in state:
            return await self._lost(kept, str(state[UNREADABLE]))
        try:
            definition = definition_of(kept.text)
            instance = read_instance(definition, state)
            working = Working(self._keeper, definition, kept, instance, replace(ledger, broken={}))
            return await working.work()
        except OutboxError:
            raise
        except EilboteError as fault:
            return await self._broken(_last(working, kept), told(fault))
        except Exception as fault:  # noqa: BLE001 - a fault of ours ends the work on one instance and nothing else
            self._keeper.tell(NoticeKind.UNFORESEEN, kept, f"an unforeseen {type(fault).__name__}: {fault}")
            return await self._broken(_last(working, kept), told_unforeseen(fault))

    # -- what cannot be worked -----------------------------------------------------------------------------------

    async def _broken(self, kept: KeptInstance, error: dict[str, Data]) -> KeptInstance:
        """Leave an instance to people that cannot be worked as it is; what was kept of it stays.

        It waits for no message any more, for one that is settled would wake it again and again; tried anew it finds them by their keys.
        """
        plain, ledger = read_ledger(kept.state)
        if kept.cancelled:
            return await self._end(kept, InstanceStatus.CANCELLED, ledger, error)
        broken = {name: value for name, value in error.items() if name != "node"}
        written = await self._keeper.store.keep(
            replace(
                kept,
                incidents=kept.incidents or 1,
                state=with_ledger(plain, replace(ledger, broken=broken)),
                waits=tuple(wait for wait in kept.waits if wait.kind is not WaitKind.MAIL),
                due=None,
            ),
            taken_in=[trigger.id for trigger in kept.triggers],
            holds=False,
            now=self._keeper.now(),
        )
        self._keeper.tell(NoticeKind.INSTANCE_INCIDENT, written, words_of(broken))
        return replace(written, text=kept.text)

    async def _lost(self, kept: KeptInstance, why: str) -> KeptInstance:
        """End an instance of which the store could not read what was kept."""
        error = told_as(
            "unreadable",
            "what was kept of this instance is damaged",
            cause=why,
            remedy="Restore a backup of the database, or begin the instance anew",
        )
        status = InstanceStatus.CANCELLED if kept.cancelled else InstanceStatus.FAILED
        return await self._end(kept, status, Ledger(), error)

    async def _end(
        self, kept: KeptInstance, status: InstanceStatus, ledger: Ledger, error: Mapping[str, Data]
    ) -> KeptInstance:
        plain, _ = read_ledger(kept.state)
        ended = await self._keeper.store.keep(
            replace(
                kept,
                status=status,
                state=with_ledger(plain, replace(ledger, broken=error)),
                waits=(),
                due=None,
            ),
            taken_in=[trigger.id for trigger in kept.triggers],
            holds=False,
            now=self._keeper.now(),
        )
        self._keeper.tell(NoticeKind.INSTANCE_FAILED, ended, words_of(error))
        return replace(ended, text=kept.text)


def _last(working: Working | None, claimed: KeptInstance) -> KeptInstance:
    """Give an instance as it was kept last: nobody keeps one that has been kept since it was read."""
    return claimed if working is None else working.kept
