"""How a program uses eilbote, as type checkers see it. Nothing here runs; it is checked."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import assert_type

import eilbote
from eilbote import (
    AccessToken,
    Attachment,
    Connection,
    Draft,
    Eilbote,
    EilboteError,
    Entry,
    EntryFilter,
    EntryState,
    FileTransport,
    InDoubtPolicy,
    Mailbox,
    Mailer,
    PartialPolicy,
    Password,
    Priority,
    Receipt,
    RecipientResult,
    RecipientStatus,
    Secret,
    Security,
    SeriesRecipient,
    Submission,
    SubmissionOptions,
    SubmissionResult,
    TlsPolicy,
    Transport,
    entry_id_text,
    parse_mailbox,
    send_sync,
)

assert_type(eilbote.__version__, str)

draft = Draft(
    to=["Anna <anna@example.org>", parse_mailbox("max@example.org", field="to")],
    from_="Orders <orders@example.org>",
    subject="Order 4711",
    html="<p>ready</p>",
    priority=Priority.HIGH,
    headers={"X-Order": "4711"},
    attachments=[
        Attachment.from_file(Path("invoice.pdf")),
        Attachment.from_bytes(b"...", filename="logo.png").as_inline("logo"),
    ],
)
assert_type(draft.from_, Mailbox | None)
assert_type(draft.replace(subject="Order 4712"), Draft)

connection = Connection(
    host="smtp.example.org",
    port=587,
    security=Security.STARTTLS,
    credentials=Password(user="orders", password=Secret("correct horse")),
    tls=TlsPolicy(ca_file="ca.pem"),
)
assert_type(Connection.from_uri("smtps://smtp.example.org"), Connection)
AccessToken(user="orders@example.org", token=Secret("ya29"))


async def send_one() -> tuple[RecipientResult, ...]:
    async with Mailer(connection) as mailer:
        receipt = await mailer.send(draft)
    assert_type(receipt, Receipt)
    assert_type(receipt.ok, bool)
    assert_type(receipt.results[0].status, RecipientStatus)
    return receipt.accepted


async def send_into_files(transport: Transport = FileTransport(Path("outgoing"))) -> None:  # noqa: B008 - never called
    async with Mailer(connection, transport=transport) as mailer:
        await mailer.send(draft)


async def send_a_series() -> None:
    async with Mailer("smtp://127.0.0.1:1025?starttls=never") as mailer:
        series = mailer.send_many(draft, [SeriesRecipient(to="anna@example.org", values={"name": "Anna"})])
        assert_type(series, AsyncGenerator[Receipt, None])
        async for receipt in series:
            assert_type(receipt, Receipt)


def send_from_a_script() -> str:
    try:
        return send_sync(draft, connection).message_id
    except EilboteError as error:
        assert_type(error.field, str | None)
        return str(error)


async def submit_and_look() -> None:
    async with Eilbote(data_dir="outbox", connections={"office": connection}) as eilbote, eilbote.courier():
        submission = await eilbote.submit(
            draft, idempotency_key="invoice-17", connections=["office"], priority="high", on_in_doubt="park"
        )
        assert_type(submission, Submission)
        options = SubmissionOptions(on_partial=PartialPolicy.OK, on_in_doubt=InDoubtPolicy.RETRY)
        await eilbote.submit(draft, options, organization="shop")
        async for result in eilbote.submit_many([draft, (draft, options)]):
            assert_type(result, SubmissionResult)
            assert_type(result.error, EilboteError | None)
        async for result in eilbote.submit_many(draft, [("anna@example.org", {"name": "Anna"})]):
            assert_type(result.index, int)
        history = await eilbote.history(submission.id)
        assert_type(history.entry.state, EntryState)
        assert_type(await eilbote.entries(EntryFilter(states=(EntryState.HELD,))), list[Entry])
        await eilbote.cancel(entry_id_text(submission.id))
        await eilbote.connections.put("backup", Secret("smtps://mail.example.org"))
        await eilbote.deliver_due()
