"""The connections to a PostgreSQL server: transactions that are done once, whatever happens to the connection.

Rules it keeps:

* What cannot be done *for now* (the server is stopped, restarts, has no room; a deadlock) is tried again with growing
  pauses. Patient work is tried until the link is closed, any other for as long as a submitter waits.
* When the connection is lost while a transaction is being committed, nobody knows from the outside whether it was.
  The server does: each transaction's number is noted beforehand, and the server is asked for its fate
  (``pg_xact_status``) before anything is tried again. So nothing is done twice, and nothing is reported that was not.
  A server that crashed may give a number that never reached its log to another transaction; what must not be lost
  is therefore looked for as well.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, cast

import asyncpg  # type: ignore[import-untyped]

from eilbote.errors import OutboxUnavailableError
from eilbote.store.postgres_faults import fault_of, is_cut, outbox_error
from eilbote.store.postgres_url import check_files, without_password
from eilbote.store.writer import Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

T = TypeVar("T")

_CONNECTIONS: Final = 8
_CONNECT_SECONDS: Final = 5
_REPLY_SECONDS: Final = 30.0
"""A server that does not answer a statement for so long is taken for lost."""
_FIRST_PAUSE, _LAST_PAUSE = 0.02, 2.0
_HABITS: Final = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"
"""What a step touches it finds by keys. A plan that reads whole tables is good while they are small, and a server keeps it
when they have grown: with 150,000 entries a settlement took twenty times as long."""
_LOOK: Final = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
    "SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on"
)
_NUMBER: Final = "SELECT pg_current_xact_id()::text"
_FATE: Final = "SELECT pg_xact_status($1::text::xid8)"
_END_IT: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_xid = $2::text::xid8::xid"


class Db(Protocol):
    """What is used of a connection of the driver's."""

    async def fetch(self, sql: str, /, *values: object) -> Sequence[Sequence[object]]:
        """Run a statement; gives its rows."""
        ...

    async def fetchval(self, sql: str, /, *values: object) -> object:
        """Run a statement; gives the first value of its first row."""
        ...

    async def execute(self, sql: str, /, *values: object) -> str:
        """Run a statement; gives what the server says of it, such as ``DELETE 3``."""
        ...


class Wire(Db, Protocol):
    """A connection of the driver's."""

    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Sequence[object]], columns: Sequence[str]
    ) -> str:
        """Add rows to a table with COPY."""
        ...

    def get_server_pid(self) -> int:
        """Give the number of the server's process for this connection."""
        ...

    async def close(self) -> None:
        """End the conversation."""
        ...

    def terminate(self) -> None:
        """Let go of the connection without a word."""
        ...


class Transaction:
    """A connection with a transaction open on it: a :class:`Db` that knows the transaction's number."""

    __slots__ = ("_db", "_number", "execute", "fetch", "fetchval")

    def __init__(self, db: Wire) -> None:
        self._db = db
        self._number = ""
        self.execute = db.execute
        self.fetch = db.fetch
        self.fetchval = db.fetchval

    def note(self, number: object) -> None:
        """Take the transaction's number from a statement that gave it besides, which saves a question."""
        self._number = str(number)

    async def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add rows to a table, many at a time."""
        await self._db.copy_records_to_table(table, records=rows, columns=columns)

    async def number(self) -> str:
        """Give the transaction's number."""
        return self._number or str(await self._db.fetchval(_NUMBER))


class _Pool(Protocol):
    def acquire(self, *, timeout: float) -> AbstractAsyncContextManager[Wire]: ...

    async def close(self) -> None: ...

    def terminate(self) -> None: ...


