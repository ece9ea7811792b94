"""What the options of the outbox say about a message, and which options do not go together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.cli.faults import CommandLineError

if TYPE_CHECKING:
    from eilbote.model.submission import SubmissionOptions

_FIELDS = {"key": "idempotency_key", "expires": "expires_at"}
_NO_SERVER = (
    "The courier that delivers it knows connections only, by name or by the URI in --via",
    "Keep one: `eilbote connection add NAME URI`, then name it with --connection",
)
_NOT_WITH_QUEUE = {
    "dialogue": (
        "The courier talks to the server, later",
        "Leave it out; `eilbote outbox show --dialogue ID` shows what was said where an attempt failed",
    ),
    "directory": (
        "The message is kept in the outbox, not in a directory",
        "Leave one of the two out; `eilbote outbox export ID` writes the message to a file",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the options of the outbox said, as it was written."""

    connections: tuple[str, ...] = ()
    key: str | None = None
    send_at: str | None = None
    expires: str | None = None
    on_in_doubt: str | None = None
    on_partial: str | None = None
    organization: str | None = None

    def options(self) -> SubmissionOptions:
        """Give them as the outbox understands them.

        Raises:
            CommandLineError: A time cannot be read.
            DraftError: The key cannot be used.
            NameNotValidError: The organization's name cannot be one.
        """
        from eilbote.cli.outbox_options import read_name
        from eilbote.cli.times import read_time
        from eilbote.engine.system_clock import SystemClock
        from eilbote.model.submission import InDoubtPolicy, PartialPolicy, SubmissionOptions

        now = SystemClock().now()
        send_at = None if self.send_at is None else read_time(self.send_at, field="send_at", now=now)
        expires = None if self.expires is None else read_time(self.expires, field="expires_at", now=now)
        return SubmissionOptions(
            idempotency_key=self.key,
            connections=self.connections,
            send_at=send_at,
            expires_at=expires,
            on_in_doubt=InDoubtPolicy(self.on_in_doubt or InDoubtPolicy.RETRY),
            on_partial=PartialPolicy(self.on_partial or PartialPolicy.RETRY_REST),
            organization="" if self.organization is None else read_name(self.organization),
        )


def check_wanted(wanted: Wanted, *, queue: bool, via: str | None, beside: dict[str, bool]) -> None:
    """Refuse options that do not go together.

    Args:
        wanted: What the options of the outbox said.
        queue: Whether the outbox is meant at all.
        via: The URI, if one is given.
        beside: For each field of the direct way, whether it is given.

    Raises:
        CommandLineError: They do not.
    """
    if wanted.connections and via is not None:
        raise CommandLineError(
            "a URI and a name are both given",
            field="connection",
            remedy="Give --via or --connection, not both",
        )
    if queue:
        for field, is_given in beside.items():
            if is_given:
                cause, remedy = _NOT_WITH_QUEUE.get(field, _NO_SERVER)
                raise CommandLineError(
                    "this is not possible with --queue", field=field, cause=cause, remedy=remedy
                )
        return
    for field in ("key", "send_at", "expires", "on_in_doubt", "on_partial", "organization"):
        if getattr(wanted, field) is not None:
            raise CommandLineError(
                "only the outbox can keep to this", field=_FIELDS.get(field, field), remedy="Add --queue"
            )
    if len(wanted.connections) > 1:
        raise CommandLineError(
            f"{len(wanted.connections)} connections are named",
            field="connection",
            cause="Without the outbox a message is tried once, through one of them",
            remedy="Name one, or add --queue",
        )
    if wanted.connections and (beside["service"] or beside["user"] or beside["password"]):
        raise CommandLineError(
            "a connection has its server and its user already",
            field="connection",
            remedy="Leave out --service, --user and --password-file, or --connection",
        )
