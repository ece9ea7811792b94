"""What the exit code of a command means. Documented, used by scripts, and frozen: codes are only ever added."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from eilbote.cli.faults import CommandLineError, FieldNotValidError, NameNotValidError, UnreadableFileError
from eilbote.errors import (
    AuthenticationError,
    ConnectionNotFoundError,
    DeliveryError,
    DraftError,
    Durability,
    EilboteError,
    EntryNotFoundError,
    FlowError,
    NotFoundError,
    OutboxUnavailableError,
    ProcessError,
    ProviderNotFoundError,
    RecipientsRefusedError,
    RouteError,
    SignInError,
    ThrottledError,
    UriError,
)

if TYPE_CHECKING:
    from eilbote.model.receipt import Receipt


class ExitCode(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    """Done; of a message: every recipient was accepted."""
    FAILED = 1
    """Failed for good: refused by the server, or a setting is missing or wrong."""
    USAGE = 2
    """The command line itself is wrong; nothing was tried."""
    INVALID = 3
    """What was given cannot be used, or was not found; nothing was sent."""
    TEMPORARY = 4
    """Failed for now: the same command may succeed later."""
    SIGN_IN = 5
    """The server refused the credentials, or wants some."""
    INTERRUPTED = 130
    """Ended by Ctrl-C (128 + SIGINT)."""


_INVALID = (
    DraftError,
    UriError,
    UnreadableFileError,
    NameNotValidError,
    FieldNotValidError,
    ProviderNotFoundError,
    ConnectionNotFoundError,
    EntryNotFoundError,
    FlowError,
    RouteError,
    ProcessError,
    NotFoundError,
)


def exit_code_of(error: EilboteError) -> ExitCode:
    """Give the exit code that tells a script what to do about an error."""
    match error:
        case RecipientsRefusedError(receipt=receipt):
            return exit_code_of_receipt(receipt)
        case DeliveryError(durability=Durability.TRANSIENT) | OutboxUnavailableError() | ThrottledError():
            return ExitCode.TEMPORARY
        case AuthenticationError() | SignInError():
            return ExitCode.SIGN_IN
        case CommandLineError():
            return ExitCode.USAGE
        case _ if isinstance(error, _INVALID):
            return ExitCode.INVALID
        case _:
            return ExitCode.FAILED


def exit_code_of_receipt(receipt: Receipt) -> ExitCode:
    """Give the exit code of one message.

    ``TEMPORARY`` only when another attempt at the recipients that are left can do no harm: when one is in doubt,
    it may have the message already, and a script must not send it twice; nor when somebody was accepted.
    """
    if receipt.ok:
        return ExitCode.DONE
    if receipt.accepted or receipt.in_doubt:
        return ExitCode.FAILED
    if receipt.error is not None:
        return exit_code_of(receipt.error)
    if receipt.deferred and not receipt.failed:
        return ExitCode.TEMPORARY
    return ExitCode.FAILED
