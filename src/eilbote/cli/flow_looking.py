"""What the commands for runs and conversations do once everything is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from eilbote.author.flow.report_id import tells_of_run
from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.store import Awaits, RunFilter
from eilbote.cli.at_desk import at_desk
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.flow_data import run_data, value_text
from eilbote.cli.flow_view import show_run, show_runs
from eilbote.cli.listed import write_listed
from eilbote.cli.printable import counted, printable
from eilbote.cli.this_user import this_user
from eilbote.engine.run_mails import mails_of
from eilbote.engine.shown_data import plain, without_secrets
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.engine.flow_view import FlowRun


def list_runs(
    screen: Screen,
    *,
    data_dir: Path | None,
    flow: str | None,
    status: str | None,
    session: str | None,
    report: str | None,
    failures: bool,
    organization: str | None,
    limit: int | None,
) -> None:
    """Write the runs that were chosen, page by page.

    Raises:
        EilboteError: The database cannot be opened.
    """
    kept = {"running": RunStatus.RUNNING, "waiting": RunStatus.RUNNING, "cancelled": RunStatus.FAILED}
    which = RunFilter(
        organization=organization,
        flow=flow,
        session=session,
        status=None if status is None else kept.get(status) or RunStatus(status),
        awaits=Awaits.NOTHING if status == "running" else None,
        has_failures=failures or None,
    )

    told = _Told(status=status, report=report)

    async def work(eilbote: Eilbote) -> None:
        now = moment_of(eilbote.clock.now())
        await write_listed(
            lambda most, after: eilbote.flows.runs(which, limit=most, after=after),
            screen,
            limit=limit,
            line=lambda run: run_data(run, in_full=False),
            show=lambda runs: show_runs(runs, screen, now=now),
            nothing="no run is like this" if which != RunFilter() or report else "no flow has run yet",
            fits=told.fits,
        )

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the store cannot look for: it is told by two of its fields together, or made from one."""

    status: str | None
    report: str | None

    def fits(self, run: FlowRun) -> bool:
        """Tell whether a run is meant."""
        if self.status is not None and run.status != self.status:
            return False
        return self.report is None or tells_of_run(self.report, run.id)


def show_runs_in_full(run_ids: Sequence[str], screen: Screen, *, data_dir: Path | None) -> None:
    """Write everything about some runs.

    Raises:
        RunNotFoundError: One of them is not there.
    """

    async def work(eilbote: Eilbote) -> None:
        for number, run_id in enumerate(run_ids):
            run = await eilbote.flows.get(run_id)
            mails = await mails_of(eilbote, run)
            if screen.as_json:
                data = run_data(run, mails)
                screen.line(data) if len(run_ids) > 1 else screen.data(data)
                continue
            if number:
                screen.text()
            show_run(run, mails, screen, now=moment_of(eilbote.clock.now()))

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def resume_runs(run_id: str | None, screen: Screen, *, data_dir: Path | None) -> None:
    """Go on with runs, and tell how they stand.

    Raises:
        RunNotFoundError: There is no such run.
        typer.Exit: The one run has failed (1).
    """
    from eilbote.cli.flow_running import stay_with
    from eilbote.cli.flow_wish import conclude, quiet_log

    async def work(eilbote: Eilbote) -> FlowRun | None:
        if run_id is not None:
            return await stay_with(eilbote, await eilbote.flows.get(run_id), screen)
        worked = await eilbote.flows.resume()
        await eilbote.deliver_due()
        runs = [await eilbote.flows.get(each.id) for each in worked]
        if screen.as_json:
            for run in runs:
                screen.line(run_data(run, in_full=False))
        elif runs:
            show_runs(runs, screen, now=moment_of(eilbote.clock.now()))
        else:
            screen.note("no run is due")
        return None

    with quiet_log(screen):
        run = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if run is not None:
        conclude(run)


def cancel_runs(run_ids: Sequence[str], screen: Screen, *, data_dir: Path | None) -> None:
    """Call runs back.

    Raises:
        RunNotFoundError: One of them is not there; those before it were called back.
        typer.Exit: One had ended already (1).
    """

    async def work(eilbote: Eilbote) -> dict[str, bool]:
        return {run_id: await eilbote.flows.cancel(run_id) for run_id in run_ids}

    called_back = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data([{"id": run_id, "cancelled": found} for run_id, found in called_back.items()])
    else:
        for run_id, found in called_back.items():
            said = "called back; it ends before its next step" if found else "had ended already"
            screen.text(f"{printable(run_id)}: {said}")
    if not all(called_back.values()):
        raise typer.Exit(ExitCode.FAILED)


def retry_run(run_id: str, screen: Screen, *, data_dir: Path | None, anyway: bool) -> None:
    """Let a failed run begin again where it failed.

    Raises:
        RunNotFoundError: There is no such run.
        ConflictError: It has not failed, was called back, or its message may have arrived.
        FlowError: Its flow cannot run any more.
    """
    from eilbote.engine.flow_retry import retry_run as tried_again

    async def work(eilbote: Eilbote) -> None:
        run = await tried_again(eilbote, run_id, organization=None, anyway=anyway)
        if screen.as_json:
            screen.data({"id": run.id, "node": run.node})
        else:
            screen.text(f"{printable(run.id)}: begins again at {printable(run.node)}")
            screen.note("A courier goes on with the run, or 'eilbote flow resume'.")

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def answer_run(
    run_id: str, choice: str, screen: Screen, *, data_dir: Path | None, text: str, by: str | None
) -> None:
    """Answer what a run asks.

    Raises:
        RunNotFoundError: There is no such run.
        FlowError: It asks nothing, or the choice is none of those it gives.
    """

    async def work(eilbote: Eilbote) -> None:
        question = await eilbote.answers.answer_run(run_id, choice, text, by=by or this_user())
        if screen.as_json:
            screen.data({"run": run_id, "question": question.text, "answer": choice})
        else:
            screen.text(f"{printable(question.text)} {printable(question.label(choice))}.")
            screen.note("A courier goes on with the run, or 'eilbote flow resume'.")

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def show_context(
    session: str, screen: Screen, *, data_dir: Path | None, organization: str, forget: bool
) -> None:
    """Write what a conversation keeps, or forget it.

    Raises:
        EilboteError: The database cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        if forget:
            was_there = await eilbote.flows.forget_context(session, organization=organization)
            if screen.as_json:
                screen.data({"session": session, "forgotten": was_there})
            else:
                screen.text("forgotten" if was_there else f"nothing is kept for {printable(session)}")
            return
        kept = await eilbote.flows.context(session, organization=organization)
        if screen.as_json:
            screen.data({"session": session, "context": plain(without_secrets(dict(kept)))})
        elif not kept:
            screen.note(f"nothing is kept for {printable(session)}")
        else:
            for name, value in kept.items():
                screen.text(f"{printable(name)} = {printable(value_text(without_secrets(value, name)))}")
            screen.note(counted(len(kept), "value"))

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
