"""How the API shows e-mail settings: what holds, who said it, and what is not heard and why."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from eilbote.api.v1.connection.probe_shapes import ProbeWish
from eilbote.api.v1.named_fields import SettingFields, Value
from eilbote.connections.oauth2_fields import GrantName
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.tls import Security
from eilbote.settings.fields import FIELDS, FieldGroup
from eilbote.settings.form import SHOWN_WHEN, label_in
from eilbote.settings.inheritance import Level
from eilbote.settings.unsaid import DEFAULTS, unsaid

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from eilbote.connections.connection import Connection
    from eilbote.settings.inheritance import Effective, EffectiveSettings

FieldName = Annotated[str, StringConstraints(min_length=1, max_length=60)]
_MOST_FIELDS = 200
_LEADS = frozenset({FieldGroup.DESTINATION, FieldGroup.CREDENTIAL})
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "security": tuple(Security),
        "protocol": tuple(MailProtocol),
        "minimum_version": ("1.2", "1.3"),
        "auth_type": ("basic", "oauth2", "anonymous"),
        "grant": tuple(GrantName),
    }
)


class SettingShape(BaseModel):
    """A field that holds."""

    value: Value | None = Field(
        default=None, description="Null for a secret, and for what is the host's business"
    )
    has_secret: bool = Field(default=False, description="It holds a secret, which nobody is shown")
    level: str = Field(
        description="Who said it: `default`, `environment`, `host` or `organization`", examples=["host"]
    )
    place: str = Field(description="Where it is said: a variable, a file, the host, an organization")
    inherited: bool = Field(description="The scope that was asked for did not say it itself")
    locked: bool = Field(description="It cannot be overridden below")
    hidden: bool = Field(
        default=False, description="The host has said where its mail goes; an organization is not told"
    )


class UnsaidShape(BaseModel):
    """A field that nobody has said."""

    default: Value | None = Field(
        default=None, description="What applies as long as nobody says it; null when nothing does"
    )
    place: str = Field(
        default="",
        description="Why: `default`, or what it follows from; empty when nothing applies",
        examples=["default", "follows from microsoft365"],
    )
    locked_by: str = Field(
        default="",
        description="The field that the host has locked, so that an organization may not say this one",
    )


class WithheldShape(BaseModel):
    """A credential that is not inherited, because a nearer level says where mail goes."""

    field: str
    because: str = Field(description="The field that took it off")
    by: str = Field(description="Which level said that one")


class OverruledShape(BaseModel):
    """Something that is said in vain, because a farther level has locked it."""

    field: str
    locked: str = Field(description="The field that is locked")
    by: str = Field(description="Where")


class SettingsShape(BaseModel):
    """What holds for a scope."""

    endpoint: str = Field(description="`notification` or `system`", examples=["notification"])
    organization: str = Field(description="Whose; empty for the host's")
    configured: bool = Field(description="Whether anybody has said where mail is to go")
    custom: bool = Field(description="Whether the scope's own values hold; when not, they are kept")
    own: list[str] = Field(description="Fields the scope says itself, whether they hold or not")
    locked: list[str] = Field(description="Fields the scope has locked for those below")
    fields: dict[str, SettingShape] = Field(description="Every field that holds, by name")
    unsaid: dict[str, UnsaidShape] = Field(
        description="Every other field, by name, with what applies in its place; together with `fields` these are all there are"
    )
    withheld: list[WithheldShape] = []
    overruled: list[OverruledShape] = []
    warnings: list[str] = Field(default=[], description="What an administrator should know")
    changed: datetime | None = None
    revision: int = Field(description="Counts the changes of this scope")


class SettingsChange(BaseModel):
    """What to change (JSON merge patch): fields that are not named stay, null takes one back so that farther levels are heard again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"settings": {"host": "smtp.example.org", "port": 465, "security": "tls"}, "revision": 3},
                {"settings": {"from_name": None}, "lock": ["default_from"], "custom": True},
            ]
        },
    )

    settings: SettingFields | None = None
    lock: list[FieldName] = Field(
        default=[],
        max_length=_MOST_FIELDS,
        description="Fields that organizations may not override; at the host",
    )
    unlock: list[FieldName] = Field(default=[], max_length=_MOST_FIELDS, description="And may again")
    custom: bool | None = Field(default=None, description="Whether the scope's own values hold")
    revision: int | None = Field(
        default=None, ge=0, le=2**62, description="The one that was read; refused when somebody was faster"
    )


