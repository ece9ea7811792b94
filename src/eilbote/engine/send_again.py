"""Sends a message once more: the same content, to others or to the same ones, as a message of its own.

It gets a new Message-ID and a new Date, for receivers leave out what they have seen already; ``To`` and ``Cc`` name its new recipients. All
else stays octet by octet. A signature over the old header (RFC 6376) would be broken, and is taken out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from eilbote.compose.address_fields import address_field
from eilbote.errors import NoRecipientsError, UnreadableEntryError
from eilbote.model.address import mailboxes, parse_address_list
from eilbote.model.envelope import Envelope
from eilbote.outbox.frozen import checksum, thaw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.engine.submission_desk import SubmissionDesk
    from eilbote.engine.submission_gate import SubmissionGate
    from eilbote.model.submission import Submission, SubmissionOptions
    from eilbote.outbox.entry import Entry

_NEW: Final = frozenset({b"message-id", b"date", b"dkim-signature", b"return-path"})
_ADDRESSED: Final = frozenset({b"to", b"cc", b"bcc"})
_END: Final = b"\r\n\r\n"


async def send_again(
    desk: SubmissionDesk,
    entry: Entry,
    options: SubmissionOptions,
    *,
    to: Sequence[str] = (),
    gate: SubmissionGate,
    senders: tuple[str, ...] = (),
    author: str = "",
) -> Submission:
    """Hand in the message of an entry once more.

    Args:
        desk: Where it is.
        entry: Which.
        options: How it is to be carried.
        to: To whom; all it went to before when there are none.
        gate: Knows how much may be handed in.
        senders: In whose name it may be; empty for all.
        author: Who hands it in.

    Raises:
        AddressError: An address cannot be read.
        DraftError: Its author may not be named, or an option cannot be used.
        UnreadableEntryError: What is stored is damaged.
        ThrottledError: The organization has handed in as much as it may.
    """
    with await gate.take(options) as taken:
        octets = await desk.store.frozen(entry.id)
        frozen = thaw(octets, checksum(octets))
        message = await desk.message(entry.id)
        whole = await asyncio.to_thread(lambda: b"".join(message.chunks()))
        header, end, body = whole.partition(_END)
        if not end:
            raise UnreadableEntryError("the stored message has no header", field="id")
        parsed = parse_address_list(list(to), field="to") if to else ()
        if to and not parsed:
            raise NoRecipientsError(
                "nobody is named", field="to", remedy="Name somebody, or leave it out for those it went to"
            )
        added = address_field("To", parsed) if parsed else ""
        paths = [each.addr_spec for each in mailboxes(parsed)] or [each.address for each in entry.recipients]
        submission = await desk.messages.submit(
            added.encode() + rewritten(header, addressed=bool(parsed)) + b"\r\n" + body,
            Envelope(
                reverse_path=frozen.reverse_path,
                forward_paths=tuple(dict.fromkeys(paths)),
                require_tls=frozen.require_tls,
            ),
            options,
            senders=senders,
            author=author,
        )
        taken.accepted += submission.is_new
    return submission


def rewritten(header: bytes, *, addressed: bool) -> bytes:
    """Give a header without what is made anew; each field ends its line.

    Args:
        header: Without the empty line behind it.
        addressed: Whether new recipients are named.
    """
    left_out = _NEW | _ADDRESSED if addressed else _NEW
    kept: list[bytes] = []
    is_kept = True
    for line in header.split(b"\r\n"):
        if line[:1] not in {b" ", b"\t"}:
            name = line.partition(b":")[0].strip().lower()
            is_kept = name not in left_out and not (addressed and name.startswith(b"resent-"))
        if is_kept:
            kept.append(line)
    return b"".join([line + b"\r\n" for line in kept])
