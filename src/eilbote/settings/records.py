"""The port behind which everything lies that is kept beside the outbox: connections, settings, tokens, consents, and their keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from eilbote.connections.stored import ConnectionStore
    from eilbote.oauth2.token import TokenStore
    from eilbote.oauth2.waiting_consent import ConsentStore
    from eilbote.settings.scope import SettingsStore


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """A key for secrets, without the key itself.

    Attributes:
        id: What it is called.
        place: Where it comes from, for people; empty when it is needed and nowhere to be found.
        secrets: How many are encrypted with it.
        encrypts: Whether new secrets are encrypted with it.
    """

    id: str
    place: str
    secrets: int
    encrypts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation has done.

    Attributes:
        key_id: The key that encrypts from now on.
        place: Where it is kept, for people.
        secrets: How many secrets were encrypted anew with it.
        former: The keys that nothing needs any more, and that may be retired.
        resumed: Whether an interrupted rotation was finished rather than a new one begun.
    """

    key_id: str
    place: str
    secrets: int
    former: tuple[str, ...]
    resumed: bool


class KeyKeeper(Protocol):
    """Looks after the keys that secrets are encrypted with."""

    async def keys(self) -> tuple[KeptKey, ...]:
        """Tell every key that is known or needed, the one that encrypts first.

        Raises:
            SecretKeyError: The keys cannot be read.
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def rotate(self) -> Rotation:
        """Encrypt everything with a new key, while others go on; one that was interrupted is finished.

        Raises:
            SecretKeyError: No key can be made, because somebody hands them in, or one that is needed is missing.
            OutboxUnavailableError: The database does not answer; what was done so far stays done.
        """
        ...

    async def retire(self, key_id: str) -> bool:
        """Throw a key away that nothing needs; ``False`` when it is not ours to throw away, and somebody else has to.

        Raises:
            SettingsError: There is none of that id, or it is needed.
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def abandon(self, key_id: str) -> int:
        """Give up the secrets that a key does not open any more, all of them when it is lost; says how many.

        What they belong to stays, without them.

        Raises:
            SettingsError: Nothing is encrypted with it, or it opens everything.
            OutboxUnavailableError: The database does not answer.
        """
        ...


class Records(Protocol):
    """Everything that is kept beside the outbox, in the same database."""

    @property
    def connections(self) -> ConnectionStore:
        """Stored connections."""
        ...

    @property
    def settings(self) -> SettingsStore:
        """The settings of host and organizations."""
        ...

    @property
    def tokens(self) -> TokenStore:
        """Access tokens."""
        ...

    @property
    def consents(self) -> ConsentStore:
        """Consents that people were sent away for."""
        ...

    @property
    def keys(self) -> KeyKeeper:
        """The keys of all secrets."""
        ...

    async def open(self, *, check_keys: bool = True) -> None:
        """Make ready; an empty database gets its tables.

        Args:
            check_keys: See that every secret can be decrypted. Whoever puts keys in order opens without.

        Raises:
            SecretKeyError: A key is missing, malformed, or not the one that secrets were encrypted with.
            OutboxSchemaError: The database is older or newer than this program, or none of eilbote's.
            OutboxUnavailableError: It does not answer.
        """
        ...

    async def close(self) -> None:
        """Finish what was begun, then let go of everything; closing again does no harm."""
        ...
