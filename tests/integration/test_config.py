"""Settings from arguments, the environment and a file: who is heard first, and how a mistake is told."""

import os
from pathlib import Path

import pytest

from eilbote import SettingsError
from eilbote.config.reading import read_config


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("EILBOTE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "eilbote.toml"
    file.write_text(text)
    return file


def test_without_a_word_it_is_the_users_data_folder(tmp_path: Path) -> None:
    config = read_config()

    assert config.data_dir == tmp_path / "xdg" / "eilbote"
    assert config.database_url.reveal() == f"sqlite:///{config.data_dir}/eilbote.db"
    assert config.blobs_dir == config.data_dir / "blobs"
    assert set(config.origins.values()) == {"default"}
    assert not config.data_dir.exists(), "reading makes nothing"


def test_arguments_go_before_the_environment_and_that_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "data",
        "busy_seconds = 1\nlargest_message = 20000\n[courier]\ngrace_seconds = 1\nlease_seconds = 9\n",
    )
    monkeypatch.setenv("EILBOTE_DATA_DIR", "/somewhere/else")
    monkeypatch.setenv("EILBOTE_BUSY_SECONDS", "2")
    monkeypatch.setenv("EILBOTE_COURIER__GRACE_SECONDS", "2.5")

    config = read_config(data_dir=tmp_path / "data")

    assert (config.busy_seconds, config.largest_message) == (2.0, 20_000)
    assert (config.courier.grace_seconds, config.courier.lease_seconds) == (2.5, 9.0)
    assert {name: origin for name, origin in config.origins.items() if origin != "default"} == {
        "data_dir": "argument data_dir",
        "busy_seconds": "EILBOTE_BUSY_SECONDS",
        "largest_message": f"largest_message in {str(file)!r}",
        "courier.lease_seconds": f"courier.lease_seconds in {str(file)!r}",
        "courier.grace_seconds": "EILBOTE_COURIER__GRACE_SECONDS",
    }
    assert config.origins["database_url"] == config.origins["server.listen"] == "default"


def test_the_file_may_lie_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = write(tmp_path / "etc", f'data_dir = "{tmp_path}/data"\n[retention]\ndays = 7\n')
    monkeypatch.setenv("EILBOTE_CONFIG", str(file))

    config = read_config()

    assert (config.data_dir, config.retention.days) == (tmp_path / "data", 7.0)


def test_networks_for_organizations_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EILBOTE_EGRESS__ALLOW", "10.2.0.0/16")

    assert read_config().egress.policy.objection("10.2.0.1") is None

    monkeypatch.setenv("EILBOTE_EGRESS__ALLOW", "10.2.0.1/16")
    with pytest.raises(SettingsError) as told:
        read_config()
    assert told.value.field == "EILBOTE_EGRESS__ALLOW"


def test_the_database_may_be_named_by_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://eilbote:planted@db/mail\n")
    monkeypatch.setenv("EILBOTE_DATABASE_URL_FILE", str(file))

    config = read_config(data_dir=tmp_path)

    assert config.database_url.reveal() == "postgresql://eilbote:planted@db/mail"
    assert config.origins["database_url"] == "EILBOTE_DATABASE_URL_FILE"


def test_the_database_is_not_named_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EILBOTE_DATABASE_URL", "postgresql://eilbote:planted@db/mail")
    monkeypatch.setenv("EILBOTE_DATABASE_URL_FILE", str(tmp_path / "url"))

    with pytest.raises(SettingsError) as told:
        read_config()
    assert told.value.field == "EILBOTE_DATABASE_URL_FILE"
    assert "planted" not in str(told.value)


@pytest.mark.parametrize(
    "variable",
    [
        *("EILBOTE_SECRET_KEYS", "EILBOTE_SECRET_KEYS_FILE", "EILBOTE_SECRETS_DIR", "EILBOTE_HELM_VALUES"),
        *("EILBOTE_NOTIFICATION__HOST", "EILBOTE_SYSTEM__PASSWORD_FILE", "EILBOTE_CONNECTION_OFFICE_FILE"),
    ],
)
def test_variables_that_others_read_are_known(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "something")

    assert read_config().busy_seconds == 5.0


def test_a_folder_with_strange_characters_makes_a_url_that_can_be_read(tmp_path: Path) -> None:
    from eilbote.store.open_store import sqlite_path

    folder = tmp_path / "da ta%20?#"

    url = read_config(data_dir=folder).database_url.reveal()

    assert sqlite_path(url) == folder / "eilbote.db"


def test_variables_of_other_places_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "EILBOTE_CONNECTION",
        "EILBOTE_CONNECTION_OFFICE",
        "EILBOTE_PASSWORD",
        "EILBOTE_TEST_SERVERS",
    ):
        monkeypatch.setenv(name, "x")

    assert set(read_config().origins.values()) == {"default"}


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EILBOTE_BUSY_SECONDS", "")

    assert read_config().origins["busy_seconds"] == "default"


