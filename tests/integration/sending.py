"""Eilbote on one side, a server of the laboratory on the other: what every test of real servers says in between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from tests.integration.lab.accounts import Account
from tests.integration.lab.endpoint import Endpoint

from eilbote import (
    AccessToken,
    Anonymous,
    BodyKind,
    Connection,
    Draft,
    Limits,
    Mailer,
    Password,
    Receipt,
    Secret,
    Timeouts,
    TlsPolicy,
)
from eilbote.compose.composer import Composer
from eilbote.engine.system_clock import SystemClock
from eilbote.testing import FixedIds

SENDER = "sender@lab.example"
DATE = datetime(2027, 1, 1, 12, 0, tzinfo=UTC)
ONE_SESSION = Limits(max_sessions=1)
# Nothing here may take long, and a test that waits for an answer that never comes should say so before it is ended.
PATIENT = Timeouts(connect=20, greeting=20, command=20, data_block=20, final_dot=30)


def connection_to(
    endpoint: Endpoint,
    account: Account | None = None,
    *,
    token: str | None = None,
    domain: str = "",
    tls: dict[str, object] | None = None,
    **settings: object,
) -> Connection:
    """A connection to a port, trusting the laboratory's authority, as an account or as nobody."""
    trust = {"ca_file": str(endpoint.ca_file)} if endpoint.ca_file is not None else {}
    credentials: Anonymous | Password | AccessToken = Anonymous()
    if account is not None and token is not None:
        credentials = AccessToken(user=account.user, token=Secret(token))
    elif account is not None:
        credentials = Password(user=account.user, password=Secret(account.password), domain=domain)
    return Connection(
        host=endpoint.host,
        port=endpoint.port,
        security=endpoint.security.value,
        credentials=credentials,
        tls=TlsPolicy(**{**trust, **(tls or {})}),
        **{"timeouts": PATIENT, **settings},
    )


def draft_to(*recipients: str, number: int = 1, **fields: object) -> Draft:
    """A draft that is composed to the same octets each time: its date and its Message-ID are given."""
    return Draft(
        **{
            "from_": SENDER,
            "to": recipients,
            "subject": "Proof",
            "text": "Grüße aus dem Labor\n",
            "date": DATE,
            "message_id": f"<{number}.{recipients[0].encode().hex()[:60]}@lab.example>",
            **fields,
        }
    )


def composed(draft: Draft, body: BodyKind = BodyKind.SEVEN_BIT) -> bytes:
    """The octets of a draft, composed apart from the mailer that sends it."""
    return Composer(clock=SystemClock(), ids=FixedIds()).compose(draft, body=body).message.octets()


async def send(connection: Connection, draft: Draft) -> Receipt:
    """Send one message with a mailer of its own."""
    async with Mailer(connection, ids=FixedIds()) as mailer:
        return await mailer.send(draft)


async def send_all(connection: Connection, drafts: Iterable[Draft]) -> list[Receipt]:
    """Send many messages with one mailer; the receipts are given in the order of the drafts."""
    async with Mailer(connection, ids=FixedIds()) as mailer:
        receipts = [receipt async for receipt in mailer.send_all(drafts)]
    receipts.sort(key=lambda receipt: receipt.index)
    return receipts
