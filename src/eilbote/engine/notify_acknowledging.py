"""Saying that somebody looks after an event, so that nobody else is told: by a link in the message, with one click, or by whoever is signed in.

A link names an event and an address, and is signed for this purpose alone. Who has the message may acknowledge what it tells, once or a hundred
times; the first one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.escalation import Acknowledgement
from eilbote.author.notification.store import RaisedFilter
from eilbote.engine.signed_names import SignedNames

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.notification.telling import KeptEvent
    from eilbote.engine.process.reply_keys import ReplyKeys
    from eilbote.model.moment import Moment

PATH: Final = "/acknowledge/"
"""What stands between the public address and a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where a link leads.

    Attributes:
        kept: Which event it is.
        address: Whom the link was sent to.
        acknowledgement: Who looks after it; ``None`` while nobody does.
    """

    kept: KeptEvent
    address: str
    acknowledgement: Acknowledgement | None

    def title(self, language: str) -> str:
        """Give the event's one line."""
        # Words are templates, and most who acknowledge anything by a command never see one.
        from eilbote.author.notification.wording import title_of

        return title_of(self.kept.event, language=language)


class Acknowledging:
    """Makes such links, and does what they say.

    Args:
        store: Where events are.
        keys: What links are signed with.
        public_url: What they begin with.
        now: Tells the time.
    """

    def __init__(
        self, store: NotificationStore, *, keys: ReplyKeys, public_url: str, now: Callable[[], Moment]
    ) -> None:
        self._store = store
        self._names = SignedNames(keys, purpose="acknowledge")
        self._public_url = public_url.rstrip("/")
        self._now = now

    def link(self, event: str, recipient: str) -> str:
        """Give the address at which somebody acknowledges an event; empty where nobody reaches us.

        Raises:
            SecretKeyError: There is no key, and none can be made.
        """
        if not self._public_url:
            return ""
        return f"{self._public_url}{PATH}{self._names.token(event, recipient)}"

    async def look(self, token: str) -> Asked | None:
        """Tell where a link leads; ``None`` when it is none of ours, or the event is forgotten.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        named = self._names.read(token)
        if named is None:
            return None
        event, address = named
        found = await self._store.events(RaisedFilter(id=event), limit=1)
        if not found:
            return None
        known = await self._store.acknowledgements([event])
        return Asked(kept=found[0], address=address, acknowledgement=known.get(event))

    async def acknowledge(self, token: str) -> Asked | None:
        """Do what a link says; once or a hundred times, it is the same.

        Raises:
            OutboxUnavailableError: The database does not answer; nothing was changed.
        """
        named = self._names.read(token)
        if named is None:
            return None
        event, address = named
        await self._store.acknowledge(Acknowledgement(event=event, at=self._now(), by=address))
        return await self.look(token)
