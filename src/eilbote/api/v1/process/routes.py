"""Communication routes, over which processes send: kept, checked, switched, tried."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.status import HTTP_201_CREATED, HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT

from eilbote.api.acting import Acting
from eilbote.api.paging import Cursor, Limit, Page
from eilbote.api.problems import problem_response
from eilbote.api.v1.automation import NAME_PATTERN, Author, Contains, Json, Lister, Reader, thing
from eilbote.api.v1.automation_lists import page_of_names
from eilbote.api.v1.findings import FindingShape, is_sound, of_route, problems_of
from eilbote.api.v1.written import (
    WRITTEN_ANSWER,
    WRITTEN_BODY,
    Written,
    as_yaml,
    definition_of_text,
    wants_yaml,
)
from eilbote.author.process.route.route import Route, StoredRoute
from eilbote.author.process.route.text import read_route
from eilbote.engine.process.given_data import plain_data
from eilbote.errors import EilboteError, RouteError
from eilbote.model.ids import entry_id_text
from eilbote.model.moment import as_datetime

router = APIRouter(prefix="/routes", tags=["Routes"])

_LONGEST: Final = 64
Name = Annotated[
    str,
    Path(max_length=_LONGEST, pattern=NAME_PATTERN, description="Its message name", examples=["order-ready"]),
]
Force = Annotated[bool, Query(description="Do it although published processes cannot send over it any more")]


class RouteSummary(BaseModel):
    """A route in a list."""

    organization: str
    message_name: str = Field(description="What processes call it", examples=["order-ready"])
    name: str = Field(description="What people read")
    application: str
    connection: str = Field(description="Over which connection it goes; empty for the default one")
    is_disabled: bool = Field(description="Whether nothing may go over it for now")
    is_readable: bool = Field(description="Whether what is kept of it can be read")
    attributes: int = Field(description="How many message attributes it has")
    changed: datetime
    revision: int = Field(description="Grows with each change; to be handed in with the next one")


class AttributeShape(BaseModel):
    """A message attribute."""

    name: str = Field(description="What people read")
    system_name: str = Field(description="What `{...}` and mappings call it", examples=["Customer"])
    type: str = Field(
        description="`text`, `number`, `duration`, `date_time`, `boolean`, `document` or `account`"
    )
    is_required: bool


class RouteUseShape(BaseModel):
    """An element of a published process that sends over a route."""

    process: str
    version: int
    element: str


class RouteShape(RouteSummary):
    """A route."""

    text: str = Field(description="As it was written")
    definition: Json | None = Field(description="The same as a table")
    attributes_listed: list[AttributeShape]
    uses: list[RouteUseShape] = Field(description="Where it is used by what was published last")
    findings: list[FindingShape]


class CheckedRoute(BaseModel):
    """What a check has found."""

    is_sound: bool
    message_name: str
    findings: list[FindingShape]


class RouteSwitch(BaseModel):
    """Whether something may go over a route."""

    model_config = ConfigDict(extra="forbid")

    is_disabled: bool


class RouteTrial(BaseModel):
    """A message to be sent over a route."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"values": {"Number": "4711"}, "recipients": ["anna@example.org"]}},
    )

    values: Json = Field(default={}, description="By system name")
    recipients: list[str] = Field(
        default=[],
        max_length=20,
        description="Who gets it in place of those that the route says; attributes without a value then get a sample",
    )


class RouteTried(BaseModel):
    """A message that was handed in."""

    entry: str = Field(
        description="The entry in the outbox: `GET /messages/{entry}` tells what becomes of it"
    )
    message_id: str


@router.get("", summary="List routes", operation_id="list_routes")
async def list_routes(
    acting: Lister, limit: Limit = 50, cursor: Cursor = None, name: Contains = ""
) -> Page[RouteSummary]:
    """Give the routes, in the order of organizations and message names."""
    shown, next_cursor = page_of_names(
        await acting.eilbote.routes.list(acting.which),
        lambda each: (each.organization, each.message_name),
        contains=name,
        limit=limit,
        cursor=cursor,
    )
    return Page(items=[_summary(each, _readable(each.text)) for each in shown], next_cursor=next_cursor)


@router.post("/check", summary="Check a route", operation_id="check_route", openapi_extra=WRITTEN_BODY)
async def check(acting: Author, written: Written) -> CheckedRoute:
    """Tell everything that is to be said about a route, and whether its connection is known; nothing is kept."""
    route, findings = await acting.eilbote.routes.check(written.written(), organization=acting.organization)
    shown = of_route(findings)
    return CheckedRoute(
        is_sound=route is not None and is_sound(shown),
        message_name=route.message_name if route else "",
        findings=shown,
    )


@router.get(
    "/{route}",
    summary="Show a route",
    operation_id="get_route",
    response_model=RouteShape,
    responses=WRITTEN_ANSWER,
)
async def get_route(acting: Reader, request: Request, route: Name) -> object:
    """Give a route with where it is used; the text alone for `Accept: application/yaml`."""
    stored = await acting.eilbote.routes.get(route, organization=acting.organization)
    return as_yaml(stored.text) if wants_yaml(request) else await _shape(acting, stored)


