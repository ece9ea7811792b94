"""What the environment says about the endpoints: variables, ``<NAME>_FILE``, mounted secrets, a Helm values file.

From near to far: ``EILBOTE_NOTIFICATION__HOST`` and so on; the vendor's variables; the folder in ``EILBOTE_SECRETS_DIR``; the
file in ``EILBOTE_HELM_VALUES``. All of it is one level, said by whoever runs the program, so its parts complete each other.
Files are looked at every second, and read again when they have changed: nothing has to be restarted for a new password.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.config.findings import Finding
from eilbote.config.logins import of_one_login, read_finding
from eilbote.config.mail_places import OWN_PREFIXES
from eilbote.config.mail_sources import MailSources
from eilbote.config.secret_file import Signature, signature_of
from eilbote.config.vendor_names import NOTIFICATION_PREFIX
from eilbote.connections.security import HTTPS_PORT
from eilbote.errors import SettingsError
from eilbote.model.secret import Secret
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.fields import FIELDS
from eilbote.settings.inheritance import Layer, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eilbote.model.clock import Clock
    from eilbote.settings.scope import SettingValue

_LOOK_AGAIN_SECONDS: Final = 1.0
_PLACE: Final = "environment"
_PROTECTION: Final = f"{NOTIFICATION_PREFIX}TLS_REQUIRED"
_SELECTORS: Final = {
    Endpoint.NOTIFICATION: f"{NOTIFICATION_PREFIX}AUTH_TYPE",
    Endpoint.SYSTEM: f"{OWN_PREFIXES[Endpoint.SYSTEM]}AUTH_TYPE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidByEnvironment:
    """What the environment says about one endpoint.

    Attributes:
        layer: The level made of it.
        notes: What to know, one sentence each: what is not used, and why.
    """

    layer: Layer
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Known:
    """What was read, and the state of the files it was read from."""

    said: SaidByEnvironment
    files: dict[Path, Signature] = field(default_factory=dict[Path, Signature])


class MailEnvironment:
    """Gives what the environment says (:class:`~eilbote.settings.endpoints.EnvironmentSettings`).

    Args:
        environ: The variables.
        clock: Tells when to look at the files again.
    """

    __slots__ = ("_clock", "_environ", "_known", "_looked")

    def __init__(self, environ: Mapping[str, str], *, clock: Clock) -> None:
        self._environ = {name: value for name, value in environ.items() if value}
        self._clock = clock
        self._known: dict[Endpoint, _Known] = {}
        self._looked: dict[Endpoint, float] = {}

    def layer(self, endpoint: Endpoint) -> Layer:
        """Give the level: the same object until a file has changed.

        Raises:
            SettingsError: A value or a file cannot be used; ``field`` names the variable.
        """
        return self.said(endpoint).layer

    def said(self, endpoint: Endpoint) -> SaidByEnvironment:
        """Give the level, and what to know about it; raises as :meth:`layer`."""
        now = self._clock.monotonic()
        known = self._known.get(endpoint)
        if known is not None:
            if now - self._looked[endpoint] < _LOOK_AGAIN_SECONDS:
                return known.said
            if all(signature_of(file) == state for file, state in known.files.items()):
                self._looked[endpoint] = now
                return known.said
        sources = MailSources(self._environ)
        said = _said(endpoint, sources, before=known)
        self._known[endpoint] = _Known(said, sources.files)
        self._looked[endpoint] = now
        return said


def _said(endpoint: Endpoint, sources: MailSources, *, before: _Known | None) -> SaidByEnvironment:
    heard: dict[str, Finding] = {}
    found = list(sources.find(endpoint))
    notes = sources.notes
    for finding in of_one_login(found, selector_name=_SELECTORS[endpoint], notes=notes):
        if (nearer := heard.setdefault(finding.field, finding)) is not finding and _differ(nearer, finding):
            notes.append(f"{finding.place} is not used: {nearer.place} says the same field.")
    if _is_the_mistaken_port(heard):
        heard["security"] = Finding(field="security", value="tls", place=f"the default of {_PROTECTION}")
    layer = _layer(heard.values())
    if before is not None and before.said.layer == layer:
        layer = before.said.layer  # a file was written again with what it held
    return SaidByEnvironment(layer=layer, notes=tuple(notes))


def _is_the_mistaken_port(heard: Mapping[str, Finding]) -> bool:
    """Tell port 443, which manuals name for TLS from the start: nobody upgrades to TLS there."""
    port = heard.get("port")
    said = {"security", "secure_connection", "secure", "require_tls", "ignore_tls", "service", "uri"}
    return port is not None and _text(port.value).strip() == str(HTTPS_PORT) and not said & heard.keys()


def _differ(one: Finding, other: Finding) -> bool:
    return _text(one.value) != _text(other.value)


def _text(value: object) -> str:
    return value.reveal() if isinstance(value, Secret) else str(value)


def _layer(findings: Iterable[Finding]) -> Layer:
    plain: dict[str, SettingValue] = {}
    secrets: dict[str, Secret] = {}
    places: dict[str, str] = {}
    for finding in findings:
        said = read_finding(finding)
        for name in (*said.plain, *said.secrets):
            if name in places:
                raise SettingsError(
                    f"{FIELDS[name].label} is said by {places[name]} as well",
                    field=finding.place,
                    remedy="Keep one of the two",
                )
            places[name] = finding.place
        plain |= said.plain
        secrets |= said.secrets
    return Layer(
        level=Level.ENVIRONMENT,
        place=_PLACE,
        plain=MappingProxyType(plain),
        secrets=MappingProxyType(secrets),
        places=MappingProxyType(places),
    )
