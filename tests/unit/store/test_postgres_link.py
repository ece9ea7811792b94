"""What of a database's URL people may see, and what the server's complaints mean; no server is asked."""

from __future__ import annotations

import asyncpg
import pytest

from eilbote.errors import OutboxError, OutboxUnavailableError
from eilbote.store.postgres_faults import fault_of, is_cut, outbox_error
from eilbote.store.postgres_url import without_password
from eilbote.store.writer import Fault


@pytest.mark.parametrize(
    "url,shown",
    [
        ("postgresql://ann:s3cret@db.example.org:5433/mail", "postgresql://ann@db.example.org:5433/mail"),
        ("postgres://ann:p%40ss@db/mail?sslmode=require", "postgresql://ann@db/mail?sslmode=require"),
        ("postgresql://ann:s3cr@t@db/mail", "postgresql://ann@db/mail"),
        ("postgresql://db/mail?user=ann&password=s3cret", "postgresql://db/mail?user=ann"),
        (
            "postgresql://db/mail?sslpassword=s3cret&passfile=/home/ann/.pgpass&host=/run/postgresql",
            "postgresql://db/mail?host=/run/postgresql",
        ),
        ("postgresql:///mail", "postgresql:///mail"),
        ("postgresql://ann:s3c/ret?x@db/mail", "postgresql://ann@db/mail"),
        (
            "postgresql://postgres@/mail?host=/run/postgresql",
            "postgresql://postgres@/mail?host=/run/postgresql",
        ),
    ],
)
def test_people_see_the_database_and_not_the_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize(
    "error,fault,kind,remedy",
    [
        (asyncpg.DeadlockDetectedError("x"), Fault.LOCKED, OutboxUnavailableError, "End what holds it"),
        (asyncpg.DiskFullError("x"), Fault.PASSING, OutboxUnavailableError, "Free some space"),
        (asyncpg.TooManyConnectionsError("x"), Fault.PASSING, OutboxUnavailableError, "more room"),
        (asyncpg.AdminShutdownError("x"), Fault.PASSING, OutboxUnavailableError, "See that the server runs"),
        (
            asyncpg.CannotConnectNowError("x"),
            Fault.PASSING,
            OutboxUnavailableError,
            "See that the server runs",
        ),
        (asyncpg.ReadOnlySQLTransactionError("x"), Fault.PASSING, OutboxUnavailableError, "standby"),
        (ConnectionRefusedError("x"), Fault.PASSING, OutboxUnavailableError, "can be reached"),
        (TimeoutError(), Fault.PASSING, OutboxUnavailableError, "can be reached"),
        (asyncpg.InterfaceError("x"), Fault.PASSING, OutboxUnavailableError, "can be reached"),
        (asyncpg.InvalidPasswordError("x"), Fault.LASTING, OutboxError, "Check the user and the password"),
        (asyncpg.InvalidCatalogNameError("x"), Fault.LASTING, OutboxError, "Create the database"),
        (asyncpg.InsufficientPrivilegeError("x"), Fault.LASTING, OutboxError, "Grant"),
        (asyncpg.UndefinedTableError("x"), Fault.LASTING, OutboxError, "eilbote db upgrade"),
        (asyncpg.DataCorruptedError("x"), Fault.LASTING, OutboxError, "restore the database"),
        (asyncpg.StringDataRightTruncationError("x"), Fault.OWN, OutboxError, "Report it"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "x"), Fault.OWN, OutboxError, "Report it"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_complaint_says_whether_trying_again_helps_and_what_to_do(
    error: Exception, fault: Fault, kind: type[OutboxError], remedy: str
) -> None:
    said = outbox_error(error, "postgresql://db/mail")

    assert fault_of(error) is fault
    assert type(said) is kind
    assert remedy in str(said)
    assert "postgresql://db/mail" in str(said)


def test_an_error_of_our_own_stays_what_it_is() -> None:
    bug = KeyError("x")

    assert outbox_error(bug, "x") is bug


def test_nobody_is_told_that_nothing_was_stored_where_that_is_not_known() -> None:
    said = str(outbox_error(ConnectionResetError(), "postgresql://db/mail", waited=5.0, unsure=True))

    assert "nothing was stored" not in said
    assert "idempotency key" in said


@pytest.mark.parametrize(
    "error,cut",
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (asyncpg.ConnectionDoesNotExistError("x"), True),
        (asyncpg.AdminShutdownError("x"), True),
        (asyncpg.DiskFullError("x"), False),
        (asyncpg.SerializationError("x"), False),
        (ValueError("x"), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_a_lost_conversation_leaves_a_commit_open(error: Exception, cut: bool) -> None:
    assert is_cut(error) is cut
