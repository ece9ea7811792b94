"""``eilbote api-key create|list|rotate|revoke``: by which programs say who they are."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from eilbote.cli.account_options import Limit, OfOrganization, Organization, screen_of
from eilbote.cli.options import Json
from eilbote.cli.outbox_options import DataDir

Id: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="As 'eilbote api-key list' shows it.")]


def create(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    allow: Annotated[
        list[str],
        typer.Option(
            "--allow",
            metavar="PERMISSION",
            help="What it may do: messages:submit, messages:read ... May be repeated.",
            show_default=False,
        ),
    ],
    org: Organization = None,
    sender: Annotated[
        list[str] | None,
        typer.Option(
            "--sender",
            metavar="SENDER",
            help="An address or a domain it may send from; from any without. May be repeated.",
            show_default=False,
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(
            "--expires",
            metavar="TIME",
            help="Not after a time ('2030-01-31 08:00') or for so long (90d).",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Make a key, and show its text: once, here.

    \b
      eilbote api-key create Billing --org acme --allow messages:submit --sender acme.example
    """
    from eilbote.cli.api_key_care import create as run

    run(
        name,
        screen_of(context, json),
        organization=org or "",
        permissions=allow,
        senders=sender or [],
        expires=expires,
        data_dir=data_dir,
    )


def list_(
    context: typer.Context,
    org: OfOrganization = None,
    limit: Limit = 100,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List keys, without their texts."""
    from eilbote.cli.api_key_care import list_keys

    list_keys(screen_of(context, json), organization=org, limit=limit, data_dir=data_dir)


def rotate(
    context: typer.Context,
    id_: Id,
    overlap: Annotated[
        str,
        typer.Option(
            "--overlap", metavar="SPAN", help="How long the former text is taken as well: 0s, 1h, 7d."
        ),
    ] = "1d",
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Give a key another text, and show it: once, here."""
    from eilbote.cli.api_key_care import rotate as run

    run(id_, screen_of(context, json), overlap=overlap, data_dir=data_dir)


def revoke(context: typer.Context, id_: Id, data_dir: DataDir = None, json: Json = None) -> None:
    """Call a key back for ever; a server that is running refuses it within seconds."""
    from eilbote.cli.api_key_care import revoke as run

    run(id_, screen_of(context, json), data_dir=data_dir)
