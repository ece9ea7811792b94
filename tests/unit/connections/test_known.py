"""Whose word counts when a connection is known from several places, and what it is called."""

import pytest

from eilbote import Connection, ConnectionNotFoundError, Password, Secret, SettingsError, UriError
from eilbote.connections.known import KnownConnections
from eilbote.connections.repository import connection_name, not_found
from eilbote.connections.unnamed import name_for_uri


class Kept:
    """A book in memory."""

    def __init__(self, **uris: str) -> None:
        self.uris = uris

    async def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.uris))

    async def get(self, name: str) -> Connection:
        return Connection.from_uri(self.uris[name], name=name)

    async def put(self, name: str, uri: Secret) -> bool:
        self.uris[name] = uri.reveal()
        return True

    async def remove(self, name: str) -> None:
        del self.uris[name]


def known(
    *,
    given: dict[str, Connection | str] | None = None,
    environment: dict[str, str] | None = None,
    kept: Kept | None = None,
) -> KnownConnections:
    return KnownConnections(given=given or {}, environment=environment or {}, kept=kept or Kept())


@pytest.mark.asyncio
async def test_what_stands_nearer_goes_first() -> None:
    book = known(
        given={"a": "smtps://given.example.org"},
        environment={
            "EILBOTE_CONNECTION_A": "smtps://environment.example.org",
            "EILBOTE_CONNECTION_B": "smtps://environment.example.org",
            "PATH": "/bin",
        },
        kept=Kept(a="smtps://kept.example.org", b="smtps://kept.example.org", c="smtps://kept.example.org"),
    )

    hosts = [(await book.get(name)).host.partition(".")[0] for name in "abc"]

    assert hosts == ["given", "environment", "kept"]
    assert await book.names() == ("a", "b", "c")


@pytest.mark.asyncio
async def test_a_connection_is_called_as_it_is_found_and_stays_the_same_object() -> None:
    book = known(given={"Back_Up": Connection(host="a.example.org", name="something else")})

    connection = await book.get("BACK-UP")

    assert connection.name == "back-up"
    assert await book.get("back_up") is connection


@pytest.mark.asyncio
async def test_an_environment_variable_names_its_connection() -> None:
    book = known(
        environment={
            "EILBOTE_CONNECTION": "smtps://a:b@one.example.org",
            "EILBOTE_CONNECTION_BACK_UP": "smtps://two.example.org",
            "EILBOTE_CONNECTION_EMPTY": "",
        }
    )

    assert await book.names() == ("back-up", "default")
    assert (await book.get("default")).credentials == Password(user="a", password=Secret("b"))
    assert await book.get("default") is await book.get("default")


@pytest.mark.asyncio
async def test_a_faulty_variable_is_told_by_its_name_and_stops_no_other() -> None:
    book = known(
        environment={
            "EILBOTE_CONNECTION_BAD": "secret-word@mail",
            "EILBOTE_CONNECTION_GOOD": "smtps://mail.example.org",
        }
    )

    assert (await book.get("good")).host == "mail.example.org"
    with pytest.raises(UriError, match="EILBOTE_CONNECTION_BAD") as told:
        await book.get("bad")
    assert "secret-word" not in str(told.value)


@pytest.mark.asyncio
async def test_an_unknown_name_tells_those_that_look_alike_wherever_they_are_known_from() -> None:
    book = known(
        given={"office": "smtps://a.example.org"},
        environment={"EILBOTE_CONNECTION_OFFICES": "smtps://a.example.org"},
        kept=Kept(other="smtps://a.example.org"),
    )

    with pytest.raises(ConnectionNotFoundError) as told:
        await book.get("ofice")

    assert "Did you mean office or offices?" in str(told.value)


@pytest.mark.asyncio
async def test_the_default_is_the_one_called_so_or_the_only_one() -> None:
    uri = "smtps://a.example.org"

    assert await known(given={"default": uri, "a": uri}).default() == "default"
    assert await known(kept=Kept(a=uri)).default() == "a"
    with pytest.raises(SettingsError, match="There are 2: a, b"):
        await known(given={"a": uri}, kept=Kept(b=uri)).default()
    with pytest.raises(ConnectionNotFoundError, match="no connections yet"):
        await known().default()


@pytest.mark.asyncio
async def test_what_would_be_hidden_is_not_put() -> None:
    kept = Kept(a="smtps://a.example.org")
    book = known(environment={"EILBOTE_CONNECTION_A": "smtps://a.example.org"}, kept=kept)

    with pytest.raises(SettingsError, match="given by EILBOTE_CONNECTION_A"):
        await book.put("a", Secret("smtps://b.example.org"))
    with pytest.raises(SettingsError, match="given by EILBOTE_CONNECTION_A"):
        await book.remove("a")
    assert await book.put("b", Secret("smtps://b.example.org")) is True
    await book.remove("b")
    assert await kept.names() == ("a",)


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
