"""A snapshot as a file: which members it has, what stands in each, and how it is known that nobody has changed it.

``manifest.json`` names the form of the file and the digest of each other JSON member; the texts of flows are called by their own
digests, so that what many versions share is there once. ``secrets.json`` is there only when somebody gave a passphrase.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.limits import MOST_TEXT_OCTETS
from eilbote.author.notification.subscription import Subscription, read_subscription, said_of
from eilbote.engine.snapshot_archive import pack, refused, unpack
from eilbote.engine.snapshot_contents import Contents, PackedConnection, PackedFlow, PackedSettings
from eilbote.engine.snapshot_fields import Row, read_json, rows_of
from eilbote.engine.snapshot_seal import SALT_OCTETS, check_passphrase, seal, unseal
from eilbote.errors import DraftError, EilboteError
from eilbote.model.moment import Moment
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT: Final = "eilbote snapshot"
VERSION: Final = 1
_MANIFEST, _SECRETS = "manifest.json", "secrets.json"
_FLOWS, _CONNECTIONS = "flows.json", "connections.json"
_SETTINGS, _SUBSCRIPTIONS = "settings.json", "subscriptions.json"
_PARTS: Final = frozenset({_FLOWS, _CONNECTIONS, _SETTINGS, _SUBSCRIPTIONS})
_TEXTS: Final = "texts/"


# -- writing ---------------------------------------------------------------------------------------------------


def write_snapshot(contents: Contents, *, passphrase: Secret | None = None) -> bytes:
    """Give the file of a snapshot; without a passphrase the same contents are the same file.

    Args:
        contents: What it holds. Its secrets are left out when there is no passphrase.
        passphrase: What the secrets are sealed with.

    Raises:
        SettingsError: The passphrase is too short, or the file would be too large.
    """
    texts: dict[str, bytes] = {}
    members = {
        _FLOWS: _json([_flow_data(each, texts) for each in contents.flows]),
        _CONNECTIONS: _json([_connection_data(each) for each in contents.connections]),
        _SETTINGS: _json([_settings_data(each) for each in contents.settings]),
        _SUBSCRIPTIONS: _json([{"id": each.id, **said_of(each)} for each in contents.subscriptions]),
    }
    manifest: dict[str, object] = {
        "format": FORMAT,
        "version": VERSION,
        "created": contents.created,
        "members": {name: _digest(octets) for name, octets in members.items()},
    }
    written = _json(manifest)
    if passphrase is not None:
        salt, sealed = seal(_json(_secrets_data(contents)), check_passphrase(passphrase), beside=written)
        members[_SECRETS] = _json({"salt": salt.hex(), "sealed": base64.b64encode(sealed).decode("ascii")})
    return pack({_MANIFEST: written, **members, **texts})


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


def _flow_data(flow: PackedFlow, texts: dict[str, bytes]) -> Mapping[str, object]:
    def kept(text: str) -> str:
        octets = text.encode()
        digest = _digest(octets)
        texts[f"{_TEXTS}{digest}"] = octets
        return digest

    return {
        "organization": flow.organization,
        "name": flow.name,
        "versions": [
            {"version": number, "text": kept(text)} for number, text in enumerate(flow.texts, start=1)
        ],
        "draft": None if flow.draft is None else kept(flow.draft),
    }


def _connection_data(one: PackedConnection) -> Mapping[str, object]:
    return {
        "organization": one.organization,
        "name": one.name,
        "fields": dict(one.plain),
        "secrets": sorted(one.secret_names),
        "enabled": one.enabled,
        "default": one.is_default,
    }


def _settings_data(said: PackedSettings) -> Mapping[str, object]:
    return {
        "organization": said.organization,
        "custom": said.custom,
        "fields": dict(said.plain),
        "secrets": sorted(said.secret_names),
        "locked": sorted(said.locked),
    }


def _secrets_data(contents: Contents) -> Mapping[str, object]:
    return {
        "connections": [
            {
                "name": one.qualified_name,
                "secrets": {name: secret.reveal() for name, secret in one.secrets.items()},
                "refresh_token": "" if one.refresh_token is None else one.refresh_token.reveal(),
            }
            for one in contents.connections
            if one.secrets or one.refresh_token is not None
        ],
        "settings": [
            {
                "organization": said.organization,
                "secrets": {name: secret.reveal() for name, secret in said.secrets.items()},
            }
            for said in contents.settings
            if said.secrets
        ],
    }


# -- reading ---------------------------------------------------------------------------------------------------


def read_snapshot(octets: bytes, *, passphrase: Secret | None = None) -> Contents:
    """Read the file of a snapshot, as a whole; nothing in it is executed, and no flow is looked at yet.

    Args:
        octets: The file.
        passphrase: What its secrets were sealed with; they stay sealed when ``None``.

    Raises:
        SettingsError: It is none, was changed or damaged, is of a form this eilbote does not know, or the passphrase is wrong.
    """
    members = unpack(octets)
    manifest = _manifest(members)
    texts = _texts(members)
    asked: set[str] = set()
    flows = tuple(_flow(row, texts, asked) for row in _rows(members, _FLOWS))
    if superfluous := texts.keys() - asked:
        raise refused("the snapshot cannot be trusted", f"No flow has the text {_TEXTS}{min(superfluous)}")
    secrets = _Secrets(None)
    if passphrase is not None:
        if _SECRETS not in members:
            raise refused(
                "the snapshot holds no secrets",
                "It was made without a passphrase",
                field="passphrase",
                remedy="Restore it without one, and enter the secrets afterwards",
            )
        secrets = _Secrets(_opened(members, passphrase))
    contents = Contents(
        created=Moment(manifest),
        flows=flows,
        connections=tuple(_connection(row, secrets) for row in _rows(members, _CONNECTIONS)),
        settings=tuple(_scope(row, secrets) for row in _rows(members, _SETTINGS)),
        subscriptions=tuple(_subscription(row) for row in _rows(members, _SUBSCRIPTIONS)),
        has_secrets=_SECRETS in members,
    )
    secrets.end()
    _check_once("flow", [(each.organization, each.name) for each in contents.flows])
    _check_once("connection", [(each.organization, each.name) for each in contents.connections])
    _check_once("settings of", [(each.organization, "") for each in contents.settings])
    _check_once("subscription", [("", each.id) for each in contents.subscriptions])
    return contents


def _manifest(members: Mapping[str, bytes]) -> int:
    """Give when it was made, once everything is as the manifest says."""
    if _MANIFEST not in members:
        raise refused("the file is no snapshot of eilbote", f"It has no {_MANIFEST}")
    row = Row(read_json(members[_MANIFEST], _MANIFEST), _MANIFEST)
    if row.text("format") != FORMAT:
        raise refused("the file is no snapshot of eilbote", f"{_MANIFEST} says that it is something else")
    if (version := row.number("version")) != VERSION:
        raise refused(
            f"the snapshot is of form {version}, and this eilbote knows form {VERSION}",
            "A newer eilbote has made it",
            remedy="Restore it with that eilbote, or a newer one",
        )
    created = row.number("created")
    digests = row.secrets("members")
    row.end()
    there = {name for name in members if not name.startswith(_TEXTS)} - {_MANIFEST, _SECRETS}
    if unlike := sorted(there ^ digests.keys() | (digests.keys() ^ _PARTS)):
        raise refused(
            "the file is no snapshot of eilbote", f"{unlike[0][:60]} is missing, or should not be there"
        )
    for name in sorted(there):
        if _digest(members[name]) != digests[name]:
            raise _changed(name)
    return created


def _texts(members: Mapping[str, bytes]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, octets in members.items():
        folder, slash, digest = name.partition("/")
        if f"{folder}{slash}" != _TEXTS:
            continue
        if _digest(octets) != digest:
            raise _changed(name)
        if len(octets) > MOST_TEXT_OCTETS:
            raise refused("the snapshot cannot be read", f"{name} is too long for a flow")
        try:
            texts[digest] = octets.decode()
        except UnicodeDecodeError:
            raise refused("the snapshot cannot be read", f"{name} is not UTF-8") from None
    return texts


def _changed(name: str) -> EilboteError:
    return refused(
        "the snapshot was changed or damaged", f"{name} does not have the digest it was written with"
    )


def _rows(members: Mapping[str, bytes], name: str) -> Sequence[Row]:
    return rows_of(read_json(members[name], name), name)


def _flow(row: Row, texts: Mapping[str, str], asked: set[str]) -> PackedFlow:
    def text(row: Row, name: str) -> str | None:
        digest = row.digest(name)
        if digest is None:
            return None
        if digest not in texts:
            raise row.fault(name, "names a text that is not there")
        asked.add(digest)
        return texts[digest]

    versions: list[str] = []
    for number, each in enumerate(row.rows("versions"), start=1):
        said, found = each.number("version"), text(each, "text")
        each.end()
        if said != number or found is None:
            raise each.fault("version", f"is not {number} with a text")
        versions.append(found)
    flow = PackedFlow(
        organization=row.text("organization"),
        name=row.text("name"),
        texts=tuple(versions),
        draft=text(row, "draft"),
    )
    row.end()
    if not flow.texts and flow.draft is None:
        raise row.fault("versions", "is empty, and there is no draft")
    return flow


def _connection(row: Row, secrets: _Secrets) -> PackedConnection:
    organization, name = row.text("organization"), row.text("name")
    one = PackedConnection(
        organization=organization,
        name=name,
        plain=row.fields("fields"),
        secret_names=frozenset(row.texts("secrets")),
        enabled=row.switch("enabled"),
        is_default=row.switch("default"),
        secrets=secrets.of("connections", f"{organization}/{name}" if organization else name),
        refresh_token=secrets.refresh_token(f"{organization}/{name}" if organization else name),
    )
    row.end()
    return one


def _scope(row: Row, secrets: _Secrets) -> PackedSettings:
    organization = row.text("organization")
    said = PackedSettings(
        organization=organization,
        custom=row.switch("custom"),
        plain=row.fields("fields"),
        secret_names=frozenset(row.texts("secrets")),
        locked=frozenset(row.texts("locked")),
        secrets=secrets.of("settings", organization),
    )
    row.end()
    return said


def _subscription(row: Row) -> Subscription:
    empty = Subscription(id=row.text("id", most=100))
    try:
        return read_subscription(row.rest(), empty)
    except (EilboteError, DraftError) as fault:
        raise refused("the snapshot cannot be read", f"{row.where} is no subscription: {fault}") from None


def _check_once(what: str, keys: Sequence[tuple[str, str]]) -> None:
    seen: set[tuple[str, str]] = set()
    for key in keys:
        if key in seen:
            name = "/".join(filter(None, key)) or "the host"
            raise refused("the snapshot cannot be trusted", f"The {what} {name[:60]!r} is in it twice")
        seen.add(key)


# -- secrets ---------------------------------------------------------------------------------------------------


class _Secrets:
    """The secrets of a snapshot, once they are open; none as long as they are not."""

    def __init__(self, row: Row | None) -> None:
        self._of: dict[tuple[str, str], Mapping[str, Secret]] = {}
        self._refresh_tokens: dict[str, Secret] = {}
        if row is None:
            return
        for each in row.rows("connections"):
            name = each.text("name")
            self._of["connections", name] = _hidden(each.secrets("secrets"))
            if token := each.secrets_text("refresh_token"):
                self._refresh_tokens[name] = Secret(token)
            each.end()
        for each in row.rows("settings"):
            self._of["settings", each.text("organization")] = _hidden(each.secrets("secrets"))
            each.end()
        row.end()

    def of(self, part: str, name: str) -> Mapping[str, Secret]:
        return self._of.pop((part, name), {})

    def refresh_token(self, name: str) -> Secret | None:
        return self._refresh_tokens.pop(name, None)

    def end(self) -> None:
        if self._of or self._refresh_tokens:
            raise refused("the snapshot cannot be trusted", "It holds secrets of something that is not in it")


def _hidden(said: Mapping[str, str]) -> Mapping[str, Secret]:
    return {name: Secret(text) for name, text in said.items()}


def _opened(members: Mapping[str, bytes], passphrase: Secret) -> Row:
    row = Row(read_json(members[_SECRETS], _SECRETS), _SECRETS)
    try:
        salt = bytes.fromhex(row.text("salt"))
        sealed = base64.b64decode(row.secrets_text("sealed"), validate=True)
    except ValueError:
        raise row.fault("sealed", "is not written as it should be") from None
    row.end()
    if len(salt) != SALT_OCTETS:
        raise row.fault("salt", f"has not {SALT_OCTETS} octets")
    opened = unseal(salt, sealed, passphrase, beside=members[_MANIFEST])
    return Row(read_json(opened, _SECRETS), _SECRETS)
