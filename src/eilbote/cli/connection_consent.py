"""``eilbote connection authorize``: a person signs in once, and tokens renew themselves from then on."""

from __future__ import annotations

from typing import Annotated

import typer

from eilbote.cli.connection_options import Ask, File, Name, Organization, Secrets, What, screen_for
from eilbote.cli.options import Json, Service, User
from eilbote.cli.outbox_options import DataDir

_CONSENT = "Consent"


def authorize(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    name: Name,
    what: What = None,
    service: Service = None,
    user: User = None,
    device: Annotated[
        bool,
        typer.Option(
            "--device", help="Consent on another machine, by typing in a code.", rich_help_panel=_CONSENT
        ),
    ] = False,
    no_browser: Annotated[
        bool,
        typer.Option("--no-browser", help="Show the page's address, open nothing.", rich_help_panel=_CONSENT),
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65535,
            help="The port of this machine that the browser comes back to; any free one by default.",
            show_default=False,
            rich_help_panel=_CONSENT,
        ),
    ] = 0,
    authorize_url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="The page on which to consent, of a provider that is not known.",
            show_default=False,
            rich_help_panel=_CONSENT,
        ),
    ] = "",
    device_url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Where to ask for a device code, of a provider that is not known.",
            show_default=False,
            rich_help_panel=_CONSENT,
        ),
    ] = "",
    file: File = None,
    secret: Secrets = None,
    ask: Ask = None,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Let a person sign in, and keep a connection with the tokens that come of it.

    The page of the provider opens in the browser; with --device it is opened on any machine. The refresh token that the provider
    hands out is kept encrypted, and access tokens are fetched with it from then on, by every courier. A connection that is there
    already keeps its other settings.

    \b
      eilbote connection authorize office --service outlook365 --user anna@contoso.com clientId=1f3c... tenant=contoso.com
      eilbote connection authorize gmail --service gmail --user anna@gmail.com clientId=... --ask clientSecret
      eilbote connection authorize office --device
    """
    from eilbote.cli.connection_fields import Given
    from eilbote.cli.consenting import Way
    from eilbote.cli.consenting import authorize as run

    given = Given(what=what or (), service=service, user=user, file=file, secrets=secret or (), ask=ask or ())
    screen = screen_for(context, json)
    screen.names |= {
        "user": "--user",
        "client_id": "clientId=",
        "client_secret": "--secret clientSecret=",
        "access_url": "accessUrl=",
        "authorize_url": "--authorize-url",
        "device_url": "--device-url",
        "scope": "scope=",
        "port": "--port",
    }
    way = Way(
        by_device=device,
        opens_browser=not no_browser,
        port=port,
        authorize_url=authorize_url,
        device_url=device_url,
    )
    run(name, given, way, screen, data_dir=data_dir, org=org)


def refresh(
    context: typer.Context,
    name: Name,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Drop a connection's access token and fetch another one now.

    Nobody has to do this: tokens are renewed before they end, and after a server has refused one. It is for finding out whether
    the provider still hands them out.
    """
    from eilbote.cli.consenting import refresh as run

    run(name, screen_for(context, json), data_dir=data_dir, org=org)
