"""Whose word counts when a connection is known from several places, and what it is called."""

from dataclasses import replace

import pytest

from eilbote import (
    Connection,
    ConnectionDisabledError,
    ConnectionNotFoundError,
    Secret,
    SettingsError,
    UriError,
)
from eilbote.connections.known import KnownConnections
from eilbote.connections.repository import connection_name, not_found
from eilbote.connections.stored_book import StoredBook
from eilbote.connections.unnamed import name_for_uri
from eilbote.store.lazy_records import LazyRecords
from eilbote.store.memory_records import MemoryRecords
from eilbote.testing import ManualClock


class Placed:
    """A book in memory whose connections are changed elsewhere."""

    def __init__(self, **uris: str) -> None:
        self.uris = uris

    async def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.uris))

    async def get(self, name: str) -> Connection:
        return Connection.from_uri(self.uris[name], name=name)

    def place(self, name: str) -> str:
        return f"THE_{name.upper()}"


class Endpoints(Placed):
    """Endpoints; ``notification`` is always there, and not always configured."""

    def __init__(self, *, theirs: bool = False, **uris: str) -> None:
        super().__init__(**{name.replace("__", "/"): uri for name, uri in uris.items()})
        self.theirs = theirs

    async def names(self) -> tuple[str, ...]:
        return tuple(sorted({"notification", *self.uris}))

    async def get(self, name: str) -> Connection:
        if name not in self.uris:
            raise ConnectionNotFoundError(f"the endpoint {name!r} is not configured yet")
        return replace(await super().get(name), public_only=self.theirs)

    async def put(self, name: str, uri: Secret | str) -> bool:
        raise SettingsError("an endpoint is always there")

    async def remove(self, name: str) -> None:
        raise SettingsError("an endpoint is always there")


def known(
    *,
    given: dict[str, Connection | str] | None = None,
    environment: Placed | None = None,
    stored: StoredBook | None = None,
    file: Placed | None = None,
    endpoints: Endpoints | None = None,
) -> KnownConnections:
    return KnownConnections(
        given=given or {},
        environment=environment,
        stored=stored or StoredBook(LazyRecords(MemoryRecords).connections, clock=ManualClock()),
        file=file,
        endpoints=endpoints,
    )


async def stored(**uris: str) -> StoredBook:
    book = StoredBook(LazyRecords(MemoryRecords).connections, clock=ManualClock())
    for name, uri in uris.items():
        await book.put(name.replace("__", "/"), uri)
    return book


@pytest.mark.asyncio
async def test_what_stands_nearer_goes_first() -> None:
    def each(place: str, names: str) -> dict[str, str]:
        return dict.fromkeys(names, f"smtps://{place}.example.org")

    book = known(
        given={"a": "smtps://given.example.org"},
        environment=Placed(**each("environment", "ab")),
        stored=await stored(**each("stored", "abc")),
        file=Placed(**each("file", "abcd")),
        endpoints=Endpoints(notification="smtps://endpoint.example.org"),
    )

    hosts = [(await book.get(name)).host.partition(".")[0] for name in (*"abcd", "notification")]
    places = [await book.place(name) for name in (*"abcd", "notification")]

    assert hosts == ["given", "environment", "stored", "file", "endpoint"]
    assert places == ["this program", "THE_B", "stored", "THE_D", "settings"]
    assert await book.names() == ("a", "b", "c", "d", "notification")


@pytest.mark.asyncio
async def test_an_author_of_an_organization_finds_its_own_connections_first() -> None:
    book = known(
        stored=await stored(
            office="smtps://host.example.org",
            acme__office="smtps://acme.example.org",
            other="smtps://o.example.org",
        )
    )

    assert await book.resolve("Office", "acme") == "acme/office"
    assert await book.resolve("office", "umbrella") == "office"
    assert await book.resolve("office") == "office"
    assert await book.resolve("other", "acme") == "other"
    assert await book.resolve("acme/office", "acme") == "acme/office"
    assert await book.resolve("notification", "acme") == "acme/notification"
    assert await book.resolve("system", "acme") == "system"


@pytest.mark.parametrize("author", ["", "umbrella"])
@pytest.mark.asyncio
async def test_nobody_gets_at_the_connection_of_another_organization(author: str) -> None:
    book = known(stored=await stored(acme__office="smtps://acme.example.org"))

    with pytest.raises(ConnectionNotFoundError) as told:
        await book.resolve("acme/office", author)

    assert "Did you mean" not in str(told.value)


@pytest.mark.asyncio
async def test_the_connections_of_a_program_itself_go_before_those_of_an_organization() -> None:
    book = known(
        given={"office": "smtps://given.example.org", "default": "smtps://given.example.org"},
        stored=await stored(acme__office="smtps://acme.example.org"),
    )

    assert await book.resolve("office", "acme") == "office"
    assert await book.default("acme") == "default"


@pytest.mark.asyncio
async def test_a_connection_is_called_as_it_is_found_and_stays_the_same_object() -> None:
    book = known(given={"Back_Up": Connection(host="a.example.org", name="something else")})

    connection = await book.get("BACK-UP")

    assert connection.name == "back-up"
    assert await book.get("back_up") is connection


@pytest.mark.asyncio
async def test_an_unknown_name_tells_those_that_look_alike_wherever_they_are_known_from() -> None:
    book = known(
        given={"office": "smtps://a.example.org"},
        environment=Placed(offices="smtps://a.example.org"),
        stored=await stored(other="smtps://a.example.org"),
    )

    with pytest.raises(ConnectionNotFoundError) as told:
        await book.get("ofice")

    assert "Did you mean office or offices?" in str(told.value)


URI = "smtps://a.example.org"


