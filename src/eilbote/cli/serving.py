"""What ``eilbote serve`` does: listen, serve, deliver beside it, and end cleanly."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from eilbote.api.application import application
from eilbote.api.server import serving
from eilbote.app import Eilbote
from eilbote.cli.at_desk import read_settings
from eilbote.cli.faults import CommandLineError
from eilbote.cli.log_output import write_log
from eilbote.cli.signals import hear_signals, hear_signals_no_more
from eilbote.connections.host import is_loopback
from eilbote.net.listening import listen as listen_on

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config

_LISTEN: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9.]{7,15}|localhost)):([0-9]{1,5})", re.ASCII)
_HIGHEST_PORT: Final = 65_535


def run(
    screen: Screen,
    *,
    listen: str,
    public_url: str | None,
    with_courier: bool,
    log: str,
    data_dir: Path | None,
) -> None:
    """Serve until a signal comes.

    Raises:
        CommandLineError: ``listen`` is no address with a port.
        SettingsError: A setting cannot be used, or nothing can listen there.
        OutboxError: The outbox cannot be opened.
    """
    host, port = read_listen(listen)
    if public_url is not None:
        screen.names |= {"public_url": "--public-url"}
    config = read_settings(data_dir, screen)
    if public_url is not None:
        config = replace(config, public_url=public_url)
    write_log(log)
    with suppress(KeyboardInterrupt):  # a second Ctrl-C
        asyncio.run(_serve(screen, config, host, port, with_courier=with_courier))


def read_listen(text: str) -> tuple[str, int]:
    """Give address and port of ``127.0.0.1:8025`` or ``[::1]:8025``.

    Raises:
        CommandLineError: It is neither.
    """
    found = _LISTEN.fullmatch(text.strip())
    if found is None or int(found[3]) > _HIGHEST_PORT:
        raise CommandLineError(
            f"{text[:60]!r} is no address with a port",
            field="listen",
            remedy="Give one such as 127.0.0.1:8025 or [::1]:8025",
        )
    host = found[1] or found[2]
    return "127.0.0.1" if host == "localhost" else host, int(found[3])


async def _serve(screen: Screen, config: Config, host: str, port: int, *, with_courier: bool) -> None:
    ending = _ending()
    async with Eilbote(config=config) as eilbote, AsyncExitStack() as stack:
        listening = listen_on(host, port)
        port = await stack.enter_async_context(serving(application(answers=eilbote.answers), listening))
        if with_courier:
            await stack.enter_async_context(eilbote.courier())
        _tell(screen, config, host, port)
        await ending.wait()


def _tell(screen: Screen, config: Config, host: str, port: int) -> None:
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    public = config.public_url.rstrip("/")
    if screen.as_json:
        screen.line({"listening": address, "public_url": public or None})
    screen.note(f"Serving {address}" + (f", which people reach as {public}" if public else ""))
    if not public:
        screen.note(
            "Flows cannot ask people: nobody has said under which address they reach this (--public-url)."
        )
    elif public.startswith("http:") and not is_loopback(urlsplit(public).hostname or ""):
        screen.note("Links begin with http: whoever is on their way can read them, and answer.")
    if not is_loopback(host):
        screen.note("It listens beyond this machine, without TLS.")


def _ending() -> asyncio.Event:
    """Give an event that is set by the first signal; the second one has its usual effect."""
    ending = asyncio.Event()

    def end() -> None:
        hear_signals_no_more()
        ending.set()

    hear_signals(end)
    return ending
