"""A snapshot that somebody sends: it is opened by an administrator, and what it holds decides where mail goes.

Archives are how files get out of their folder ("zip slip"), fill a disk from a kilobyte (bombs), and show one reader what another one
does not see (two members of one name, something before or behind the archive). A snapshot moreover holds passwords, so whoever can
change it wants them sent to a server of their own.
"""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from eilbote.engine.snapshot_archive import LARGEST, pack, unpack
from eilbote.engine.snapshot_check import check_contents
from eilbote.engine.snapshot_contents import Contents, PackedConnection, PackedFlow, PackedSettings
from eilbote.engine.snapshot_file import read_snapshot, write_snapshot
from eilbote.errors import EilboteError, SettingsError
from eilbote.model.moment import Moment
from eilbote.model.secret import Secret

NOW = Moment(1_800_000_000_000)
PASSPHRASE = Secret("four words nobody says")
PASSWORD, REFRESHED, API = "pl4nted-p4ssword", "r0tated-refresh-token", "pl4nted-settings-s3cret"
FLOW = "name: ready\nnodes:\n  - id: a\n    kind: set_value\n    values:\n      context.a: 1\n"
CONTENTS = Contents(
    created=NOW,
    flows=(PackedFlow(organization="", name="ready", texts=(FLOW,)),),
    connections=(
        PackedConnection(
            organization="",
            name="office",
            plain={"host": "mail.example.org", "port": 465, "security": "tls", "user": "orders"},
            secret_names=frozenset({"password"}),
            secrets={"password": Secret(PASSWORD)},
            refresh_token=Secret(REFRESHED),
        ),
    ),
    settings=(
        PackedSettings(
            organization="",
            plain={"host": "mail.example.org", "user": "orders"},
            secret_names=frozenset({"password"}),
            secrets={"password": Secret(API)},
        ),
    ),
)
BARE = write_snapshot(CONTENTS)


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return write_snapshot(CONTENTS, passphrase=PASSPHRASE)


def refusal(octets: bytes, passphrase: Secret | None = None) -> str:
    with pytest.raises(SettingsError) as refused:
        read_snapshot(octets, passphrase=passphrase)
    assert refused.value.field in {"file", "passphrase"}
    assert refused.value.cause
    assert refused.value.remedy
    return str(refused.value)


def changed(members: Mapping[str, bytes | None], of: bytes = BARE, *, honest: bool = True) -> bytes:
    """Give a snapshot with other members, and with a manifest that tells their digests if it is to look honest."""
    import hashlib

    kept = {**unpack(of), **members}
    left = {name: octets for name, octets in kept.items() if octets is not None}
    if honest:
        manifest = json.loads(left["manifest.json"])
        manifest["members"] = {
            name: hashlib.sha256(left[name]).hexdigest() for name in manifest["members"] if name in left
        }
        left["manifest.json"] = json.dumps(manifest).encode()
    return pack(left)