@router.put(
    "/{route}",
    summary="Write a route",
    operation_id="put_route",
    response_model=RouteShape,
    responses={201: {"model": RouteShape, "description": "It is new"}},
    openapi_extra=WRITTEN_BODY,
)
async def put_route(
    acting: Author,
    request: Request,
    response: Response,
    route: Name,
    written: Written,
    *,
    force: Force = False,
) -> object:
    """Keep a route under its message name; it is used at once, by processes that were published before as well.

    What would break a published process is refused, unless it is forced.
    """
    text = written.written()
    read, found = await acting.eilbote.routes.check(text, organization=acting.organization)
    findings = of_route(found)
    try:
        if read is not None and read.message_name != route:
            raise RouteError(
                f"the route calls itself {read.message_name[:60]!r}",
                field="message_name",
                cause=f"It is to be kept as {route[:60]!r}",
                remedy="Write the same name into the text, or keep it under the other one",
            )
        stored = await acting.eilbote.routes.save(
            text, organization=acting.organization, force=force, revision=written.revision
        )
    except RouteError as fault:
        return problem_response(request, fault, errors=problems_of(request, findings))
    await acting.note("route.save", thing("route", acting, route), after={"revision": stored.revision})
    if stored.revision == 1:
        response.status_code = HTTP_201_CREATED
        response.headers["Location"] = f"/api/v1/routes/{route}"
    return await _shape(acting, stored)


@router.patch("/{route}", summary="Disable or enable a route", operation_id="switch_route")
async def switch_route(acting: Author, route: Name, switch: RouteSwitch) -> RouteShape:
    """Let nothing go over a route for now, or let it again; what a process sends over it meanwhile becomes an incident."""
    before = await acting.eilbote.routes.get(route, organization=acting.organization)
    stored = await acting.eilbote.routes.switch(
        route, is_disabled=switch.is_disabled, organization=acting.organization
    )
    known = _readable(before.text)
    await acting.note(
        "route.switch",
        thing("route", acting, route),
        before={"is_disabled": known.is_disabled if known else None},
        after={"is_disabled": switch.is_disabled},
    )
    return await _shape(acting, stored)


@router.delete(
    "/{route}", summary="Delete a route", operation_id="delete_route", status_code=HTTP_204_NO_CONTENT
)
async def delete_route(acting: Author, route: Name, *, force: Force = False) -> None:
    """Forget a route; one over which a published process sends is kept, unless it is forced."""
    await acting.eilbote.routes.drop(route, organization=acting.organization, force=force)
    await acting.note("route.delete", thing("route", acting, route))


@router.post(
    "/{route}/trials", summary="Try a route", operation_id="try_route", status_code=HTTP_202_ACCEPTED
)
async def try_route(acting: Author, response: Response, route: Name, trial: RouteTrial) -> RouteTried:
    """Send a real message over a route, one that is disabled as well."""
    sent = await acting.eilbote.routes.test(
        route,
        plain_data(trial.values, field="values"),
        recipients=trial.recipients,
        organization=acting.organization,
    )
    entry = entry_id_text(sent.id)
    await acting.note("route.try", thing("route", acting, route), after={"entry": entry})
    response.headers["Location"] = f"/api/v1/messages/{entry}"
    return RouteTried(entry=entry, message_id=sent.message_id)


# -- within ----------------------------------------------------------------------------------------------------


async def _shape(acting: Acting, stored: StoredRoute) -> RouteShape:
    routes = acting.eilbote.routes
    _, findings = await routes.check(stored.text, organization=stored.organization)
    read = _readable(stored.text)
    return RouteShape(
        **_summary(stored, read).model_dump(),
        text=stored.text,
        definition=definition_of_text(stored.text, what="route"),
        attributes_listed=[
            AttributeShape(
                name=each.name,
                system_name=each.system_name,
                type=each.type.value,
                is_required=each.is_required,
            )
            for each in (read.attributes if read else ())
        ],
        uses=[
            RouteUseShape(process=each.process, version=each.version, element=each.element)
            for each in await routes.uses(stored.message_name, organization=stored.organization)
        ],
        findings=of_route(findings),
    )


def _summary(stored: StoredRoute, route: Route | None) -> RouteSummary:
    return RouteSummary(
        organization=stored.organization,
        message_name=stored.message_name,
        name=route.name if route else "",
        application=route.application if route else "",
        connection=route.connection if route else "",
        is_disabled=route.is_disabled if route else False,
        is_readable=route is not None,
        attributes=len(route.attributes) if route else 0,
        changed=as_datetime(stored.changed),
        revision=stored.revision,
    )


def _readable(text: str) -> Route | None:
    try:
        return read_route(text)
    except EilboteError:
        return None
