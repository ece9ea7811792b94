"""Stored connections and settings that something has damaged: their own mail waits, and nobody else's.

One secret that could not be decrypted made every question for the names of connections fail: no message that named no
connection was accepted, of no organization, the courier stopped, and the error told everybody whose secret it was. The damaged
connection could neither be removed nor entered again.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from eilbote import Draft, Eilbote
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.testing import Catcher

DRAFT = Draft(from_="orders@example.org", to="anna@example.org", subject="Order 4711", text="It is ready.")
DAMAGES = {
    "a secret": "UPDATE secret SET sealed = x'00112233' WHERE organization = 'acme'",
    "the fields": "UPDATE stored_connection SET plain = '{\"host' WHERE organization = 'acme'",
}
every_damage = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)


async def keep(data: Path, uri: str, damage: str) -> None:
    async with Eilbote(data_dir=data) as eilbote:
        stored = eilbote.connections.stored
        await stored.add("default", {"uri": uri})
        await stored.add("acme/office", {"uri": "smtps://orders:geheim@mail.example.org"})
        await stored.make_default("acme/office")
    change(data, damage)


def change(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / "eilbote.db")) as db, db:
        assert db.execute(statement).rowcount == 1
    db.close()


@pytest.mark.asyncio
@every_damage
async def test_mail_of_others_flows(tmp_path: Path, damage: str) -> None:
    async with Catcher() as catcher:
        await keep(tmp_path, catcher.uri, damage)
        async with Eilbote(data_dir=tmp_path) as eilbote:
            assert await eilbote.connections.names() == ("acme/office", "default", "notification")
            await eilbote.submit(DRAFT)
            await eilbote.submit(DRAFT, organization="umbrella")
            await eilbote.deliver_due()
            assert len(catcher.messages) == 2
            with pytest.raises(ConfigurationError, match="acme/office"):
                await eilbote.submit(DRAFT, organization="acme")


@pytest.mark.asyncio
@every_damage
async def test_it_is_named_and_can_be_entered_again_or_removed(tmp_path: Path, damage: str) -> None:
    await keep(tmp_path, "smtp://127.0.0.1:1", damage)
    async with Eilbote(data_dir=tmp_path) as eilbote:
        stored = eilbote.connections.stored
        with pytest.raises(ConfigurationError, match="acme/office"):
            await stored.change("acme/office", {"port": 587})
        if "key_id" not in damage:  # with a key that may come back nothing is written over
            await stored.add(
                "acme/office", {"uri": "smtps://orders:neu@mail.example.org"}, replace_known=True
            )
            assert (await stored.get("acme/office")).port == 465
            assert await stored.default("acme") == "acme/office"
        await eilbote.connections.remove("acme/office")
        assert await stored.names() == ("default",)


@pytest.mark.asyncio
async def test_settings_of_a_newer_program_stop_only_whose_they_are(tmp_path: Path) -> None:
    """A field that was not known ended the courier with a KeyError, for everybody, and so for whoever goes back a version."""
    async with Catcher() as catcher:
        async with Eilbote(data_dir=tmp_path) as eilbote:
            await eilbote.settings.change({"uri": catcher.uri})
            await eilbote.settings.change({"uri": "smtps://mail.example.org"}, "acme")
        change(
            tmp_path, "UPDATE setting_scope SET plain = '{\"of next year\": 1}' WHERE organization = 'acme'"
        )
        async with Eilbote(data_dir=tmp_path) as eilbote:
            await eilbote.submit(DRAFT)
            await eilbote.submit(DRAFT, organization="umbrella")
            await eilbote.deliver_due()
            assert len(catcher.messages) == 2
            with pytest.raises(SettingsError, match="of next year"):
                await eilbote.submit(DRAFT, organization="acme")


@pytest.mark.asyncio
@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "damage",
    [*DAMAGES.values(), "UPDATE setting_scope SET plain = '{\"host' WHERE organization = 'acme'"],
    ids=[*DAMAGES, "the settings"],
)
async def test_mail_that_waits_for_it_rests_and_the_courier_comes_to_an_end(
    tmp_path: Path, damage: str
) -> None:
    """Fields that could not be read passed for a fault of the outbox, and the courier asked for them without end."""
    async with Catcher() as catcher:
        async with Eilbote(data_dir=tmp_path) as eilbote:
            stored = eilbote.connections.stored
            await stored.add("default", {"uri": catcher.uri})
            await stored.add("acme/office", {"uri": "smtps://orders:geheim@mail.example.org"})
            await eilbote.settings.change({"uri": "smtps://mail.example.org"}, "acme")
            name = "notification" if "setting_scope" in damage else "office"
            await eilbote.submit(DRAFT, connections=name, organization="acme")
            await eilbote.submit(DRAFT)
        change(tmp_path, damage)
        async with Eilbote(data_dir=tmp_path) as eilbote:
            await eilbote.deliver_due()
            assert len(catcher.messages) == 1
            assert [pause.connection for pause in await eilbote.pauses()] == [f"acme/{name}"]


@pytest.mark.asyncio
async def test_a_revision_that_is_no_number_is_taken_for_one_and_mended(tmp_path: Path) -> None:
    """Every question for a connection ended in a ValueError."""
    await keep(tmp_path, "smtp://127.0.0.1:1", "UPDATE meta SET value = 'x' WHERE key = 'revision'")
    async with Eilbote(data_dir=tmp_path) as eilbote:
        stored = eilbote.connections.stored
        assert "acme/office" in await stored.names()
        await stored.change("acme/office", {"timeout": 9})
        assert await eilbote.records.connections.revision() == 1
