"""The form of a stored message: what goes in comes out, and whatever is wrong is told in one way only."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from eilbote.errors import UnreadableEntryError
from eilbote.model.envelope import DsnRequest, Envelope, Notify, Return
from eilbote.model.message import BodyKind, Message
from eilbote.model.status import RecipientKind
from eilbote.outbox.entry import Pending
from eilbote.outbox.frozen import BlobReference, checksum, freeze, thaw

SHA = "ab" * 32
HEAD = b"Subject: invoice\r\n\r\n"
BODY = b"Dear Anna,\r\n.\r\n"
TAIL = b"--x--\r\n"
ANNA = Pending(0, "anna@example.com", RecipientKind.TO, 0, in_doubt=False)
BERT = Pending(2, "bert@example.com", RecipientKind.BCC, 1, in_doubt=True)


class Made:
    """Octets that are made while they are sent."""

    dot_free = True

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    @property
    def size(self) -> int:
        return len(self.octets)

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.octets), 7):
            yield self.octets[start : start + 7]


LARGE = Made(b"QUJD\r\n" * 10_000)
ENVELOPE = Envelope(
    reverse_path="bounces@example.com",
    forward_paths=(ANNA.address, "carl@example.com", BERT.address),
    dsn=DsnRequest(
        notify=frozenset({Notify.DELAY, Notify.FAILURE}), ret=Return.HEADERS, envelope_id="invoice 17"
    ),
    require_tls=True,
)


def a_message(
    *segments: bytes | Made, body: BodyKind = BodyKind.SEVEN_BIT, smtputf8: bool = False
) -> Message:
    size = sum(len(each) if isinstance(each, bytes) else each.size for each in segments)
    return Message(message_id="<17@example.com>", segments=segments, size=size, body=body, smtputf8=smtputf8)


MESSAGE = a_message(HEAD, BODY, LARGE, TAIL, body=BodyKind.EIGHT_BIT, smtputf8=True)
FROZEN = freeze(ENVELOPE, MESSAGE, {2: SHA})


def test_what_goes_in_comes_out() -> None:
    thawed = thaw(FROZEN, checksum(FROZEN))
    assert thawed.blobs == (BlobReference(SHA, LARGE.size, dot_free=True),)
    message = thawed.message({SHA: LARGE})
    assert message.octets() == MESSAGE.octets()
    assert message.segments == (HEAD + BODY, LARGE, TAIL)  # neighbours are joined
    assert (message.message_id, message.size) == (MESSAGE.message_id, MESSAGE.size)
    assert (message.body, message.smtputf8) == (BodyKind.EIGHT_BIT, True)


@pytest.mark.parametrize("dsn", [None, ENVELOPE.dsn])
def test_the_head_is_written_as_any_json_writer_would(dsn: DsnRequest | None) -> None:
    envelope = Envelope(
        reverse_path='"a\\"b"@example.com', forward_paths=(ANNA.address,), dsn=dsn, require_tls=False
    )
    frozen = freeze(envelope, MESSAGE, {2: SHA})
    asked = {"notify": ["DELAY", "FAILURE"], "ret": "HDRS", "envelope_id": "invoice 17"}
    head = json.dumps(
        {
            "reverse_path": envelope.reverse_path,
            "require_tls": False,
            "dsn": dsn and asked,
            "message_id": "<17@example.com>",
            "body": "8BITMIME",
            "smtputf8": True,
            "size": MESSAGE.size,
            "pieces": [len(HEAD + BODY), [SHA, LARGE.size, True], len(TAIL)],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    assert frozen == b"EB1\n" + len(head).to_bytes(4, "big") + head + HEAD + BODY + TAIL


def test_an_attempt_goes_to_those_who_are_still_to_be_reached() -> None:
    envelope = thaw(FROZEN, checksum(FROZEN)).envelope((ANNA, BERT))
    assert envelope == Envelope(
        reverse_path=ENVELOPE.reverse_path,
        forward_paths=(ANNA.address, BERT.address),
        kinds=(RecipientKind.TO, RecipientKind.BCC),
        dsn=ENVELOPE.dsn,
        require_tls=True,
    )


def test_the_plainest_message_survives_as_well() -> None:
    envelope = Envelope(reverse_path="", forward_paths=(ANNA.address,))
    frozen = freeze(envelope, a_message(HEAD))
    thawed = thaw(frozen, checksum(frozen))
    assert (thawed.reverse_path, thawed.dsn, thawed.require_tls) == ("", None, False)
    assert (thawed.pieces, thawed.body, thawed.smtputf8) == ((HEAD,), BodyKind.SEVEN_BIT, False)


def test_what_is_not_kept_apart_is_part_of_it() -> None:
    frozen = freeze(ENVELOPE, MESSAGE)
    thawed = thaw(frozen, checksum(frozen))
    assert thawed.blobs == ()
    assert thawed.message({}).segments == (MESSAGE.octets(),)


def test_octets_may_be_kept_apart_too() -> None:
    frozen = freeze(ENVELOPE, a_message(HEAD, BODY), {1: SHA})
    assert thaw(frozen, checksum(frozen)).pieces == (HEAD, BlobReference(SHA, len(BODY), dot_free=False))


def test_addresses_in_other_scripts_survive() -> None:
    envelope = Envelope(reverse_path="büro@例え.example", forward_paths=("jörg@example.com",))
    frozen = freeze(envelope, a_message(HEAD))
    assert thaw(frozen, checksum(frozen)).reverse_path == envelope.reverse_path


def a_plain_one(octets: bytes = HEAD + BODY) -> bytes:
    """Freeze a message as nearly every one is, whose head is read in a short way."""
    envelope = Envelope(reverse_path="bounces@example.com", forward_paths=(ANNA.address,))
    return freeze(envelope, a_message(octets, body=BodyKind.EIGHT_BIT))


def spelt_otherwise(frozen: bytes) -> bytes:
    """Write the same head with blanks in it, so that it is read in the long way."""
    length = int.from_bytes(frozen[4:8], "big")
    head = json.dumps(json.loads(frozen[8 : 8 + length]), indent=1).encode()
    return frozen[:4] + len(head).to_bytes(4, "big") + head + frozen[8 + length :]


def test_the_short_way_of_everyday_mail_reads_what_the_long_way_does() -> None:
    short, long = a_plain_one(), spelt_otherwise(a_plain_one())
    thawed = thaw(short, checksum(short))
    assert thawed == thaw(long, checksum(long))
    assert thawed.message({}) == a_message(HEAD + BODY, body=BodyKind.EIGHT_BIT)
    assert thawed.envelope((ANNA,)) == Envelope(
        reverse_path="bounces@example.com", forward_paths=(ANNA.address,), kinds=(ANNA.kind,)
    )
    assert [field.name for field in fields(thawed)] == [
        "reverse_path",
        "require_tls",
        "dsn",
        "message_id",
        "body",
        "smtputf8",
        "size",
        "pieces",
    ], "a new field needs a place in the short way"


@pytest.mark.parametrize(
    "recipients",
    [(), (replace(ANNA, address="anna"),), (ANNA, replace(BERT, address="b@x>\r\nRCPT TO:<eve@example.com"))],
)
def test_a_stored_address_that_is_none_is_refused(recipients: tuple[Pending, ...]) -> None:
    frozen = a_plain_one()
    with pytest.raises(UnreadableEntryError, match="envelope"):
        thaw(frozen, checksum(frozen)).envelope(recipients)


def test_a_stored_sender_that_is_none_is_refused() -> None:
    frozen = a_plain_one().replace(b"bounces@example.com", b"bounces example.com")
    with pytest.raises(UnreadableEntryError, match="envelope"):
        thaw(frozen, checksum(frozen)).envelope((ANNA,))


# -- whatever is wrong -------------------------------------------------------------------------------------


def refused(frozen: bytes, crc: int | None = None) -> UnreadableEntryError:
    with pytest.raises(UnreadableEntryError) as caught:
        thaw(frozen, checksum(frozen) if crc is None else crc)
    assert caught.value.cause
    assert caught.value.remedy
    return caught.value


SMALL = freeze(ENVELOPE, a_message(HEAD, BODY))


@pytest.mark.parametrize("frozen", [SMALL, a_plain_one()])
def test_every_flipped_bit_is_noticed(frozen: bytes) -> None:
    crc = checksum(frozen)
    for position in range(len(frozen)):
        for bit in range(8):
            damaged = bytearray(frozen)
            damaged[position] ^= 1 << bit
            assert "checksum" in str(refused(bytes(damaged), crc))


@pytest.mark.parametrize("frozen", [SMALL, a_plain_one()])
def test_every_truncation_is_noticed_even_by_a_matching_checksum(frozen: bytes) -> None:
    crc = checksum(frozen)
    for length in range(len(frozen)):
        refused(frozen[:length], crc)
        refused(frozen[:length])


@pytest.mark.parametrize("frozen", [SMALL, a_plain_one()])
def test_octets_behind_its_end_are_noticed(frozen: bytes) -> None:
    refused(frozen + b"\r\n")


@pytest.mark.parametrize("frozen", [SMALL, a_plain_one()])
def test_a_flipped_bit_with_a_matching_checksum_is_read_or_refused_and_nothing_else(frozen: bytes) -> None:
    for position in range(len(frozen) - len(HEAD) - len(BODY)):
        for bit in range(8):
            damaged = bytearray(frozen)
            damaged[position] ^= 1 << bit
            try:
                thawed = thaw(bytes(damaged), checksum(bytes(damaged)))
                thawed.envelope((ANNA,))
                thawed.message({})
            except UnreadableEntryError:
                pass


def test_a_newer_form_is_told_from_a_damaged_one() -> None:
    newer = refused(b"EB2\n" + SMALL[4:])
    assert "newer" in str(newer)
    assert "newer" not in str(refused(b"PK\x03\x04" + SMALL[4:]))


def with_head(change: Callable[[dict[str, Any]], object]) -> bytes:
    length = int.from_bytes(SMALL[4:8], "big")
    head = json.loads(SMALL[8 : 8 + length])
    changed = change(head)
    octets = json.dumps(head if changed is None else changed).encode()
    return SMALL[:4] + len(octets).to_bytes(4, "big") + octets + SMALL[8 + length :]


def put(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda head: head.update(values)


def drop(name: str) -> Callable[[dict[str, Any]], object]:
    def change(head: dict[str, Any]) -> None:
        del head[name]

    return change


DSN = {"notify": ["FAILURE"], "ret": None, "envelope_id": None}
TOTAL = len(HEAD) + len(BODY)


@pytest.mark.parametrize(
    "change",
    [
        put(more=1),
        drop("size"),
        drop("dsn"),
        lambda _: [],
        lambda _: 17,
        put(reverse_path=None),
        put(require_tls=1),
        put(smtputf8="yes"),
        put(message_id=""),
        put(message_id="<1@x>\r\nBcc: eve@example.com"),
        put(message_id="\ud800"),
        put(message_id=1),
        put(body="9BIT"),
        put(body=None),
        put(size=float(TOTAL)),
        put(size=True),
        put(size=TOTAL + 1),
        put(size=-1),
        put(size=10**400),
        put(pieces=None),
        put(pieces=[]),
        put(pieces=[TOTAL + 1]),
        put(pieces=[TOTAL - 1]),
        put(pieces=[0, TOTAL]),
        put(pieces=[-1, TOTAL + 1]),
        put(pieces=[True, TOTAL - 1]),
        put(pieces=[float(TOTAL)]),
        put(pieces=["all"]),
        put(pieces=[{}]),
        put(pieces=[TOTAL, []]),
        put(pieces=[TOTAL, [SHA, 0]]),
        put(pieces=[TOTAL, [SHA.upper(), 0, True]]),
        put(pieces=[TOTAL, ["../../etc/passwd", 0, True]]),
        put(pieces=[TOTAL, [SHA, -1, True]], size=TOTAL - 1),
        put(pieces=[TOTAL, [SHA, "0", True]]),
        put(pieces=[TOTAL, [SHA, 0, 1]]),
        put(dsn=[]),
        put(dsn={}),
        put(dsn=DSN | {"more": 1}),
        put(dsn=DSN | {"notify": "FAILURE"}),
        put(dsn=DSN | {"notify": ["SOMETIMES"]}),
        put(dsn=DSN | {"notify": [["FAILURE"]]}),
        put(dsn=DSN | {"notify": ["NEVER", "DELAY"]}),
        put(dsn=DSN | {"ret": "ALL"}),
        put(dsn=DSN | {"ret": 1}),
        put(dsn=DSN | {"envelope_id": "a\r\nb"}),
        put(dsn=DSN | {"envelope_id": 5}),
    ],
)
def test_a_head_that_says_something_else_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    refused(with_head(change))


@pytest.mark.parametrize("head", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b"NaN", b'{"a":1}'])
def test_a_head_that_is_no_json_is_refused(head: bytes) -> None:
    refused(SMALL[:4] + len(head).to_bytes(4, "big") + head)


def test_no_stored_word_makes_a_command() -> None:
    """A reverse-path that ends the command early is refused when the envelope is made, as unreadable."""
    frozen = with_head(put(reverse_path="a@b> SIZE=1\r\nRCPT TO:<eve@example.com"))
    with pytest.raises(UnreadableEntryError):
        thaw(frozen, checksum(frozen)).envelope((ANNA,))


def test_a_stored_address_that_is_none_is_unreadable() -> None:
    damaged = Pending(0, "anna@example.com> X", RecipientKind.TO, 0, in_doubt=False)
    with pytest.raises(UnreadableEntryError):
        thaw(SMALL, checksum(SMALL)).envelope((damaged,))
    with pytest.raises(UnreadableEntryError):
        thaw(SMALL, checksum(SMALL)).envelope(())


@pytest.mark.parametrize("sources", [{}, {SHA: Made(b"other")}])
def test_a_part_that_is_missing_or_of_another_size_is_told(sources: dict[str, Made]) -> None:
    with pytest.raises(UnreadableEntryError) as caught:
        thaw(FROZEN, checksum(FROZEN)).message(sources)
    assert re.search("ab{1,12}", str(caught.value))
