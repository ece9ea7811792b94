"""What PostgreSQL's complaints, and those of its driver, mean: whether trying again helps, and what somebody has to do.

SQLSTATE classes: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from typing import Final

from asyncpg import (  # type: ignore[import-untyped]
    InterfaceError,
    PostgresConnectionError,
    PostgresError,
)
from asyncpg.exceptions import (  # type: ignore[import-untyped]
    ClientConfigurationError,
    InternalClientError,
)

from eilbote.errors import OutboxError, OutboxUnavailableError
from eilbote.store.writer import Fault

_LOCKED: Final = {
    "40001",  # serialization failure
    "40P01",  # deadlock: the other one goes on
    "55P03",  # lock not available
}
_PASSING: Final = {
    "08": "See that the server runs and can be reached",
    "25006": "The server takes no writes, as a standby does: give the address of the one that does",
    "53100": "Free some space on the server's disk",
    "53": "Give the server more room: memory, connections, or disk",
    "57": "See that the server runs; it was stopped, or is starting",
    "58": "Look at the server's disk and at its log",
}
_DAMAGED: Final = frozenset({"XX001", "XX002"})
_REFUSED: Final = {
    "28": "Check the user and the password in EILBOTE_DATABASE_URL, and the server's pg_hba.conf",
    "3D": "Create the database, or name another in EILBOTE_DATABASE_URL",
    "42501": "Grant the user of EILBOTE_DATABASE_URL the right to it",
    "42": "See that the database is an outbox of eilbote, then run `eilbote db upgrade`",
}


_CERTIFICATE: Final = (
    "Give in EILBOTE_DATABASE_URL the file of the authority that signed the server's certificate (sslrootcert), and the host as it "
    "stands in the certificate"
)
_WRONG_URL: Final = "Correct EILBOTE_DATABASE_URL; it is read as libpq reads it"


def _remedy_of_the_way(error: BaseException) -> str | None:
    """Say what helps when the way to the server is not as the URL wants it; ``None`` when it is something else."""
    if hasattr(error, "verify_code"):  # of a certificate, by OpenSSL
        return _CERTIFICATE
    return _WRONG_URL if isinstance(error, ClientConfigurationError) else None


def _looked_up(table: dict[str, str], state: str) -> str | None:
    """Find a whole SQLSTATE, else its class."""
    return table.get(state) or table.get(state[:2])


def _state(error: BaseException) -> str:
    state: object = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else ""


def is_cut(error: BaseException) -> bool:
    """Tell whether the conversation with the server is over, so that what was sent last may have been done or not."""
    if isinstance(error, ValueError):  # the driver refused a value before it was sent
        return False
    if isinstance(
        error, OSError | TimeoutError | PostgresConnectionError | InterfaceError | InternalClientError
    ):
        return True
    return _state(error)[:2] in {"57", "08"}


def fault_of(error: BaseException) -> Fault:
    """Sort an exception that came out of a transaction, or of an attempt to connect."""
    state = _state(error)
    if _remedy_of_the_way(error) is not None:
        return Fault.LASTING
    if state in _LOCKED:
        return Fault.LOCKED
    if _looked_up(_PASSING, state) or is_cut(error):
        return Fault.PASSING
    if state in _DAMAGED or _looked_up(_REFUSED, state):
        return Fault.LASTING
    return Fault.OWN


def outbox_error(
    error: Exception, where: str, *, waited: float | None = None, unsure: bool = False
) -> Exception:
    """Say an exception of the driver as an error of the outbox; other exceptions stay what they are.

    Args:
        error: What was raised.
        where: The database, for people, without the password.
        waited: Seconds for which somebody waited for it to pass, if anybody did.
        unsure: The connection was lost while a transaction was committed, and nobody could tell how it ended.
    """
    if isinstance(error, OutboxError):
        return error
    state = _state(error)
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    waiting = "" if waited is None else f" after {waited:.1f} s of waiting"
    fault = fault_of(error)
    if unsure:
        return OutboxUnavailableError(
            f"the outbox {where} was lost while it was storing; whether it was stored could not be learned{waiting}",
            cause=said,
            remedy="Do the same again when it is back; a submission under an idempotency key is stored once",
        )
    if fault is Fault.LOCKED:
        return OutboxUnavailableError(
            f"the outbox {where} is locked{waiting}; nothing was stored",
            cause=said,
            remedy="End what holds it, then try again",
        )
    if fault is Fault.PASSING:
        return OutboxUnavailableError(
            f"the outbox {where} cannot be used for now{waiting}; nothing was stored",
            cause=said,
            remedy=_looked_up(_PASSING, state) or _PASSING["08"],
        )
    if state in _DAMAGED:
        return OutboxError(
            f"the outbox {where} is damaged",
            cause=said,
            remedy="Stop everything that uses it, and restore the database from a backup",
        )
    if fault is Fault.LASTING:
        remedy = _remedy_of_the_way(error)
        what = "refuses" if remedy is None else "cannot be reached in the way that its URL asks for"
        return OutboxError(
            f"the outbox {where} {what}", cause=said, remedy=remedy or _looked_up(_REFUSED, state)
        )
    if isinstance(error, PostgresError | ValueError | OverflowError):
        return OutboxError(
            f"the outbox {where} cannot keep this", cause=said, remedy="Report it: this is a bug"
        )
    return error
