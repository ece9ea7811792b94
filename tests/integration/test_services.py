"""What is kept beside the outbox is where the outbox is: in its database, over programs, or in memory with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eilbote import Eilbote
from eilbote.store.memory_accounts import MemoryAccounts
from eilbote.store.memory_suppressions import MemorySuppressions
from eilbote.store.memory_webhooks import MemoryWebhooks
from eilbote.testing import MemoryOutbox
from eilbote.testing.account_exercises.scene import NOW, deed, user
from eilbote.testing.hook_exercises.scene import webhook
from eilbote.testing.hook_exercises.suppressing import said

pytestmark = pytest.mark.asyncio


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'eilbote.db'}"
    found: str = request.getfixturevalue("postgres_database")
    return found


async def test_what_one_program_keeps_another_one_finds(url: str, tmp_path: Path) -> None:
    async with Eilbote(data_dir=tmp_path, database_url=url) as first:
        services = first.services
        anna = await services.account_store.keep_user(user())
        hook = await services.webhook_store.keep(webhook())
        await services.suppression_store.add([said()])
        await services.account_store.write([deed()])

    async with Eilbote(data_dir=tmp_path, database_url=url) as second:
        services = second.services
        assert await services.account_store.user_at("ANNA@example.org") == anna
        assert await services.webhook_store.webhook("w1") == hook
        assert list(await services.suppression_store.suppressed("acme", ["anna@example.org"], now=NOW)) == [
            said()
        ]
        verified = await second.audit.verify()
        assert (verified.records, verified.broken_at) == (1, None)


async def test_an_outbox_in_memory_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    async with Eilbote(data_dir=tmp_path / "data", store=MemoryOutbox()) as eilbote:
        services = eilbote.services
        assert isinstance(services.account_store, MemoryAccounts)
        assert isinstance(services.webhook_store, MemoryWebhooks)
        assert isinstance(services.suppression_store, MemorySuppressions)
        await services.account_store.keep_user(user())
        await services.webhook_store.keep(webhook())
        await services.account_store.write([deed()])

    assert not (tmp_path / "data").exists()


async def test_nothing_is_opened_by_who_only_looks_at_the_desks(tmp_path: Path) -> None:
    eilbote = Eilbote(data_dir=tmp_path / "data")

    assert eilbote.services.audit is eilbote.audit
    assert len(eilbote.services.workers()) >= 2
    await eilbote.close()
    assert not (tmp_path / "data").exists()
