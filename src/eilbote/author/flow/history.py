"""What is to be written of a flow when versions of it come from elsewhere: one after the other, and its draft last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.author.flow.store import StoredFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowHistory:
    """Versions that are put on top of those that a flow has.

    Attributes:
        flow: The flow as it was read; of revision 0 when it is new.
        texts: What is published, in this order; each becomes a version with the next number.
        draft: The draft that is there in the end; ``None`` leaves none where something is published, else the one there is.
    """

    flow: StoredFlow
    texts: tuple[str, ...] = ()
    draft: str | None = None
