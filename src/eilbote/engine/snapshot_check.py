"""Looks at what a snapshot holds as if somebody entered it now: it comes from elsewhere, and may be meant badly (pure)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.check import check_flow
from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.inline_connection import is_of_a_flow
from eilbote.author.flow.limits import check_name, check_text
from eilbote.connections.change import OF_THIS_MACHINE, replaced
from eilbote.connections.field_names import SECRET_NAMES
from eilbote.connections.repository import connection_name
from eilbote.connections.stored import StoredConnection
from eilbote.connections.stored_book import RESERVED
from eilbote.connections.stored_fields import kept_fields
from eilbote.engine.snapshot_archive import refused
from eilbote.errors import EilboteError, SettingsError
from eilbote.model.secret import Secret
from eilbote.settings.fields import OF_THIS_MACHINE as FILES_OF_THIS_MACHINE
from eilbote.settings.fields import field_named
from eilbote.settings.scope import HOST, ScopeSettings
from eilbote.settings.values import read_values
from eilbote.template.finding import Weight

if TYPE_CHECKING:
    from collections.abc import Collection

    from eilbote.engine.snapshot_contents import Contents, PackedConnection, PackedFlow, PackedSettings
    from eilbote.model.moment import Moment

_OF_ANY_FORM: Final = frozenset({"password", "client_secret", "refresh_token", "access_token"})
"""Secrets in whose place another text does as well, to see whether the rest makes a connection."""
_ENTERED_LATER: Final = Secret("entered later")


def check_contents(contents: Contents, *, now: Moment) -> None:
    """See that everything could be kept as it is.

    Raises:
        SettingsError: Something cannot, and the cause names it.
    """
    for flow in contents.flows:
        check_packed_flow(flow)
    defaults: set[str] = set()
    for one in contents.connections:
        connection_of(one, now=now)
        if one.is_default and one.organization in defaults:
            raise refused(
                "the snapshot cannot be trusted",
                f"{one.qualified_name[:100]} is the default, and so is another connection beside it",
            )
        defaults |= {one.organization} if one.is_default else set()
    for said in contents.settings:
        settings_of(said)
    for each in contents.subscriptions:
        _check_organization(each.organization, f"the subscription {each.id!r}")


def check_packed_flow(flow: PackedFlow) -> None:
    """See that a flow could be kept: what can be begun by its name runs as it is written.

    Older versions are history. One that this eilbote cannot read any more is kept all the same, and refused when it is run.

    Raises:
        SettingsError: It cannot.
    """
    whose = f"the flow {'/'.join(filter(None, (flow.organization, flow.name)))[:100]!r}"
    try:
        check_name(flow.organization, field="organization")
        check_name(flow.name, field="name")
        for text in {*flow.texts, *([] if flow.draft is None else [flow.draft])}:
            check_text(text)
    except EilboteError as fault:
        raise _unusable(whose, fault) from None
    current = {"its draft": flow.draft, f"version {len(flow.texts)}": flow.texts[-1] if flow.texts else None}
    for which, written in current.items():
        for found in () if written is None else check_flow(written):
            if found.severity is Weight.ERROR:
                place = f" in {found.place}" if found.place else ""
                field = f"{found.field}: " if found.field else ""
                raise refused(
                    f"{whose} cannot run as it is written",
                    f"{which}{place}: {field}{found.what}",
                    remedy="Mend it where the snapshot was made and make another one, or leave it out with --flows",
                )
    for number, each in enumerate((*flow.texts, flow.draft), start=1):
        if each is None:
            continue
        try:
            name = read_flow(each).name
        except EilboteError:
            continue
        if name != flow.name:
            raise refused(
                "the snapshot cannot be trusted",
                f"{whose} calls itself {name[:60]!r} in text {number}",
            )


def connection_of(one: PackedConnection, *, now: Moment) -> StoredConnection:
    """Give what is to be kept of a connection, as a new one; while secrets are missing it is switched off.

    Raises:
        SettingsError: It cannot be used.
    """
    whose = f"the connection {one.qualified_name[:100]!r}"
    _check_organization(one.organization, whose)
    try:
        if connection_name(one.name) != one.name or one.name in RESERVED or is_of_a_flow(one.name):
            raise SettingsError("this is not the name of a stored connection", field="name")
        _check_secret_names(one.secret_names, one.secrets.keys())
        bare = StoredConnection(organization=one.organization, name=one.name)
        missing = frozenset(one.missing)
        if missing - _OF_ANY_FORM:
            said = kept_fields({**one.plain, **one.secrets}, now=now)
            if one.organization and (named := said.names() & OF_THIS_MACHINE):
                raise SettingsError("an organization cannot name files of this machine", field=min(named))
            made = replace(bare, plain=said.plain, secrets=said.secrets)
        else:
            fields = {**one.plain, **one.secrets, **dict.fromkeys(missing, _ENTERED_LATER)}
            made = replaced(bare, fields, now=now).stored
        _check_secret_names(one.secret_names, made.secrets.keys())
    except EilboteError as fault:
        raise _unusable(whose, fault) from None
    return replace(
        made,
        secrets={name: secret for name, secret in made.secrets.items() if name not in missing},
        enabled=one.enabled and not missing,
        is_default=one.is_default,
    )


def settings_of(said: PackedSettings) -> ScopeSettings:
    """Give what is to be kept of the settings of a scope, as if it had said nothing before.

    Raises:
        SettingsError: Something in them cannot be used.
    """
    whose = (
        f"the settings of {said.organization[:100]!r}" if said.organization else "the settings of the host"
    )
    _check_organization(said.organization, whose)
    try:
        _check_secret_names(said.secret_names, said.secrets.keys())
        read = read_values({**said.plain, **said.secrets})
        _check_secret_names(said.secret_names, read.secrets.keys())
        locked = frozenset(field_named(name).name for name in said.locked)
        if said.organization != HOST and (named := read.plain.keys() & FILES_OF_THIS_MACHINE or locked):
            raise SettingsError(
                "an organization neither names files of this machine nor locks fields", field=min(named)
            )
    except EilboteError as fault:
        raise _unusable(whose, fault) from None
    return ScopeSettings(
        organization=said.organization,
        custom=said.custom,
        plain=read.plain,
        secrets=read.secrets,
        locked=locked,
    )


def _check_secret_names(names: frozenset[str], told: Collection[str]) -> None:
    for name in sorted(names):
        if name not in SECRET_NAMES:
            raise SettingsError(f"there is no secret {name[:60]!r}", field="secrets")
    if set(told) - names:
        raise SettingsError("it holds secrets that it does not name", field="secrets")


def _check_organization(organization: str, whose: str) -> None:
    try:
        if organization and connection_name(organization, field="organization") != organization:
            raise SettingsError("this is not the name of an organization", field="organization")
    except EilboteError as fault:
        raise _unusable(whose, fault) from None


def _unusable(whose: str, fault: EilboteError) -> SettingsError:
    return refused(
        f"{whose} in the snapshot cannot be used",
        str(fault),
        remedy="Mend it where the snapshot was made, then make another one",
    )