def rezipped(change: Callable[[zipfile.ZipFile], None], *, method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, octets in unpack(BARE).items():
            archive.writestr(name, octets)
        with warnings.catch_warnings(action="ignore"):  # it warns of a name that is there twice
            change(archive)
    return file.getvalue()


# -- the archive ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets, told",
    [
        pytest.param(b"", "does not begin as one", id="empty"),
        pytest.param(b"\x1f\x8b" + BARE, "does not begin as one", id="another kind of file"),
        pytest.param(BARE[:-1], "cut off", id="the last octet is missing"),
        pytest.param(BARE[: len(BARE) // 4], "middle of a member", id="cut in a member"),
        pytest.param(BARE[:20], "middle of a member", id="cut in a header"),
        pytest.param(b"#!/bin/sh\n" + BARE, "does not begin as one", id="something before it"),
        pytest.param(BARE + b"behind", "before, between or behind", id="something behind it"),
        pytest.param(BARE + BARE, "before, between or behind", id="another one behind it"),
        pytest.param(
            rezipped(lambda archive: archive.writestr("../../.ssh/authorized_keys", "x")),
            "no snapshot has",
            id="a path out of the folder",
        ),
        pytest.param(
            rezipped(lambda archive: archive.writestr("/etc/cron.d/x", "x")), "no snapshot has", id="root"
        ),
        pytest.param(
            rezipped(lambda archive: archive.writestr("a\\b.json", "x")), "no snapshot has", id="backslash"
        ),
        pytest.param(
            rezipped(lambda archive: archive.writestr("flows.json", "[]")), "in it twice", id="twice"
        ),
        pytest.param(
            rezipped(
                lambda archive: archive.writestr("bomb.json", b"\0" * 10_000_000), method=zipfile.ZIP_DEFLATED
            ),
            "is compressed",
            id="a bomb",
        ),
        pytest.param(rezipped(lambda _: None), "packed by another program", id="packed anew"),
        pytest.param(
            changed({"x.json": b"{}"}), "x.json is missing, or should not be there", id="one too many"
        ),
        pytest.param(changed({"flows.json": None}), "flows.json is missing", id="one too few"),
        pytest.param(
            changed({"manifest.json": None}, honest=False), "has no manifest.json", id="no manifest"
        ),
        pytest.param(changed({"flows.json": b"[]"}, honest=False), "was changed", id="another digest"),
        pytest.param(changed({"flows.json": b"[]"}), "No flow has the text", id="a text that nothing names"),
        pytest.param(changed({f"texts/{'0' * 64}": b"x"}), "was changed", id="a text under another digest"),
        pytest.param(changed({f"other/{'0' * 64}": b"x"}), "should not be there", id="another folder"),
    ],
)
def test_a_file_that_is_not_exactly_a_snapshot_is_refused(octets: bytes, told: str) -> None:
    assert told in refusal(octets)


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    assert "too large" in refusal(BARE.ljust(LARGEST + 1))


def test_no_single_octet_can_be_changed() -> None:
    for place in range(len(BARE)):
        with pytest.raises(EilboteError):
            read_snapshot(BARE[:place] + bytes([BARE[place] ^ 1]) + BARE[place + 1 :])


# -- what stands in it ---------------------------------------------------------------------------------------------


def manifest(**said: object) -> bytes:
    return json.dumps({**json.loads(unpack(BARE)["manifest.json"]), **said}).encode()


@pytest.mark.parametrize(
    "members, told",
    [
        pytest.param(
            {"manifest.json": manifest(version=2)}, "of form 2, and this eilbote knows form 1", id="version"
        ),
        pytest.param(
            {"manifest.json": manifest(version="1")}, "is not a whole number", id="a text for a version"
        ),
        pytest.param({"manifest.json": manifest(format="x")}, "something else", id="format"),
        pytest.param({"manifest.json": manifest(extra=1)}, "not known", id="an unknown field"),
        pytest.param({"settings.json": b"[" * 100_000}, "no JSON", id="nested deeply"),
        pytest.param({"settings.json": b"[" + b"9" * 5000 + b"]"}, "no JSON", id="a huge number"),
        pytest.param({"settings.json": b"[NaN]"}, "no number", id="no number"),
        pytest.param({"settings.json": b'[{"a":1,"a":2}]'}, "twice", id="a name twice"),
        pytest.param({"settings.json": b'"\xff"'}, "no JSON", id="not UTF-8"),
        pytest.param({"settings.json": b" " * (8 * 1024 * 1024 + 1)}, "octets", id="too long"),
        pytest.param({"connections.json": b"{}"}, "is no list", id="a table for a list"),
        pytest.param(
            {"connections.json": b"[1]"}, "connections.json[0] is no table", id="a number for a table"
        ),
        pytest.param({"connections.json": b"[{}]"}, "organization is missing", id="nothing in it"),
        pytest.param(
            {"subscriptions.json": b'[{"id":"x","to":"a@example.org\\r\\nBcc: b@example.org"}]'},
            "no subscription",
            id="a header in an address",
        ),
    ],
)
def test_json_that_eilbote_does_not_write_is_refused(members: Mapping[str, bytes], told: str) -> None:
    assert told in refusal(changed(members))


@pytest.mark.parametrize(
    "contents, told",
    [
        pytest.param(replace(CONTENTS, connections=CONTENTS.connections * 2), "in it twice", id="connection"),
        pytest.param(replace(CONTENTS, flows=CONTENTS.flows * 2), "in it twice", id="flow"),
        pytest.param(replace(CONTENTS, settings=CONTENTS.settings * 2), "in it twice", id="settings"),
    ],
)
def test_nothing_is_in_it_twice(contents: Contents, told: str) -> None:
    assert told in refusal(write_snapshot(contents))


def one(**said: object) -> Contents:
    return replace(CONTENTS, connections=(replace(CONTENTS.connections[0], **said),))  # type: ignore[arg-type]


def flow(*texts: str, draft: str | None = None, name: str = "ready") -> Contents:
    return replace(CONTENTS, flows=(PackedFlow(organization="", name=name, texts=texts, draft=draft),))


@pytest.mark.parametrize(
    "contents, told",
    [
        pytest.param(one(name="../office"), "cannot be a name", id="path"),
        pytest.param(one(name="notification"), "not the name", id="endpoint"),
        pytest.param(one(name="OFFICE"), "not the name", id="capitals"),
        pytest.param(one(organization="a/b"), "organization", id="organization"),
        pytest.param(one(plain={"hots": "x"}), "hots", id="unknown field"),
        pytest.param(one(plain={"host": "a b\r\nc", "user": "x"}), "host", id="host"),
        pytest.param(one(plain={**CONTENTS.connections[0].plain, "port": 99999}), "port", id="port"),
        pytest.param(
            one(secret_names=frozenset({"pin"}), secrets={}), "no secret 'pin'", id="unknown secret"
        ),
        pytest.param(
            one(
                plain={**CONTENTS.connections[0].plain, "password": "x"},
                secret_names=frozenset[str](),
                secrets={},
            ),
            "does not name",
            id="in the open",
        ),
        pytest.param(
            one(organization="acme", plain={**CONTENTS.connections[0].plain, "ca_file": "/etc/shadow"}),
            "files of this machine",
            id="a file of this machine",
        ),
        pytest.param(flow("name: ready\nnodes: 1\n"), "version 1", id="a flow that cannot run"),
        pytest.param(flow(FLOW, draft="{{{"), "its draft", id="a draft that cannot run"),
        pytest.param(flow(FLOW, name="other"), "calls itself 'ready'", id="another name"),
        pytest.param(flow("a: &x [*x, *x]\n"), "version 1", id="anchors"),
        pytest.param(flow("!!python/object/apply:os.system [ls]\n"), "version 1", id="a tag"),
        pytest.param(
            replace(
                CONTENTS,
                settings=(PackedSettings(organization="acme", plain={}, locked=frozenset({"host"})),),
            ),
            "locks fields",
            id="an organization that locks",
        ),
    ],
)
def test_what_nobody_could_enter_is_refused_by_name(contents: Contents, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_contents(contents, now=NOW)

    assert told in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_what_somebody_could_enter_is_not_refused() -> None:
    check_contents(CONTENTS, now=NOW)
    check_contents(read_snapshot(BARE), now=NOW)


# -- secrets -------------------------------------------------------------------------------------------------------


def test_no_octet_of_a_file_tells_a_secret(sealed: bytes) -> None:
    for octets in (BARE, sealed):
        for secret in (PASSWORD, REFRESHED, API):
            assert secret.encode() not in octets
            assert secret.encode().hex().encode() not in octets
    assert PASSWORD not in repr(read_snapshot(sealed, passphrase=PASSPHRASE))


def test_secrets_open_with_the_passphrase(sealed: bytes) -> None:
    read = read_snapshot(sealed, passphrase=PASSPHRASE)

    assert read == replace(CONTENTS, has_secrets=True)
    assert read.connections[0].missing == ()


def test_another_passphrase_opens_nothing(sealed: bytes) -> None:
    said = refusal(sealed, Secret("four words nobody sayz"))

    assert "do not open with this passphrase" in said
    assert "nobody sayz" not in said


def test_secrets_of_a_file_in_which_the_server_was_changed_do_not_open(sealed: bytes) -> None:
    """The password must not go to the server of whoever could write to the file and did not know the passphrase."""
    connections = unpack(sealed)["connections.json"].replace(b"mail.example.org", b"evil.example.org")
    hostile = changed({"connections.json": connections}, of=sealed)

    assert read_snapshot(hostile).connections[0].plain["host"] == "evil.example.org"
    assert "something in the file was changed" in refusal(hostile, PASSPHRASE)


def test_secrets_of_another_file_do_not_open_in_this_one(sealed: bytes) -> None:
    other = write_snapshot(replace(CONTENTS, created=Moment(1)))
    mixed = pack({**unpack(other), "secrets.json": unpack(sealed)["secrets.json"]})

    assert "was changed" in refusal(mixed, PASSPHRASE)


@pytest.mark.parametrize(
    "said, told",
    [
        ({"salt": "00" * 15, "sealed": "AAAA"}, "16 octets"),
        ({"salt": "zz", "sealed": "AAAA"}, "not written"),
        ({"salt": "00" * 16, "sealed": "%"}, "not written"),
        ({"salt": "00" * 16, "sealed": "AAAA", "cost": 2**40}, "not known"),
    ],
)
def test_whoever_writes_a_file_does_not_choose_the_cost_of_opening_it(
    said: Mapping[str, object], told: str
) -> None:
    hostile = pack({**unpack(BARE), "secrets.json": json.dumps(said).encode()})

    assert told in refusal(hostile, PASSPHRASE)
