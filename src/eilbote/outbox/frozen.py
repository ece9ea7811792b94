"""What is to be sent, as it was accepted: the octets that every attempt sends, and the envelope without recipients.

A message is frozen once, when it is accepted, and thawed for every attempt; nothing is rendered, fetched or read
anew. The recipients are not part of it, for they are settled one by one; an attempt's envelope is made from the
frozen part and from those who are still to be reached.

The form, version 1::

    "EB1" LF                        what this is
    length of the head              4 octets, the highest first
    head                            JSON in UTF-8
    octets                          every inline piece of the message, one behind the other

The head is an object with exactly these names: ``reverse_path``, ``require_tls``, ``dsn`` (``null`` or an object
with ``notify``, ``ret``, ``envelope_id``), ``message_id``, ``body``, ``smtputf8``, ``size``, and ``pieces``, a list in the
message's order: a number is that many of the octets behind the head, and ``[sha256, size, dot_free]`` is a large
part that is kept apart.

The reader is strict, and whatever it cannot read raises :class:`~eilbote.errors.UnreadableEntryError` and nothing
else, so that one damaged entry never stops the others.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias, TypeVar, cast
from zlib import crc32

from eilbote.errors import DraftError, UnreadableEntryError
from eilbote.model.envelope import DsnRequest, Notify, Return, check_path
from eilbote.model.finished import finished_envelope, finished_message
from eilbote.model.ids import MessageId
from eilbote.model.message import BodyKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message, OctetSource, Segment
    from eilbote.outbox.entry import Pending

_MAGIC: Final = b"EB1\n"
_LENGTH_OCTETS: Final = 4
_HEAD_AT: Final = len(_MAGIC) + _LENGTH_OCTETS
_ANY_VERSION: Final = re.compile(rb"EB[0-9]{1,3}\n")
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
_MESSAGE_ID: Final = re.compile(r"[^\x00-\x20\x7f\ud800-\udfff]{1,998}\Z")
_NAMES: Final = frozenset(
    {"reverse_path", "require_tls", "dsn", "message_id", "body", "smtputf8", "size", "pieces"}
)
_DSN_NAMES: Final = frozenset({"notify", "ret", "envelope_id"})
_REMEDY: Final = "Restore the outbox from a backup, or cancel the entry and submit the message again"

_EVERYDAY: Final = re.compile(
    rb'\{"reverse_path":"([ !#-\[\]-~]*)","require_tls":false,"dsn":null,"message_id":"([!#-\[\]-~]{1,998})",'
    rb'"body":"(7BIT|8BITMIME)","smtputf8":false,"size":([1-9][0-9]{0,8}),"pieces":\[\4\]\}'
)
"""The head of nearly every message: plain words, and one piece. The short way for it; a test holds it against the long one."""
_EVERYDAY_BODIES: Final = {b"7BIT": BodyKind.SEVEN_BIT, b"8BITMIME": BodyKind.EIGHT_BIT}

_quote: Final = json.encoder.encode_basestring
_dumps: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class BlobReference:
    """A part of a message that is kept apart, under the SHA-256 of its octets.

    Attributes:
        sha256: In hexadecimal.
        size: In octets.
        dot_free: No line of it begins with a dot.
    """

    sha256: str
    size: int
    dot_free: bool


Piece: TypeAlias = "bytes | BlobReference"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenMessage:
    """A thawed message, and the part of its envelope that is the same in every attempt.

    Attributes:
        reverse_path: The envelope sender; empty is the null path.
        require_tls: See :class:`~eilbote.model.envelope.Envelope`.
        dsn: See :class:`~eilbote.model.envelope.Envelope`.
        message_id: With its angle brackets.
        body: What the octets demand of the next hop.
        smtputf8: A header field holds UTF-8.
        size: Octets in total.
        pieces: The octets in order, large parts by reference.
    """

    reverse_path: str
    require_tls: bool
    dsn: DsnRequest | None
    message_id: MessageId
    body: BodyKind
    smtputf8: bool
    size: int
    pieces: tuple[Piece, ...]

    @property
    def blobs(self) -> tuple[BlobReference, ...]:
        """The parts that are kept apart, each as often as it occurs."""
        return tuple([piece for piece in self.pieces if isinstance(piece, BlobReference)])

    def envelope(self, pending: Sequence[Pending]) -> Envelope:
        """Make the envelope of an attempt from those who are still to be reached.

        Raises:
            UnreadableEntryError: A stored address is none.
        """
        try:
            if self.reverse_path:
                check_path(self.reverse_path, field="reverse_path")
            forward_paths = tuple([check_path(one.address, field="forward_paths") for one in pending])
        except DraftError as error:
            _refuse(f"its envelope cannot be read: {error.what}")
        if not forward_paths:
            _refuse("its envelope names no recipient")
        kinds = tuple([one.kind for one in pending])
        return finished_envelope(
            self.reverse_path, forward_paths, kinds, self.dsn, require_tls=self.require_tls
        )

    def message(self, sources: Mapping[str, OctetSource]) -> Message:
        """Make the message of an attempt.

        Args:
            sources: For the SHA-256 of each of :attr:`blobs`, its octets.

        Raises:
            UnreadableEntryError: A part is missing.
        """
        segments = tuple(
            [piece if isinstance(piece, bytes) else self._source(piece, sources) for piece in self.pieces]
        )
        return finished_message(self.message_id, segments, self.size, self.body, smtputf8=self.smtputf8)

    @staticmethod
    def _source(piece: BlobReference, sources: Mapping[str, OctetSource]) -> OctetSource:
        source = sources.get(piece.sha256)
        if source is None or source.size != piece.size:
            _refuse(f"the part of the message kept under {piece.sha256[:12]} is missing or of another size")
        return source


class _OpenMessage:
    """What an everyday message is while it is thawed; see :mod:`eilbote.model.finished`."""

    __slots__ = tuple(FrozenMessage.__slots__)

    reverse_path: str
    require_tls: bool
    dsn: DsnRequest | None
    message_id: MessageId
    body: BodyKind
    smtputf8: bool
    size: int
    pieces: tuple[Piece, ...]


def checksum(frozen: bytes) -> int:
    """Give what is stored beside a frozen message and tells whether it is still the same (CRC-32)."""
    return crc32(frozen)


# -- writing -----------------------------------------------------------------------------------------------


def freeze(envelope: Envelope, message: Message, blobs: Mapping[int, str] | None = None) -> bytes:
    """Freeze a message and its envelope without the recipients.

    Args:
        envelope: Where it goes.
        message: What goes.
        blobs: For the index of each segment that is kept apart, the SHA-256 under which it is; the other ones
            become a part of what is given back, so they should be small.
    """
    pieces: list[str] = []  # each as JSON
    octets: list[bytes] = []
    run = 0  # neighbours become one piece: a message in one segment is sent in fewer steps
    for index, segment in enumerate(message.segments):
        sha256 = blobs.get(index) if blobs else None
        if sha256 is None:
            inline = segment if isinstance(segment, bytes) else b"".join(segment.chunks())
            octets.append(inline)
            run += len(inline)
            continue
        if run:
            pieces.append(str(run))
            run = 0
        pieces.append(_dumps([sha256, *_size_and_dots(segment)]))
    if run:
        pieces.append(str(run))
    head = _head(envelope, message, pieces).encode()
    return b"".join((_MAGIC, len(head).to_bytes(_LENGTH_OCTETS, "big"), head, *octets))


def _head(envelope: Envelope, message: Message, pieces: list[str]) -> str:
    """Write the head as JSON, name by name: ``json.dumps`` would set up an encoder for each message."""
    return (
        f'{{"reverse_path":{_quote(envelope.reverse_path)},'
        f'"require_tls":{"true" if envelope.require_tls else "false"},'
        f'"dsn":{"null" if envelope.dsn is None else _dsn_text(envelope.dsn)},'
        f'"message_id":{_quote(message.message_id)},'
        f'"body":"{message.body.value}",'
        f'"smtputf8":{"true" if message.smtputf8 else "false"},'
        f'"size":{message.size},'
        f'"pieces":[{",".join(pieces)}]}}'
    )


def _dsn_text(dsn: DsnRequest) -> str:
    return _dumps({"notify": sorted(dsn.notify), "ret": dsn.ret, "envelope_id": dsn.envelope_id})


def _size_and_dots(segment: Segment) -> tuple[int, bool]:
    if isinstance(segment, bytes):
        return len(segment), False
    return segment.size, segment.dot_free


# -- reading -----------------------------------------------------------------------------------------------


def thaw(frozen: bytes, crc: int) -> FrozenMessage:
    """Read what :func:`freeze` wrote.

    Args:
        frozen: As it was stored.
        crc: Its :func:`checksum` as it was stored.

    Raises:
        UnreadableEntryError: It is damaged, or of a form this eilbote does not know.
    """
    if crc32(frozen) != crc:
        _refuse("its checksum is wrong: the octets have changed since they were stored")
    if not frozen.startswith(_MAGIC):
        _refuse_form(frozen)
    octets_at = _HEAD_AT + int.from_bytes(frozen[len(_MAGIC) : _HEAD_AT], "big")
    everyday = _EVERYDAY.match(frozen, _HEAD_AT)
    if everyday is not None and everyday.end() == octets_at:
        return _thaw_everyday(frozen, everyday)
    if len(frozen) < octets_at:
        _refuse("it ends within its head")
    head = _object(_json(frozen[_HEAD_AT:octets_at]), _NAMES, "the head")
    pieces = _pieces(head["pieces"], frozen, octets_at)
    size = _of_kind(head["size"], int, "size")
    if size != sum([len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces]):
        _refuse("its pieces do not add up to its size")
    try:
        return FrozenMessage(
            reverse_path=_of_kind(head["reverse_path"], str, "reverse_path"),
            require_tls=_of_kind(head["require_tls"], bool, "require_tls"),
            dsn=_dsn(head["dsn"]),
            message_id=_message_id(head["message_id"]),
            body=BodyKind(_of_kind(head["body"], str, "body")),
            smtputf8=_of_kind(head["smtputf8"], bool, "smtputf8"),
            size=size,
            pieces=pieces,
        )
    except ValueError as error:  # a word of an enumeration that there is not, or a DsnRequest that cannot be
        _refuse(f"a value in its head is unknown: {str(error)[:200]}")


def _thaw_everyday(frozen: bytes, head: re.Match[bytes]) -> FrozenMessage:
    reverse_path, message_id, body, size = head.groups()
    octets = frozen[head.end() :]
    if len(octets) != int(size):
        _refuse("its pieces do not add up to its size")
    thawed = _OpenMessage()
    thawed.reverse_path = reverse_path.decode("ascii")
    thawed.require_tls = False
    thawed.dsn = None
    thawed.message_id = MessageId(message_id.decode("ascii"))
    thawed.body = _EVERYDAY_BODIES[body]
    thawed.smtputf8 = False
    thawed.size = len(octets)
    thawed.pieces = (octets,)
    thawed.__class__ = FrozenMessage  # type: ignore[assignment]
    return thawed  # type: ignore[return-value]  # it is one now


def _json(octets: bytes) -> object:
    try:
        return json.loads(octets.decode())
    except (ValueError, RecursionError) as error:
        _refuse(f"its head is no JSON: {str(error)[:200]}")


def _object(value: object, names: frozenset[str], what: str) -> dict[str, object]:
    if not isinstance(value, dict) or value.keys() != names:
        _refuse(f"{what} does not hold exactly the names it should")
    return cast("dict[str, object]", value)


def _list(value: object, name: str) -> list[object]:
    return cast("list[object]", _of_kind(value, list, name))


def _of_kind(value: object, kind: type[_T], name: str) -> _T:
    if type(value) is not kind:  # exactly: a bool is no int here
        _refuse(f"{name} in its head is of the wrong kind")
    return value


def _message_id(value: object) -> MessageId:
    text = _of_kind(value, str, "message_id")
    if not _MESSAGE_ID.match(text):
        _refuse("message_id in its head holds what no Message-ID can")
    return MessageId(text)


def _dsn(value: object) -> DsnRequest | None:
    if value is None:
        return None
    dsn = _object(value, _DSN_NAMES, "dsn in its head")
    ret, envelope_id = dsn["ret"], dsn["envelope_id"]
    return DsnRequest(
        notify=frozenset(Notify(_of_kind(word, str, "notify")) for word in _list(dsn["notify"], "notify")),
        ret=None if ret is None else Return(_of_kind(ret, str, "ret")),
        envelope_id=None if envelope_id is None else _of_kind(envelope_id, str, "envelope_id"),
    )


def _pieces(value: object, frozen: bytes, at: int) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for piece in _list(value, "pieces"):
        if isinstance(piece, list):
            pieces.append(_reference(cast("list[object]", piece)))
            continue
        end = at + _of_kind(piece, int, "a piece")
        if not at < end <= len(frozen):
            _refuse("a piece reaches beyond its octets")
        pieces.append(frozen[at:end])
        at = end
    if at != len(frozen):
        _refuse("there are octets behind its last piece")
    return tuple(pieces)


def _reference(piece: list[object]) -> BlobReference:
    if len(piece) != 3:  # noqa: PLR2004 - SHA-256, size, freedom of dots
        _refuse("a reference in its head has not three parts")
    sha256 = _of_kind(piece[0], str, "a reference")
    size = _of_kind(piece[1], int, "the size of a reference")
    if not _SHA256.match(sha256) or size < 0:
        _refuse("a reference in its head is none")
    return BlobReference(sha256, size, _of_kind(piece[2], bool, "dot_free"))


def _refuse_form(frozen: bytes) -> NoReturn:
    if _ANY_VERSION.match(frozen):
        raise UnreadableEntryError(
            "the stored message is of a form this eilbote does not know",
            cause="a newer eilbote has stored it",
            remedy="Run the eilbote that stored it, or a newer one",
        )
    _refuse("it does not begin as a stored message does")


def _refuse(cause: str) -> NoReturn:
    raise UnreadableEntryError("the stored message cannot be read", cause=cause, remedy=_REMEDY) from None
