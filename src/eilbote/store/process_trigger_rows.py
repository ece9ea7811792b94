"""What has happened to instances, as rows: kept until it is taken in, and its id for as long as the instance is; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.store.record_database import count
from eilbote.store.row_groups import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eilbote.author.process.kept import KeptTrigger
    from eilbote.store.record_database import Statements

_RUNS: Final = "SELECT number FROM process_instance WHERE id = $1 AND status = 'running'"
_POST: Final = (
    "INSERT INTO process_trigger (instance, number, id, data, at) "
    "SELECT CAST($1 AS BIGINT), coalesce(max(number), 0) + 1, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT) "
    "FROM process_trigger WHERE instance = $1 ON CONFLICT (instance, id) DO NOTHING"
)
_MAKE_DUE: Final = (
    "UPDATE process_instance SET due = $2 WHERE number = $1 AND NOT held_back AND (due IS NULL OR due > $2)"
)
_LEFT: Final = "SELECT instance, id, data, at FROM process_trigger WHERE data IS NOT NULL AND instance IN "
_IN_ORDER: Final = " ORDER BY instance, number"
_TAKE_IN: Final = "UPDATE process_trigger SET data = NULL WHERE instance = $1 AND data IS NOT NULL"


async def post(db: Statements, instance_id: str, trigger: KeptTrigger, text: str, *, lock: str) -> bool:
    """Keep something that happens to an instance, and make it due.

    Args:
        db: The connection.
        instance_id: Which instance.
        trigger: What happens.
        text: What of it is kept.
        lock: Says in the database's words that whoever keeps the instance meanwhile has to wait, and finds this.
    """
    number = await db.fetchval(_RUNS + lock, instance_id)
    if number is None or not count(await db.execute(_POST, number, trigger.id, text, trigger.at)):
        return False
    await db.execute(_MAKE_DUE, number, trigger.at)
    return True


async def left(db: Statements, numbers: Iterable[int]) -> dict[int, list[Sequence[object]]]:
    """Give what instances have not taken in: id, text and time of each; ``numbers`` names at least one."""
    found: dict[int, list[Sequence[object]]] = {number: [] for number in numbers}
    for row in await db.fetch(_LEFT + places(len(found)) + _IN_ORDER, *found):
        found[cast("int", row[0])].append(row[1:])
    return found


async def take_in(db: Statements, number: int, names: Sequence[str] | None) -> None:
    """Forget what an instance has taken in, but for the ids; ``None`` for all there is."""
    if names is None:
        await db.execute(_TAKE_IN, number)
    elif names:
        await db.execute(f"{_TAKE_IN} AND id IN {places(len(names), first=2)}", number, *names)
