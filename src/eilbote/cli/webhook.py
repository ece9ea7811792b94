"""``eilbote webhook add|list|show|change|rotate|test|deliveries|redeliver|enable|disable|remove``: who is told over HTTP of what happens."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from eilbote.cli.options import Json
from eilbote.cli.outbox_options import NAMES as OUTBOX_NAMES
from eilbote.cli.outbox_options import DataDir
from eilbote.cli.screen import Screen

_NAMES = {
    **OUTBOX_NAMES,
    "url": "URL",
    "events": "--event",
    "organization": "--org",
    "everywhere": "--everywhere",
    "description": "--description",
    "overlap_seconds": "--overlap",
    "delivery": "DELIVERY",
    "id": "ID",
}


class StateWord(StrEnum):
    """What ``--state`` takes; the same words as the noun's, which is not imported for a help page."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


Id: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="As 'eilbote webhook list' shows it.")]
Delivery: TypeAlias = Annotated[
    str, typer.Argument(metavar="DELIVERY", help="As 'eilbote webhook deliveries ID' shows it.")
]
Events: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        metavar="KIND",
        help="Events of this kind, * at its end for anything: message.failed, notification.*. May be repeated; all otherwise.",
        show_default=False,
    ),
]
Description: TypeAlias = Annotated[
    str | None, typer.Option("--description", metavar="TEXT", help="What it is for.", show_default=False)
]
Everywhere: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--everywhere/--host-only",
        help="For the host's: the events of every organization as well.",
        show_default=False,
    ),
]


def add(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to: https, or http at this machine.")],
    event: Events = None,
    org: Annotated[
        str | None,
        typer.Option(
            "--org",
            metavar="NAME",
            help="Events of this organization; otherwise the host's.",
            show_default=False,
        ),
    ] = None,
    everywhere: Everywhere = None,
    description: Description = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Have somebody told over HTTP of what happens, and show the secret it is signed with, once.

    \b
      eilbote webhook add https://example.org/hook --event message.failed --event message.gave_up
      eilbote webhook add https://example.org/hook --org acme --event 'notification.*'
    """
    from eilbote.cli.webhook_keeping import add as run

    run(
        url,
        _screen(context, json),
        events=event,
        organization=org,
        everywhere=everywhere or False,
        description=description or "",
        data_dir=data_dir,
    )


def list_(
    context: typer.Context,
    org: Annotated[
        str | None,
        typer.Option(
            "--org",
            metavar="NAME",
            help="Of this organization, '' for the host's; all otherwise.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List webhooks, without their secrets."""
    from eilbote.cli.webhook_looking import list_webhooks

    list_webhooks(_screen(context, json), organization=org, data_dir=data_dir)


def show(context: typer.Context, id_: Id, data_dir: DataDir = None, json: Json = None) -> None:
    """Tell everything about a webhook but its secret."""
    from eilbote.cli.webhook_looking import show as run

    run(id_, _screen(context, json), data_dir=data_dir)


def change(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    id_: Id,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="Where to.", show_default=False)
    ] = None,
    event: Events = None,
    everywhere: Everywhere = None,
    description: Description = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Change a webhook; what is left out stays as it is."""
    from eilbote.cli.webhook_keeping import change as run

    run(
        id_,
        _screen(context, json),
        url=url,
        events=event,
        everywhere=everywhere,
        description=description,
        data_dir=data_dir,
    )


def rotate(
    context: typer.Context,
    id_: Id,
    overlap: Annotated[
        str,
        typer.Option(
            "--overlap", metavar="TIME", help="For how long the former one signs as well: 24h, 7d, 0s."
        ),
    ] = "24h",
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Replace a webhook's secret, and show the new one, once."""
    from eilbote.cli.webhook_keeping import rotate as run

    run(id_, _screen(context, json), overlap=overlap, data_dir=data_dir)


def enable(context: typer.Context, id_: Id, data_dir: DataDir = None, json: Json = None) -> None:
    """Let a webhook hear what happens from now on."""
    from eilbote.cli.webhook_keeping import change as run

    run(id_, _screen(context, json), is_enabled=True, data_dir=data_dir)


def disable(context: typer.Context, id_: Id, data_dir: DataDir = None, json: Json = None) -> None:
    """Let a webhook hear nothing; what happens meanwhile is not told later."""
    from eilbote.cli.webhook_keeping import change as run

    run(id_, _screen(context, json), is_enabled=False, data_dir=data_dir)


def remove(context: typer.Context, id_: Id, data_dir: DataDir = None, json: Json = None) -> None:
    """Forget a webhook, with what was and is to be delivered to it."""
    from eilbote.cli.webhook_keeping import remove as run

    run(id_, _screen(context, json), data_dir=data_dir)


def probe(context: typer.Context, id_: Id, data_dir: DataDir = None, json: Json = None) -> None:
    """Bring a trial delivery now, and tell what the receiver answered."""
    from eilbote.cli.webhook_keeping import test as run

    run(id_, _screen(context, json), data_dir=data_dir)


def deliveries(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    id_: Id,
    delivery: Annotated[
        str | None,
        typer.Argument(
            metavar="DELIVERY",
            help="Tell everything about this one: what was sent, and what was answered.",
            show_default=False,
        ),
    ] = None,
    state: Annotated[
        StateWord | None,
        typer.Option("--state", metavar="WORD", help="waiting, delivered or failed.", show_default=False),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", help="How many at most.", min=1, max=1000)
    ] = 20,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List what was and is to be delivered, the latest first."""
    from eilbote.cli.webhook_looking import list_deliveries, show_delivery

    screen = _screen(context, json)
    if delivery is not None:
        show_delivery(id_, delivery, screen, data_dir=data_dir)
    else:
        word = None if state is None else state.value
        list_deliveries(id_, screen, state=word, limit=limit, data_dir=data_dir)


def redeliver(
    context: typer.Context, id_: Id, delivery: Delivery, data_dir: DataDir = None, json: Json = None
) -> None:
    """Have something delivered again; whoever delivers mail does it at once."""
    from eilbote.cli.webhook_keeping import redeliver as run

    run(id_, delivery, _screen(context, json), data_dir=data_dir)


def _screen(context: typer.Context, json: bool | None) -> Screen:
    screen = Screen.of(context, json)
    screen.names |= _NAMES
    return screen
