"""Connections in a file written by hand: for the owner's eyes, and never a secret in an error."""

from pathlib import Path

import pytest

from eilbote import ConnectionNotFoundError, OutboxUnavailableError, Password, Secret, SettingsError, UriError
from eilbote.store.connection_file import ConnectionFile
from eilbote.testing import ManualClock

URI = "smtps://orders:p%40ss%22word%5C@mail.example.org?from=orders@example.org"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "connections.toml"


@pytest.fixture
def book(path: Path) -> ConnectionFile:
    return ConnectionFile(path)


def write(path: Path, text: str, *, rights: int = 0o600) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(rights)


def of_uris(path: Path, **uris: str) -> None:
    write(path, "".join(f"[{name}]\nuri = '{uri}'\n" for name, uri in uris.items()))


@pytest.mark.asyncio
async def test_what_is_written_there_is_known_by_its_name(book: ConnectionFile, path: Path) -> None:
    of_uris(path, Back_Up=URI)

    connection = await book.get("back-up")

    assert await book.names() == ("back-up",)
    assert connection.name == "back-up"
    assert connection.credentials == Password(user="orders", password=Secret('p@ss"word\\'))
    assert book.place("back-up") == str(path)


@pytest.mark.asyncio
async def test_an_unchanged_connection_is_the_same_object_and_a_changed_one_is_another(
    path: Path,
) -> None:
    of_uris(path, office="smtps://one.example.org")
    clock = ManualClock()
    book = ConnectionFile(path, monotonic=clock.monotonic)
    first = await book.get("office")

    of_uris(path, office="smtps://two.example.org/")
    assert await book.get("office") is first, "it is looked at ten times a second"
    clock.advance(0.1)

    assert (await book.get("office")).host == "two.example.org"
    clock.advance(0.1)
    assert await book.get("office") is await book.get("office")


@pytest.mark.asyncio
async def test_a_table_may_be_written_by_hand_in_fields(book: ConnectionFile, path: Path) -> None:
    write(path, '[office]\nhost = "mail.example.org"\nuser = "a"\npassword = "b"\nmax_sessions = 3\n')

    connection = await book.get("office")

    assert (connection.host, connection.limits.max_sessions) == ("mail.example.org", 3)


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o660])
@pytest.mark.asyncio
async def test_a_file_that_others_can_read_is_refused_with_the_command_to_mend_it(
    rights: int, book: ConnectionFile, path: Path
) -> None:
    write(path, f'[office]\nuri = "{URI}"\n', rights=rights)

    with pytest.raises(SettingsError, match=rf"chmod 600 {path}"):
        await book.get("office")


@pytest.mark.asyncio
async def test_a_name_that_is_almost_known_is_told(book: ConnectionFile, path: Path) -> None:
    of_uris(path, office=URI)

    with pytest.raises(ConnectionNotFoundError, match="Did you mean office"):
        await book.get("ofice")


@pytest.mark.asyncio
async def test_without_a_file_there_is_nothing_and_the_command_is_told(
    book: ConnectionFile, path: Path
) -> None:
    assert await book.names() == ()
    with pytest.raises(ConnectionNotFoundError, match="eilbote connection add office URI"):
        await book.get("office")
    assert not path.parent.exists(), "looking makes nothing"


@pytest.mark.parametrize(
    "text,cause",
    [
        ('[office]\nuri = "smtps://orders:secret-word@mail\n', "at line 2"),
        ('uri = "smtps://orders:secret-word@mail.example.org"\n', "outside a table"),
        ('[office]\nuri = "smtps://orders:secret-word@mail.example.org/path"\n', "'office' in"),
        ('[office]\nhots = "mail.example.org"\npassword = "secret-word"\n', "no field 'hots'"),
    ],
    ids=["no TOML", "no table", "no URI", "no field"],
)
@pytest.mark.asyncio
async def test_a_file_that_cannot_be_used_is_told_without_its_secrets(
    text: str, cause: str, book: ConnectionFile, path: Path
) -> None:
    write(path, text)

    with pytest.raises((SettingsError, UriError)) as told:
        await book.get("office")

    assert cause in str(told.value)
    assert "secret-word" not in str(told.value)
    assert "secret-word" not in repr(told.value.__cause__)


@pytest.mark.parametrize("name", ["-office", "of fice", "büro", "smtps://u:secret-word@h"])
@pytest.mark.asyncio
async def test_an_unusable_name_is_told(name: str, book: ConnectionFile, path: Path) -> None:
    write(path, f"['{name}']\nuri = '{URI}'\n")

    with pytest.raises(SettingsError) as told:
        await book.names()

    assert "secret-word" not in str(told.value)


@pytest.mark.asyncio
async def test_a_folder_that_cannot_be_read_is_told_with_the_setting(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, where a folder should be")

    with pytest.raises(OutboxUnavailableError, match="EILBOTE_DATA_DIR"):
        await ConnectionFile(tmp_path / "data" / "connections.toml").names()