class SettingsProbeWish(ProbeWish):
    """What is to be tested, perhaps with other fields than hold."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"mail_from": "orders@example.org", "check_sender": True},
                {"settings": {"host": "smtp.example.org", "port": 587, "security": "starttls"}},
            ]
        }
    )

    settings: SettingFields | None = Field(
        default=None,
        description="Fields to be tried as though the scope said them; null takes one back for the test. Nothing is kept of them",
    )


class ShownWhenShape(BaseModel):
    """A condition under which a form shows a field."""

    field: str = Field(description="Which other field decides", examples=["auth_type"])
    values: list[str] = Field(
        description="What that one may hold; an empty text stands for nothing said", examples=[["oauth2"]]
    )


class FieldShape(BaseModel):
    """A field there is, for whoever shows a form."""

    name: str = Field(examples=["host"])
    label: str = Field(description="In the language of the request", examples=["SMTP host"])
    group: str = Field(description="`destination`, `credential`, `sender`, `other` or `brand`")
    kind: str = Field(description="What it holds", examples=["host"])
    help: str = Field(description="What it means, in English")
    is_secret: bool
    default: Value | None = Field(
        default=None,
        description="What applies where nobody says it and nothing follows from other fields",
        examples=[30],
    )
    choices: list[str] = Field(
        description="What it may be; empty where it is not one of a few",
        examples=[["tls", "starttls", "none"]],
    )
    shown_when: list[ShownWhenShape] = Field(
        description="A form shows it while all of these hold, and always where there are none; a field that is said is shown in any case"
    )


class RemainsShape(BaseModel):
    """What a scope has said, as it is stored, whether or not it can be read."""

    found: bool = Field(description="Whether it ever said anything")
    custom: bool = True
    settings: str = Field(default="", description="The values; JSON where nothing has damaged it")
    locked: str = Field(default="", description="The locked fields, the same way")
    secrets: list[str] = Field(default=[], description="The names of its secrets")


def field_shapes(language: str) -> list[FieldShape]:
    """Show every field there is, in the order of a form."""
    return [
        FieldShape(
            name=each.name,
            label=label_in(each.name, language),
            group=each.group.value,
            kind=each.kind.value,
            help=each.help,
            is_secret=each.is_secret,
            default=DEFAULTS.get(each.name),
            choices=list(_CHOICES.get(each.name, ())),
            shown_when=[
                ShownWhenShape(field=one.field, values=list(one.values))
                for one in SHOWN_WHEN.get(each.name, ())
            ],
        )
        for each in FIELDS.values()
    ]


def unsaid_shapes(
    found: EffectiveSettings, connection: Connection | None, *, locked: Collection[str]
) -> dict[str, UnsaidShape]:
    """Show every field that nobody has said, in the order of a form.

    Args:
        found: What holds.
        connection: What it makes, when whoever asks may know it.
        locked: What the host has locked for the scope.
    """
    return {
        each.field: UnsaidShape(default=each.value, place=each.place, locked_by=each.lock or "")
        for each in unsaid(found, connection, locked=locked)
    }


def settings_shapes(found: EffectiveSettings, *, tells_host: bool) -> dict[str, SettingShape]:
    """Show every field that holds, in the order of a form.

    Args:
        found: What holds.
        tells_host: Whether it is told where the host's mail goes.
    """
    return {
        name: _shape(found.values[name], tells_host=tells_host) for name in FIELDS if name in found.values
    }


def _shape(value: Effective, *, tells_host: bool) -> SettingShape:
    is_hosts = value.level in {Level.ENVIRONMENT, Level.HOST}
    is_hidden = is_hosts and not tells_host and FIELDS[value.field].group in _LEADS
    return SettingShape(
        value=None if is_hidden else value.value,
        has_secret=value.has_secret,
        level=value.level.value,
        place="host" if is_hosts and not tells_host else value.place,
        inherited=value.inherited,
        locked=value.locked,
        hidden=is_hidden,
    )
