"""``eilbote user create|list|invitations|show|change|disable|enable|reset|revoke|delete``: the people who work with eilbote."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from eilbote.cli.account_options import Language, Limit, OfOrganization, Organization, TimeZone, screen_of
from eilbote.cli.options import Json
from eilbote.cli.outbox_options import DataDir


class RoleWord(StrEnum):
    """What ``--role`` takes; the same words as the noun's, which is not imported for a help page."""

    SYSTEM_ADMINISTRATOR = "system_administrator"
    ORGANIZATION_ADMINISTRATOR = "organization_administrator"
    AUTHOR = "author"
    OPERATOR = "operator"
    VIEWER = "viewer"


Who: TypeAlias = Annotated[str, typer.Argument(metavar="USER", help="An address, or an id.")]
Role: TypeAlias = Annotated[
    RoleWord | None, typer.Option("--role", help="What they are; viewer.", show_default=False)
]
Name: TypeAlias = Annotated[
    str | None, typer.Option("--name", metavar="TEXT", help="What they are called.", show_default=False)
]
Link: TypeAlias = Annotated[
    bool, typer.Option("--link", help="Show the link here, and send no mail.", show_default=False)
]


def create(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="They sign in with it.")],
    role: Role = None,
    org: Organization = None,
    name: Name = None,
    language: Language = None,
    time_zone: TimeZone = None,
    link: Link = False,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Invite somebody: they get a link by mail, good for a week, and choose a password of their own.

    Where nobody has said under which address people reach the server (public_url) the link is shown here.

    \b
      eilbote user create root@example.org --role system_administrator --link
      eilbote user create anna@acme.example --org acme --role author --language de
    """
    from eilbote.cli.user_care import create as run

    run(
        address,
        screen_of(context, json, id_="USER"),
        organization=org or "",
        role=(role or RoleWord.VIEWER).value,
        name=name or "",
        language=language or "",
        time_zone=time_zone or "",
        shows_link=link,
        data_dir=data_dir,
    )


def list_(
    context: typer.Context,
    org: OfOrganization = None,
    limit: Limit = 100,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List people: those of every organization, or of one."""
    from eilbote.cli.user_care import list_users

    list_users(screen_of(context, json, id_="USER"), organization=org, limit=limit, data_dir=data_dir)


def show(context: typer.Context, user: Who, data_dir: DataDir = None, json: Json = None) -> None:
    """Tell everything about somebody, and where they are signed in."""
    from eilbote.cli.user_care import show as run

    run(user, screen_of(context, json, id_="USER"), data_dir=data_dir)


def change(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    user: Who,
    role: Role = None,
    name: Name = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address", metavar="ADDRESS", help="They sign in with it from now on.", show_default=False
        ),
    ] = None,
    language: Language = None,
    time_zone: TimeZone = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Change somebody; what is left out stays. Another role or address signs them out everywhere."""
    from eilbote.cli.user_care import change as run

    said = {
        "role": None if role is None else role.value,
        "name": name,
        "address": address,
        "language": language,
        "time_zone": time_zone,
    }
    fields = {key: value for key, value in said.items() if value is not None}
    run(user, screen_of(context, json, id_="USER"), fields=fields, data_dir=data_dir)


def disable(context: typer.Context, user: Who, data_dir: DataDir = None, json: Json = None) -> None:
    """Lock somebody out, and sign them out everywhere."""
    from eilbote.cli.user_care import change as run

    run(user, screen_of(context, json, id_="USER"), fields={"is_enabled": False}, data_dir=data_dir)


def enable(context: typer.Context, user: Who, data_dir: DataDir = None, json: Json = None) -> None:
    """Let somebody in again."""
    from eilbote.cli.user_care import change as run

    run(user, screen_of(context, json, id_="USER"), fields={"is_enabled": True}, data_dir=data_dir)


def reset(
    context: typer.Context, user: Who, link: Link = False, data_dir: DataDir = None, json: Json = None
) -> None:
    """Send somebody a link for a new password, or for their first one; their password stays until then."""
    from eilbote.cli.user_care import reset as run

    run(user, screen_of(context, json, id_="USER"), shows_link=link, data_dir=data_dir)


def invitations(
    context: typer.Context,
    org: OfOrganization = None,
    limit: Limit = 100,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""List who was invited and has not come yet, and whether the link is good still.

    \b
      eilbote user invitations --org acme
      eilbote user reset anna@acme.example
    """
    from eilbote.cli.user_inviting import list_invitations

    list_invitations(screen_of(context, json, id_="USER"), organization=org, limit=limit, data_dir=data_dir)


def revoke(context: typer.Context, user: Who, data_dir: DataDir = None, json: Json = None) -> None:
    """Take an invitation back: the link leads nowhere, and who was invited is forgotten."""
    from eilbote.cli.user_inviting import revoke as run

    run(user, screen_of(context, json, id_="USER"), data_dir=data_dir)


def delete(context: typer.Context, user: Who, data_dir: DataDir = None, json: Json = None) -> None:
    """Forget somebody; what they did stays in the audit book."""
    from eilbote.cli.user_care import delete as run

    run(user, screen_of(context, json, id_="USER"), data_dir=data_dir)
