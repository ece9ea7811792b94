"""Opens a session, and a second one when a server ended the first because it refused a token that has a successor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.deliver.client import Client
from eilbote.deliver.token_sign_in import TokenAttempt
from eilbote.errors import DisconnectedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.deliver.client_options import ClientOptions
    from eilbote.deliver.delivery import Delivery
    from eilbote.errors import DeliveryError
    from eilbote.model.clock import Clock


async def open_client(
    options: ClientOptions,
    *,
    clock: Clock,
    on_done: Callable[[Client, list[Delivery]], None],
    on_room: Callable[[Client], None],
    on_lost: Callable[[Client, DeliveryError], None],
) -> Client:
    """Open a session; the arguments and errors are those of :meth:`eilbote.deliver.client.Client.open`."""
    if options.tokens is None:
        return await Client.open(options, clock=clock, on_done=on_done, on_room=on_room, on_lost=on_lost)
    tokens = TokenAttempt(options.tokens)
    options = replace(options, tokens=tokens)
    await tokens.begin()
    try:
        return await Client.open(options, clock=clock, on_done=on_done, on_room=on_room, on_lost=on_lost)
    except DisconnectedError:
        if tokens.other is None:
            raise
    return await Client.open(options, clock=clock, on_done=on_done, on_room=on_room, on_lost=on_lost)
