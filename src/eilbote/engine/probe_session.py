"""The part of a test that speaks SMTP: open a session under observation, and ask whether a sender may send."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eilbote.deliver.verdict import judge
from eilbote.engine.probe_watch import WatchedClient
from eilbote.errors import DeliveryError
from eilbote.net.stream import Stream
from eilbote.smtp.commands import Mail, Rset
from eilbote.smtp.explain import explain

if TYPE_CHECKING:
    from eilbote.deliver.client_options import ClientOptions
    from eilbote.engine.probe_watch import Watch
    from eilbote.model.clock import Clock


async def open_watched(
    options: ClientOptions, watch: Watch, opened: list[WatchedClient], *, clock: Clock
) -> WatchedClient:
    """Open a session whose steps are noted; the client is in ``opened`` also when that fails.

    Raises:
        DeliveryError: A step failed.
        SettingsError: A setting cannot be used.
    """

    async def connect(host: str, port: int, *, receiver: WatchedClient, **settings: object) -> Stream:
        receiver.watch = watch
        opened.append(receiver)
        return await Stream.connect(
            host,
            port,
            receiver=receiver,
            on_step=watch.done,
            **settings,  # type: ignore[arg-type]  # what Client.open gives every stream
        )

    return await WatchedClient.open(  # type: ignore[return-value]  # a class method gives its own class
        options,
        clock=clock,
        on_done=lambda _client, _deliveries: None,
        on_room=lambda _client: None,
        on_lost=lambda _client, _error: None,
        connect=connect,
    )


async def offer_sender(client: WatchedClient, watch: Watch, offer: Mail, *, seconds: float) -> None:
    """Offer a reverse-path, note the answer, and take the offer back.

    Raises:
        DeliveryError: The server does not take it.
    """
    if not offer.reverse_path.isascii():
        offer = Mail(offer.reverse_path, ("SMTPUTF8",))
    reply = await client.ask(offer, stage="mail", seconds=seconds)
    said = client.redactor.presentable(str(reply))
    if reply.is_positive:
        watch.done("mail", said)
        with suppress(DeliveryError):
            await client.ask(Rset(), stage="reset", seconds=seconds)
        return
    verdict = judge(reply.code, reply.enhanced, stage="mail")
    explanation = explain(reply, stage="mail", server=client.server)
    raise DeliveryError(
        f"the server does not take mail from {offer.reverse_path or 'the null path'}",
        field="from",
        stage="mail",
        server=client.server,
        scope=verdict.scope,
        durability=verdict.durability,
        reply_code=reply.code,
        enhanced_status_code=None if reply.enhanced is None else str(reply.enhanced),
        reply_text=client.redactor.presentable(reply.text),
        cause=f"it said: {said}" if explanation is None else f"{explanation.cause} (it said: {said})",
        remedy="Use an address that this user may send from" if explanation is None else explanation.remedy,
    )
