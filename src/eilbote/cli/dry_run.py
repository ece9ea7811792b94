"""``eilbote send --dry-run``: what would be sent, and to whom."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.cli.screen import Screen
    from eilbote.model.address import Mailbox
    from eilbote.model.draft import Draft
    from eilbote.model.envelope import Envelope


def show_composed(draft: Draft, default_from: Mailbox | None, screen: Screen) -> None:
    """Compose the message as for a server without extensions, and write its octets or its structure to stdout.

    Raises:
        DraftError: The draft cannot be sent as it is.
        SettingsError: There is no From.
    """
    from eilbote.cli.mime_tree import structure_of
    from eilbote.compose.composer import Composer
    from eilbote.engine.random_ids import RandomIds
    from eilbote.engine.system_clock import SystemClock

    composer = Composer(clock=SystemClock(), ids=RandomIds(), default_from=default_from)
    envelope, message = composer.compose(draft)
    if not screen.as_json:
        sys.stdout.flush()
        for chunk in message.chunks():
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        screen.note(f"nothing was sent; {message.size:,} octets would go {_way(envelope)}")
        return
    from email import message_from_bytes
    from email.policy import SMTPUTF8

    structure = structure_of(message_from_bytes(message.octets(), policy=SMTPUTF8))
    screen.data(
        {
            "sent": False,
            "message_id": message.message_id,
            "envelope": _envelope_data(envelope),
            "size": message.size,
            "body": message.body.value,
            "smtputf8": message.smtputf8 or envelope.needs_smtputf8,
            "structure": structure.as_data(),
        }
    )


def _way(envelope: Envelope) -> str:
    return f"from <{envelope.reverse_path}> to {', '.join(f'<{path}>' for path in envelope.forward_paths)}"


def _envelope_data(envelope: Envelope) -> Mapping[str, object]:
    return {"reverse_path": envelope.reverse_path, "forward_paths": list(envelope.forward_paths)}
