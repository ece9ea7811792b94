"""Connections, settings, tokens, waiting consents and keys of one database, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.store.connection_rows import ConnectionRows
from eilbote.store.consent_rows import ConsentRows
from eilbote.store.key_rows import KeyRows
from eilbote.store.secret_rows import SecretRows
from eilbote.store.setting_rows import SettingRows
from eilbote.store.token_rows import TokenRows

if TYPE_CHECKING:
    from eilbote.store.key_ring import KeyRing
    from eilbote.store.record_database import RecordDatabase


class DatabaseRecords:
    """:class:`~eilbote.settings.records.Records` in a database.

    Args:
        database: The database.
        key_ring: The keys for secrets.

    Attributes:
        connections: Stored connections.
        settings: The settings of host and organizations.
        tokens: Access tokens.
        consents: Consents that wait.
        keys: The keys of all secrets.
    """

    def __init__(self, database: RecordDatabase, key_ring: KeyRing) -> None:
        self._database = database
        self._secrets = SecretRows(database, key_ring)
        self.connections = ConnectionRows(database, self._secrets)
        self.settings = SettingRows(database, self._secrets)
        self.tokens = TokenRows(database, self._secrets)
        self.consents = ConsentRows(database, self._secrets)
        self.keys = KeyRows(database, self._secrets)

    async def open(self, *, check_keys: bool = True) -> None:
        """See :meth:`Records.open <eilbote.settings.records.Records.open>`."""
        await self._database.open()
        if not check_keys:
            return
        try:
            await self._secrets.check()
        except BaseException:
            await self._database.close()
            raise

    async def close(self) -> None:
        """Finish what was begun, then let go of everything; closing again does no harm."""
        await self._database.close()
