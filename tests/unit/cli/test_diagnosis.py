"""What the doctor says of a folder, a disk, a clock and a certificate; the verdicts, not the words."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eilbote.cli.check_machine import (
    LAST_BACKUP,
    check_backup,
    check_clock,
    check_folder,
    check_open_files,
    check_private_files,
    check_room,
)
from eilbote.cli.check_server import check_certificate, check_proxies, check_relay
from eilbote.cli.diagnosis import Diagnosis, Verdict
from eilbote.config.config import Config
from eilbote.config.sections import RelaySettings, ServerSettings
from eilbote.errors import SettingsError
from eilbote.model.secret import Secret

NOW = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)


def verdicts(found: Diagnosis) -> dict[str, Verdict]:
    assert all(each.remedy for each in found.found if each.verdict is not Verdict.WELL)
    return {each.about: each.verdict for each in found.found}


@pytest.mark.parametrize(
    "mode,verdict", [(0o700, Verdict.WELL), (0o750, Verdict.WARNING), (0o701, Verdict.WARNING)]
)
def test_a_folder_of_mail_is_for_its_owner_alone(tmp_path: Path, mode: int, verdict: Verdict) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=mode)
    folder.chmod(mode)
    found = Diagnosis()
    check_folder(found, folder)
    assert verdicts(found) == {"data folder": verdict}


def test_a_folder_that_is_not_there_is_worth_a_word_and_a_file_is_a_problem(tmp_path: Path) -> None:
    found = Diagnosis()
    check_folder(found, tmp_path / "none")
    assert verdicts(found) == {"data folder": Verdict.WARNING}
    (tmp_path / "file").touch(mode=0o600)
    found = Diagnosis()
    check_folder(found, tmp_path / "file")
    assert verdicts(found) == {"data folder": Verdict.PROBLEM}


def test_files_with_secrets_are_not_for_others(tmp_path: Path) -> None:
    (tmp_path / "secret.keys").touch(mode=0o644)
    (tmp_path / "connections.toml").touch(mode=0o600)
    (tmp_path / "eilbote.toml").touch(mode=0o644)
    for each in tmp_path.iterdir():
        each.chmod(0o600 if each.name == "connections.toml" else 0o644)
    found = Diagnosis()
    check_private_files(found, tmp_path)
    assert [each.remedy for each in found.found] == [f"chmod 0600 {tmp_path / 'secret.keys'}"]


def test_keys_that_lie_elsewhere_may_be_for_a_group_and_not_for_everybody(tmp_path: Path) -> None:
    data, shared, loose = tmp_path / "data", tmp_path / "tls.pem", tmp_path / "keys"
    data.mkdir()
    for file, mode in ((shared, 0o640), (loose, 0o644)):
        file.touch()
        file.chmod(mode)
    found = Diagnosis()
    check_private_files(found, data, shared, loose, tmp_path / "none")
    assert [each.remedy for each in found.found] == [f"chmod o= {loose}"]


@pytest.mark.parametrize("days,verdict", [(1, Verdict.WELL), (8, Verdict.WARNING), (None, Verdict.WARNING)])
def test_a_copy_is_made_every_week_at_least(tmp_path: Path, days: int | None, verdict: Verdict) -> None:
    if days is not None:
        made = (NOW - timedelta(days=days)).timestamp()
        (tmp_path / LAST_BACKUP).touch()
        os.utime(tmp_path / LAST_BACKUP, (made, made))
    found = Diagnosis()
    check_backup(found, tmp_path, NOW)
    assert verdicts(found) == {"backup": verdict}


@pytest.mark.parametrize(
    "listen,certificate,count",
    [("192.0.2.1:25", "", 1), ("192.0.2.1:25", "/x.pem", 0), ("127.0.0.1:25", "", 0), ("", "", 0)],
)
def test_a_relay_without_tls_is_for_this_machine(listen: str, certificate: str, count: int) -> None:
    found = Diagnosis()
    check_relay(found, RelaySettings(listen=listen, tls_certificate=certificate))
    assert [each.verdict for each in found.found] == [Verdict.WARNING] * count


def test_room_is_told_where_the_folder_will_be(tmp_path: Path) -> None:
    found = Diagnosis()
    check_room(found, tmp_path / "not" / "there" / "yet")
    assert str(tmp_path) in found.found[0].text
    check_open_files(found)
    assert len(found.found) == 2


@pytest.mark.parametrize(
    "now,latest,verdict",
    [
        (NOW, None, Verdict.WELL),
        (NOW, NOW - timedelta(seconds=1), Verdict.WELL),
        (NOW, NOW + timedelta(hours=1), Verdict.PROBLEM),
        (datetime(1970, 1, 1, tzinfo=UTC), None, Verdict.PROBLEM),
    ],
)
def test_a_clock_does_not_stand_before_what_has_happened(
    now: datetime, latest: datetime | None, verdict: Verdict
) -> None:
    found = Diagnosis()
    check_clock(found, now, latest=latest)
    assert verdicts(found) == {"clock": verdict}


@pytest.mark.parametrize("days,verdict", [(90, Verdict.WELL), (13, Verdict.WARNING), (0, Verdict.PROBLEM)])
def test_a_certificate_is_renewed_in_time(tmp_path: Path, days: int, verdict: Verdict) -> None:
    file = certificate(tmp_path, until=NOW + timedelta(days=days))
    found = Diagnosis()
    check_certificate(found, str(file), "", now=NOW)
    assert verdicts(found) == {"relay's certificate": verdict}


def test_a_key_belongs_to_its_certificate(tmp_path: Path) -> None:
    file = certificate(tmp_path, until=NOW + timedelta(days=90))
    other = tmp_path / "other.pem"
    other.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    for key in (other, tmp_path / "none.pem", Path(__file__)):
        found = Diagnosis()
        check_certificate(found, str(file), str(key), now=NOW)
        assert verdicts(found) == {"relay's certificate": Verdict.PROBLEM}


def test_behind_a_proxy_that_is_not_believed_all_clients_are_one() -> None:
    found = Diagnosis()
    check_proxies(found, config(ServerSettings()))
    assert verdicts(found) == {"listening": Verdict.WELL, "proxies": Verdict.WARNING}
    found = Diagnosis()
    check_proxies(found, config(ServerSettings(listen="192.0.2.1:80", trusted_proxies="192.0.2.9")))
    assert verdicts(found) == {"listening": Verdict.WARNING}


def test_an_error_is_told_with_its_field_cause_and_remedy() -> None:
    found = Diagnosis()
    found.fault(
        "keys",
        SettingsError("it cannot be read", field="EILBOTE_X", cause="It is gone", remedy="Bring it back"),
    )
    assert found.found[0].text == "EILBOTE_X: it cannot be read: It is gone"
    assert found.found[0].remedy == "Bring it back"


def config(server: ServerSettings) -> Config:
    return Config(
        data_dir=Path("/data"),
        database_url=Secret("sqlite:////data/eilbote.db"),
        public_url="https://eilbote.example.org",
        server=server,
    )


def certificate(folder: Path, *, until: datetime) -> Path:
    """Make a file with a key and its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(until - timedelta(days=365))
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + pem(key))
    return file


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
