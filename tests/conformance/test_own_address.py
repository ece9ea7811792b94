"""A machine without a full name says the address it really connects from, on a real socket."""

import pytest

from eilbote.deliver.client import Client
from eilbote.deliver.client_options import ClientOptions
from eilbote.model.tls import Security
from eilbote.testing import Catcher, ManualClock


@pytest.mark.parametrize("own", ["127.0.0.1", "127.0.0.2"])
@pytest.mark.asyncio
async def test_the_address_of_this_end_is_told(own: str) -> None:
    async with Catcher() as catcher:
        client = await Client.open(
            ClientOptions(host=catcher.host, port=catcher.port, security=Security.NONE, local_address=own),
            clock=ManualClock(),
            on_done=lambda _client, _deliveries: None,
            on_room=lambda _client: None,
            on_lost=lambda _client, _error: None,
        )
        await client.quit()
        assert f"C: EHLO [{own}]" in catcher.dialogue
