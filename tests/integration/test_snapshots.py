"""Snapshots between installations: from a file to a server to memory, everything there, secrets only where they may be."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from tests.postgres_server import PostgresServer

from eilbote import Eilbote
from eilbote.engine.snapshot_plan import Doing, Kind, Restored
from eilbote.errors import ConfigurationError, ConflictError, ConnectionDisabledError, FlowNotFoundError
from eilbote.model.moment import Moment
from eilbote.model.oauth2 import OAuth2
from eilbote.model.secret import Secret
from eilbote.oauth2.token import Token, TokenKey, TokenRecord, token_key
from eilbote.store.key_ring import KeyRing
from eilbote.store.open_flows import share_database
from eilbote.store.restoring import RestoringRows
from eilbote.testing import MemoryOutbox
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio

PASSPHRASE = "four words nobody says"
URI = "smtps://orders:pl4nted-p4ssword@mail.example.org"
FLOW = """\
name: ready
nodes:
  - id: mail
    kind: send_smtp_email
    connection: office
    from: orders@example.org
    to: anna@example.org
    subject: It is ready
"""
SECOND, DRAFT = FLOW.replace("It is ready", "Come and get it"), FLOW.replace("It is ready", "A draft")
GMAIL = {
    "service": "gmail",
    "user": "a@gmail.com",
    "clientId": "an-application",
    "clientSecret": "pl4nted-client-s3cret",
    "refreshToken": "pl4nted-refresh-token",
}


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    name = postgres.new_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@asynccontextmanager
async def opened(folder: Path, *, url: str | None = None, in_memory: bool = False) -> AsyncIterator[Eilbote]:
    store = MemoryOutbox() if in_memory else None
    async with Eilbote(data_dir=folder, database_url=url, store=store, clock=ManualClock()) as eilbote:
        yield eilbote


async def fill(eilbote: Eilbote) -> None:
    """Keep one of everything."""
    await eilbote.connections.stored.add("office", {"uri": URI})
    await eilbote.connections.stored.make_default("office")
    await eilbote.connections.stored.add("acme/gmail", GMAIL)
    await eilbote.settings.change(
        {"host": "mail.example.org", "user": "orders", "password": "pl4nted-s3tting", "from": "o@example.org"}
    )
    await eilbote.settings.change({"timeout": 20}, "acme")
    for text in (FLOW, SECOND):
        await eilbote.flows.save(text)
        await eilbote.flows.publish("ready")
    await eilbote.flows.save(DRAFT)
    await eilbote.flows.save(FLOW, organization="acme")
    await eilbote.notify.subscribe(to="ops@example.org", event="flow.*", cadence="hourly")


def done(restored: Restored) -> dict[tuple[Kind, str, str], Doing]:
    return {
        (each.kind, each.organization, each.name): each.doing
        for each in restored.items
        if each.kind is not Kind.SUBSCRIPTION
    }


EVERYTHING = [
    (Kind.CONNECTION, "acme", "gmail"),
    (Kind.CONNECTION, "", "office"),
    (Kind.SETTINGS, "", ""),
    (Kind.SETTINGS, "acme", ""),
    (Kind.FLOW, "", "ready"),
    (Kind.FLOW, "acme", "ready"),
]


async def test_everything_goes_from_a_file_to_a_server_to_memory(tmp_path: Path, postgres_url: str) -> None:
    async with opened(tmp_path / "one") as first:
        await fill(first)
        made = await first.snapshots.create(passphrase=PASSPHRASE)
    for secret in (b"pl4nted", b"pl4nted".hex().encode()):
        assert secret not in made.octets
    async with opened(tmp_path / "two", url=postgres_url) as second:
        restored = await second.snapshots.restore(made.octets, passphrase=PASSPHRASE)
        assert done(restored) == dict.fromkeys(EVERYTHING, Doing.ADD)
        again = await second.snapshots.create(passphrase=PASSPHRASE)
        assert again.contents == made.contents
    async with opened(tmp_path / "three", in_memory=True) as third:
        await third.snapshots.restore(again.octets, passphrase=PASSPHRASE)
        last = await third.snapshots.create(passphrase=PASSPHRASE)
        assert last.contents == made.contents
        assert [each.text for each in await third.flows.versions("ready")] == [SECOND, FLOW]
        assert await third.flows.text("ready", version=0) == DRAFT
        assert await third.connections.default() == "office"
        assert (await third.snapshots.restore(made.octets)).contents.has_secrets


async def test_without_secrets_connections_arrive_disabled_and_say_what_to_enter(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as first:
        await fill(first)
        bare = (await first.snapshots.create()).octets
        assert bare == (await first.snapshots.create()).octets
    assert b"pl4nted" not in bare
    async with opened(tmp_path / "two") as second:
        restored = await second.snapshots.restore(bare)
        missing = {each.name or each.organization: each.missing for each in restored.items if each.missing}
        assert missing == {
            "gmail": ("client_secret", "refresh_token"),
            "office": ("password",),
            "": ("password",),
        }
        with pytest.raises(ConnectionDisabledError):
            await second.connections.get("office")
        await second.connections.stored.change("office", {"password": "entered again"})
        await second.connections.stored.switch("office", enabled=True)
        assert (await second.connections.get("office")).host == "mail.example.org"


async def test_what_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as eilbote:
        await fill(eilbote)
        made = (await eilbote.snapshots.create(passphrase=PASSPHRASE)).octets
        assert set(done(await eilbote.snapshots.restore(made, passphrase=PASSPHRASE)).values()) == {
            Doing.SAME
        }
        await eilbote.connections.stored.change("office", {"timeout": 7})
        third = FLOW.replace("It is ready", "Third")
        await eilbote.flows.save(third)
        await eilbote.flows.publish("ready")
        mine = DRAFT.replace("A draft", "Mine")
        await eilbote.flows.save(mine, organization="acme")
        changed = [EVERYTHING[1], EVERYTHING[4], EVERYTHING[5]]

        kept = await eilbote.snapshots.restore(made, passphrase=PASSPHRASE)

        assert [key for key, doing in done(kept).items() if doing is Doing.SKIP] == changed
        assert await eilbote.flows.text("ready") == third
        planned = await eilbote.snapshots.restore(made, passphrase=PASSPHRASE, replace=True, dry_run=True)
        assert await eilbote.flows.text("ready") == third

        replaced = await eilbote.snapshots.restore(made, passphrase=PASSPHRASE, replace=True)

        assert replaced.items == planned.items
        assert [key for key, doing in done(replaced).items() if doing is Doing.REPLACE] == changed
        # What was published stays what it is; what the snapshot says comes after it.
        assert [each.text for each in await eilbote.flows.versions("ready")] == [SECOND, third, SECOND, FLOW]
        assert await eilbote.flows.text("ready", version=0) == DRAFT
        assert await eilbote.flows.text("ready", version=0, organization="acme") == FLOW


async def test_a_secret_that_is_there_is_not_sent_to_the_server_of_a_snapshot(tmp_path: Path) -> None:
    """Whoever can have a file restored must not learn a password that was entered for another server."""
    async with opened(tmp_path / "elsewhere") as elsewhere:
        await elsewhere.connections.stored.add("office", {"uri": "smtps://orders:x@evil.example.org"})
        evil = (await elsewhere.snapshots.create()).octets
    async with opened(tmp_path / "here") as here:
        await here.connections.stored.add("office", {"uri": URI})
        await here.connections.stored.change("office", {"timeout": 7})
        harmless = (await here.snapshots.create()).octets
        await here.connections.stored.change("office", {"timeout": 8})

        (kept,) = (await here.snapshots.restore(harmless, replace=True)).items
        assert (kept.doing, kept.missing) == (Doing.REPLACE, ())
        found = await here.connections.stored.find("office")
        assert found is not None
        assert found.enabled
        assert found.secrets == {"password": Secret("pl4nted-p4ssword")}

        (lost,) = (await here.snapshots.restore(evil, replace=True)).items
        assert (lost.doing, lost.missing) == (Doing.REPLACE, ("password",))
        found = await here.connections.stored.find("office")
        assert found is not None
        assert (found.enabled, dict(found.secrets)) == (False, {})


@pytest.mark.parametrize("passphrase", [PASSPHRASE, None])
async def test_one_thing_that_cannot_be_written_undoes_all_others(
    tmp_path: Path, passphrase: str | None
) -> None:
    async with opened(tmp_path / "one") as first:
        await fill(first)
        made = (await first.snapshots.create(passphrase=passphrase)).octets
    async with opened(tmp_path / "two") as second:
        await second.flows.flows()
    with closing(sqlite3.connect(tmp_path / "two" / "eilbote.db")) as db, db:  # written last of all
        db.execute("CREATE TRIGGER no BEFORE INSERT ON flow_version BEGIN SELECT RAISE(ABORT, 'no'); END")
    db.close()
    async with opened(tmp_path / "two") as second:
        with pytest.raises(Exception, match="no"):
            await second.snapshots.restore(made, passphrase=passphrase)

        after = (await second.snapshots.create()).contents
        assert (after.flows, after.connections, after.settings, after.subscriptions) == ((), (), (), ())


async def test_somebody_who_is_quicker_undoes_the_whole_restore(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as eilbote:
        await fill(eilbote)
        stored = await eilbote.records.connections.connections()
    shared = share_database(f"sqlite:///{tmp_path / 'one' / 'eilbote.db'}")
    rows = RestoringRows(shared.handle(), KeyRing(tmp_path / "one" / "secret.keys"))
    from dataclasses import replace

    writes = [replace(stored[1], plain={"host": "other.example.org"}), replace(stored[0], version=9)]
    with pytest.raises(ConflictError, match="meanwhile"):
        await rows.write(flows=(), connections=writes, settings=(), subscriptions=(), now=Moment(1))
    await rows.close()
    async with opened(tmp_path / "one") as eilbote:
        assert await eilbote.records.connections.connections() == stored


async def test_only_what_was_asked_for_is_packed_and_restored(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as first:
        await fill(first)
        acme = (await first.snapshots.create(organization="acme")).contents
        named = (await first.snapshots.create(flows=["ready"])).contents
        everything = (await first.snapshots.create()).octets
        with pytest.raises(FlowNotFoundError, match="no flow 'reddy'"):
            await first.snapshots.create(flows=["reddy"])
    assert [each.qualified_name for each in acme.connections] == ["acme/gmail"]
    assert {each.organization for each in (*acme.flows, *acme.settings)} == {"acme"}
    assert [each.qualified_name for each in named.connections] == ["office"]
    assert (named.settings, named.subscriptions) == ((), ())
    async with opened(tmp_path / "two") as second:
        restored = await second.snapshots.restore(everything, organization="acme")
        assert {each.organization for each in restored.items} == {"acme"}
        assert await second.flows.flows("") == ()


# -- tokens --------------------------------------------------------------------------------------------------------


async def key_of(eilbote: Eilbote) -> TokenKey:
    credentials = (await eilbote.connections.find("acme/gmail")).credentials
    assert isinstance(credentials, OAuth2)
    return token_key(credentials)


def record(*, refusal: str = "") -> TokenRecord:
    return TokenRecord(
        token=Token(
            access_token=Secret("an access token"),
            expires=Moment(2**42),
            refresh_token=Secret("r0tated-refresh-token"),
        ),
        refreshed=Moment(0),
        refusal=refusal,
    )


async def test_s0_18_a_snapshot_drops_access_tokens_and_never_a_refresh_token(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as eilbote:
        await fill(eilbote)
        key = await key_of(eilbote)
        await eilbote.records.tokens.write(key, record())

        assert (await eilbote.snapshots.create(organization="other")).tokens == 0
        assert await eilbote.records.tokens.read(key) == record()
        assert (await eilbote.snapshots.create()).tokens == 1
        assert (await eilbote.snapshots.create()).tokens == 0, "it is dropped already"

        kept = await eilbote.records.tokens.read(key)
        assert kept is not None
        assert kept.token is not None
        assert kept.token.expires == Moment(0)
        assert kept.token.refresh_token == Secret("r0tated-refresh-token")


async def test_a_token_for_which_there_is_no_other_stays_in_use(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as eilbote:
        await fill(eilbote)
        key = await key_of(eilbote)
        await eilbote.records.tokens.write(key, record(refusal="consent was taken back"))

        assert (await eilbote.snapshots.create()).tokens == 0
        assert await eilbote.records.tokens.read(key) == record(refusal="consent was taken back")


async def test_the_newest_refresh_token_comes_along_and_replaces_none_that_is_known(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as first:
        await fill(first)
        await first.records.tokens.write(await key_of(first), record())
        made = (await first.snapshots.create(passphrase=PASSPHRASE)).octets
    assert b"r0tated" not in made
    async with opened(tmp_path / "two") as second:
        await second.snapshots.restore(made, passphrase=PASSPHRASE)
        key = await key_of(second)
        kept = await second.records.tokens.read(key)
        assert kept is not None
        assert kept.token is not None
        assert kept.token.refresh_token == Secret("r0tated-refresh-token")
        assert kept.token.expires == Moment(0)
        newer = TokenRecord(token=Token(access_token=Secret("a"), refresh_token=Secret("newer")))
        await second.records.tokens.write(key, newer)
        await second.connections.stored.change("acme/gmail", {"timeout": 9})

        await second.snapshots.restore(made, passphrase=PASSPHRASE, replace=True)

        assert await second.records.tokens.read(key) == newer


async def test_a_refused_snapshot_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "one") as first:
        await fill(first)
        made = (await first.snapshots.create(passphrase=PASSPHRASE)).octets
    async with opened(tmp_path / "two") as second:
        for octets, passphrase in ((made, "another passphrase"), (made[:-1], None), (b"", None)):
            with pytest.raises(ConfigurationError):
                await second.snapshots.restore(octets, passphrase=passphrase)
        assert await second.flows.flows() == ()
        assert await second.records.connections.labels() == ()
