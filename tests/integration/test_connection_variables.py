"""Connections in the environment, and in files that it names, which may change while the program runs."""

from pathlib import Path

import pytest

from eilbote import ConnectionNotFoundError, Password, Secret, SettingsError, UriError
from eilbote.store.connection_variables import ConnectionVariables
from eilbote.testing import ManualClock

URI = "smtps://orders:secret-word@mail.example.org"


@pytest.mark.asyncio
async def test_a_variable_names_its_connection() -> None:
    book = ConnectionVariables(
        {
            "EILBOTE_CONNECTION": "smtps://a:b@one.example.org",
            "EILBOTE_CONNECTION_BACK_UP": "smtps://two.example.org",
            "EILBOTE_CONNECTION_EMPTY": "",
            "EILBOTE_CONNECTIONS": "smtps://three.example.org",
            "PATH": "/bin",
        }
    )

    assert await book.names() == ("back-up", "default")
    assert (await book.get("default")).credentials == Password(user="a", password=Secret("b"))
    assert await book.get("default") is await book.get("default")
    assert (await book.get("BACK_UP")).name == "back-up"
    assert book.place("back-up") == "EILBOTE_CONNECTION_BACK_UP"
    with pytest.raises(ConnectionNotFoundError, match="Did you mean back-up"):
        await book.get("backup")


@pytest.mark.asyncio
async def test_a_faulty_variable_is_told_by_its_name_and_stops_no_other() -> None:
    book = ConnectionVariables(
        {
            "EILBOTE_CONNECTION_BAD": "secret-word@mail",
            "EILBOTE_CONNECTION_GOOD": "smtps://mail.example.org",
        }
    )

    assert (await book.get("good")).host == "mail.example.org"
    with pytest.raises(UriError, match="EILBOTE_CONNECTION_BAD") as told:
        await book.get("bad")
    assert "secret-word" not in str(told.value)


@pytest.mark.parametrize(
    "variable,name", [("EILBOTE_CONNECTION_FILE", "default"), ("EILBOTE_CONNECTION_OFFICE_FILE", "office")]
)
@pytest.mark.asyncio
async def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path, variable: str, name: str) -> None:
    file = tmp_path / "uri"
    file.write_text(f"{URI}\n")
    clock = ManualClock()
    book = ConnectionVariables({variable: str(file)}, monotonic=clock.monotonic)
    first = await book.get(name)
    assert (first.host, first.name) == ("mail.example.org", name)
    assert await book.names() == (name,)

    file.write_text("smtps://orders:another-word@mail.example.org\n")
    assert await book.get(name) is first, "it is looked at once a second"
    clock.advance(1.0)

    assert (await book.get(name)).credentials == Password(user="orders", password=Secret("another-word"))
    clock.advance(1.0)
    assert await book.get(name) is await book.get(name)


@pytest.mark.asyncio
async def test_a_file_that_is_put_in_place_of_another_is_seen(tmp_path: Path) -> None:
    """Mounted secrets are changed by a link that points elsewhere from one moment to the next."""
    clock = ManualClock()
    for number in (1, 2):
        (tmp_path / f"{number}").write_text(f"smtps://host{number}.example.org")
    link = tmp_path / "uri"
    link.symlink_to(tmp_path / "1")
    book = ConnectionVariables({"EILBOTE_CONNECTION_A_FILE": str(link)}, monotonic=clock.monotonic)
    assert (await book.get("a")).host == "host1.example.org"

    (tmp_path / "next").symlink_to(tmp_path / "2")
    (tmp_path / "next").rename(link)
    clock.advance(1.0)

    assert (await book.get("a")).host == "host2.example.org"


@pytest.mark.asyncio
async def test_a_file_that_is_gone_is_told_and_is_used_again_when_it_is_back(tmp_path: Path) -> None:
    file = tmp_path / "uri"
    book = ConnectionVariables({"EILBOTE_CONNECTION_A_FILE": str(file)})

    with pytest.raises(SettingsError, match="EILBOTE_CONNECTION_A_FILE") as told:
        await book.get("a")
    assert told.value.cause == "No such file or directory"
    file.write_text(URI)
    assert (await book.get("a")).host == "mail.example.org"


@pytest.mark.parametrize("octets", [b"\xff\xfe", b"secret-word@mail", b""])
@pytest.mark.asyncio
async def test_what_a_file_holds_is_not_shown(tmp_path: Path, octets: bytes) -> None:
    file = tmp_path / "uri"
    file.write_bytes(octets)

    with pytest.raises((SettingsError, UriError), match="EILBOTE_CONNECTION_A_FILE") as told:
        await ConnectionVariables({"EILBOTE_CONNECTION_A_FILE": str(file)}).get("a")
    assert "secret-word" not in str(told.value)


@pytest.mark.asyncio
async def test_a_uri_where_a_path_should_be_is_not_shown() -> None:
    with pytest.raises(SettingsError) as told:
        await ConnectionVariables({"EILBOTE_CONNECTION_A_FILE": URI}).get("a")
    assert "secret-word" not in str(told.value)


@pytest.mark.parametrize(
    "other", ["EILBOTE_CONNECTION_BACK_UP_FILE", "EILBOTE_CONNECTION_back_up", "EILBOTE_CONNECTION_Back-Up"]
)
def test_two_variables_for_one_connection_are_refused(other: str) -> None:
    with pytest.raises(SettingsError, match="both say what the connection 'back-up' is"):
        ConnectionVariables({"EILBOTE_CONNECTION_BACK_UP": URI, other: URI})


def test_a_variable_that_can_be_no_name_is_told() -> None:
    with pytest.raises(SettingsError, match="EILBOTE_CONNECTION_Ä"):
        ConnectionVariables({"EILBOTE_CONNECTION_Ä": URI})