@pytest.mark.asyncio
async def test_the_default_is_the_one_called_so_or_the_marked_one_or_the_only_one() -> None:
    marked = await stored(a=URI, b=URI)
    await marked.make_default("b")

    assert await known(given={"default": URI, "a": URI}).default() == "default"
    assert await known(environment=Placed(default=URI), stored=marked).default() == "default"
    assert await known(stored=marked).default() == "b"
    assert await known(stored=await stored(a=URI)).default() == "a"
    assert await known(file=Placed(a=URI)).default() == "a"
    with pytest.raises(SettingsError, match="There are 2: a, b"):
        await known(given={"a": URI}, stored=await stored(b=URI)).default()


@pytest.mark.asyncio
async def test_the_endpoint_is_the_default_when_there_is_no_other_connection() -> None:
    assert await known(endpoints=Endpoints()).default() == "notification"
    assert await known(endpoints=Endpoints(notification=URI)).default() == "notification"
    several = await stored(a=URI, b=URI)
    assert await known(stored=several, endpoints=Endpoints(notification=URI)).default() == "notification"
    with pytest.raises(SettingsError, match="There are 2"):
        await known(stored=several, endpoints=Endpoints()).default()
    with pytest.raises(ConnectionNotFoundError, match="not configured yet"):
        await known(endpoints=Endpoints()).get("notification")


@pytest.mark.asyncio
async def test_an_organization_without_connections_of_its_own_sends_as_the_host_does() -> None:
    hosts = await stored(office=URI)

    assert await known(stored=hosts, endpoints=Endpoints()).default("acme") == "office"
    inherited = Endpoints(acme__notification=URI, notification=URI)
    assert await known(stored=hosts, endpoints=inherited).default("acme") == "office"
    theirs = Endpoints(theirs=True, acme__notification=URI)
    assert await known(stored=hosts, endpoints=theirs).default("acme") == "acme/notification"
    assert await known(endpoints=inherited).default("acme") == "acme/notification"


@pytest.mark.asyncio
async def test_the_default_of_an_organization_is_its_own() -> None:
    book = await stored(office=URI, acme__one=URI, acme__two=URI, umbrella__one=URI)
    await book.make_default("office")
    await book.make_default("acme/two")

    assert await known(stored=book).default("acme") == "acme/two"
    assert await known(stored=book).default("umbrella") == "umbrella/one"
    assert await known(stored=book).default() == "office"


@pytest.mark.asyncio
async def test_what_would_be_hidden_is_not_put() -> None:
    book = known(environment=Placed(a=URI), stored=await stored(a=URI))

    with pytest.raises(SettingsError, match="given by THE_A"):
        await book.put("a", Secret("smtps://b.example.org"))
    with pytest.raises(SettingsError, match="given by THE_A"):
        await book.remove("a")
    assert await book.put("b", Secret("smtps://b.example.org")) is True
    await book.remove("b")
    assert await book.stored.names() == ("a",)


@pytest.mark.asyncio
async def test_what_is_written_by_hand_is_not_removed() -> None:
    with pytest.raises(SettingsError, match=r"THE_A.*written by hand"):
        await known(file=Placed(a=URI)).remove("a")


@pytest.mark.parametrize("name", ["notification", "system", "acme/notification"])
@pytest.mark.asyncio
async def test_no_connection_is_called_as_an_endpoint(name: str) -> None:
    with pytest.raises(SettingsError, match="eilbote settings set"):
        await known().put(name, URI)


@pytest.mark.asyncio
async def test_a_disabled_connection_takes_messages_and_lets_none_through() -> None:
    book = known(stored=await stored(office=URI))
    await book.stored.switch("office", enabled=False)

    with pytest.raises(ConnectionDisabledError, match="eilbote connection enable office"):
        await book.get("office")
    assert (await book.find("office")).host == "a.example.org"


@pytest.mark.parametrize("value", [None, b"smtps://mail.example.org", {"host": "mail.example.org"}])
def test_what_is_no_connection_is_refused_with_its_name(value: object) -> None:
    with pytest.raises(SettingsError, match="connections\\['office'\\]"):
        known(given={"office": value})  # type: ignore[dict-item]


def test_a_faulty_uri_of_the_program_is_refused_with_its_name() -> None:
    with pytest.raises(UriError, match="connections\\['office'\\]"):
        known(given={"office": "mail.example.org"})


def test_names_are_compared_in_one_form() -> None:
    assert connection_name(" Back_Up.2 ") == "back-up.2"


def test_of_many_connections_only_some_are_told() -> None:
    told = str(not_found("zzz", [f"name-{number}" for number in range(9)]))

    assert "name-4 and 4 more" in told
    assert "name-5" not in told


def test_a_uri_has_the_same_name_whatever_its_password() -> None:
    one = name_for_uri("smtps://orders:one@mail.example.org")

    assert name_for_uri("smtps://orders:two@mail.example.org") == one
    assert one == "mail-example-org-" + one[-8:]
    assert connection_name(one) == one


@pytest.mark.parametrize(
    "uri",
    [
        "smtps://sales:one@mail.example.org",
        "smtp://orders:one@mail.example.org",
        "smtps://orders:one@mail.example.org:2465",
        "smtps://orders:one@mail.example.org?from=a@example.org",
    ],
)
def test_whatever_else_differs_gives_a_uri_another_name(uri: str) -> None:
    assert name_for_uri(uri) != name_for_uri("smtps://orders:one@mail.example.org")


def test_an_address_gives_a_name_too() -> None:
    assert connection_name(name_for_uri("smtp://[::1]:2525")).startswith("1-")
    assert name_for_uri("smtp://127.0.0.1").startswith("127-0-0-1-")