class PostgresLink:
    """A pool of connections to one database.

    Args:
        url: As libpq and the driver read it: ``postgresql://user:password@host/database``.
        busy_seconds: How long impatient work is tried while the server cannot be used.
        monotonic: Tells seconds that never run backwards.
    """

    def __init__(self, url: str, *, busy_seconds: float, monotonic: Callable[[], float]) -> None:
        self._url = f"postgresql:{url.partition(':')[2]}"  # the driver knows no name of a driver in it
        self._busy_seconds = busy_seconds
        self._monotonic = monotonic
        self._pool: _Pool | None = None
        self._closing = asyncio.Event()
        self.where = without_password(url)
        """The database, for people."""

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return self._pool is not None and not self._closing.is_set()

    async def connect(self) -> Wire:
        """Open a connection beside the pool.

        Raises:
            OutboxError: It cannot be opened.
        """
        try:
            return cast(
                "Wire",
                await asyncpg.connect(  # pyright: ignore[reportUnknownMemberType] - its types are partial
                    self._url, timeout=_CONNECT_SECONDS, command_timeout=_REPLY_SECONDS
                ),
            )
        except (*_DRIVER, OSError, ValueError) as error:
            raise self._said(error) from error

    async def open(self) -> None:
        """Make the pool; its connections are opened when they are needed.

        Raises:
            OutboxError: A file that the URL names cannot be read.
        """
        check_files(self._url)
        self._closing.clear()
        self._pool = cast(
            "_Pool",
            await asyncpg.create_pool(  # pyright: ignore[reportUnknownMemberType] - as above
                self._url,
                min_size=0,
                max_size=_CONNECTIONS,
                timeout=_CONNECT_SECONDS,
                command_timeout=_REPLY_SECONDS,
                init=_prepare,
                reset=_leave,  # nothing here changes a session, so there is nothing to set back at each return
                server_settings={"application_name": "eilbote", "timezone": "UTC"},
            ),
        )

    def announce_close(self) -> None:
        """Have everything tried once more at most."""
        self._closing.set()

    async def close(self) -> None:
        """Let go of every connection, once nobody uses it."""
        self._closing.set()
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await pool.close()
        except TimeoutError:
            pool.terminate()

    # -- work ------------------------------------------------------------------------------------------------

    async def read(self, question: Callable[[Db], Awaitable[T]]) -> T:
        """Ask something; tried again while the server cannot be used, within the patience for submitters.

        Raises:
            OutboxError: It cannot be read.
        """
        return await self._try(lambda: self._ask(question), patient=False)

    async def look(self, questions: Callable[[Db], Awaitable[T]]) -> T:
        """Ask several things of one moment.

        Raises:
            OutboxError: It cannot be read.
        """
        return await self._try(lambda: self._ask(lambda db: _looking(db, questions)), patient=False)

    async def repeat(self, work: Callable[[Db], Awaitable[T]]) -> T:
        """Do something in one statement that may as well be done twice; tried until it is done or the link is closed.

        Raises:
            OutboxError: It may or may not have been done.
        """
        return await self._try(lambda: self._ask(work), patient=True)

    async def transact(
        self,
        work: Callable[[Transaction], Awaitable[T]],
        *,
        patient: bool = False,
        proof: Callable[[Db, T], Awaitable[bool]] | None = None,
    ) -> T:
        """Do something in a transaction, once.

        Args:
            work: May be run again when nothing of it was kept.
            patient: Try until it is done or the link is closed.
            proof: Looks, where the reply to the commit was lost, whether what the work gave is there.

        Raises:
            OutboxError: Nothing of it was kept, or, if it says so, nobody could tell.
        """
        return await self._try(lambda: self._transact(work, patient, proof), patient=patient)

    async def _try(self, once: Callable[[], Awaitable[T]], *, patient: bool) -> T:
        began = self._monotonic()
        pause = _FIRST_PAUSE
        while True:
            last = self._closing.is_set()
            try:
                return await once()
            except (*_DRIVER, OSError, ValueError, OverflowError) as error:
                fault = fault_of(error)
                if fault in {Fault.OWN, Fault.LASTING}:
                    raise self._said(error) from error
                waited = self._monotonic() - began
                if last or (waited >= self._busy_seconds and not patient):
                    raise self._said(error, waited=waited) from error
                if fault is Fault.LOCKED:
                    pause = _FIRST_PAUSE
            await self._wait(pause)
            pause = min(2 * pause, _LAST_PAUSE)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _ask(self, question: Callable[[Wire], Awaitable[T]]) -> T:
        async with self._open_pool().acquire(timeout=_CONNECT_SECONDS) as db:
            return await question(db)

    async def _transact(
        self,
        work: Callable[[Transaction], Awaitable[T]],
        patient: bool,  # noqa: FBT001 - private, called once
        proof: Callable[[Db, T], Awaitable[bool]] | None,
    ) -> T:
        async with self._open_pool().acquire(timeout=_CONNECT_SECONDS) as db:
            await db.execute("BEGIN")
            transaction = Transaction(db)
            try:
                result = await work(transaction)
                number = await transaction.number()
            except BaseException:
                await _roll_back(db)
                raise
            process = db.get_server_pid()
            lost = await _commit(db)
        if lost is None:
            return result

        async def fate(db: Db) -> bool | None:
            known = await fate_of(db, number)
            if known is None:
                await db.fetchval(_END_IT, process, number)  # it waits for a client that is gone
            return known and (proof is None or await proof(db, result))

        if await self._learned(fate, lost, patient=patient):
            return result
        raise lost

    async def _learned(
        self, fate: Callable[[Db], Awaitable[bool | None]], lost: Exception, *, patient: bool
    ) -> bool:
        """Learn from the server how a transaction ended whose connection was lost; ``None`` means ask again.

        Raises:
            OutboxUnavailableError: The server does not come back.
        """
        began = self._monotonic()
        pause = _FIRST_PAUSE
        while True:
            last = self._closing.is_set()
            try:
                async with self._open_pool().acquire(timeout=_CONNECT_SECONDS) as db:
                    known = await fate(db)
                    if known is not None:
                        return known
            except (*_DRIVER, OSError) as error:
                if fault_of(error) is Fault.LASTING:
                    raise self._said(error, unsure=True) from error
            waited = self._monotonic() - began
            if last or (waited >= self._busy_seconds and not patient):
                raise self._said(lost, waited=waited, unsure=True) from lost
            await self._wait(pause)
            pause = min(2 * pause, _LAST_PAUSE)

    def _open_pool(self) -> _Pool:
        if self._pool is None:
            raise OutboxUnavailableError(f"the outbox {self.where} is not open", remedy="Open it first")
        return self._pool

    def _said(self, error: Exception, *, waited: float | None = None, unsure: bool = False) -> Exception:
        return outbox_error(error, self.where, waited=waited, unsure=unsure)


