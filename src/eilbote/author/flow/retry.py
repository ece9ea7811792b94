"""A failed run begins again at the node at which it failed, with all that it knows (pure).

The node is visited anew, and under a new name (:attr:`~eilbote.author.flow.step.Scene.key`): what it asked for before is asked for again, and
nothing is done that the nodes before it have done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.author.flow.run import RunStatus
from eilbote.errors import ConflictError

if TYPE_CHECKING:
    from eilbote.author.flow.definition import Flow
    from eilbote.author.flow.run import Run


def tried_again(flow: Flow, run: Run) -> Run:
    """Give a failed run as it stands before the node at which it failed.

    Args:
        flow: What it runs.
        run: The run.

    Raises:
        ConflictError: It has not failed, or nobody knows where.
    """
    if run.status is not RunStatus.FAILED:
        raise ConflictError(
            f"the run {run.id!r} has not failed",
            field="run",
            cause=f"It is {run.status.value}",
            remedy="Only a run that has failed can be tried again; one that is done is begun anew",
        )
    at = failed_at(run)
    if at not in flow.nodes:
        raise ConflictError(
            f"the run {run.id!r} cannot be tried again",
            field="run",
            cause="Nobody knows at which node it failed: what is kept of it could not be read then",
            remedy="Begin a new run with the same input",
        )
    others = max(0, run.failed_nodes - 1)  # the one that is tried again may do better
    return replace(run, at=at, status=RunStatus.RUNNING, error={}, failed_nodes=others)


def failed_at(run: Run) -> str | None:
    """Give the node at which a run failed; ``None`` when nobody knows, or it has not failed."""
    if run.status is not RunStatus.FAILED:
        return None
    node = run.error.get("node")
    if isinstance(node, str) and node:
        return node
    return run.trail[-1].node if run.trail and not run.trail[-1].by else None
