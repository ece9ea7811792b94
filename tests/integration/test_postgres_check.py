"""An outbox on PostgreSQL is looked over: whatever does not belong together is found and named."""

from __future__ import annotations

import pytest
from tests.integration.test_postgres_backup import Place, filled
from tests.integration.test_sqlite_backup import SHA256

from eilbote.errors import OutboxError, OutboxSchemaError
from eilbote.model.ids import EntryId, entry_id_text
from eilbote.store.postgres_check import check
from eilbote.testing.outbox_exercises.scene import opened

pytestmark = pytest.mark.asyncio


@pytest.fixture
def live(postgres_database: str) -> Place:
    return Place(postgres_database)


async def test_a_good_outbox_has_no_faults(live: Place) -> None:
    await filled(live)
    report = await check(live.url)
    assert (report.faults, report.entries, report.blobs) == ((), 6, 1)


@pytest.mark.parametrize(
    "statement, fault",
    [
        ("DELETE FROM entry WHERE id = $1", "body without its entry"),
        ("DELETE FROM body WHERE entry = $1", "entry without a body"),
        ("DELETE FROM recipient WHERE entry = $1", "entry without a recipient"),
        ("UPDATE entry SET lane = 999 WHERE id = $1", "entry in no lane"),
        ("UPDATE entry SET state = 'lost' WHERE id = $1", "entry in a state nobody knows"),
        (
            "UPDATE entry SET state = 'active', courier = 'nobody' WHERE id = $1",
            "entry in the hands of a courier nobody knows",
        ),
        ("UPDATE body SET frozen = frozen || 'x' WHERE entry = $1", "octets of the message have changed"),
    ],
)
async def test_what_does_not_belong_together_is_found(live: Place, statement: str, fault: str) -> None:
    ids = await filled(live)
    await live.change(statement, ids["queued"])
    faults = (await check(live.url)).faults
    found = [one for one in faults if fault in one]
    assert len(found) == 1, faults
    assert entry_id_text(EntryId(ids["queued"])) in found[0]


@pytest.mark.parametrize(
    "statement, fault",
    [
        ("DELETE FROM blob", f"the large part {SHA256} is missing"),
        ("DELETE FROM blob", "pieces of 1 large parts that are not there"),
        ("DELETE FROM blob_piece", f"the large part {SHA256} has changed"),
        ("UPDATE blob_piece SET octets = octets || 'x'", f"the large part {SHA256} has changed"),
    ],
)
async def test_large_parts_that_are_not_whole_are_found(live: Place, statement: str, fault: str) -> None:
    await filled(live)
    await live.change(statement)
    assert [one for one in (await check(live.url)).faults if fault in one]


@pytest.mark.parametrize(
    "statement, words",
    [
        ("ALTER TABLE entry DROP COLUMN reason", ("column", "reason")),
        ("ALTER TABLE entry ALTER COLUMN size TYPE integer", ("type", "size")),
        ("DROP INDEX entry_ready", ("index", "entry_ready")),
        ("DROP TABLE pause", ("table", "pause")),
    ],
)
async def test_tables_of_another_form_are_named(live: Place, statement: str, words: tuple[str, ...]) -> None:
    await filled(live)
    await live.change(statement)
    faults = (await check(live.url)).faults
    assert len(faults) == 1 or "pause" in words, faults
    assert not [word for word in words if word not in faults[0]], faults


async def test_somebodys_own_index_is_no_fault(live: Place) -> None:
    await filled(live)
    await live.change("CREATE INDEX mine ON entry (subject)")
    assert (await check(live.url)).faults == ()


async def test_an_empty_database_and_one_of_another_form_are_told_apart(live: Place) -> None:
    with pytest.raises(OutboxError, match="there is no outbox in"):
        await check(live.url)
    async with opened(live.outbox):
        pass
    await live.change("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(OutboxSchemaError, match="db upgrade"):
        await check(live.url)
