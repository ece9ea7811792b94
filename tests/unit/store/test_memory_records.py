"""Records in memory have no keys, and say so."""

from __future__ import annotations

import pytest

from eilbote.errors import SecretKeyError, SettingsError
from eilbote.store.memory_records import MemoryRecords

pytestmark = pytest.mark.asyncio


async def test_nothing_is_encrypted_in_memory() -> None:
    keys = MemoryRecords().keys

    assert await keys.keys() == ()
    with pytest.raises(SecretKeyError, match="EILBOTE_DATABASE_URL"):
        await keys.rotate()
    with pytest.raises(SettingsError, match="there is no key called 'k1'"):
        await keys.retire("k1")
    with pytest.raises(SettingsError, match="there is no key called 'k1'"):
        await keys.abandon("k1")
