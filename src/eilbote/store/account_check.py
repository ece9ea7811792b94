"""Looks accounts, the audit book, webhooks and suppressed addresses over: what belongs to what, and whether the book is whole.

The same for both databases, in the one view of it that the caller has opened. What is found is said as sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.accounts.audit import BEGINNING, first_break
from eilbote.accounts.role import Role
from eilbote.accounts.session import LinkPurpose
from eilbote.accounts.user import UserState
from eilbote.record.suppression import SuppressionReason
from eilbote.record.webhook import DeliveryState
from eilbote.store import audit_rows
from eilbote.store.row_check import RowOddity, oddity_faults, one_of, told

if TYPE_CHECKING:
    from eilbote.store.record_database import Statements

_PAGE: Final = 1000
_NO_ORGANIZATION: Final = "organization <> '' AND organization NOT IN (SELECT name FROM organization)"
_NO_USER: Final = "user_id NOT IN (SELECT id FROM app_user)"
_NO_WEBHOOK: Final = "webhook NOT IN (SELECT id FROM webhook)"

_ODDITIES: Final = (
    RowOddity(
        what="user of an organization that is not there", name="id", rows=f"app_user WHERE {_NO_ORGANIZATION}"
    ),
    RowOddity(
        what="user of a kind nobody knows",
        name="id",
        rows=f"app_user WHERE role NOT IN ({one_of(Role)}) OR state NOT IN ({one_of(UserState)})",
    ),
    RowOddity(
        what="API key of an organization that is not there",
        name="id",
        rows=f"api_key WHERE {_NO_ORGANIZATION}",
    ),
    RowOddity(what="session of a user who is not there", name="user_id", rows=f"session WHERE {_NO_USER}"),
    RowOddity(
        what="one-time link of a user who is not there",
        name="user_id",
        rows=f"one_time_link WHERE user_id <> '' AND {_NO_USER}",
    ),
    RowOddity(
        what="one-time link for a purpose nobody knows",
        name="user_id",
        rows=f"one_time_link WHERE purpose NOT IN ({one_of(LinkPurpose)})",
    ),
    RowOddity(
        what="delivery to a webhook that is not there",
        name="id",
        rows=f"hook_delivery WHERE {_NO_WEBHOOK}",
    ),
    RowOddity(
        what="delivery in a state nobody knows",
        name="id",
        rows=f"hook_delivery WHERE state NOT IN ({one_of(DeliveryState)})",
    ),
    RowOddity(
        what="delivery that has ended and waits at once, or neither",
        name="id",
        rows="hook_delivery WHERE (state = 'waiting') = (ended IS NOT NULL)",
    ),
    RowOddity(
        what="webhook without its secret",
        name="id",
        rows="webhook WHERE NOT EXISTS (SELECT 1 FROM secret WHERE secret.kind = 'webhook' AND secret.owner = webhook.id "
        "AND secret.organization = webhook.organization AND secret.field = 'secret')",
    ),
    RowOddity(
        what="secret of a webhook that is not there",
        name="owner",
        rows="secret WHERE kind = 'webhook' AND NOT EXISTS "
        "(SELECT 1 FROM webhook WHERE webhook.id = secret.owner AND webhook.organization = secret.organization)",
    ),
    RowOddity(
        what="secret of a consent that does not wait",
        name="owner",
        rows="secret WHERE kind = 'consent' AND NOT EXISTS (SELECT 1 FROM consent WHERE consent.digest = secret.owner)",
    ),
    RowOddity(
        what="address suppressed for a reason nobody knows",
        name="address",
        rows=f"suppression WHERE reason NOT IN ({one_of(SuppressionReason)})",
    ),
)


async def account_faults(db: Statements) -> list[str]:
    """Say everything that is wrong with accounts, the audit book, webhooks, suppressed addresses and consents."""
    return [*await oddity_faults(db, _ODDITIES), *await _book_faults(db)]


async def _book_faults(db: Statements) -> list[str]:
    """Go through the whole book, as far as it hangs together."""
    last, sequence = BEGINNING, 0
    elsewhere: list[int] = []
    while records := await audit_rows.from_sequence(db, sequence + 1, limit=_PAGE):
        broken = first_break(records, before=last, sequence=sequence)
        if broken is not None:
            return [
                f"the audit book does not hang together at record {broken}: it, or one before it, was changed or taken out",
                *_searched_wrongly(elsewhere),
            ]
        elsewhere += await audit_rows.found_elsewhere(db, records)
        last, sequence = records[-1].hash, records[-1].sequence
    noted = await audit_rows.head(db)
    if noted is not None and noted != (sequence, last):
        return [
            f"the audit book ends at record {sequence}, but its last record is noted as {noted[0]}: its end was cut off",
            *_searched_wrongly(elsewhere),
        ]
    return _searched_wrongly(elsewhere)


def _searched_wrongly(sequences: list[int]) -> list[str]:
    return told("audit record that is found by what it does not say", [str(each) for each in sequences])
