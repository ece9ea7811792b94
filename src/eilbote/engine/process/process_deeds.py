"""What instances want done, handed to whoever does it: one performer for each kind of deed.

A performer is asked again and again about the same deed until it is settled: after a wait, after a crash, by another worker. So what
it does, it does once under the deed's name, and where that cannot be had, it says what is in doubt.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar, assert_never

from eilbote.author.process.instance import (
    SERVICE_FAILED,
    Announce,
    CallHttp,
    DeedDone,
    RunFlow,
    SendMessage,
    SendOverRoute,
)
from eilbote.errors import AlreadySubmittedError, EilboteError, OutboxError, UnreadableEntryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.instance import Deed, Wanted
    from eilbote.author.process.kept import KeptInstance
    from eilbote.model.data import Data
    from eilbote.model.ids import EntryId
    from eilbote.model.moment import Moment

_LONGEST_NAME: Final = 100
_TRY: Final = re.compile(r"(.*/\d+)\.([1-9]\d*)", re.DOTALL)
_PLAIN: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A deed that is wanted.

    Attributes:
        kept: Whose it is.
        definition: Of which process.
        wanted: The deed, its key, and since when it is wanted.
        note: What was decided before it was begun, see :meth:`Deeds.prepare`.
        entry: The message that it waits for.
        again: Whether somebody may have begun with it before.
        now: The time.
    """

    kept: KeptInstance
    definition: Definition
    wanted: Wanted
    note: str = ""
    entry: EntryId | None = None
    again: bool
    now: Moment

    @property
    def name(self) -> str:
        """The name under which it is done once; one that people wanted tried anew has another one."""
        return self.wanted.key

    @property
    def former(self) -> tuple[str, ...]:
        """The names of the tries before, the latest first; none when this is the first."""
        found = _TRY.fullmatch(self.name)
        if found is None:
            return ()
        first, tries = found[1], int(found[2])
        return (*(f"{first}.{number}" for number in range(tries - 1, 0, -1)), first)

    @property
    def author(self) -> str:
        """Who wants it, for those who look at an outbox entry later."""
        return f"process:{self.kept.process}#{self.kept.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """It is under way; it is asked for again when the instance is woken, or due.

    Attributes:
        due: When it is to be looked at again at the latest; ``None`` when only what happens elsewhere can tell.
        entry: The message that is waited for.
    """

    due: Moment | None = None
    entry: EntryId | None = None


Performed: TypeAlias = DeedDone | Parked

D_contra = TypeVar("D_contra", contravariant=True)


class Performer(Protocol[D_contra]):
    """Does one kind of deed."""

    async def perform(self, asked: Asked, deed: D_contra, /) -> Performed:
        """Do it, or look how far it is.

        Raises:
            EilboteError: It cannot be done; that becomes its outcome.
            OutboxError: What is kept cannot be reached; it is tried again later.
        """
        ...


class Messenger(Performer["SendMessage"], Protocol):
    """Gives messages to instances."""

    async def prepare(self, asked: Asked, deed: SendMessage, /) -> str | Performed:
        """Decide who gets it, before it is begun."""
        ...


class Deeds:
    """Everything that instances can want.

    Args:
        mail: Sends over communication routes.
        web: Asks web servers.
        flows: Runs flows.
        messages: Gives messages to other instances, or begins them.
        announcements: Tells subscribers.
    """

    def __init__(
        self,
        *,
        mail: Performer[SendOverRoute],
        web: Performer[CallHttp],
        flows: Performer[RunFlow],
        messages: Messenger,
        announcements: Performer[Announce],
    ) -> None:
        self._mail = mail
        self._web = web
        self._flows = flows
        self._messages = messages
        self._announcements = announcements

    async def prepare(self, asked: Asked) -> str | Performed:
        """Decide what must stand before a deed is begun; it is kept and told to whoever takes the deed up again.

        Gives that, or that the deed cannot be begun yet, or not at all.

        Raises:
            OutboxError: What is kept cannot be reached.
        """
        deed = asked.wanted.deed
        return await self._messages.prepare(asked, deed) if isinstance(deed, SendMessage) else ""

    async def perform(self, asked: Asked) -> Performed:
        """Do what an instance wants, or look how far it is.

        Raises:
            OutboxError: What is kept cannot be reached.
        """
        deed = asked.wanted.deed
        try:
            return await self._perform(asked, deed)
        except (UnreadableEntryError, AlreadySubmittedError) as fault:  # waiting makes neither of them better
            return refused(fault, deed)
        except OutboxError:
            raise
        except EilboteError as fault:
            return refused(fault, deed)

    async def _perform(self, asked: Asked, deed: Deed) -> Performed:
        match deed:
            case SendOverRoute():
                return await self._mail.perform(asked, deed)
            case CallHttp():
                return await self._web.perform(asked, deed)
            case RunFlow():
                return await self._flows.perform(asked, deed)
            case SendMessage():
                return await self._messages.perform(asked, deed)
            case Announce():
                return await self._announcements.perform(asked, deed)
            case _:
                assert_never(deed)


def refused(fault: EilboteError, deed: Deed) -> DeedDone:
    """Give what comes of a deed that cannot be done: an error that a boundary event may catch for services, else an incident."""
    is_service = isinstance(deed, CallHttp | RunFlow)
    return failed(
        SERVICE_FAILED if is_service else fault.code,
        fault.what,
        field=fault.field,
        cause=fault.cause,
        remedy=fault.remedy,
        catchable=is_service,
    )


def failed(
    code: str,
    message: str,
    *,
    field: str | None = None,
    cause: str | None = None,
    remedy: str | None = None,
    result: Mapping[str, Data] | None = None,
    catchable: bool = False,
    in_doubt: bool = False,
    entry: str = "",
) -> DeedDone:
    """Give what comes of a deed that failed."""
    error: dict[str, Data] = {
        "code": code,
        "message": message,
        "field": field,
        "cause": cause,
        "remedy": remedy,
    }
    return DeedDone(result=result or {}, error=error, catchable=catchable, in_doubt=in_doubt, entry=entry)


def short_name(name: str) -> str:
    """Give a deed's name as one that others take as an id: at most 100 visible ASCII characters, the same each time."""
    if len(name) <= _LONGEST_NAME and _PLAIN.fullmatch(name):
        return name
    return digest_of(name)


def digest_of(*parts: str) -> str:
    """Name something by what makes it the same, so that it is begun once."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:26]
