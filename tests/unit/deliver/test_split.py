"""A delivery in several transactions."""

from __future__ import annotations

from eilbote.deliver.delivery import Delivery
from eilbote.deliver.split import Split
from eilbote.model.envelope import DsnRequest, Envelope
from eilbote.model.message import Message
from eilbote.model.receipt import RecipientResult
from eilbote.model.status import RecipientKind, RecipientStatus

PATHS = tuple(f"r{number}@example.net" for number in range(5))


def whole() -> Delivery:
    envelope = Envelope(
        reverse_path="a@example.org",
        forward_paths=PATHS,
        kinds=(RecipientKind.TO, RecipientKind.CC, RecipientKind.CC, RecipientKind.BCC, RecipientKind.BCC),
        dsn=DsnRequest(),
        require_tls=True,
    )
    return Delivery(envelope, Message(message_id="<1@x>", segments=(b"x\r\n",), size=3))


def results(envelope: Envelope) -> list[RecipientResult]:
    return [RecipientResult(path, RecipientStatus.ACCEPTED) for path in envelope.forward_paths]


def test_every_recipient_once_in_order() -> None:
    split = Split(whole(), 2)
    seen: list[str] = []
    while not split.is_complete:
        part = split.take_next()
        assert part.reverse_path == "a@example.org"
        assert part.require_tls
        assert part.dsn is not None
        seen += part.forward_paths
        split.settle(results(part), [])
    assert tuple(seen) == PATHS
    assert [split.results[index].address for index in range(5)] == list(PATHS)


def test_kinds_go_along() -> None:
    split = Split(whole(), 2)
    split.take_next()
    assert split.take_next().kinds == (RecipientKind.CC, RecipientKind.BCC)


def test_those_without_room_go_next() -> None:
    split = Split(whole(), 3)
    first = split.take_next()
    split.settle(results(first), [1, 2])
    second = split.take_next()
    assert second.forward_paths == PATHS[1:3]
    split.settle(results(second), [1])
    third = split.take_next()
    assert third.forward_paths == (PATHS[2],)
    split.settle(results(third), [])
    assert split.take_next().forward_paths == PATHS[3:]
    assert sorted(split.results) == [0, 1, 2]


def test_a_delivery_that_turns_out_too_long() -> None:
    split = Split.whole(whole())
    split.settle([RecipientResult(path, RecipientStatus.ACCEPTED) for path in PATHS], [4])
    assert split.take_next().forward_paths == (PATHS[4],)
    assert split.is_complete
