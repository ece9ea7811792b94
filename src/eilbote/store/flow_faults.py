"""What stores of flows refuse, in the same words whether they keep things in memory or in a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.errors import FlowError, FlowNotFoundError, LeaseLostError

if TYPE_CHECKING:
    from eilbote.author.flow.store import KeptRun, StoredFlow


def qualified(organization: str, name: str) -> str:
    """Name a flow for people."""
    return f"{organization}/{name}" if organization else name


def changed_meanwhile(flow: StoredFlow, revision: int) -> FlowError:
    """Say that a draft cannot be kept in place of the revision that was read."""
    name = qualified(flow.organization, flow.name)
    if not flow.revision:
        return FlowError(
            f"there is a flow {name!r} already", field="name", remedy="Change that one, or give another name"
        )
    return FlowError(
        f"somebody has changed the flow {name!r} meanwhile",
        field="revision",
        cause=f"Revision {flow.revision} was read, and "
        + (f"revision {revision} is there by now" if revision else "it is gone by now"),
        remedy="Read it again, then change it",
    )


def no_draft(organization: str, name: str, *, exists: bool) -> FlowError:
    """Say that there is nothing to publish."""
    shown = qualified(organization, name)
    if not exists:
        return FlowNotFoundError(
            f"there is no flow {shown!r}", field="name", remedy="Save it first, with its text"
        )
    return FlowError(
        f"the flow {shown!r} has no draft",
        field="name",
        cause="What was saved last is published already",
        remedy="Change it first",
    )


def lease_lost(run: KeptRun) -> LeaseLostError:
    """Say that somebody else has taken a run."""
    return LeaseLostError(
        f"somebody else works on the run {run.id} by now; nothing was kept",
        field="revision",
        cause=f"It was read at revision {run.revision}, and has been taken or kept since",
        remedy="Let it go: whoever has it goes on where it was last kept",
    )
