"""What a pool says when it cannot send: it was closed, or opening a session ended in a fault of ours."""

from __future__ import annotations

from eilbote.errors import DeliveryError, DisconnectedError


def closed() -> DisconnectedError:
    """Say that a message came too late, or waited when its mailer was closed."""
    return DisconnectedError(
        "the message was not sent: its mailer was closed",
        cause="the mailer was closed while messages waited, or used after that",
        remedy="Send before the mailer's block ends",
    )


def unforeseen(error: Exception) -> DeliveryError:
    """Say that opening a session ended in a fault nobody has foreseen; whoever waits must hear of it."""
    made = DeliveryError(
        "no session could be opened",
        cause=f"an unforeseen {type(error).__name__}: {error}",
        remedy="Please report this with the traceback",
    )
    made.__cause__ = error
    return made
