"""What ``eilbote serve`` does: read what it was told, open the outbox, serve, tell where, and end when a signal comes."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from eilbote.api.tracing import tracing_of
from eilbote.app import Eilbote
from eilbote.cli.as_given import not_valid
from eilbote.cli.at_desk import read_settings
from eilbote.cli.diagnosis import Verdict
from eilbote.cli.doctoring import look_before_serving
from eilbote.cli.event_loop import begin_work
from eilbote.cli.event_loop import run as run_loop
from eilbote.cli.log_output import write_log
from eilbote.cli.printable import printable
from eilbote.cli.signals import hear_signals, hear_signals_no_more
from eilbote.cli.whole_server import WholeServer
from eilbote.config.sections import CaptureSettings
from eilbote.connections.host import is_loopback
from eilbote.errors import SettingsError
from eilbote.net.service_manager import ServiceManager

if TYPE_CHECKING:
    from collections.abc import Generator

    from eilbote.cli.diagnosis import Diagnosis
    from eilbote.cli.screen import Screen
    from eilbote.cli.server_doors import Doors
    from eilbote.config.config import Config

_DEVELOPMENT_FOLDER: Final = Path(".eilbote")


def run(
    screen: Screen,
    *,
    listen: str | None,
    public_url: str | None,
    with_courier: bool,
    is_development: bool,
    log: str,
    data_dir: Path | None,
) -> None:
    """Serve until a signal comes.

    Raises:
        FieldNotValidError: What the command line says cannot be used.
        SettingsError: A setting cannot be used, or nothing can listen there.
        OutboxError: The outbox cannot be opened.
    """
    config = read_settings(data_dir or (_DEVELOPMENT_FOLDER if is_development else None), screen)
    if public_url is not None:
        screen.names |= {"public_url": "--public-url"}
        with _given_on_the_command_line():
            config = replace(config, public_url=public_url)
    if listen is not None:
        screen.names |= {"server.listen": "--listen"}
        with _given_on_the_command_line():
            config = replace(config, server=replace(config.server, listen=listen))
    if is_development:
        config = for_development(config)
    write_log(log)
    with suppress(KeyboardInterrupt):  # a third Ctrl-C
        run_loop(_serve(screen, config, with_courier=with_courier))


@contextmanager
def _given_on_the_command_line() -> Generator[None]:
    try:
        yield
    except SettingsError as fault:
        raise not_valid(fault) from None


def for_development(config: Config) -> Config:
    """Give the settings of a server that only its author uses: no mail leaves it, and links lead to this machine."""
    first = config.server.addresses[0]
    public = config.public_url or (f"http://{first}" if first.is_loopback and first.port else "")
    return replace(config, capture=CaptureSettings(enabled=True), public_url=public)


async def _serve(screen: Screen, config: Config, *, with_courier: bool) -> None:
    manager = ServiceManager(os.environ, process=os.getpid())
    async with Eilbote(config=config) as eilbote:
        server = WholeServer(
            eilbote, manager=manager, with_courier=with_courier, tracing=tracing_of(os.environ)
        )
        _hear(server, screen)
        start = await eilbote.accounts.first.offer()
        found = await look_before_serving(eilbote)

        def ready(doors: Doors) -> None:
            begin_work()
            _tell(screen, config, doors, start, found)

        await server.run(ready)


def _tell(screen: Screen, config: Config, doors: Doors, start: str, found: Diagnosis) -> None:
    public = config.public_url.rstrip("/")
    address = doors.addresses[0]
    link = f"{public or address}{start}" if start.startswith("/") else start
    if screen.as_json:
        screen.line(
            {
                "listening": address,
                "addresses": doors.addresses,
                "relay_ports": doors.relay_ports,
                "public_url": public or None,
                "first_administrator": link or None,
            }
        )
    reached = f", which people reach as {public}" if public and doors.addresses != [public] else ""
    screen.note(f"Serving {', '.join(doors.addresses)}{reached}")
    if link:
        screen.note(
            "Nobody looks after this server yet. Whoever opens this link first does; it is good once:"
        )
        screen.note(f"  {link}")
    if config.capture.enabled:
        screen.note("Mail is captured: nothing is delivered; see /api/v1/captured.")
    _warn(screen, public, found)


def _warn(screen: Screen, public: str, found: Diagnosis) -> None:
    if not public:
        screen.note(
            "Flows cannot ask people: nobody has said under which address they reach this (--public-url)."
        )
    elif public.startswith("http:") and not is_loopback(urlsplit(public).hostname or ""):
        screen.note("Links begin with http: whoever is on their way can read them, and answer.")
    for each in found.found:
        if each.verdict is not Verdict.WELL:
            screen.note(printable(f"{each.about}: {each.text} {each.remedy}"))


def _hear(server: WholeServer, screen: Screen) -> None:
    heard = 0

    def end() -> None:
        nonlocal heard
        heard += 1
        if heard > 1:
            hear_signals_no_more()
        else:
            screen.note("Finishing what is on its way; once more ends it at once.")
        server.stop()

    hear_signals(end)
