"""An error as a run keeps it: plain data, with everything that its reader needs to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.errors import EilboteError
    from eilbote.model.data import Data


def told(fault: EilboteError, *, node: str = "") -> dict[str, Data]:
    """Give an error of eilbote's.

    Args:
        fault: What happened.
        node: The node at which it happened; empty when it concerns the run as a whole.
    """
    return told_as(
        fault.code, fault.what, node=node, field=fault.field, cause=fault.cause, remedy=fault.remedy
    )


def told_as(
    code: str,
    message: str,
    *,
    node: str = "",
    field: str | None = None,
    cause: str | None = None,
    remedy: str | None = None,
) -> dict[str, Data]:
    """Give an error that nobody has raised."""
    return {
        "code": code,
        "message": message,
        "node": node,
        "field": field,
        "cause": cause,
        "remedy": remedy,
    }


def told_unforeseen(fault: Exception, *, node: str = "") -> dict[str, Data]:
    """Give an error that eilbote does not know: a bug in it, or in a node of somebody else."""
    return told_as(
        "unforeseen",
        f"an unforeseen {type(fault).__name__}",
        node=node,
        cause=str(fault)[:1000] or None,
        remedy="Report it to those who made the node; the log has more",
    )