@pytest.mark.parametrize(
    "name,value,told",
    [
        ("EILBOTE_BUSY_SECOND", "5", "The nearest name is EILBOTE_BUSY_SECONDS"),
        ("EILBOTE_COURIER__GRACE", "5", "The nearest name is EILBOTE_COURIER__GRACE_SECONDS"),
        ("EILBOTE_COURIER__GRACE_SECONDS", "soon", "it is not a number"),
        ("EILBOTE_COURIER", "5", "such as EILBOTE_COURIER__LEASE_SECONDS"),
        ("EILBOTE_LARGEST_MESSAGE", "10MB", "it is not a whole number"),
        ("EILBOTE_RETENTION__DAYS", "-1", "Give 0.01 to 36,500 days"),
        ("EILBOTE_BUSY_SECONDS", "-1", "Give 0 to 3,600 seconds"),
    ],
)
def test_a_faulty_variable_is_told_by_its_name(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as fault:
        read_config()

    assert fault.value.field == name
    assert told in str(fault.value)


@pytest.mark.parametrize(
    "text,field,told",
    [
        ("busy_second = 5\n", "busy_second", "The nearest name is busy_seconds"),
        ("[courier]\ngrace = 5\n", "courier.grace", "The nearest name is courier.grace_seconds"),
        ("[curier]\ngrace = 5\n", "curier", "there is no such setting"),
        ('[retention]\ndays = "many"\n', "retention.days", "it is not a number"),
        ("courier = 5\n", "courier", "such as courier.lease_seconds"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_place(text: str, field: str, told: str, tmp_path: Path) -> None:
    file = write(tmp_path, text)

    with pytest.raises(SettingsError) as fault:
        read_config(data_dir=tmp_path)

    assert fault.value.field == f"{field} in {str(file)!r}"
    assert told in str(fault.value)


@pytest.mark.parametrize("text", ["busy_seconds = \n", "\udcff"])
def test_a_file_that_cannot_be_read_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "eilbote.toml").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(SettingsError, match="It is not TOML"):
        read_config(data_dir=tmp_path)


def test_a_file_that_is_named_and_not_there_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EILBOTE_CONFIG", str(tmp_path / "nowhere.toml"))

    with pytest.raises(SettingsError, match="No such file") as fault:
        read_config()
    assert fault.value.field == "EILBOTE_CONFIG"


def test_no_error_shows_the_secret_of_a_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EILBOTE_DATABASE_URL", "postgresql://eilbote:secret-word@db/x")
    write(tmp_path, 'busy_seconds = "postgresql://eilbote:secret-word@db/x"\n')

    with pytest.raises(SettingsError) as fault:
        read_config(data_dir=tmp_path)

    assert "secret-word" not in str(fault.value)


def test_a_secret_of_a_part_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    monkeypatch.setenv("EILBOTE_MAILBOX__HOST", "imap.example.org")
    monkeypatch.setenv("EILBOTE_MAILBOX__USER", "bounces")
    monkeypatch.setenv("EILBOTE_MAILBOX__PASSWORD_FILE", str(tmp_path / "password"))

    config = read_config()

    assert config.mailbox.password is not None
    assert config.mailbox.password.reveal() == "open sesame"
    assert (config.mailbox.host, config.mailbox.user) == ("imap.example.org", "bounces")
    assert config.origins["mailbox.password"] == "EILBOTE_MAILBOX__PASSWORD_FILE"
    assert "sesame" not in repr(config)


def test_a_secret_may_not_stand_in_two_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EILBOTE_OIDC__CLIENT_SECRET", "one")
    monkeypatch.setenv("EILBOTE_OIDC__CLIENT_SECRET_FILE", str(tmp_path / "other"))

    with pytest.raises(SettingsError) as told:
        read_config()

    assert told.value.field == "EILBOTE_OIDC__CLIENT_SECRET_FILE"


def test_a_file_for_what_is_no_secret_is_an_unknown_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EILBOTE_MAILBOX__HOST_FILE", "/run/host")

    with pytest.raises(SettingsError) as told:
        read_config()

    assert (told.value.field, told.value.remedy) == (
        "EILBOTE_MAILBOX__HOST_FILE",
        "The nearest name is EILBOTE_MAILBOX__HOST",
    )


def test_a_fault_in_a_part_is_told_at_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EILBOTE_SERVER__LISTEN", "127.0.0.1")

    with pytest.raises(SettingsError) as told:
        read_config()

    assert told.value.field == "EILBOTE_SERVER__LISTEN"
