"""What ended a session, or kept a message from being sent in it, in words its reader can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.errors import (
    AttachmentError,
    DeliveryError,
    DeliveryTimeoutError,
    DisconnectedError,
    EilboteError,
    InDoubtError,
    LocalProtocolError,
    Scope,
)

if TYPE_CHECKING:
    from eilbote.errors import RemoteProtocolError
    from eilbote.model.redactor import Redactor

_REPORT = "Please report this with the traceback"


def broken_rule(
    fault: RemoteProtocolError, *, stage: str, server: str, redactor: Redactor
) -> DisconnectedError:
    """Say which rule the server broke; its own words are quoted without secrets."""
    # A traceback shows the fault itself, so its texts are cleaned as well.
    what = redactor.presentable(fault.what)
    cause = redactor.presentable(fault.cause) if fault.cause is not None else None
    fault.args, fault.what, fault.cause = (what,), what, cause
    error = DisconnectedError(what, stage=stage, server=server, cause=cause, remedy=fault.remedy)
    error.__cause__ = fault
    return error


def expired(seconds: float, *, stage: str, server: str) -> DeliveryTimeoutError:
    """Say that a deadline passed."""
    return DeliveryTimeoutError(
        f"the server did not answer within {seconds:g} seconds",
        stage=stage,
        server=server,
        remedy="Try again later; if it stays, look at the server, or at a firewall in between",
    )


def out_of_time(*, stage: str, server: str | None = None) -> DeliveryTimeoutError:
    """Say that a message's moment passed before its content was begun; the server certainly has not taken it."""
    return DeliveryTimeoutError(
        "the message was not sent: its moment had passed before its content was begun",
        field="not_after",
        stage=stage,
        server=server,
        scope=Scope.MESSAGE,
        cause="whoever handed it in must not send it any more after that",
        remedy="Claim it again before it is sent",
    )


def closed_by_server() -> DisconnectedError:
    """Say that the server went away without a word."""
    return DisconnectedError(
        "the server closed the connection", remedy="Try again; if it stays, ask the server's administrator"
    )


def closed_from_here(server: str) -> DisconnectedError:
    """Say that nobody wants the session any more."""
    return DisconnectedError("the session was closed from here", server=server)


def content_fault(error: Exception, *, server: str) -> EilboteError:
    """Say why a content could not be finished."""
    if isinstance(error, DeliveryError):
        error.server = server
    if isinstance(error, EilboteError):
        return error
    reason = error.strerror if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    fault = AttachmentError(
        "the content could not be read to its end",
        field="attachment.file",
        cause=reason or str(error),
        remedy="Check the attached files",
    )
    fault.__cause__ = error
    return fault


def content_unfinished(fault: EilboteError, *, server: str) -> DisconnectedError:
    """Say why a session had to end: nothing else keeps the server from taking half a content for a whole."""
    return DisconnectedError(
        "the session was closed because the content of a message could not be finished",
        server=server,
        cause=fault.what,
    )


def unforeseen(error: Exception, *, stage: str, server: str, redactor: Redactor) -> DisconnectedError:
    """Say that a session was given up because of a fault in this program."""
    lost = DisconnectedError(
        "the session was given up",
        stage=stage,
        server=server,
        cause=f"an unforeseen {type(error).__name__}: {redactor.presentable(str(error))}",
        remedy=_REPORT,
    )
    lost.__cause__ = error
    return lost


def not_begun(error: Exception, *, redactor: Redactor) -> LocalProtocolError:
    """Say that a message could not be begun because of a fault in this program."""
    fault = LocalProtocolError(
        "the message could not be begun",
        cause=f"an unforeseen {type(error).__name__}: {redactor.presentable(str(error))}",
        remedy=_REPORT,
    )
    fault.__cause__ = error
    return fault


def unwritten(error: Exception, *, server: str) -> InDoubtError:
    """Say that a result is lost because of a fault in this program."""
    fault = InDoubtError(
        "what became of the message could not be written down",
        stage="content",
        server=server,
        cause=f"an unforeseen {type(error).__name__}",
        remedy="Nobody knows whether it was taken; sending it again may deliver it twice",
    )
    fault.__cause__ = error
    return fault
