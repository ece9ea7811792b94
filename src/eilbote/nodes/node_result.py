"""What came of a node that was run by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.model.data import Data


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """What a node leaves behind; nothing of it is shared with what was handed in.

    Attributes:
        input: The input, with the result in it when the node keeps it there. Numbers with a fraction are decimal.
        context: The context, the same way.
        result: What became of the message, wherever the node keeps it: ``status`` (``accepted``, ``partial``, ``failed``,
            ``deferred``, ``in_doubt``, ``cancelled`` or ``queued``), ``id`` of the outbox's entry, ``recipients`` and the keys
            of nodemailer's results. Empty when the run ended before there was one.
        error: Why the message could not be sent: ``code``, ``message``, ``field``, ``cause``, ``remedy``. Empty when it could.
        stops: Whether the process is to end here: there is an error, and the node says ``stop_on_error``.
        run: The id of the run, for ``eilbote flow show``.
    """

    input: Mapping[str, Data]
    context: Mapping[str, Data]
    result: Mapping[str, Data]
    error: Mapping[str, Data]
    stops: bool
    run: str
