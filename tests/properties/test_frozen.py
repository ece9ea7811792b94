"""Any message survives being stored, and nothing that is stored makes the reader fail in another way than its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress

import hypothesis.strategies as st
from hypothesis import given, settings

from eilbote.errors import UnreadableEntryError
from eilbote.model.envelope import DsnRequest, Envelope, Notify, Return
from eilbote.model.message import BodyKind, Message
from eilbote.model.status import RecipientKind
from eilbote.outbox.entry import Pending
from eilbote.outbox.frozen import checksum, freeze, thaw

PENDING = Pending(0, "anna@example.com", RecipientKind.TO, 0, in_doubt=False)


class Part:
    """A large part, as a blob store gives it."""

    def __init__(self, octets: bytes, *, dot_free: bool) -> None:
        self.octets, self.size, self.dot_free = octets, len(octets), dot_free

    def chunks(self) -> Iterator[bytes]:
        yield self.octets


SHA = st.binary(min_size=32, max_size=32).map(bytes.hex)
SEGMENTS = st.lists(
    st.tuples(st.binary(max_size=60), st.none() | SHA, st.booleans(), st.booleans()), max_size=6
)
DSN = st.none() | st.builds(
    DsnRequest,
    notify=st.just(frozenset({Notify.NEVER}))
    | st.frozensets(st.sampled_from([Notify.SUCCESS, Notify.FAILURE, Notify.DELAY])),
    ret=st.none() | st.sampled_from(Return),
    envelope_id=st.none() | st.from_regex(r"[\x20-\x7e]{1,100}", fullmatch=True),
)


@given(
    segments=SEGMENTS,
    reverse_path=st.sampled_from(["", "bounces@example.com", "büro@例え.example", '"a b"@example.com']),
    dsn=DSN,
    require_tls=st.booleans(),
    body=st.sampled_from(BodyKind),
    smtputf8=st.booleans(),
)
def test_what_is_stored_is_what_is_sent(
    *,
    segments: list[tuple[bytes, str | None, bool, bool]],
    reverse_path: str,
    dsn: DsnRequest | None,
    require_tls: bool,
    body: BodyKind,
    smtputf8: bool,
) -> None:
    parts: list[bytes | Part] = []
    kept: dict[int, str] = {}
    sources: dict[str, Part] = {}
    for index, (octets, sha256, is_made, dot_free) in enumerate(segments):
        part = Part(octets, dot_free=dot_free)
        parts.append(part if is_made else octets)
        if sha256 is not None and sha256 not in sources:
            kept[index] = sha256
            sources[sha256] = part
    message = Message(
        message_id="<17@example.com>",
        segments=tuple(parts),
        size=sum(len(octets) for octets, *_ in segments),
        body=body,
        smtputf8=smtputf8,
    )
    envelope = Envelope(
        reverse_path=reverse_path, forward_paths=("anna@example.com",), dsn=dsn, require_tls=require_tls
    )
    frozen = freeze(envelope, message, kept)
    thawed = thaw(frozen, checksum(frozen))

    again = thawed.message(sources)
    assert again.octets() == message.octets()
    assert (again.message_id, again.size, again.body, again.smtputf8) == (
        message.message_id,
        message.size,
        message.body,
        message.smtputf8,
    )
    sent = thawed.envelope((PENDING,))
    assert (sent.reverse_path, sent.dsn, sent.require_tls) == (reverse_path, dsn, require_tls)
    assert {blob.sha256 for blob in thawed.blobs} == set(sources)
    # The same message is frozen to the same octets, whenever and wherever that is done.
    assert freeze(envelope, message, kept) == frozen


def read(frozen: bytes) -> None:
    with suppress(UnreadableEntryError):
        thawed = thaw(frozen, checksum(frozen))
        thawed.envelope((PENDING,))
        thawed.message({blob.sha256: Part(b"x" * blob.size, dot_free=True) for blob in thawed.blobs})


@given(st.binary(max_size=200), st.booleans(), st.integers(0, 2**32 - 1))
def test_any_octets_are_read_or_unreadable(octets: bytes, has_magic: bool, length: int) -> None:
    read(octets)
    read(b"EB1\n" + octets)
    read(b"EB1\n" + (len(octets) if has_magic else length).to_bytes(4, "big") + octets)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["7BIT", "NEVER", "FULL", "<1@example.com>", "ab" * 32]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = ["reverse_path", "require_tls", "dsn", "message_id", "body", "smtputf8", "size", "pieces"]
SOUND = {
    "reverse_path": "",
    "require_tls": False,
    "dsn": None,
    "message_id": "<1@example.com>",
    "body": "7BIT",
    "smtputf8": False,
    "size": 4,
    "pieces": [4],
}


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8), st.binary(max_size=8))
@settings(max_examples=500)
def test_any_head_is_read_or_unreadable(changes: dict[str, object], octets: bytes) -> None:
    head = json.dumps(SOUND | changes).encode()
    read(b"EB1\n" + len(head).to_bytes(4, "big") + head + octets)
