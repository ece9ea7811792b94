"""How the API shows connections, and how they are handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from eilbote.api.v1.connection.connection_login import LoginShape, TokenShape
from eilbote.api.v1.connection.connection_use import LastUseShape, UsersShape
from eilbote.api.v1.named_fields import ConnectionFields, Value

_EXAMPLE = {
    "name": "office",
    "settings": {"host": "smtp.example.org", "port": 465, "security": "tls", "user": "orders@example.org"},
}
ConnectionName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="Small letters, digits, dots and hyphens",
        examples=["office"],
    ),
]


class ConnectionInput(BaseModel):
    """A connection to be kept."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {**_EXAMPLE, "settings": {**_EXAMPLE["settings"], "password": "correct horse"}},  # type: ignore[dict-item]
                {
                    "name": "gmail",
                    "settings": {"uri": "smtps://anna%40gmail.com:app-password@smtp.gmail.com"},
                },
            ]
        },
    )

    name: ConnectionName
    settings: ConnectionFields
    enabled: bool = Field(default=True, description="Whether mail may go through it; otherwise it waits")
    is_default: bool = Field(default=False, description="Whether messages use it that name no connection")


class ConnectionChange(BaseModel):
    """What to change about a connection (JSON merge patch, RFC 7396): fields that are not named stay, null takes one back.

    A stored secret stays in use only while it goes where it was entered for; with another server, protection or user it has to be
    given again in the same request.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"settings": {"port": 587, "security": "starttls", "password": "correct horse"}}]
        },
    )

    settings: ConnectionFields
    revision: int | None = Field(
        default=None, ge=0, le=2**62, description="The one that was read; refused when somebody was faster"
    )


class SecretShape(BaseModel):
    """That a secret is kept; nothing else is told of one."""

    has_secret: bool = True
    changed: datetime | None = Field(default=None, description="When the connection was changed last")


class PauseShape(BaseModel):
    """That a connection rests after failures; until when, and why."""

    since: datetime
    until: datetime = Field(description="When a single probe is made")
    failures: int = Field(description="How often in a row the probe has failed")
    reason: str = Field(description="What happened, and what to do")


class ConnectionSummary(BaseModel):
    """A connection, in a list."""

    name: str = Field(examples=["office"])
    organization: str = Field(description="Whose; empty for the host's")
    origin: str = Field(
        description="Where it comes from: `stored`, `settings`, `this program`, a variable, a file",
        examples=["stored"],
    )
    inherited: bool = Field(
        description="It is the host's and may be used; what it leads to is the host's business"
    )
    enabled: bool
    is_default: bool
    host: str | None = Field(default=None, examples=["smtp.example.org"])
    port: int | None = Field(default=None, examples=[465])
    security: str | None = Field(default=None, description="`tls`, `starttls` or `none`", examples=["tls"])
    user: str | None = Field(default=None, examples=["orders@example.org"])
    default_from: str | None = Field(default=None, description="Who messages come from that name nobody")
    login: LoginShape | None = Field(
        default=None, description="How it signs in; null for the host's, and for one that cannot be used"
    )
    waiting: int = Field(
        default=0,
        description="Messages that are to go through it and have not; of the host's, those of the organization alone",
    )
    oldest_waiting: datetime | None = Field(
        default=None, description="When the oldest of them was accepted that is queued or deferred"
    )
    last_use: LastUseShape | None = Field(
        default=None, description="The latest attempt; null when there is none that is still remembered"
    )
    users: UsersShape | None = Field(
        default=None, description="Who names it; null unless the list was asked for it by `users=true`"
    )
    paused: PauseShape | None = Field(default=None, description="Null while it is used")
    error: str = Field(default="", description="Why it cannot be used; empty when it can")


class ConnectionShape(ConnectionSummary):
    """Everything about a connection, except its secrets."""

    settings: dict[str, Value] = Field(
        default={}, description="What was said about it, by the names of `ConnectionFields`"
    )
    secrets: dict[str, SecretShape] = Field(default={}, description="The secrets that are kept, by name")
    service: str | None = Field(default=None, description="The known service it leads to")
    protocol: str | None = Field(default=None, description="`smtp` or `graph`")
    token: TokenShape | None = Field(default=None, description="With OAuth2")
    flows: list[str] = Field(default=[], description="Which flows name it")
    routes: list[str] = Field(default=[], description="Which routes of processes name it")
    warnings: list[str] = Field(default=[], description="What an administrator should know")
    created: datetime | None = None
    changed: datetime | None = None
    revision: int = Field(default=0, description="Counts the changes")


class Resumed(BaseModel):
    """What became of a rest."""

    resumed: bool = Field(description="Whether it rested at all")
