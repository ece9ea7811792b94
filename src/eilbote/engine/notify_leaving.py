"""Links by which somebody ends that they are told, with one click and without signing in (RFC 8058).

A link names a subscription and an address, and is signed for this purpose alone; it ends what it names and nothing else, once or a hundred
times. There is nothing to keep for it. Its secret part is no password: who has the message may end it, and whoever runs the subscription sees
who has left and can have them told again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.defaults import MANDATORY, default_subscription
from eilbote.author.notification.subscription import MOST_LEFT
from eilbote.engine.signed_names import SignedNames
from eilbote.errors import ConflictError, SettingsError

if TYPE_CHECKING:
    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.notification.subscription import Subscription
    from eilbote.engine.process.reply_keys import ReplyKeys

PATH: Final = "/unsubscribe/"
"""What stands between the public address and a token."""
_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Where a link leads.

    Attributes:
        address: Whom it concerns.
        pattern: Of which events they are told.
        language: In which language.
        has_left: Whether they are told no more.
    """

    address: str
    pattern: str
    language: str
    has_left: bool


class Leaving:
    """Makes such links, and does what they say.

    Args:
        store: Where subscriptions are.
        keys: What links are signed with.
        public_url: What they begin with.
    """

    def __init__(self, store: NotificationStore, *, keys: ReplyKeys, public_url: str) -> None:
        self._store = store
        self._names = SignedNames(keys)
        self._public_url = public_url.rstrip("/")

    def link(self, subscription: str, recipient: str) -> str:
        """Give the address at which somebody ends what they are told by a subscription; empty where nobody reaches us.

        Raises:
            SecretKeyError: There is no key, and none can be made.
        """
        if not self._public_url or subscription == MANDATORY:
            return ""
        return f"{self._public_url}{PATH}{self._names.token(subscription, recipient)}"

    async def look(self, token: str) -> Left | None:
        """Tell where a link leads; ``None`` when it is none of ours, or the subscription is gone.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        named = self._names.read(token)
        if named is None:
            return None
        known = await self._subscription(named[0])
        return None if known is None else _left(known, named[1])

    async def leave(self, token: str) -> Left | None:
        """End what a link names; once or a hundred times, it is the same.

        Raises:
            OutboxUnavailableError: The database does not answer; nothing was changed.
            ConflictError: Too many change this subscription at once.
            SettingsError: Too many have left it.
        """
        named = self._names.read(token)
        if named is None:
            return None
        for attempt in range(_ATTEMPTS):
            known = await self._subscription(named[0])
            if known is None:
                return None
            now = _left(known, named[1])
            if now.has_left:
                return now
            try:
                kept = await self._store.keep_subscription(replace(known, left=with_left(known, named[1])))
            except ConflictError:  # somebody has changed it just now
                if attempt + 1 == _ATTEMPTS:
                    raise
                continue
            return _left(kept, named[1])
        return None

    async def _subscription(self, id_: str) -> Subscription | None:
        return await self._store.subscription(id_) or default_subscription(id_)


def with_left(subscription: Subscription, address: str) -> tuple[str, ...]:
    """Give who has left a subscription, with one more.

    Raises:
        SettingsError: Too many have.
    """
    if address.lower() in {each.lower() for each in subscription.left}:
        return subscription.left
    if len(subscription.left) >= MOST_LEFT:
        raise SettingsError(
            f"{MOST_LEFT} people have left this subscription",
            field="left",
            remedy="Ask who looks after it to end it, or to name fewer people",
        )
    return (*subscription.left, address)


def _left(subscription: Subscription, address: str) -> Left:
    return Left(
        address=address,
        pattern=subscription.pattern,
        language=subscription.language,
        has_left=address.lower() in {each.lower() for each in subscription.left},
    )
