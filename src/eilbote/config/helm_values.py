"""Finds mail settings in a Helm values file of an installation that exists already, wherever they stand in it (pure).

Read are the object ``smtpEmailNotificationCredentials``, with its keys in English and as a translated manual has them, the
same variables as in the environment, and ``smtpPassword`` and ``smtpOAuth2.auth`` of the mails about accounts.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.config.findings import Finding
from eilbote.config.vendor_names import NOTIFICATION_PREFIX, SYSTEM_PREFIX, VARIABLES, Login
from eilbote.connections.field_names import plain_form
from eilbote.errors import SettingsError
from eilbote.model.kinds import shown
from eilbote.settings.endpoints import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

Tree: TypeAlias = "str | int | float | bool | Sequence[Tree] | Mapping[str, Tree] | None"
"""What a YAML, JSON or TOML file holds."""

_DEEPEST: Final = 12
_CREDENTIALS: Final = "smtpemailnotificationcredentials"
_SYSTEM_PASSWORD: Final = "smtppassword"  # noqa: S105 - a key
_SYSTEM_OAUTH2: Final = "smtpoauth2"
_AUTH_TYPE: Final = frozenset({"authtype", "authentifizierungstyp"})
_EXISTING: Final = frozenset({"existingsecret"})
_LOGINS: Final = {
    **dict.fromkeys(("basic", "einfach", "grundlegend"), Login.BASIC),
    "oauth2": Login.OAUTH2,
}
_WITHIN: Final[Mapping[Login, Mapping[str, str]]] = {
    Login.BASIC: {
        **dict.fromkeys(("username", "user", "benutzername", "benutzer"), "user"),
        **dict.fromkeys(("password", "passwort", "kennwort"), "password"),
    },
    Login.OAUTH2: {
        **dict.fromkeys(("user", "benutzer", "username", "benutzername"), "user"),
        **dict.fromkeys(("clientid", "kundenid", "clientkennung"), "client_id"),
        **dict.fromkeys(("clientsecret", "clientschlüssel"), "client_secret"),
        **dict.fromkeys(("refreshtoken", "aktualisierungstoken"), "refresh_token"),
        **dict.fromkeys(("accesstoken", "zugriffstoken"), "access_token"),
    },
}

_INSTEAD: Final = (
    "Remove it: here stand authType, basic and oauth2 with what they sign in with; the server stands in the same file as "
    "EMAIL_NOTIFICATION_SMTP_HOST, EMAIL_NOTIFICATION_SMTP_PORT and EMAIL_NOTIFICATION_SMTP_TLS_REQUIRED"
)


@dataclass(slots=True, kw_only=True)
class InValues:
    """What a values file says.

    Attributes:
        findings: Fields with where they stand, for each endpoint.
        notes: What to know, one sentence each.
    """

    findings: dict[Endpoint, list[Finding]] = field(
        default_factory=lambda: {endpoint: [] for endpoint in Endpoint}
    )
    notes: list[str] = field(default_factory=list[str])

    def __bool__(self) -> bool:
        """Tell whether there is anything of ours in it."""
        return any(self.findings.values()) or bool(self.notes)


def find_in_values(tree: Tree, *, file: str) -> InValues:
    """Find the mail settings.

    Args:
        tree: What the file holds.
        file: What it is called, to say where something stands.

    Raises:
        SettingsError: Within the credentials stands a key that is none; ``field`` says where.
    """
    found = InValues()
    for path, key, value in _walk(tree):
        place = f"{path} in {file}"
        plain = plain_form(key)
        if plain == _CREDENTIALS and isinstance(value, Mapping):
            _read_credentials(value, path, file, found)
        elif plain == _SYSTEM_PASSWORD:
            found_password = Finding(field="password", value=value, place=place, login=Login.BASIC)
            _add(found, Endpoint.SYSTEM, found_password)
        elif plain == _SYSTEM_OAUTH2 and isinstance(value, Mapping):
            _read_system_oauth2(value, path, file, found)
        else:
            _read_variable(key, value, place, found)
    return found


def _walk(tree: Tree) -> Iterator[tuple[str, str, Tree]]:
    """Yield every key with its path, and pairs of ``name`` and ``value`` as if they were keys; nothing twice."""
    stack: list[tuple[str, Tree, int]] = [("", tree, 0)]
    seen: set[int] = set()
    while stack:
        path, node, depth = stack.pop()
        if depth > _DEEPEST or id(node) in seen or isinstance(node, str | int | float | None):
            continue
        seen.add(id(node))  # an alias in YAML is the same object, however often it stands there
        if isinstance(node, Mapping):
            name = node.get("name")
            if isinstance(name, str) and "value" in node:
                yield f"{path}.{name}".lstrip("."), name, node["value"]
            for key, value in node.items():
                inner = f"{path}.{key}".lstrip(".")
                yield inner, str(key), value
                stack.append((inner, value, depth + 1))
        else:
            stack += ((f"{path}[{index}]", each, depth + 1) for index, each in enumerate(node))


def _read_variable(key: str, value: Tree, place: str, found: InValues) -> None:
    if not key.startswith((NOTIFICATION_PREFIX, SYSTEM_PREFIX)):
        return
    for endpoint, variables in VARIABLES.items():
        for each in variables:
            if each.name == key:
                finding = Finding(field=each.field, value=value, place=place, login=each.login)
                _add(found, endpoint, finding)


def _read_credentials(tree: Mapping[str, Tree], path: str, file: str, found: InValues) -> None:
    for key, value in tree.items():
        plain = plain_form(key)
        place = f"{path}.{key} in {file}"
        if plain in _AUTH_TYPE:
            _add(found, Endpoint.NOTIFICATION, Finding(field="auth_type", value=value, place=place))
        elif plain in _EXISTING:
            if not _says_nothing(value):
                found.notes.append(
                    f"{place} names a secret of the cluster: mount it as a folder and name that in EILBOTE_SECRETS_DIR."
                )
        elif (login := _LOGINS.get(plain)) is not None and isinstance(value, Mapping):
            _read_login(value, login, f"{path}.{key}", file, found)
        elif not _says_nothing(value):
            raise _unknown(key, place, (*_LOGINS, "authType", "existingSecret"))


def _read_login(tree: Mapping[str, Tree], login: Login, path: str, file: str, found: InValues) -> None:
    for key, value in tree.items():
        place = f"{path}.{key} in {file}"
        ours = _WITHIN[login].get(plain_form(key))
        if ours is not None:
            _add(found, Endpoint.NOTIFICATION, Finding(field=ours, value=value, place=place, login=login))
        elif not _says_nothing(value):
            raise _unknown(key, place, tuple(_WITHIN[login]))


def _read_system_oauth2(tree: Mapping[str, Tree], path: str, file: str, found: InValues) -> None:
    auth = tree.get("auth")
    if not isinstance(auth, Mapping):
        return
    for key, value in auth.items():
        if (ours := _WITHIN[Login.OAUTH2].get(plain_form(key))) is not None:
            place = f"{path}.auth.{key} in {file}"
            _add(found, Endpoint.SYSTEM, Finding(field=ours, value=value, place=place, login=Login.OAUTH2))


def _add(found: InValues, endpoint: Endpoint, finding: Finding) -> None:
    if _says_nothing(finding.value):
        return
    if isinstance(finding.value, Mapping | list | tuple):
        raise SettingsError(
            "a text is wanted here", field=finding.place, remedy="Write one value behind the key"
        )
    known = found.findings[endpoint]
    if any(
        each.field == finding.field and each.login is finding.login and each.value != finding.value
        for each in known
    ):
        raise SettingsError(
            "the file says this twice, with two values", field=finding.place, remedy="Keep one of them"
        )
    known.append(finding)


def _says_nothing(value: object) -> bool:
    """Tell whether nobody has filled this in; YAML's words for nothing come as they are written."""
    return value is None or (isinstance(value, str) and value.strip() in {"", "null", "~"})


def _unknown(key: str, place: str, known: tuple[str, ...]) -> SettingsError:
    alike = difflib.get_close_matches(plain_form(key), known, n=1, cutoff=0.7)
    return SettingsError(
        f"there is no key {shown(key)} here",
        field=place,
        remedy=f"Did you mean '{alike[0]}'?" if alike else _INSTEAD,
    )
