"""What ``eilbote connection authorize`` does once everything is read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.cli.at_desk import at_desk
from eilbote.cli.connection_fields import fields_given
from eilbote.cli.named_connection import read_qualified
from eilbote.cli.printable import printable
from eilbote.connections.consent_fields import consent_fields, is_another_application
from eilbote.connections.repository import split_name
from eilbote.connections.stored_fields import kept_fields
from eilbote.engine.consent import Consent
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.token_sources import TokenSources
from eilbote.errors import SettingsError
from eilbote.model.moment import as_datetime, moment_of
from eilbote.model.oauth2 import OAuth2
from eilbote.net.http import HttpDoor

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.connection_fields import Given
    from eilbote.cli.screen import Screen
    from eilbote.model.credentials import AccessToken
    from eilbote.oauth2.consent import DeviceCode
    from eilbote.oauth2.token import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the person consents.

    Attributes:
        by_device: On another machine, by a code.
        opens_browser: Whether a browser is opened here.
        port: Where the browser comes back to; 0 takes any port.
        authorize_url: The page, when the provider is not known.
        device_url: Where device codes are, when the provider is not known.
    """

    by_device: bool
    opens_browser: bool
    port: int
    authorize_url: str
    device_url: str


def authorize(
    name: str, given: Given, way: Way, screen: Screen, *, data_dir: Path | None, org: str | None
) -> None:
    """Let a person sign in, and keep the connection.

    Raises:
        ConfigurationError: Something is missing, or the connection cannot be kept.
        TokenError: There is no consent.
    """
    known = read_qualified(name, org)
    fields = fields_given(given, screen, name=known, asks=False)

    async def work(eilbote: Eilbote) -> Token:
        book = eilbote.connections
        await book.check_free(known)
        stored = await book.stored.find(known)
        said = kept_fields(fields, now=moment_of(eilbote.clock.now()))
        asked = consent_fields(stored, said, authorize_url=way.authorize_url, device_url=way.device_url)
        organization, _ = split_name(known)
        http = HttpDoor(egress=eilbote.config.egress.policy if organization else None)
        consent = Consent(asked, http=http, clock=eilbote.clock, ids=RandomIds())
        token = await (
            consent.by_device(lambda code: _show_code(code, screen))
            if way.by_device
            else consent.in_browser(lambda url: _show_page(url, way, screen), port=way.port)
        )
        changes: dict[str, object] = {
            **fields,
            "access_token": token.access_token,
            "refresh_token": token.refresh_token,
            "expiry_date": token.expires or "",
        }
        if asked.client_secret or is_another_application(stored, said):
            changes["client_secret"] = asked.client_secret or ""
        if stored is None:
            await book.stored.add(known, {key: value for key, value in changes.items() if value != ""})
        else:
            await book.stored.change(known, changes)
        await eilbote.resume(known)
        return token

    try:
        token = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    except KeyboardInterrupt:
        screen.note("Nobody has consented; nothing was kept.")
        raise
    until = as_datetime(token.expires) if token.expires is not None else None
    if screen.as_json:
        screen.data({"name": known, "authorized": True, "token_until": until.isoformat() if until else None})
        return
    screen.text(f"{known}: signed in; tokens renew themselves from now on")
    screen.note(f"`eilbote connection test {known}` shows whether the mail server takes them.")


def refresh(name: str, screen: Screen, *, data_dir: Path | None, org: str | None) -> None:
    """Fetch another access token now.

    Raises:
        ConnectionNotFoundError: There is no such connection.
        SettingsError: It signs in without tokens that can be fetched.
        TokenError: No token can be had.
    """
    known = read_qualified(name, org)

    async def work(eilbote: Eilbote) -> AccessToken | None:
        connection = await eilbote.connections.find(known)
        if not isinstance(connection.credentials, OAuth2):
            raise SettingsError(
                f"{known} signs in without a token that could be fetched",
                field="connection",
                remedy=f"`eilbote connection show {known}` tells how it signs in",
            )
        egress = eilbote.config.egress.policy if connection.public_only else None
        sources = TokenSources(clock=eilbote.clock, store=eilbote.records.tokens)
        source = sources.of(connection, egress=egress)
        if source is None:
            return None
        await sources.ask_again(connection)
        return await source.replacement(await source.token())

    token = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    until = as_datetime(token.expires) if token is not None and token.expires is not None else None
    if screen.as_json:
        screen.data(
            {
                "name": known,
                "refreshed": token is not None,
                "token_until": until.isoformat() if until else None,
            }
        )
    elif token is None:
        screen.text(f"{known}: the provider gives the same token again")
    else:
        screen.text(f"{known}: a new token" + (f", valid until {until:%Y-%m-%d %H:%M} UTC" if until else ""))


def _show_page(url: str, way: Way, screen: Screen) -> None:
    opened = way.opens_browser and sys.stderr.isatty() and _opened(url)
    screen.note(
        "The page to sign in has been opened in the browser. If not:" if opened else "Open this page:"
    )
    screen.note(f"  {url}")
    screen.note("Waiting for the answer; Ctrl-C gives up.")


def _opened(url: str) -> bool:
    import webbrowser

    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False


def _show_code(code: DeviceCode, screen: Screen) -> None:
    screen.note(f"Open {printable(code.page)} on any machine and type in: {printable(code.user_code)}")
    if code.page_with_code:
        screen.note(f"  or open {printable(code.page_with_code)}")
    screen.note(f"Waiting for the answer, {code.seconds / 60:.0f} minutes at most; Ctrl-C gives up.")
