"""Runs of flows: begun, watched, answered, called back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.status import HTTP_202_ACCEPTED

from eilbote.api.acting import Acting
from eilbote.api.paging import Cursor, Limit, Page, behind, page_of
from eilbote.api.times import moment_or_none
from eilbote.api.v1.automation import (
    ID_PATTERN,
    LONGEST_NAME,
    NAME_PATTERN,
    Lister,
    Reader,
    Runner,
    author_of,
    on_behalf_of,
    thing,
    who,
)
from eilbote.api.v1.automation_lists import Before, Search, Since
from eilbote.api.v1.flow.run_shapes import (
    AnswerInput,
    RetryInput,
    RunInput,
    RunShape,
    RunSummary,
    WaitInput,
    shape_of,
    summary_of,
)
from eilbote.author.flow.run import RunStatus
from eilbote.author.flow.store import Awaits, RunFilter
from eilbote.engine.flow_retry import retry_run as tried_again
from eilbote.engine.flow_view import FlowRun
from eilbote.engine.run_mails import mails_of
from eilbote.errors import ConflictError

router = APIRouter(prefix="/runs", tags=["Runs"])

Id = Annotated[str, Path(max_length=100, pattern=ID_PATTERN, description="Its id", examples=["order-4711"])]


@router.get("", summary="List runs", operation_id="list_runs")
async def list_runs(
    acting: Lister,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    flow: Annotated[
        str | None, Query(max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="Of this flow")
    ] = None,
    session: Annotated[
        str | None, Query(max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="Of this conversation")
    ] = None,
    status: Annotated[
        RunStatus | None, Query(description="Standing so; what is called back counts as `failed`")
    ] = None,
    awaits: Annotated[Awaits | None, Query(description="Waiting for this")] = None,
    has_failures: Annotated[
        bool | None,
        Query(description="In some node something went wrong, also where the run went on; or in none"),
    ] = None,
    since: Since = None,
    before: Before = None,
    q: Search = "",
) -> Page[RunSummary]:
    """Give the runs, the latest first, without what they know and where they have been, but with where and why they failed.

    A run that goes on after a node that failed is `done` in the end; `failed_nodes` says that it was not all well.
    """
    which = RunFilter(
        organization=acting.which,
        flow=flow,
        session=session,
        status=status,
        awaits=awaits,
        has_failures=has_failures,
        since=moment_or_none(since),
        before=moment_or_none(before),
        holding=q,
    )
    found = await acting.eilbote.flows.runs(which, limit=limit + 1, after=behind(cursor))
    return page_of(found, limit, summary_of, place=lambda each: each.id)


@router.post("", summary="Begin a run", operation_id="begin_run", status_code=HTTP_202_ACCEPTED)
async def begin_run(acting: Runner, response: Response, what: RunInput) -> RunShape:
    """Begin a run; it is on the disk when this answers, and outlives crashes and restarts.

    With `run_id` the same request may be sent again: it runs once, and the earlier run is told. With `wait` the answer comes when the
    run has ended or waits for something that may take long, or when so many seconds are over.
    """
    flows = acting.eilbote.flows
    if what.wait:
        run = await flows.run(
            what.flow,
            what.input,
            session=what.session,
            organization=acting.organization,
            version=what.version,
            run_id=what.run_id,
            author=author_of(acting),
            wait_seconds=what.wait,
        )
    else:
        run = await flows.begin(
            what.flow,
            what.input,
            session=what.session,
            organization=acting.organization,
            version=what.version,
            run_id=what.run_id,
            author=author_of(acting),
        )
    await acting.note(
        "run.begin", thing("run", acting, run.id), after={"flow": run.flow, "version": run.version}
    )
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return await _told(acting, run)


@router.get("/{run}", summary="Show a run", operation_id="get_run")
async def get_run(acting: Reader, run: Id) -> RunShape:
    """Give a run with its steps, what it knows, and what it asks."""
    return await _told(acting, await _found(acting, run))


@router.post("/{run}/cancel", summary="Call a run back", operation_id="cancel_run")
async def cancel_run(acting: Runner, run: Id) -> RunShape:
    """End a run before its next step; messages it has handed in stay in the outbox. One that has ended stays as it is."""
    found = await _found(acting, run)
    if await acting.eilbote.flows.cancel(run):
        owner = on_behalf_of(acting, found.organization)
        await owner.note("run.cancel", thing("run", owner, run), before={"status": found.status})
    return await _told(acting, await _found(acting, run))


@router.post("/{run}/retry", summary="Try a failed run again", operation_id="retry_run")
async def retry_run(acting: Runner, run: Id, how: RetryInput | None = None) -> RunShape:
    """Let a failed run begin again at the node at which it failed, with all that it knows; the nodes before it do nothing again.

    What the node asked for before, it asks for again. Where its message has arrived, or may still arrive, that is refused unless `anyway` says
    so: somebody would get it twice. One that was called back, or has not failed, is a conflict.
    """
    found = await _found(acting, run)
    await tried_again(acting.eilbote, run, organization=acting.scope, anyway=bool(how and how.anyway))
    owner = on_behalf_of(acting, found.organization)
    await owner.note("run.retry", thing("run", owner, run), before={"failed_at": found.failed_at})
    if how and how.wait:
        await acting.eilbote.flows.resume(run, wait_seconds=how.wait)
    return await _told(acting, await _found(acting, run))


@router.post("/{run}/answer", summary="Answer a run", operation_id="answer_run")
async def answer_run(acting: Runner, run: Id, answer: AnswerInput) -> RunShape:
    """Answer in place of those who were asked; the first answer counts."""
    found = await _found(acting, run)
    await acting.eilbote.answers.answer_run(run, answer.choice, answer.text, by=who(acting))
    acting.eilbote.flows.nudge()
    owner = on_behalf_of(acting, found.organization)
    await owner.note("run.answer", thing("run", owner, run), after={"choice": answer.choice})
    return await _told(acting, await _found(acting, run))


@router.post("/{run}/release", summary="Let a run go on", operation_id="release_run")
async def release_run(acting: Runner, run: Id, how: WaitInput | None = None) -> RunShape:
    """Let a run go on that was restored from a backup: it may have gone on since that was made, so somebody has to say so."""
    found = await _found(acting, run)
    if found.awaits is not Awaits.RELEASE:
        raise ConflictError(
            f"the run {run!r} is not held back",
            field="run",
            cause=f"It is {found.status}",
            remedy="Only what was restored from a backup waits for this",
        )
    await acting.eilbote.flows.resume(run, wait_seconds=how.wait if how else 0)
    owner = on_behalf_of(acting, found.organization)
    await owner.note("run.release", thing("run", owner, run))
    return await _told(acting, await _found(acting, run))


# -- within ----------------------------------------------------------------------------------------------------


async def _found(acting: Acting, run: str) -> FlowRun:
    return await acting.eilbote.flows.get(run, organization=acting.scope)


async def _told(acting: Acting, run: FlowRun) -> RunShape:
    eilbote = acting.eilbote
    question = await eilbote.answers.asked_by_run(run.id) if run.awaits is Awaits.ANSWER else None
    return shape_of(run, await mails_of(eilbote, run), question)
