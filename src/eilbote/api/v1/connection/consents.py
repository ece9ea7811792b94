"""A person's consent for a connection that signs in with OAuth2: the browser is sent to the provider, and comes back with it.

In a browser both ends happen in the same signed-in session, so nobody can slip in a consent of their own. By a code that is typed in on another
machine (RFC 8628) a connection gets its tokens where no browser comes back; only whoever has asked for the code can ask what came of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.status import HTTP_201_CREATED, HTTP_400_BAD_REQUEST

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.v1.connection.connection_views import own_name
from eilbote.api.v1.named_fields import ConnectionFields, given_fields
from eilbote.connections.repository import connection_name, qualified_name, split_name
from eilbote.engine.accounts.told_setup import STARS
from eilbote.errors import ConnectionNotFoundError, EilboteError, ForbiddenError, SettingsError
from eilbote.model.moment import as_datetime

router = APIRouter(prefix="/connections", tags=["Connections"])

Name = Annotated[
    str, Path(min_length=1, max_length=130, description="What it is called", examples=["office"])
]
Writer = Annotated[Acting, Depends(needs(Permission.CONNECTIONS_WRITE))]
CALLBACK: Final = "/api/v1/connections/consent/callback"
_LONGEST: Final = 8000
_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>eilbote</title><h1>{title}</h1><p>{text}</p></html>"
)


class _ConnectionSaid(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"settings": {"service": "Outlook365", "user": "orders@example.org", "client_id": "5f0c2a1e"}}
            ]
        },
    )

    settings: ConnectionFields | None = None


class ConsentInput(_ConnectionSaid):
    """What is said about the connection beside what is kept; kept when the person has consented."""

    authorize_url: str = Field(
        default="", max_length=2000, description="The page on which people consent, where it is not known"
    )


class DeviceConsentInput(_ConnectionSaid):
    """What is said about the connection beside what is kept; kept when the person has consented."""

    device_url: str = Field(
        default="", max_length=2000, description="Where device codes are asked for, where it is not known"
    )


class DeviceConsentShape(BaseModel):
    """What the person types in on another machine, and by what is asked about it."""

    id: str = Field(
        description="To ask by whether they have consented; good for whoever has begun it alone",
        examples=["q7sD0cWn2m5xKpVtYb1f"],
    )
    user_code: str = Field(description="To be typed in", examples=["FJ4K-9QRT"])
    page: str = Field(description="Where it is typed in", examples=["https://microsoft.com/devicelogin"])
    page_with_code: str = Field(description="The same with the code in it; empty if there is none")
    until: datetime = Field(description="When it is too late")
    pause: float = Field(description="Seconds between two questions about it", examples=[5])


class AskedConsentShape(BaseModel):
    """What has come of a consent on another machine."""

    connection: str = Field(description="What the connection is called", examples=["office"])
    is_done: bool = Field(description="Whether the connection is kept with its tokens by now")
    ask_at: datetime = Field(description="When to ask again, while it is not")


class ConsentShape(BaseModel):
    """Where to send the person."""

    url: str = Field(
        description="The page on which they consent",
        examples=["https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=5f0c2a1e"],
    )
    until: datetime = Field(description="When it is too late to come back")
    redirect_uri: str = Field(
        description="To be registered at the provider as a place that browsers come back to",
        examples=["https://eilbote.example.org/api/v1/connections/consent/callback"],
    )


@router.post(
    "/{name}/consent",
    summary="Begin a consent",
    operation_id="begin_consent",
    status_code=HTTP_201_CREATED,
)
async def begin_consent(
    acting: Writer,
    name: Name,
    wanted: ConsentInput,
) -> ConsentShape:
    """Give the page to open in the browser that is signed in here. The connection is kept when the person has consented; it may be a new one.

    A key cannot do this: a person comes back, in the same session.
    """
    if not acting.principal.csrf:
        raise ForbiddenError(
            "a consent is begun by a person who is signed in",
            field="authorization",
            remedy="Sign in, or use `eilbote connection authorize` at the machine",
        )
    public = acting.eilbote.config.public_url.rstrip("/")
    if not public:
        raise SettingsError(
            "nobody has said under which address browsers come back",
            field="public_url",
            remedy="Set public_url, or use `eilbote connection authorize` at the machine",
        )
    begun = await acting.eilbote.services.consents.begin(
        await _known_as(acting, name),
        {} if wanted.settings is None else given_fields(wanted.settings),
        session=acting.principal.csrf,
        redirect_uri=public + CALLBACK,
        authorize_url=wanted.authorize_url,
    )
    return ConsentShape(url=begun.url, until=as_datetime(begun.until), redirect_uri=public + CALLBACK)


@router.get(
    "/consent/callback",
    summary="Come back from the provider",
    operation_id="finish_consent",
    response_class=HTMLResponse,
    responses={
        200: {"description": "A page that says that it is done"},
        400: {"content": {"text/html": {"schema": {"type": "string"}}}},
    },
)
async def finish_consent(
    acting: Writer,
    request: Request,
    state: Annotated[str, Query(max_length=500, description="By which the consent is known")] = "",
) -> HTMLResponse:
    """Take what the provider has sent back with the browser, and keep the connection. Used by browsers alone."""
    target = f"{CALLBACK}?{request.url.query}"
    try:
        if not acting.principal.csrf or len(target) > _LONGEST:
            raise ForbiddenError("this is no return from a consent", field="state")
        known = await acting.eilbote.services.consents.finish(state, target, session=acting.principal.csrf)
    except EilboteError as fault:
        page = _PAGE.format(title="There is no consent", text=escape(str(fault)))
        return HTMLResponse(page, status_code=HTTP_400_BAD_REQUEST)
    await _kept(acting, known)
    name = escape(split_name(known)[1])
    return HTMLResponse(
        _PAGE.format(
            title="Done",
            text=f"The connection {name} renews its tokens by itself from now on. You may close this page.",
        )
    )


@router.post(
    "/{name}/consent/device",
    summary="Begin a consent on another machine",
    operation_id="begin_device_consent",
    status_code=HTTP_201_CREATED,
)
async def begin_device_consent(acting: Writer, name: Name, wanted: DeviceConsentInput) -> DeviceConsentShape:
    """Give the code to type in on any machine with a browser. The connection is kept when somebody asks after the person has consented; it may be a new one.

    Needs no address that browsers come back to, so it works for servers that nobody reaches, and for keys (RFC 8628).
    """
    begun = await acting.eilbote.services.consents.begin_by_device(
        await _known_as(acting, name),
        {} if wanted.settings is None else given_fields(wanted.settings),
        session=_who(acting),
        device_url=wanted.device_url,
    )
    return DeviceConsentShape(
        id=begun.id,
        user_code=begun.user_code,
        page=begun.page,
        page_with_code=begun.page_with_code,
        until=as_datetime(begun.until),
        pause=begun.pause,
    )


@router.post(
    "/consent/device/{id}",
    summary="Ask about a consent on another machine",
    operation_id="ask_device_consent",
)
async def ask_device_consent(
    acting: Writer,
    id: Annotated[  # noqa: A002 - its own word
        str,
        Path(
            min_length=1,
            max_length=200,
            description="By which it is known",
            examples=["q7sD0cWn2m5xKpVtYb1f"],
        ),
    ],
) -> AskedConsentShape:
    """Ask the provider whether the person has consented, and keep the connection with its tokens if so.

    The provider is asked no more often than it allows: who asks before `ask_at` hears the same again.
    """
    asked = await acting.eilbote.services.consents.ask(id, session=_who(acting))
    if asked.is_done:
        await _kept(acting, asked.connection)
    return AskedConsentShape(
        connection=split_name(asked.connection)[1], is_done=asked.is_done, ask_at=as_datetime(asked.ask_at)
    )


async def _known_as(acting: Acting, name: str) -> str:
    """Give the qualified name of a connection that is there, or of one to be made."""
    try:
        return await own_name(acting, name)
    except ConnectionNotFoundError:
        return qualified_name(acting.organization, connection_name(name, field="name"))


async def _kept(acting: Acting, known: str) -> None:
    """Let mail go through a connection that has its tokens, and write down who has consented."""
    await acting.eilbote.resume(known)
    owner = replace(acting, organization=split_name(known)[0])
    await owner.note("connection.consent", f"connection:{known}", after={"refresh_token": STARS})


def _who(acting: Acting) -> str:
    """Say whose a consent on another machine is: the person's in any browser, or the key's."""
    return f"{acting.principal.kind.value}:{acting.principal.id}@{acting.organization}"
