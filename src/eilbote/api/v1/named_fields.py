"""The fields of connections and settings as the API shows them: each by its one name, typed, explained.

They are made from the tables in which the fields stand (:mod:`eilbote.settings.fields`), so the reference never lags behind. Secrets go in
(``writeOnly``) and never come out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from eilbote.connections.field_names import NAMES, SECRET_NAMES
from eilbote.engine.accounts.told_setup import STARS
from eilbote.settings.fields import FIELDS, FieldKind

Value = str | int | float | bool
"""What a field holds that is no secret."""
_LONGEST: Final = 20_000
_LONGEST_SECRET: Final = 50_000
_HELP: Final[Mapping[str, str]] = MappingProxyType(
    {
        "access_token": "An access token that somebody else has fetched",
        "auth_type": "`basic`, `oauth2` or `anonymous`; follows from the other fields",
        "grant": "How tokens are fetched: `refresh_token`, `client_credentials` or `service_account`",
        "chunking_window": "How many pieces of a message may be on their way unanswered",
        "pipelining": "Whether commands are sent ahead of replies where the server offers it",
        "verify_recipients": "Whether the server is asked about recipients before (VRFY)",
        "retry_first_seconds": "How long to wait before the first new attempt",
        "retry_factor": "By how much each further wait is longer",
        "retry_cap_seconds": "The longest wait between two attempts",
        "retry_lifetime_seconds": "How long to go on trying",
        "retry_jitter": "By which share waits vary, 0 to 1",
    }
)
_EXAMPLES: Final[Mapping[str, Value]] = MappingProxyType(
    {"host": "smtp.example.org", "port": 465, "security": "tls", "user": "orders@example.org"}
)


def _kind(name: str) -> object:
    """Give the type of a field; texts of digits are taken where a number is meant, as forms send them."""
    known = FIELDS.get(name)
    match None if known is None else known.kind:
        case FieldKind.SWITCH:
            return bool | None
        case FieldKind.PORT | FieldKind.COUNT | FieldKind.PIXELS:
            return int | None
        case FieldKind.SECONDS | FieldKind.NUMBER | FieldKind.SHARE:
            return float | None
        case FieldKind.EXPIRY:
            return int | str | None
        case FieldKind.SENDERS:
            return str | list[str] | None
        case _:
            return str | None


def _info(name: str) -> FieldInfo:
    known = FIELDS.get(name)
    is_secret = name in SECRET_NAMES or name == "uri"
    help_text = known.help if known is not None else _HELP.get(name, name.replace("_", " ").capitalize())
    made: Any = Field(
        default=None,
        description=help_text.rstrip("."),
        examples=[_EXAMPLES[name]] if name in _EXAMPLES else None,
        json_schema_extra={"writeOnly": True, "format": "password"} if is_secret else None,
    )
    return cast("FieldInfo", made)


def _model(name: str, fields: tuple[str, ...], text: str) -> type[BaseModel]:
    given: dict[str, Any] = {each: (_kind(each), _info(each)) for each in fields}
    return create_model(
        name,
        __config__=ConfigDict(extra="forbid", str_max_length=_LONGEST_SECRET, allow_inf_nan=False),
        __doc__=text,
        **given,
    )


def given_fields(model: BaseModel) -> dict[str, object]:
    """Give the fields that somebody has named, null for those to be taken back."""
    return {name: getattr(model, name) for name in model.model_fields_set}


def without_secrets(fields: Mapping[str, object]) -> dict[str, object]:
    """Give fields as they may be written down."""
    return {
        name: STARS if value is not None and (name in SECRET_NAMES or name == "uri") else value
        for name, value in fields.items()
    }


if TYPE_CHECKING:  # a type checker cannot see what a table makes

    class ConnectionFields(BaseModel):
        """What is said about a connection."""

    class SettingFields(BaseModel):
        """What is said about e-mail at one level."""

else:
    ConnectionFields = _model(
        "ConnectionFields",
        tuple(name for name in NAMES if name != "name"),
        "What is said about a connection. `null` takes a field back. `uri` stands for several fields at once, "
        "`smtps://user:password@host`. Secrets are never shown again.",
    )
    SettingFields = _model(
        "SettingFields",
        tuple(FIELDS),
        "What is said about e-mail at one level. `null` takes a field back, so that farther levels are heard again. Secrets are "
        "never shown again.",
    )
