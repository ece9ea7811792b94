"""Why a server says nothing: it waits for TLS from the first octet, while we wait for its greeting in clear.

Neither ends before a deadline does, and that of a greeting is a minute (RFC 5321 §4.5.3.2 asks for five). So whoever waits
for the result of a test looks after a few seconds whether the same port answers in TLS; in that look nobody signs in.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.engine.second_look import answers_in_tls
from eilbote.errors import ConnectError, DeliveryError, Durability
from eilbote.model.tls import Security

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from eilbote.deliver.client_options import ClientOptions
    from eilbote.engine.probe_watch import WatchedClient

_LOOK_AFTER: Final = 5.0
_LONGEST_CONNECT: Final = 15.0
"""Name, TCP and handshake together: a server that somebody waits for has answered by then, or is not the right one."""


def with_less_patience(options: ClientOptions) -> ClientOptions:
    """Give the options of a test, which somebody is waiting for."""
    patience = options.timeouts
    return replace(options, timeouts=replace(patience, connect=min(_LONGEST_CONNECT, patience.connect)))


async def open_unless_in_tls(
    opening: Coroutine[None, None, WatchedClient],
    options: ClientOptions,
    *,
    has_connected: Callable[[], bool],
) -> WatchedClient:
    """Wait for a session, and no longer once it is clear that the port speaks TLS and the settings do not.

    Args:
        opening: What opens the session.
        options: Which server, and how protected.
        has_connected: Whether it has come as far as waiting for the greeting.

    Raises:
        ConnectError: The server waits for TLS.
        DeliveryError: What opening a session raises.
        SettingsError: The same.
    """
    task = asyncio.ensure_future(opening)
    try:
        if options.security is not Security.TLS:
            await asyncio.wait({task}, timeout=min(_LOOK_AFTER, options.timeouts.greeting / 3))
            if not task.done() and has_connected() and await answers_in_tls(options) and not task.done():
                raise ConnectError(
                    f"no greeting from {options.server}",
                    field="security",
                    stage="greeting",
                    server=options.server,
                    durability=Durability.PERMANENT,
                    cause="the server waits for TLS: it speaks it from the first octet on this port",
                    remedy="Set security to 'tls' for this port, or port to 587 for security 'starttls'",
                )
        return await task
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError, DeliveryError):
                await task
