"""The file of a snapshot: what is written is read again, and the same contents are the same file."""

from __future__ import annotations

import io
import zipfile

import pytest

from eilbote.author.notification.escalation import Step
from eilbote.author.notification.subscription import Cadence, Subscription
from eilbote.engine.snapshot_archive import pack, unpack
from eilbote.engine.snapshot_contents import Contents, PackedConnection, PackedFlow, PackedSettings
from eilbote.engine.snapshot_file import read_snapshot, write_snapshot
from eilbote.errors import SettingsError
from eilbote.model.moment import Moment
from eilbote.model.secret import Secret
from eilbote.model.severity import Severity

PASSPHRASE = Secret("four words nobody says")
CONTENTS = Contents(
    created=Moment(1_800_000_000_000),
    flows=(
        PackedFlow(organization="", name="ready", texts=("a: 1\n", "a: ü\n", "a: 1\n"), draft="a: 3\n"),
        PackedFlow(organization="acme", name="ready", draft="a: 1\n"),
    ),
    connections=(
        PackedConnection(
            organization="acme",
            name="office",
            plain={"host": "mail.example.org", "port": 587, "timeout": 2.5, "verify": True},
            secret_names=frozenset({"password"}),
            enabled=False,
            is_default=True,
        ),
    ),
    settings=(
        PackedSettings(organization="", plain={"host": "mail.example.org"}, locked=frozenset({"host"})),
    ),
    subscriptions=(
        Subscription(
            id="s1",
            pattern="flow.*",
            recipients=("ops@example.org",),
            cadence=Cadence.HOURLY,
            language="de",
            escalation=(Step(after_minutes=15, recipients=("role:operator",), severity=Severity.FATAL),),
        ),
    ),
)


def test_what_is_written_is_read_again() -> None:
    assert read_snapshot(write_snapshot(CONTENTS)) == CONTENTS


def test_the_same_contents_are_the_same_file() -> None:
    assert write_snapshot(CONTENTS) == write_snapshot(CONTENTS)


def test_a_text_that_several_versions_share_is_there_once() -> None:
    names = zipfile.ZipFile(io.BytesIO(write_snapshot(CONTENTS))).namelist()

    assert sum(name.startswith("texts/") for name in names) == 3


def test_any_program_that_knows_zip_reads_it() -> None:
    archive = zipfile.ZipFile(io.BytesIO(write_snapshot(CONTENTS)))

    assert archive.testzip() is None
    assert all(each.compress_type == zipfile.ZIP_STORED for each in archive.infolist())
    assert b"mail.example.org" in archive.read("connections.json")


def test_an_archive_of_nothing_is_none() -> None:
    with pytest.raises(SettingsError, match="no snapshot"):
        unpack(pack({}))


@pytest.mark.parametrize("passphrase", ["", "short", " " * 40, "elevenchars"])
def test_a_passphrase_that_can_be_guessed_is_refused(passphrase: str) -> None:
    with pytest.raises(SettingsError, match="fewer than 12 characters"):
        write_snapshot(CONTENTS, passphrase=Secret(passphrase))


def test_a_snapshot_without_secrets_says_so_to_whoever_has_a_passphrase() -> None:
    with pytest.raises(SettingsError, match="holds no secrets") as refused:
        read_snapshot(write_snapshot(CONTENTS), passphrase=PASSPHRASE)

    assert refused.value.field == "passphrase"
