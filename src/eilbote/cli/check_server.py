"""What ``eilbote doctor`` looks at of the server: the public address and what answers there, proxies, the relay's certificate."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from eilbote.connections.host import is_loopback
from eilbote.errors import EilboteError
from eilbote.net.http import HttpDoor
from eilbote.net.resolve import resolve

if TYPE_CHECKING:
    from datetime import datetime

    from eilbote.cli.diagnosis import Diagnosis
    from eilbote.config.config import Config
    from eilbote.config.sections import CaptureSettings, RelaySettings

_SECONDS: Final = 10.0
_SOON: Final = timedelta(days=14)
_OK: Final = 200


async def check_public_address(found: Diagnosis, public_url: str) -> None:
    """See whether this server answers where links lead."""
    about = "public address"
    if not public_url:
        found.warn(
            about,
            "Nobody has said under which address people reach this server: no invitations, recoveries and questions.",
            "Set public_url, such as https://eilbote.example.org",
        )
        return
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if parts.scheme == "http" and not is_loopback(host):
        found.warn(
            about,
            f"{public_url} is not encrypted.",
            "Put a proxy with TLS before it, and set public_url to https://...",
        )
    try:
        await resolve(host, parts.port or (443 if parts.scheme == "https" else 80))
        async with HttpDoor(seconds=_SECONDS, plain=True).client(field="public_url") as client:
            answer = await client.get(f"{public_url.rstrip('/')}/livez")
    except EilboteError as fault:
        found.fault(about, fault)
        return
    if answer.status_code == _OK and _is_ours(answer.text):
        found.well(about, f"eilbote answers at {public_url}.")
    else:
        found.problem(
            about,
            f"What answers at {public_url}/livez is not eilbote (status {answer.status_code}).",
            "See whether the proxy passes everything on to server.listen, and the server runs",
        )


def check_proxies(found: Diagnosis, config: Config) -> None:
    """See whether a proxy is where one is needed, and is believed."""
    server = config.server
    beyond = [str(each) for each in server.addresses if not each.is_loopback]
    if beyond:
        found.warn(
            "listening",
            f"It listens beyond this machine, without TLS: {', '.join(beyond)}.",
            "Listen on 127.0.0.1 behind a proxy with TLS, or let only the proxy's machine reach the port",
        )
    else:
        found.well("listening", f"It listens on {', '.join(str(each) for each in server.addresses)}.")
    if config.public_url.startswith("https:") and not server.proxies:
        found.warn(
            "proxies",
            "Every request seems to come from the proxy: one who guesses passwords slows down everybody.",
            "Set server.trusted_proxies to the proxy's address, such as 127.0.0.1",
        )


def check_capture(found: Diagnosis, capture: CaptureSettings) -> None:
    """Say that no mail leaves: it looks as if it were sent, and nobody has it."""
    if not capture.enabled:
        return
    released = ", ".join(capture.released_to)
    found.warn(
        "capture",
        "Mail is captured: all of it is kept in the outbox to be looked at, and none is sent to a server"
        + (f", unless somebody has it sent after all to {released}." if released else "."),
        "Where mail is to be sent, take capture.enabled (EILBOTE_CAPTURE__ENABLED) out of the settings, and restart the server",
    )


def check_relay(found: Diagnosis, relay: RelaySettings) -> None:
    """See whether passwords could be heard on their way to the relay."""
    if relay.tls_certificate:
        return
    beyond = [str(each) for each in relay.addresses if not each.is_loopback]
    if beyond:
        found.warn(
            "relay",
            f"It listens beyond this machine, and has no certificate: {', '.join(beyond)}. "
            "Mail is read on its way, and nobody can sign in.",
            "Give it a certificate (relay.tls_certificate), or let it listen on 127.0.0.1",
        )


def check_certificate(found: Diagnosis, certificate: str, key: str, *, now: datetime) -> None:
    """See whether the relay's certificate can be used, and for how long."""
    if not certificate:
        return
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    about = "relay's certificate"
    try:
        text = Path(certificate).read_bytes()
        read = x509.load_pem_x509_certificate(text)
        private = load_pem_private_key(Path(key).read_bytes() if key else text, password=None)
    except OSError as fault:
        found.problem(about, f"{fault.filename}: {fault.strerror}", "Let the server's user read it")
        return
    except (ValueError, TypeError):
        found.problem(
            about,
            f"{certificate} and {key or 'the key in it'} cannot be read.",
            "Give PEM files, the key without a passphrase",
        )
        return
    until = read.not_valid_after_utc
    if private.public_key() != read.public_key():
        found.problem(about, f"The key does not belong to {certificate}.", "Name the key it was made with")
    elif until <= now:
        found.problem(about, f"It has expired on {until:%Y-%m-%d}.", "Renew it, and restart the server")
    elif until - now < _SOON:
        found.warn(about, f"It expires on {until:%Y-%m-%d}.", "Renew it, and restart the server")
    else:
        found.well(about, f"It is good until {until:%Y-%m-%d}.")


def _is_ours(text: str) -> bool:
    try:
        return bool(json.loads(text) == {"status": "ok"})
    except ValueError:
        return False
