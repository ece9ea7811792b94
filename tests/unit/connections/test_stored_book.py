"""Stored connections by name: read again when they have changed, and only then."""

import pytest

from eilbote import ConnectionNotFoundError, Secret, SettingsError
from eilbote.connections.stored import ConnectionLabel, StoredConnection
from eilbote.connections.stored_book import StoredBook
from eilbote.model.moment import Moment
from eilbote.store.lazy_records import LazyRecords
from eilbote.store.memory_records import MemoryRecords
from eilbote.testing import ManualClock

URI = "smtps://orders:secret@mail.example.org"


class Counting:
    """A store that counts what it is asked."""

    def __init__(self) -> None:
        self.store = LazyRecords(MemoryRecords).connections
        self.finds = 0
        self.revisions = 0

    async def connections(self, organization: str | None = None) -> tuple[StoredConnection, ...]:
        return await self.store.connections(organization)

    async def labels(self) -> tuple[ConnectionLabel, ...]:
        return await self.store.labels()

    async def find(self, organization: str, name: str) -> StoredConnection | None:
        self.finds += 1
        return await self.store.find(organization, name)

    async def keep(self, connection: StoredConnection, *, now: Moment) -> StoredConnection:
        return await self.store.keep(connection, now=now)

    async def drop(self, organization: str, name: str) -> bool:
        return await self.store.drop(organization, name)

    async def revision(self) -> int:
        self.revisions += 1
        return await self.store.revision()


class Scene:
    """Two programs with one store."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = Counting()
        self.book = StoredBook(self.store, clock=self.clock)
        self.other = StoredBook(self.store, clock=self.clock)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.asyncio
async def test_thousands_of_questions_are_one_to_the_store(scene: Scene) -> None:
    await scene.book.put("office", URI)
    await scene.book.get("office")
    scene.store.finds = scene.store.revisions = 0

    for _ in range(1000):
        await scene.book.get("office")
        await scene.book.find("missing")

    assert (scene.store.finds, scene.store.revisions) == (1, 0)
    scene.clock.advance(0.1)
    await scene.book.get("office")
    assert (scene.store.finds, scene.store.revisions) == (1, 1)


@pytest.mark.asyncio
async def test_what_another_program_changes_is_seen_and_what_it_does_not_stays_the_same_object(
    scene: Scene,
) -> None:
    await scene.book.put("office", URI)
    await scene.book.put("backup", URI)
    office, backup = await scene.book.get("office"), await scene.book.get("backup")

    await scene.other.change("office", {"timeout": 5})
    scene.clock.advance(0.1)

    assert (await scene.book.get("office")).timeouts.command == 5
    assert await scene.book.get("office") is not office
    assert await scene.book.get("backup") is backup


@pytest.mark.asyncio
async def test_what_another_program_adds_and_removes_is_seen(scene: Scene) -> None:
    assert await scene.book.names() == ()
    with pytest.raises(ConnectionNotFoundError):
        await scene.book.get("office")

    await scene.other.put("office", URI)
    scene.clock.advance(0.1)
    assert (await scene.book.get("office")).host == "mail.example.org"
    await scene.other.remove("office")
    scene.clock.advance(0.1)

    assert await scene.book.find("office") is None


@pytest.mark.asyncio
async def test_who_changes_a_connection_sees_it_at_once(scene: Scene) -> None:
    await scene.book.put("office", URI)
    await scene.book.get("office")

    await scene.book.change("office", {"timeout": 5})

    assert (await scene.book.get("office")).timeouts.command == 5


@pytest.mark.asyncio
async def test_a_connection_keeps_its_name(scene: Scene) -> None:
    """A change of the name was taken and did nothing."""
    await scene.book.add("office", {"host": "mail.example.org"})

    with pytest.raises(SettingsError, match="is not renamed") as told:
        await scene.book.change("office", {"name": "other", "port": 587})
    assert told.value.field == "name"
    await scene.book.change("office", {"connectionName": "Office", "port": 587})
    assert (await scene.book.get("office")).port == 587


@pytest.mark.asyncio
async def test_one_connection_at_most_is_the_default_of_each_organization(scene: Scene) -> None:
    for name in ("one", "two", "acme/one"):
        await scene.book.put(name, URI)

    assert await scene.book.make_default("one") is True
    assert await scene.book.make_default("two") is True
    assert await scene.book.make_default("two") is False
    assert await scene.book.make_default("acme/one") is True

    assert (await scene.book.default(), await scene.book.default("acme")) == ("two", "acme/one")
    assert [each.is_default for each in await scene.book.all()] == [True, False, True]


@pytest.mark.asyncio
async def test_a_connection_that_is_replaced_stays_disabled_and_the_default(scene: Scene) -> None:
    await scene.book.put("office", URI)
    await scene.book.make_default("office")
    await scene.book.switch("office", enabled=False)

    await scene.book.put("office", "smtps://other.example.org")

    (kept,) = await scene.book.all()
    assert (kept.enabled, kept.is_default, kept.plain["host"]) == (False, True, "other.example.org")
    assert kept.secrets == {}


@pytest.mark.asyncio
async def test_a_name_that_is_taken_is_told_unless_it_is_to_be_replaced(scene: Scene) -> None:
    await scene.book.add("Office", {"uri": URI})

    with pytest.raises(SettingsError, match="eilbote connection update office"):
        await scene.book.add("office", {"uri": URI})
    assert not (await scene.book.add("office", {"uri": URI}, replace_known=True)).is_new


@pytest.mark.parametrize("word", ["change", "switch", "make_default", "remove"])
@pytest.mark.asyncio
async def test_what_is_not_there_is_told_with_what_looks_alike(scene: Scene, word: str) -> None:
    await scene.book.put("office", URI)
    calls = {
        "change": lambda: scene.book.change("offcie", {"port": 25}),
        "switch": lambda: scene.book.switch("offcie", enabled=False),
        "make_default": lambda: scene.book.make_default("offcie"),
        "remove": lambda: scene.book.remove("offcie"),
    }

    with pytest.raises(ConnectionNotFoundError, match="Did you mean office"):
        await calls[word]()


@pytest.mark.parametrize("name", ["notification", "acme/notification", "system"])
@pytest.mark.parametrize("word", ["change", "switch", "make_default"])
@pytest.mark.asyncio
async def test_who_wants_to_change_an_endpoint_here_is_led_to_the_settings(
    scene: Scene, word: str, name: str
) -> None:
    calls = {
        "change": lambda: scene.book.change(name, {"port": 25}),
        "switch": lambda: scene.book.switch(name, enabled=False),
        "make_default": lambda: scene.book.make_default(name),
    }

    with pytest.raises(SettingsError, match="is always there") as told:
        await calls[word]()
    assert "eilbote settings set" in (told.value.remedy or "")
    assert "connection add" not in str(told.value)  # which would refuse the name


@pytest.mark.parametrize("name", ["", "/office", "acme/", "a/b/c", "of fice", "smtps://u:geheim@h"])
@pytest.mark.asyncio
async def test_what_cannot_be_a_name_is_refused(scene: Scene, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        await scene.book.put(name, Secret(URI))

    assert "geheim" not in str(caught.value)
