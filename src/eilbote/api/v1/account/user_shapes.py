"""How people look in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from eilbote.accounts.password import LONGEST, SHORTEST
from eilbote.accounts.role import Permission, Role
from eilbote.accounts.user import User, UserState
from eilbote.api.times import time_or_none
from eilbote.model.moment import as_datetime

Address = Annotated[
    str,
    Field(
        min_length=3,
        max_length=320,
        description="The e-mail address they sign in with",
        examples=["anna@acme.example"],
    ),
]
Name = Annotated[str, Field(max_length=200, description="What they are called", examples=["Anna Larsson"])]
Language = Annotated[
    str,
    Field(
        max_length=10, description="`en`, `de` or `ru`; empty for that of the organization", examples=["de"]
    ),
]
Zone = Annotated[
    str,
    Field(
        max_length=60,
        description="An IANA name; empty for that of the organization",
        examples=["Europe/Berlin"],
    ),
]
NewPassword = Annotated[
    str,
    Field(
        max_length=4 * LONGEST,
        description=f"At least {SHORTEST} characters, and not among the first that anybody would try",
        examples=["four words without sense"],
        json_schema_extra={"format": "password", "writeOnly": True},
    ),
]
Password = Annotated[
    str,
    Field(
        max_length=4 * LONGEST,
        examples=["four words without sense"],
        json_schema_extra={"format": "password", "writeOnly": True},
    ),
]


class UserShape(BaseModel):
    """Somebody."""

    id: str = Field(examples=["2b36b98a8ee8ac04"])
    organization: str = Field(description="Where they belong; empty for the host", examples=["acme"])
    address: str = Field(examples=["anna@acme.example"])
    name: str = Field(examples=["Anna Larsson"])
    role: Role = Field(description="What they are", examples=["author"])
    state: UserState = Field(description="How they stand", examples=["active"])
    language: str = Field(description="Empty for that of the organization", examples=["de"])
    time_zone: str = Field(description="Empty for that of the organization", examples=["Europe/Berlin"])
    has_password: bool = Field(description="Whether they can sign in with a password")
    has_single_sign_on: bool = Field(description="Whether they have come by single sign-on before")
    created: datetime
    changed: datetime
    signed_in: datetime | None = Field(description="When they last came in")
    revision: int = Field(description="Counts the changes", examples=[3])


class SessionShape(BaseModel):
    """Somebody is signed in."""

    user: UserShape
    permissions: list[Permission] = Field(description="What they may do")
    csrf: str = Field(description="To be sent with every change in the header `X-CSRF-Token`")
    expires: datetime = Field(description="When they have to sign in again, at the latest")


class Strict(BaseModel):
    """What is handed in, and nothing else beside it."""

    model_config = ConfigDict(extra="forbid")


def user_shape(user: User) -> UserShape:
    """Give how somebody looks; without anything by which they come in."""
    return UserShape(
        id=user.id,
        organization=user.organization,
        address=user.address,
        name=user.name,
        role=user.role,
        state=user.state,
        language=user.language,
        time_zone=user.time_zone,
        has_password=bool(user.password),
        has_single_sign_on=bool(user.subject),
        created=as_datetime(user.created),
        changed=as_datetime(user.changed),
        signed_in=time_or_none(user.signed_in),
        revision=user.revision,
    )
