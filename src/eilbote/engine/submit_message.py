"""Hands a ready-made message to the outbox: its octets go as they are, to whom the envelope names (RFC 5321, RFC 5322).

It is the way of old systems that compose their mail themselves. What is promised is what :mod:`eilbote.engine.submit` promises; what
is added to and taken out of a header is told in :mod:`eilbote.compose.raw_message`. A large message is read piece by piece.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Final

from eilbote.compose.date_field import date_field
from eilbote.compose.raw_message import body_kind, read_header
from eilbote.compose.raw_octets import RawOctets
from eilbote.connections.allowed_senders import check_sender
from eilbote.engine.large_parts import has_large_parts, store_large_parts
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.raw_attachments import count_attachments
from eilbote.engine.submission_nouns import new_entry
from eilbote.engine.submit import LONGEST_SUBJECT, URGENCIES, submission_of
from eilbote.errors import AddressError, DraftError, EilboteError
from eilbote.model.address import parse_mailbox
from eilbote.model.draft import Priority
from eilbote.model.envelope import Envelope
from eilbote.model.finished import finished_envelope, finished_message
from eilbote.model.kinds import check_kind
from eilbote.model.message import BodyKind
from eilbote.model.status import RecipientKind
from eilbote.outbox.frozen import freeze

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.compose.raw_message import RawHeader
    from eilbote.engine.submit import Submitter
    from eilbote.engine.ways import Way
    from eilbote.model.message import Message, OctetSource, Segment
    from eilbote.model.submission import Submission, SubmissionOptions

_SMALL: Final = 256 * 1024
"""Octets that are looked over at once; more in a thread."""
_PIECE: Final = 64 * 1024


class MessageSubmitter:
    """Hands ready-made messages to the outbox.

    Args:
        submitter: Hands in everything else.
    """

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter
        self._ids = RandomIds()

    async def submit(
        self,
        octets: bytes | OctetSource,
        envelope: Envelope,
        options: SubmissionOptions,
        *,
        senders: tuple[str, ...] = (),
        trace: str = "",
        author: str | None = None,
        looked_over: RawOctets | None = None,
    ) -> Submission:
        """Hand in a message.

        Args:
            octets: Header and body with CR LF line ends; a source is read twice, piece by piece.
            envelope: Where it goes.
            options: How it is to be carried.
            senders: Addresses and domains (``@example.org``) in whose name it may be; empty for all.
            trace: Fields that are put before the header, such as ``Received``, with their line ends.
            author: Who submits it, when that is somebody else than usual, such as ``relay:KEY``.
            looked_over: What somebody has found who has heard all octets already.

        Raises:
            DraftError: The message or an option cannot be used, with its field; nothing was accepted.
            ConfigurationError: A connection is unknown or cannot be used.
            AlreadySubmittedError: The key was used before, for another message.
            OutboxUnavailableError: The outbox cannot store anything for now; nothing was accepted.
        """
        check_kind(envelope, (Envelope,), field="envelope", fault=DraftError)
        submitter = self._submitter
        way = await submitter.ways.find(options.connections, options.organization)
        try:
            times = await submitter.times(options, way)
            found = looked_over or await _look_over(octets, way)
            header = self._header(found, trace)
            _check_senders(header, envelope, senders, by_key=True)
            for allowed in _allowed(way):
                _check_senders(header, envelope, allowed)
            message = _message(octets, found, header)
            if message.size > way.composer.limits.message_octets:
                raise DraftError(
                    f"the message takes {message.size:,} octets",
                    field="message",
                    cause=f"at most {way.composer.limits.message_octets:,} are sent",
                    remedy="Send a link instead of the file, or several messages",
                )
            message = await self._signed(message, header, way)
            digest = b"" if options.idempotency_key is None else await _digest(octets, envelope, options)
            envelope = _named(envelope, header)
            await submitter.refuse_suppressed(envelope, options, author)
            attachments = await _attachments(octets)
            blobs: Mapping[int, str] = {}
            if has_large_parts(message):
                message, blobs = await store_large_parts(message, submitter.blobs)
            entry = new_entry(
                envelope,
                message,
                freeze(envelope, message, blobs),
                tuple(dict.fromkeys(blobs.values())),
                header.subject[:LONGEST_SUBJECT],
                URGENCIES[options.priority or Priority.NORMAL],
                way.names,
                times,
                options,
                digest,
                submitter.author if author is None else author,
                header.authors[0].addr_spec,
                attachments,
            )
            (acceptance,) = await submitter.store.accept((entry,))
            submission = submission_of(acceptance, options.idempotency_key)
        except EilboteError:
            await submitter.ways.not_used(way)
            raise
        submitter.ways.used(way)
        submitter.on_accepted()
        return submission

    def _header(self, found: RawOctets, trace: str) -> RawHeader:
        if found.fault:
            raise DraftError(found.fault, field="message", remedy=found.remedy)
        return read_header(
            found.header,
            trace=trace,
            date=lambda: date_field(self._submitter.clock.now()),
            token=self._ids.token,
        )

    async def _signed(self, message: Message, header: RawHeader, way: Way) -> Message:
        """Sign what nobody has signed; 8bit is left alone, because a server that converts it would break the signature."""
        signer = way.composer.signer
        if signer is None or message.body is not BodyKind.SEVEN_BIT or _is_signed(header.octets):
            return message
        signature = await asyncio.to_thread(
            signer.sign, message.segments, len(header.octets) - 2, self._submitter.clock.now()
        )
        first = message.segments[0]
        assert isinstance(first, bytes)  # noqa: S101 - _message begins with the header
        return finished_message(
            message.message_id,
            (signature + first, *message.segments[1:]),
            message.size + len(signature),
            message.body,
            smtputf8=message.smtputf8,
        )


class _Rest:
    """What is left of a source behind its header, ending as a line ends."""

    __slots__ = ("_skip", "_source", "_tail", "dot_free", "size")

    def __init__(self, source: OctetSource, found: RawOctets) -> None:
        self._source = source
        self._skip = found.body_at
        self._tail = b"" if found.ends_a_line else b"\r\n"
        self.size = found.size - found.body_at + len(self._tail)
        self.dot_free = found.is_body_dot_free

    def chunks(self) -> Iterator[bytes]:
        """Give the octets from the beginning of the body."""
        skip = self._skip
        for chunk in self._source.chunks():
            if skip < len(chunk):
                yield chunk[skip:] if skip else chunk
            skip = max(0, skip - len(chunk))
        if self._tail:
            yield self._tail


async def _look_over(octets: bytes | OctetSource, way: Way) -> RawOctets:
    found = RawOctets(header_octets=way.composer.limits.header_octets)
    if isinstance(octets, bytes):
        if len(octets) <= _SMALL:
            found.feed(octets)
            found.end()
        else:
            await asyncio.to_thread(
                _hear, found, (octets[at : at + _PIECE] for at in range(0, len(octets), _PIECE))
            )
    else:
        await asyncio.to_thread(_hear, found, octets.chunks())
    return found


def _hear(found: RawOctets, chunks: Iterator[bytes]) -> None:
    for chunk in chunks:
        found.feed(chunk)
    found.end()


def _message(octets: bytes | OctetSource, found: RawOctets, header: RawHeader) -> Message:
    segments: tuple[Segment, ...]
    if isinstance(octets, bytes):
        body = octets[found.body_at :] + (b"" if found.ends_a_line else b"\r\n")
        segments, size = (header.octets + body,), len(header.octets) + len(body)
    elif found.size == found.body_at:
        segments, size = (header.octets,), len(header.octets)
    else:
        rest = _Rest(octets, found)
        segments, size = (header.octets, rest), len(header.octets) + rest.size
    return finished_message(header.message_id, segments, size, body_kind(found), smtputf8=header.smtputf8)


def _named(envelope: Envelope, header: RawHeader) -> Envelope:
    """Give the envelope, each recipient once, and with the field that names it."""
    paths = tuple(dict.fromkeys(envelope.forward_paths))
    return finished_envelope(
        envelope.reverse_path,
        paths,
        tuple([header.kinds.get(path.lower(), RecipientKind.ENVELOPE) for path in paths]),
        envelope.dsn,
        require_tls=envelope.require_tls,
    )


def _allowed(way: Way) -> Iterator[tuple[str, ...]]:
    return (each.allowed_senders for each in way.connections if each.allowed_senders)


def _check_senders(
    header: RawHeader, envelope: Envelope, allowed: tuple[str, ...], *, by_key: bool = False
) -> None:
    """Refuse an author, a sender or a return path that is not allowed; the null path is everybody's."""
    if not allowed:
        return
    for author in header.authors:
        check_sender(author, allowed, by_key=by_key)
    if envelope.reverse_path:
        try:
            path = parse_mailbox(envelope.reverse_path, field="reverse_path")
        except AddressError as fault:
            raise DraftError(
                f"nobody can tell whether {envelope.reverse_path!r} may be used", field="reverse_path"
            ) from fault
        check_sender(path, allowed, field="reverse_path", by_key=by_key)


def _is_signed(header: bytes) -> bool:
    folded = header.lower()
    return folded.startswith(b"dkim-signature:") or b"\r\ndkim-signature:" in folded


async def _attachments(octets: bytes | OctetSource) -> int:
    if isinstance(octets, bytes) and len(octets) <= _SMALL:
        return count_attachments((octets,))
    return await asyncio.to_thread(
        count_attachments, (octets,) if isinstance(octets, bytes) else octets.chunks()
    )


async def _digest(octets: bytes | OctetSource, envelope: Envelope, options: SubmissionOptions) -> bytes:
    said = repr((envelope.reverse_path, sorted(envelope.forward_paths), options.connections)).encode()
    return await asyncio.to_thread(_sha256, said, (octets,) if isinstance(octets, bytes) else octets.chunks())


def _sha256(said: bytes, chunks: Iterator[bytes] | tuple[bytes, ...]) -> bytes:
    made = hashlib.sha256(said)
    for chunk in chunks:
        made.update(chunk)
    return made.digest()
