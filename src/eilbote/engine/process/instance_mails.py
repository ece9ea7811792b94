"""The messages of an instance, found in the outbox by the entries that it remembers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.process.picture.state import MailMark
from eilbote.engine.process.process_mail import mail_key
from eilbote.engine.run_mails import why_it_waits
from eilbote.errors import EntryNotFoundError
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.outbox.store import EntryFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.engine.desk import Desk
    from eilbote.engine.process.process_view import ProcessInstance
    from eilbote.outbox.entry import Entry

_SETTLED: Final = frozenset({EntryState.DONE, EntryState.CANCELLED})
_MOST_LOOKED_UP: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementMail:
    """A message that was sent at an element.

    Attributes:
        element: The element's id.
        entry: The entry in the outbox.
        waits_for: Why it is not settled yet, as far as that is known.
    """

    element: str
    entry: Entry
    waits_for: str = ""

    @property
    def mark(self) -> MailMark:
        """What became of it, as coarsely as a picture tells it."""
        statuses = {each.status for each in self.entry.recipients}
        if RecipientStatus.IN_DOUBT in statuses:
            return MailMark.IN_DOUBT
        if self.entry.state not in _SETTLED:
            return MailMark.UNDER_WAY
        if self.entry.state is EntryState.CANCELLED or RecipientStatus.FAILED in statuses:
            return MailMark.FAILED
        return MailMark.ACCEPTED


async def mails_of(eilbote: Desk, instance: ProcessInstance) -> Sequence[ElementMail]:
    """Give the messages of an instance, the first two hundred, in their order; what the outbox has forgotten is left out.

    A message that an incident is about is no passage yet; it is found by the name under which it was handed in.
    """
    found: list[ElementMail] = []
    for mail in instance.mails[:_MOST_LOOKED_UP]:
        if mail.entry is None:
            continue
        try:
            entry = (await eilbote.history(mail.entry)).entry
        except EntryNotFoundError:
            continue
        found.append(await _told(eilbote, mail.element, entry))
    known = {mail.entry.id for mail in found}
    for incident in instance.incidents[:_MOST_LOOKED_UP]:
        which = EntryFilter(idempotency_key=mail_key(incident.key), organization=instance.organization)
        found += [
            await _told(eilbote, incident.element, entry)
            for entry in await eilbote.entries(which, limit=1)
            if entry.id not in known
        ]
    return found


async def _told(eilbote: Desk, element: str, entry: Entry) -> ElementMail:
    waits_for = "" if entry.state in _SETTLED else await why_it_waits(eilbote, entry)
    return ElementMail(element=element, entry=entry, waits_for=waits_for)
