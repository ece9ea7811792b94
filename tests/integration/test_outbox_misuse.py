"""Values of the wrong kind are refused where they come in, with their field: not every caller has a type checker."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from eilbote import Draft, Eilbote, EilboteError, EntryFilter, Moment, SettingsError
from eilbote.testing import MemoryOutbox

NOWHERE = "smtp://127.0.0.1:1?from=orders@example.org"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("EILBOTE_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    "field,value",
    [
        ("connections", None),
        ("connections", ["smtp://mail.example.org"]),
        ("data_dir", 17),
        ("database_url", 17),
        ("database_url", b"sqlite:///x"),
        ("dkim", "x"),
        ("clock", 17),
        ("ids", 17),
        ("store", 17),
        ("store", MemoryOutbox),
        ("blobs", 17),
        ("author", 17),
        ("config", 17),
    ],
)
def test_what_no_outbox_can_be_made_of_is_refused(field: str, value: object, tmp_path: Path) -> None:
    given: dict[str, Any] = {"data_dir": tmp_path, "connections": NOWHERE, field: value}

    with pytest.raises(SettingsError) as told:
        Eilbote(**given)

    assert told.value.field == field
    assert told.value.remedy


@pytest.mark.parametrize(
    "asked",
    [
        lambda eilbote: eilbote.history(None),
        lambda eilbote: eilbote.history(1.5),
        lambda eilbote: eilbote.history(-1),
        lambda eilbote: eilbote.history(1 << 63),
        lambda eilbote: eilbote.cancel(None),
        lambda eilbote: eilbote.message("x"),
        lambda eilbote: eilbote.entries(17),
        lambda eilbote: eilbote.entries(limit=0),
        lambda eilbote: eilbote.entries(limit="x"),
        lambda eilbote: eilbote.events(limit=True),
        lambda eilbote: eilbote.resume(None),
        lambda eilbote: eilbote.submit(None),
        lambda eilbote: eilbote.submit(Draft(), options=17),
        lambda eilbote: eilbote.submit(Draft(), connections=17),
        lambda eilbote: eilbote.connections.put(17, "smtp://mail.example.org"),
        lambda eilbote: eilbote.connections.put("office", 17),
        lambda eilbote: eilbote.connections.get(None),
    ],
)
@pytest.mark.asyncio
async def test_what_cannot_be_asked_is_refused(
    asked: Callable[[Eilbote], Awaitable[object]], tmp_path: Path
) -> None:
    async with Eilbote(data_dir=tmp_path, connections=NOWHERE) as eilbote:
        with pytest.raises(EilboteError) as told:
            await asked(eilbote)

    assert told.value.field
    assert told.value.remedy


@pytest.mark.parametrize(
    "field,value",
    [
        ("states", "held"),
        ("states", ("held",)),
        ("ids", ("x",)),
        ("recipient", 17),
        ("in_doubt", "yes"),
        ("accepted_from", "2030-01-01"),
    ],
)
def test_a_condition_that_no_entry_could_meet_is_refused(field: str, value: object) -> None:
    given: dict[str, Any] = {field: value}

    with pytest.raises(EilboteError) as told:
        EntryFilter(**given)

    assert told.value.field == field


@pytest.mark.asyncio
async def test_what_is_no_series_and_no_drafts_is_refused(tmp_path: Path) -> None:
    async with Eilbote(data_dir=tmp_path, connections=NOWHERE) as eilbote:
        misuse: Any = eilbote.submit_many
        with pytest.raises(EilboteError, match="drafts"):
            misuse(17)
        with pytest.raises(EilboteError, match="recipients"):
            misuse(Draft(), 17)
        results = [result async for result in misuse([17, (Draft(), 17), (Draft(),)])]

    assert [result.error.field for result in results] == ["drafts[0]", "drafts[1]", "drafts[2]"]


def test_moments_are_numbers() -> None:
    assert EntryFilter(accepted_from=Moment(17)).accepted_from == 17
