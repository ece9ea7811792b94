"""Writes down who did what, and proves that nothing was taken out."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.accounts.audit import BEGINNING, Deed, first_break
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.accounts.audit import AuditFilter, AuditRecord
    from eilbote.accounts.principal import Origin, Principal
    from eilbote.accounts.store import AccountStore
    from eilbote.model.clock import Clock

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What became of looking the book over.

    Attributes:
        records: How many there are.
        last: The hash of the latest one; worth being noted elsewhere.
        broken_at: The sequence of the first record that does not follow from the one before it, or is missing at the end; ``None``
            when the book is whole.
    """

    records: int
    last: str
    broken_at: int | None = None


class AuditBook:
    """The book of who did what.

    Args:
        store: Where it is kept.
        clock: Tells the time.
    """

    def __init__(self, store: AccountStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(
        self,
        principal: Principal,
        origin: Origin,
        action: str,
        thing: str = "",
        *,
        organization: str | None = None,
        before: Mapping[str, object] = _NOTHING,
        after: Mapping[str, object] = _NOTHING,
    ) -> AuditRecord:
        """Write down what somebody did; it is on the disk when this returns.

        Args:
            principal: Who did it.
            origin: Whence.
            action: What, ``<thing>.<verb>``.
            thing: To which thing: its kind and its id or name.
            organization: Whom it concerns; that of the principal when ``None``.
            before: What it was, as far as it changed; secrets as ``"***"``.
            after: What it is, the same way.

        Raises:
            OutboxUnavailableError: The database does not answer; nothing was written.
        """
        (record,) = await self._store.write(
            (
                Deed(
                    at=moment_of(self._clock.now()),
                    organization=principal.organization if organization is None else organization,
                    kind=principal.kind,
                    who=principal.id,
                    name=principal.name,
                    action=action,
                    thing=thing,
                    before=before,
                    after=after,
                    door=origin.door,
                    address=origin.address,
                    request=origin.request,
                ),
            )
        )
        return record

    async def records(
        self, which: AuditFilter, *, limit: int = 100, after: int | None = None
    ) -> Sequence[AuditRecord]:
        """Give records, the latest first, behind one of them.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._store.records(which, limit=limit, after=after)

    async def verify(self) -> Verified:
        """Look the whole book over, up to the end that is noted apart from it.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        noted = (
            await self._store.book_end()
        )  # before the records: whatever is written meanwhile stands behind it
        last, sequence, at_noted = BEGINNING, 0, BEGINNING
        while records := await self._store.records_from(sequence + 1, limit=_AT_ONCE):
            broken = first_break(records, before=last, sequence=sequence)
            if broken is not None:
                return Verified(records=broken - 1, last=last, broken_at=broken)
            last, sequence = records[-1].hash, records[-1].sequence
            if noted is not None and records[0].sequence <= noted[0] <= sequence:
                at_noted = records[noted[0] - records[0].sequence].hash
        if noted is not None and sequence < noted[0]:
            return Verified(records=sequence, last=last, broken_at=sequence + 1)
        if noted is not None and at_noted != noted[1]:
            return Verified(records=noted[0] - 1, last=last, broken_at=noted[0])
        return Verified(records=sequence, last=last)
