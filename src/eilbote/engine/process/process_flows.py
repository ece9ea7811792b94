"""Service tasks that run a published flow: begun once under the deed's name, then waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from eilbote.author.flow.run import RunStatus
from eilbote.author.process.instance import SERVICE_FAILED, DeedDone
from eilbote.engine.process.process_deeds import Parked, failed, short_name
from eilbote.model.moment import later

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eilbote.author.process.instance import RunFlow
    from eilbote.engine.flow_view import FlowRun
    from eilbote.engine.process.process_deeds import Asked, Performed
    from eilbote.model.data import Data

_SOONEST_SECONDS: Final = 1.0
_LATEST_SECONDS: Final = 60.0


class Flows(Protocol):
    """Begins runs and shows them (:class:`~eilbote.engine.flow_desk.FlowDesk`)."""

    async def begin(
        self,
        flow: str,
        input: Mapping[str, object],  # noqa: A002 - the author's word
        *,
        organization: str,
        run_id: str | None,
        author: str,
    ) -> FlowRun:
        """Begin a run; under an id that was used before, the earlier one is given."""
        ...


class ProcessFlows:
    """Runs flows for processes.

    Args:
        flows: Where flows are run.
        await_run: Is told the run and the instance that waits for its end, so that it need not look again and again.
    """

    def __init__(self, flows: Callable[[], Flows], *, await_run: Callable[[str, str], None]) -> None:
        self._flows = flows
        self._await_run = await_run

    async def perform(self, asked: Asked, deed: RunFlow, /) -> Performed:
        """Begin the run, or look how far it is.

        Raises:
            FlowError: There is no such flow, or it cannot be run with this input.
        """
        details, flows = deed.details, self._flows()
        run_id = short_name(asked.name)
        self._await_run(run_id, asked.kept.id)
        run = await flows.begin(
            details.flow,
            details.input,
            organization=asked.kept.organization,
            run_id=run_id,
            author=asked.author,
        )
        if not run.has_ended:
            passed = (asked.now - asked.wanted.since) / 1000
            return Parked(due=later(asked.now, min(_LATEST_SECONDS, max(_SOONEST_SECONDS, passed / 4))))
        if run.status == RunStatus.DONE:
            return DeedDone(result=run.context)
        error = run.error
        return failed(
            SERVICE_FAILED,
            f"the flow {run.flow!r} has failed: {error.get('message') or run.status}",
            cause=_text(error.get("cause")),
            remedy=_text(error.get("remedy")) or f"See `eilbote flow show {run.id}`",
            result=run.context,
            catchable=True,
        )


def _text(said: Data) -> str | None:
    return None if said is None else str(said)
