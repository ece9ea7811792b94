"""Ask a server whether it knows an address (VRFY, RFC 5321 §3.5), and say what its answer is worth.

It is asked on request only: many servers count it against a client, and most answer 252 to everything, so that
nobody can collect addresses (RFC 5321 §7.3). A refusal says nothing about the connection, and fails no test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.smtp.commands import Vrfy

if TYPE_CHECKING:
    from eilbote.engine.probe_watch import Watch, WatchedClient
    from eilbote.smtp.replies import Reply

VRFY_ANSWERS: Final = {
    250: "the server knows the address",
    251: "the address is elsewhere, and the server forwards to it",
    252: "the server does not say whether it knows the address, and would try to deliver; most answer so to everything",
    450: "the server knows the mailbox and cannot reach it for now",
    502: "the server does not answer this question, as most do not; that says nothing about the address",
    550: "the server does not know the address",
    551: "the address is elsewhere, and the server does not forward",
    553: "the server finds the address ambiguous or not usable",
}
"""What the replies mean (RFC 5321 §4.2.2, §4.3.2)."""

_NOT_OFFERED: Final = frozenset({500, 501, 502, 503, 504, 521, 530, 534})
"""Not knowing the command, the session or the client; the address was not looked at."""


def meaning_of(reply: Reply) -> str:
    """Say in words what a reply to VRFY means."""
    if reply.code in _NOT_OFFERED:
        return VRFY_ANSWERS[502]
    return VRFY_ANSWERS.get(reply.code, "the server gives no usable answer")


async def check_address(client: WatchedClient, watch: Watch, address: str, *, seconds: float) -> None:
    """Ask about one address and note the answer.

    Raises:
        LocalProtocolError: It cannot stand in a command.
        DeliveryError: The session is lost, or the time is up.
    """
    reply = await client.ask(Vrfy(address), stage="verify", seconds=seconds)
    said = client.redactor.presentable(str(reply))
    watch.done("verify", f"{address}: {meaning_of(reply)} (it said: {said})")
