"""What a courier keeps to beside what entries and connections say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.engine.return_paths import ReturnPaths
    from eilbote.engine.suppression_desk import SuppressionDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRules:
    """What a courier keeps to.

    Attributes:
        suppressions: Who gets nothing; nobody is asked when ``None``.
        enters_refused: Whether those are entered there whom a server does not know.
        return_paths: Where what cannot be delivered returns to; to whom the envelope says when ``None``.
    """

    suppressions: SuppressionDesk | None = None
    enters_refused: bool = False
    return_paths: ReturnPaths | None = None


NO_RULES = MailRules()
