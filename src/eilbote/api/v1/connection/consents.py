"""A person's consent for a connection that signs in with OAuth2: the browser is sent to the provider, and comes back with it.

Both ends happen in the same signed-in session, so nobody can slip in a consent of their own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.status import HTTP_201_CREATED, HTTP_400_BAD_REQUEST

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.v1.connection.connection_views import own_name
from eilbote.api.v1.named_fields import STARS, ConnectionFields, given_fields
from eilbote.connections.repository import connection_name, qualified_name, split_name
from eilbote.engine.consent_desk import ConsentDesk
from eilbote.errors import ConnectionNotFoundError, EilboteError, ForbiddenError, SettingsError
from eilbote.model.moment import as_datetime

router = APIRouter(prefix="/connections", tags=["Connections"])

Writer = Annotated[Acting, Depends(needs(Permission.CONNECTIONS_WRITE))]
CALLBACK: Final = "/api/v1/connections/consent/callback"
_LONGEST: Final = 8000
_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>eilbote</title><h1>{title}</h1><p>{text}</p></html>"
)


class ConsentInput(BaseModel):
    """What is said about the connection beside what is kept; kept when the person has consented."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"settings": {"service": "Outlook365", "user": "orders@example.org", "client_id": "5f0c2a1e"}}
            ]
        },
    )

    settings: ConnectionFields | None = None
    authorize_url: str = Field(
        default="", max_length=2000, description="The page on which people consent, where it is not known"
    )


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
    request: Request,
    name: Annotated[
        str, Path(min_length=1, max_length=130, description="What it is called", examples=["office"])
    ],
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
    try:
        known = await own_name(acting, name)
    except ConnectionNotFoundError:
        known = qualified_name(acting.organization, connection_name(name, field="name"))
    begun = await _desk(request, acting).begin(
        known,
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
        known = await _desk(request, acting).finish(state, target, session=acting.principal.csrf)
    except EilboteError as fault:
        page = _PAGE.format(title="There is no consent", text=escape(str(fault)))
        return HTMLResponse(page, status_code=HTTP_400_BAD_REQUEST)
    await acting.eilbote.resume(known)
    owner = replace(acting, organization=split_name(known)[0])
    await owner.note("connection.consent", f"connection:{known}", after={"refresh_token": STARS})
    name = escape(split_name(known)[1])
    return HTMLResponse(
        _PAGE.format(
            title="Done",
            text=f"The connection {name} renews its tokens by itself from now on. You may close this page.",
        )
    )


def _desk(request: Request, acting: Acting) -> ConsentDesk:
    """Give the desk of this application, where consents wait."""
    known = cast("ConsentDesk | None", getattr(request.app.state, "consents", None))
    if known is None:
        eilbote = acting.eilbote
        known = request.app.state.consents = ConsentDesk(
            eilbote.connections, clock=eilbote.clock, egress=eilbote.config.egress.policy
        )
    return known