_DRIVER: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Everything the driver raises on its own account."""


async def _prepare(db: Db) -> None:
    """Make a new connection one of ours."""
    await db.execute(_HABITS)


async def _leave(_: Db) -> None:
    """Leave a connection that is given back as it is."""


async def fate_of(db: Db, number: str) -> bool | None:
    """Tell whether a transaction was committed; ``None`` while it is under way."""
    try:
        status = await db.fetchval(_FATE, number)
    except asyncpg.InvalidParameterValueError:  # "in the future": the server crashed and has forgotten it
        return False
    return None if status == "in progress" else status == "committed"


async def _looking(db: Wire, questions: Callable[[Db], Awaitable[T]]) -> T:
    await db.execute(_LOOK)
    try:
        return await questions(db)
    finally:
        await _roll_back(db)


async def _commit(db: Wire) -> Exception | None:
    """Commit; gives what happened when the connection was lost over it, so that nobody knows how it ended."""
    try:
        await db.execute("COMMIT")
    except Exception as error:
        if not is_cut(error):
            raise
        _let_go(db)
        return error
    except BaseException:
        _let_go(db)
        raise
    return None


def _let_go(db: Wire) -> None:
    """End a connection that cannot be trusted any more."""
    with suppress(asyncpg.InterfaceError):  # the pool has noticed and taken it back
        db.terminate()


async def _roll_back(db: Wire) -> None:
    try:
        await db.execute("ROLLBACK")
    except (*_DRIVER, OSError):
        _let_go(db)  # and the server rolls back by itself
