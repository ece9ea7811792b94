"""A receipt speaks of recipients, not of messages."""

from __future__ import annotations

from eilbote.model.envelope import Envelope
from eilbote.model.receipt import Receipt, RecipientResult
from eilbote.model.status import EnhancedStatusCode, RecipientStatus


def test_each_recipient_is_in_exactly_one_group() -> None:
    paths = tuple(f"{status}@example.org" for status in RecipientStatus)
    receipt = Receipt(
        message_id="<1@example.org>",
        envelope=Envelope(reverse_path="", forward_paths=paths),
        results=tuple(
            RecipientResult(path, status) for path, status in zip(paths, RecipientStatus, strict=True)
        ),
    )
    groups = (receipt.accepted, receipt.deferred, receipt.failed, receipt.in_doubt)
    assert [[result.address for result in group] for group in groups] == [[path] for path in paths]
    assert not receipt.ok


def test_ok_means_everybody() -> None:
    envelope = Envelope(reverse_path="", forward_paths=("a@example.org",))
    results = (RecipientResult("a@example.org", RecipientStatus.ACCEPTED),)
    assert Receipt(message_id="<1@example.org>", envelope=envelope, results=results).ok


def test_an_enhanced_status_code_is_written_with_dots() -> None:
    assert str(EnhancedStatusCode(5, 7, 139)) == "5.7.139"
