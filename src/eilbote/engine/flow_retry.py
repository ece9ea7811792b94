"""A failed run is tried again; not where that could send a message a second time, unless whoever asks has thought of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.engine.run_mails import mails_of
from eilbote.errors import ConflictError
from eilbote.model.ids import entry_id_text
from eilbote.model.status import EntryState, RecipientStatus

if TYPE_CHECKING:
    from eilbote.engine.author_desks import AuthorDesks
    from eilbote.engine.flow_view import FlowRun
    from eilbote.outbox.entry import Entry

_OVER: Final = frozenset({EntryState.DONE, EntryState.CANCELLED})
_MAY_HAVE_IT: Final = frozenset({RecipientStatus.ACCEPTED, RecipientStatus.IN_DOUBT})


async def retry_run(eilbote: AuthorDesks, run_id: str, *, organization: str | None, anyway: bool) -> FlowRun:
    """Let a failed run begin again at the node at which it failed; it is due at once.

    Args:
        eilbote: The outbox and its flows.
        run_id: Which run.
        organization: On whose behalf it must run; any when ``None``.
        anyway: Although a message of that node has arrived, or may still arrive, and there would be a second one.

    Raises:
        RunNotFoundError: There is no such run.
        ConflictError: It has not failed, was called back, or somebody has tried it again meanwhile; or its message may have arrived.
        FlowError: Its flow cannot run any more.
        OutboxUnavailableError: Nothing can be kept for now.
    """
    run = await eilbote.flows.get(run_id, organization=organization)
    if not anyway and run.status == "failed":
        last = len(run.steps) - 1
        for mail in await mails_of(eilbote, run):
            if mail.step == last and _may_arrive(mail.entry):
                raise _would_send_twice(run, mail.entry)
    return await eilbote.flows.retry(run_id)


def _may_arrive(entry: Entry) -> bool:
    return entry.state not in _OVER or any(each.status in _MAY_HAVE_IT for each in entry.recipients)


def _would_send_twice(run: FlowRun, entry: Entry) -> ConflictError:
    return ConflictError(
        f"the run {run.id!r} may have sent its message already",
        field="run",
        cause=f"The message {entry_id_text(entry.id)} of the node {run.failed_at!r} is {entry.state.value}, "
        "and some who were to get it have it, or may get it yet",
        remedy="Look at the message first; with `anyway` the node sends another one",
    )
