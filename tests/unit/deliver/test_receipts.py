"""Receipts made the short way are receipts like any other."""

from __future__ import annotations

import dataclasses

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from eilbote.deliver.delivery import Delivery
from eilbote.deliver.receipts import accepted_receipt, settle_accepted
from eilbote.deliver.settlement import Settlement
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.redactor import MAX_TEXT, Redactor
from eilbote.model.status import EnhancedStatusCode, RecipientKind, RecipientStatus
from eilbote.smtp.replies import Reply
from eilbote.smtp.transaction import Transaction

ENHANCED = EnhancedStatusCode(2, 0, 0)
PATHS = ("b@example.net", "c@example.net")


def made_for(kinds: tuple[RecipientKind, ...], paths: tuple[str, ...] = PATHS) -> tuple[Receipt, Receipt]:
    envelope = Envelope(reverse_path="a@example.org", forward_paths=paths, kinds=kinds)
    message = Message(message_id="<1@example.org>", segments=(b"x\r\n",), size=3)
    delivery = Delivery(envelope, message, index=7)
    delivery.attempts = 1
    made = accepted_receipt(
        delivery, ENHANCED, "2.0.0 Ok", 0.25, 0.5, "mail.example.net:25", "TLSv1.3", ("PIPELINING",)
    )
    ordinary = Receipt(
        message_id="<1@example.org>",
        envelope=envelope,
        results=tuple(
            RecipientResult(path, RecipientStatus.ACCEPTED, 250, ENHANCED, "2.0.0 Ok", kind)
            for path, kind in zip(paths, kinds or (RecipientKind.ENVELOPE,) * len(paths), strict=True)
        ),
        reply="250 2.0.0 Ok",
        size=3,
        envelope_seconds=0.25,
        content_seconds=0.5,
        server="mail.example.net:25",
        tls_version="TLSv1.3",
        extensions=("PIPELINING",),
        attempts=2,
        error=None,
        index=7,
        transcript="",
    )
    return made, ordinary


@pytest.mark.parametrize(
    "kinds,paths",
    [
        ((RecipientKind.CC,), PATHS[:1]),
        ((), PATHS[:1]),
        ((RecipientKind.TO, RecipientKind.BCC), PATHS),
        ((), PATHS),
    ],
)
def test_they_are_equal_to_ordinary_ones(kinds: tuple[RecipientKind, ...], paths: tuple[str, ...]) -> None:
    made, ordinary = made_for(kinds, paths)
    assert made == ordinary
    assert repr(made) == repr(ordinary)
    assert hash(made.results) == hash(ordinary.results)


def test_no_field_is_forgotten() -> None:
    """A field that a noun gains and the short way does not know would be unset in every receipt."""
    made, _ = made_for(())
    for noun in (made, *made.results):
        for field in dataclasses.fields(noun):
            getattr(noun, field.name)


def test_they_are_frozen() -> None:
    made, _ = made_for(())
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.reply = "changed"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.results[0].text = "changed"  # type: ignore[misc]


WORDS = st.lists(
    st.one_of(
        st.text("s3crTx \r\n\x7f\u2028ü", max_size=9), st.sampled_from(["x" * MAX_TEXT, "y" * (MAX_TEXT + 1)])
    ),
    min_size=1,
    max_size=2,
)
HEARD = st.lists(
    st.tuples(
        st.sampled_from([250, 250, 250, 251, 452, 550]), WORDS, st.sampled_from([True, True, True, False])
    ),
    max_size=4,
)


@given(HEARD, st.sampled_from([(), ("s3c",), ("s3cr s3cr", "T"), ("s3crTs3crT",)]))
@example([(250, ["a s3c"], True), (250, ["r b"], True)], ("s3c",))
@example([(250, ["s3cr"], True), (250, ["s3cr"], True)], ("s3cr s3cr",))
@example([(250, ["one"], True), (550, ["two"], True), (250, ["three"], True)], ())
@example([(250, ["x" * MAX_TEXT], True), (250, ["x" * MAX_TEXT], True)], ())
def test_those_of_a_wake_up_are_those_of_each(
    heard: list[tuple[int, list[str], bool]], secrets: tuple[str, ...]
) -> None:
    redactor = Redactor(secrets)
    settlement = Settlement(server="mail.example.net:25", redactor=redactor, largest=10, anonymous=True)
    settlement.tls_version, settlement.extensions = "TLSv1.3", ("PIPELINING",)

    def transactions() -> list[Transaction]:
        made: list[Transaction] = []
        for index, (code, lines, is_accepted) in enumerate(heard):
            envelope = Envelope(reverse_path="a@example.org", forward_paths=PATHS[: 1 + index % 2])
            message = Message(message_id=f"<{index}@example.org>", segments=(b"x\r\n",), size=3)
            transaction = Transaction(envelope, message, Delivery(envelope, message, index=index))
            transaction.begun_at, transaction.released_at = 1.0 + index, 1.25 + index
            transaction.verdict = Reply(code, tuple(lines), ENHANCED)
            transaction.is_accepted_by_all = is_accepted
            made.append(transaction)
        return made

    together = settle_accepted(
        transactions(), 9.0, redactor, "mail.example.net:25", "TLSv1.3", ("PIPELINING",)
    )
    asked = [code == 250 and is_accepted for code, _, is_accepted in heard]
    assert len(together) == [*asked, False].index(False)
    for delivery, transaction in zip(together, transactions(), strict=False):
        alone = settlement.settle(transaction, 9.0)
        assert isinstance(alone, Delivery)
        assert delivery.receipt == alone.receipt
        assert delivery.error is alone.error is None
