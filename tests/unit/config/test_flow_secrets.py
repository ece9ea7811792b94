"""Which secrets flows get, and whose."""

from __future__ import annotations

from pathlib import Path

import pytest

from eilbote.author.flow.secret_reference import SecretPlace, SecretReference, read_reference
from eilbote.config.flow_secrets import FOLDER, FlowSecrets
from eilbote.errors import SettingsError

ENVIRON = {
    "EILBOTE_FLOW_SECRET_CRM": "of the host",
    "EILBOTE_FLOW_SECRET_ACME__CRM": "of acme",
    "EILBOTE_FLOW_SECRET_ACME_NORTH__CRM": "of acme-north",
    "EILBOTE_FLOW_SECRET_ACME__NORTH__CRM": "of nobody but the host",
    "EILBOTE_FLOW_SECRET_EMPTY": "",
    "EILBOTE_SECRET_KEYS": "the key of everything",
}


def read(name: str, organization: str = "") -> str:
    reference = SecretReference(place=SecretPlace.ENV, name=name, field="headers.X")
    return FlowSecrets(ENVIRON).read(reference, organization=organization).reveal()


def test_the_host_reads_its_own() -> None:
    assert read("EILBOTE_FLOW_SECRET_CRM") == "of the host"


def test_an_organization_reads_its_own() -> None:
    assert read("EILBOTE_FLOW_SECRET_ACME__CRM", "acme") == "of acme"
    assert read("EILBOTE_FLOW_SECRET_ACME_NORTH__CRM", "acme-north") == "of acme-north"


@pytest.mark.parametrize(
    "name, organization",
    [
        ("EILBOTE_FLOW_SECRET_CRM", "acme"),
        ("EILBOTE_FLOW_SECRET_ACME_NORTH__CRM", "acme"),
        ("EILBOTE_FLOW_SECRET_ACME__NORTH__CRM", "acme"),
        ("EILBOTE_FLOW_SECRET_ACME__CRM", "acme-north"),
        ("EILBOTE_FLOW_SECRET_ACME__CRM", "ACME"),
        ("EILBOTE_FLOW_SECRET_ACME__CRM", "acme "),
        ("EILBOTE_FLOW_SECRET_ACME_NORTH__CRM", "acme_north"),
        ("EILBOTE_FLOW_SECRET_ACME_NORTH__CRM", "acme/north"),
        ("EILBOTE_FLOW_SECRET_MISSING", ""),
        ("EILBOTE_FLOW_SECRET_EMPTY", ""),
    ],
)
def test_nobody_reads_what_is_not_theirs(name: str, organization: str) -> None:
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        read(name, organization)

    assert caught.value.field == "headers.X"
    assert caught.value.remedy
    assert not any(secret in str(caught.value) for secret in ENVIRON.values() if secret)


def test_files_are_read_from_the_folder_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "crm").write_text("of the host\n")
    (tmp_path / "acme" / "crm").write_text("of acme\r\n")
    (tmp_path / "acme" / "out").symlink_to(tmp_path / "acme")
    secrets = FlowSecrets({FOLDER: str(tmp_path)})
    reference = read_reference({"file": "crm"}, field="headers.X")

    assert secrets.read(reference, organization="").reveal() == "of the host"
    assert secrets.read(reference, organization="acme").reveal() == "of acme"
    for organization in ("other", "..", "acme/out", "/"):
        with pytest.raises(SettingsError):
            secrets.read(reference, organization=organization)
    with pytest.raises(SettingsError):
        secrets.read(read_reference({"file": "acme"}, field="headers.X"), organization="")


def test_without_a_folder_there_are_no_files() -> None:
    with pytest.raises(SettingsError, match=FOLDER):
        FlowSecrets({}).read(read_reference({"file": "crm"}, field="headers.X"), organization="")
