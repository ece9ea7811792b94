"""Connections in a file: whole or as it was, for the owner's eyes, and never a secret in an error."""

import asyncio
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


def changed(path: Path) -> int:
    return path.stat().st_mtime_ns


def is_there(path: Path) -> bool:
    return path.exists()


def rights_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.asyncio
async def test_what_was_put_is_found_again_by_another_process(book: ConnectionFile, path: Path) -> None:
    assert await book.put("Back_Up", Secret(URI)) is True

    other = ConnectionFile(path)
    connection = await other.get("back-up")

    assert await other.names() == ("back-up",)
    assert connection.name == "back-up"
    assert connection.credentials == Password(user="orders", password=Secret('p@ss"word\\'))
    assert rights_of(path) == 0o600
    assert rights_of(path.parent) == 0o700


@pytest.mark.asyncio
async def test_the_same_again_changes_nothing(book: ConnectionFile, path: Path) -> None:
    await book.put("office", Secret(URI))
    before = changed(path)

    assert await book.put("office", Secret(URI)) is False
    assert changed(path) == before


@pytest.mark.asyncio
async def test_an_unchanged_connection_is_the_same_object_and_a_changed_one_is_another(
    book: ConnectionFile, path: Path
) -> None:
    await book.put("office", Secret("smtps://one.example.org"))
    clock = ManualClock()
    book = ConnectionFile(path, monotonic=clock.monotonic)
    first = await book.get("office")

    await ConnectionFile(path).put("office", Secret("smtps://two.example.org"))
    assert await book.get("office") is first, "it is looked at ten times a second"
    clock.advance(0.1)

    assert (await book.get("office")).host == "two.example.org"
    clock.advance(0.1)
    assert await book.get("office") is await book.get("office")


@pytest.mark.asyncio
async def test_what_was_removed_is_gone_and_the_others_stay(book: ConnectionFile) -> None:
    await book.put("one", Secret("smtps://one.example.org"))
    await book.put("two", Secret("smtps://two.example.org"))

    await book.remove("One")

    assert await book.names() == ("two",)
    with pytest.raises(ConnectionNotFoundError):
        await book.remove("one")


@pytest.mark.asyncio
async def test_many_changes_at_once_lose_none(path: Path) -> None:
    books = [ConnectionFile(path) for _ in range(20)]

    await asyncio.gather(
        *(
            book.put(f"c{number}", Secret(f"smtps://{number}.example.org"))
            for number, book in enumerate(books)
        )
    )

    assert len(await ConnectionFile(path).names()) == 20


@pytest.mark.asyncio
async def test_a_table_may_be_written_by_hand_in_fields(book: ConnectionFile, path: Path) -> None:
    write(path, '[office]\nhost = "mail.example.org"\nuser = "a"\npassword = "b"\nmax_sessions = 3\n')

    connection = await book.get("office")
    await book.put("other", Secret("smtps://other.example.org"))
    again = await ConnectionFile(path).get("office")

    assert (connection.host, connection.limits.max_sessions) == ("mail.example.org", 3)
    assert again.fingerprint() == connection.fingerprint()


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o660])
@pytest.mark.asyncio
async def test_a_file_that_others_can_read_is_refused_with_the_command_to_mend_it(
    rights: int, book: ConnectionFile, path: Path
) -> None:
    write(path, f'[office]\nuri = "{URI}"\n', rights=rights)

    with pytest.raises(SettingsError, match=rf"chmod 600 {path}"):
        await book.get("office")
    with pytest.raises(SettingsError, match="chmod 600"):
        await book.put("other", Secret("smtps://other.example.org"))


@pytest.mark.asyncio
async def test_a_name_that_is_almost_known_is_told(book: ConnectionFile) -> None:
    await book.put("office", Secret(URI))

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


@pytest.mark.parametrize("name", ["", "-office", "of fice", "a" * 65, "büro", "smtps://u:secret-word@h"])
@pytest.mark.asyncio
async def test_an_unusable_name_is_refused(name: str, book: ConnectionFile, path: Path) -> None:
    with pytest.raises(SettingsError) as told:
        await book.put(name, Secret(URI))

    assert "secret-word" not in str(told.value)
    assert not is_there(path)


@pytest.mark.asyncio
async def test_an_unusable_uri_is_refused_and_nothing_is_written(book: ConnectionFile, path: Path) -> None:
    with pytest.raises(UriError):
        await book.put("office", Secret("mail.example.org"))

    assert not is_there(path)


@pytest.mark.asyncio
async def test_a_folder_that_cannot_be_made_is_told_with_the_setting(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, where a folder should be")

    with pytest.raises(OutboxUnavailableError, match="EILBOTE_DATA_DIR"):
        await ConnectionFile(tmp_path / "data" / "connections.toml").put("office", Secret(URI))
