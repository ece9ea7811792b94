"""E-mail settings of host and organizations: what holds, with where each value came from, and what each says itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Page
from eilbote.api.remedies import for_clients
from eilbote.api.times import time_or_none
from eilbote.api.told_language import ToldLanguage
from eilbote.api.v1.connection.connection_tests import probed
from eilbote.api.v1.connection.probe_shapes import ProbeShape
from eilbote.api.v1.host.settings_shapes import (
    FieldShape,
    OverruledShape,
    RemainsShape,
    SettingsChange,
    SettingsProbeWish,
    SettingsShape,
    WithheldShape,
    field_shapes,
    settings_shapes,
    unsaid_shapes,
)
from eilbote.api.v1.named_fields import given_fields, without_secrets
from eilbote.connections.repository import qualified_name, split_name
from eilbote.errors import ConfigurationError, ConflictError, ForbiddenError, SettingsError
from eilbote.settings.change import Change
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.fields import FIELDS
from eilbote.settings.inheritance import Level
from eilbote.settings.scope import HOST

if TYPE_CHECKING:
    from eilbote.api.v1.named_fields import SettingFields
    from eilbote.connections.connection import Connection
    from eilbote.settings.inheritance import EffectiveSettings

router = APIRouter(prefix="/settings", tags=["Settings"])

Reader = Annotated[Acting, Depends(needs(Permission.SETTINGS_READ))]
Writer = Annotated[Acting, Depends(needs(Permission.SETTINGS_WRITE))]
Which = Annotated[
    Endpoint,
    Query(
        description="`notification`, through which notifications go, or `system`, for mails about accounts, which the host's environment "
        "says and the host alone sees"
    ),
]


@router.get("", summary="Show what holds", operation_id="get_settings")
async def get_settings(acting: Reader, endpoint: Which = Endpoint.NOTIFICATION) -> SettingsShape:
    """Tell what holds for the scope: each field with who said it, where, and whether it is locked. Secrets are never shown."""
    return await _shown(acting, _checked(acting, endpoint))


@router.patch("", summary="Change what a scope says", operation_id="update_settings")
async def update_settings(acting: Writer, wanted: SettingsChange) -> SettingsShape:
    """Change what the host, or the organization, says; all of the change is made, or nothing.

    A stored secret is used only for the destination that it was entered for: who changes that gives it again in the same request.
    """
    scope = await acting.eilbote.records.settings.read(acting.organization)
    if wanted.revision is not None and wanted.revision != scope.version:
        raise ConflictError(
            "somebody has changed these settings since they were read",
            field="revision",
            cause=f"They are at revision {scope.version}",
            remedy="Read them again, and change those",
        )
    given = {} if wanted.settings is None else given_fields(wanted.settings)
    changed = await acting.eilbote.settings.change(
        Change(
            set={name: value for name, value in given.items() if value is not None},
            unset=frozenset(name for name, value in given.items() if value is None),
            lock=frozenset(wanted.lock),
            unlock=frozenset(wanted.unlock),
            custom=wanted.custom,
        ),
        acting.organization,
    )
    if changed.is_new:
        await _end_rests(acting)
        named = {*given, *changed.settings.plain, *scope.plain}
        differing = sorted(
            name for name in named if scope.plain.get(name) != changed.settings.plain.get(name)
        )
        switches: dict[str, object] = {}
        if wanted.custom is not None:
            switches["custom"] = wanted.custom
        if wanted.lock or wanted.unlock:
            switches["locked"] = sorted(changed.settings.locked)
        await acting.note(
            "settings.update",
            f"settings:{acting.organization or 'host'}",
            before={
                **{name: scope.plain.get(name) for name in differing},
                "custom": scope.custom,
                "locked": sorted(scope.locked),
            },
            after={
                **{name: changed.settings.plain.get(name) for name in differing},
                **{name: value for name, value in without_secrets(given).items() if FIELDS[name].is_secret},
                **switches,
            },
        )
    return await _shown(acting, Endpoint.NOTIFICATION, warnings=changed.warnings)


@router.get("/fields", summary="List the fields there are", operation_id="list_setting_fields")
async def list_setting_fields(_acting: Reader, language: ToldLanguage) -> Page[FieldShape]:
    """Give every field with its label, what it holds and what it means, in the order of a form."""
    return Page(items=field_shapes(language))


@router.get("/remains", summary="Show what is stored of a scope", operation_id="get_setting_remains")
async def get_setting_remains(acting: Writer) -> RemainsShape:
    """Tell what the scope has said as it is stored, also when it cannot be read any more; worth keeping before a reset."""
    found = await acting.eilbote.settings.remains(acting.organization)
    if found is None:
        return RemainsShape(found=False)
    return RemainsShape(
        found=bool(found.plain.strip("{} ") or found.locked.strip("[] ") or found.secrets),
        custom=found.custom,
        settings=found.plain,
        locked=found.locked,
        secrets=list(found.secrets),
    )


@router.post("/reset", summary="Forget what a scope says", operation_id="reset_settings")
async def reset_settings(acting: Writer) -> RemainsShape:
    """Forget everything the scope has said, its secrets included, damaged or not; gives what it was, without secrets."""
    remains = await get_setting_remains(acting)
    if await acting.eilbote.settings.reset(acting.organization):
        await _end_rests(acting)
        await acting.note(
            "settings.reset",
            f"settings:{acting.organization or 'host'}",
            before={"settings": remains.settings[:4000], "secrets": remains.secrets},
        )
    return remains


@router.post("/test", summary="Test what holds", operation_id="test_settings", response_model=ProbeShape)
async def try_settings(
    acting: Annotated[Acting, Depends(needs(Permission.CONNECTIONS_TEST))],
    request: Request,
    wanted: SettingsProbeWish | None = None,
    endpoint: Which = Endpoint.NOTIFICATION,
) -> Response | ProbeShape:
    """Try what holds, step by step; streamed as `POST /connections/{name}/test` is. No mail is sent.

    With `settings`, what would hold is tried before it is kept, by who may change settings: fields that are not named are as they are, secrets
    too. A stored secret is used only for the destination that it was entered for. Where the host's mail goes is told to the host alone, so an
    organization tests what it has said itself.
    """
    endpoint, wanted = _checked(acting, endpoint), wanted or SettingsProbeWish()
    book, organization = acting.eilbote.settings, acting.organization
    if wanted.settings is None:
        _check_tells(acting, await book.effective(endpoint, organization))
        connection = await book.get(qualified_name(organization, endpoint.value))
    else:
        acting.principal.must(Permission.SETTINGS_WRITE)
        connection, would_hold = await book.tried(_change_of(wanted.settings), endpoint, organization)
        _check_tells(acting, would_hold)
    return await probed(acting, connection, wanted, request)


# -- within ----------------------------------------------------------------------------------------------------


def _check_tells(acting: Acting, found: EffectiveSettings) -> None:
    """Refuse to tell an organization about the host's destination.

    Raises:
        ForbiddenError: What holds is the host's.
    """
    if not _tells_host(acting) and not found.is_empty and found.destination_level is not Level.ORGANIZATION:
        raise ForbiddenError(
            "what holds is the host's",
            field="organization",
            remedy="The host's administrator tests it; or say your own server first",
        )


def _change_of(fields: SettingFields) -> Change:
    given = given_fields(fields)
    return Change(
        set={name: value for name, value in given.items() if value is not None},
        unset=frozenset(name for name, value in given.items() if value is None),
        custom=True,
    )


def _tells_host(acting: Acting) -> bool:
    return acting.principal.is_host


def _checked(acting: Acting, endpoint: Endpoint) -> Endpoint:
    if endpoint is Endpoint.SYSTEM and acting.organization != HOST:
        raise SettingsError(
            "mails about accounts are the host's",
            field="endpoint",
            remedy="Leave out endpoint=system, or ask for the host",
        )
    return endpoint


async def _shown(acting: Acting, endpoint: Endpoint, *, warnings: tuple[str, ...] = ()) -> SettingsShape:
    eilbote, organization = acting.eilbote, acting.organization
    found = await eilbote.settings.effective(endpoint, organization)
    scope = await eilbote.records.settings.read(organization)
    told = list(warnings)
    tells_host = _tells_host(acting)
    made: Connection | None = None
    if not found.is_empty:
        try:
            connection = await eilbote.settings.get(qualified_name(organization, endpoint.value))
        except ConfigurationError as fault:
            told.append(f"This makes no connection: {fault}" if tells_host else "This makes no connection.")
        else:
            if tells_host or found.destination_level is Level.ORGANIZATION:
                made = connection
                told += connection.warnings
    return SettingsShape(
        endpoint=endpoint.value,
        organization=organization,
        configured=not found.is_empty,
        custom=scope.custom,
        own=sorted({*scope.plain, *scope.secrets}),
        locked=sorted(scope.locked),
        fields=settings_shapes(found, tells_host=tells_host),
        unsaid=unsaid_shapes(found, made, locked=await _locked_for(acting)),
        withheld=[
            WithheldShape(field=each.field, because=each.because, by=each.by.value) for each in found.withheld
        ],
        overruled=[
            OverruledShape(field=each.field, locked=each.locked, by=each.by if tells_host else "host")
            for each in found.overruled
        ],
        warnings=[for_clients(each) for each in dict.fromkeys(told)],
        changed=time_or_none(scope.changed),
        revision=scope.version,
    )


async def _locked_for(acting: Acting) -> frozenset[str]:
    """Give what the host has locked for an organization."""
    if acting.organization == HOST:
        return frozenset()
    host = await acting.eilbote.records.settings.read(HOST)
    return host.locked if host.custom else frozenset()


async def _end_rests(acting: Acting) -> None:
    """Let the endpoints that adopt these settings be tried at once, when they rest after failures."""
    for pause in await acting.eilbote.pauses():
        owner, own = split_name(pause.connection)
        if own in set(Endpoint) and acting.organization in {HOST, owner}:
            await acting.eilbote.resume(pause.connection)
