"""A draft holds what was meant, parsed at once."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest

from eilbote.errors import AddressError, DraftError
from eilbote.model.address import Mailbox
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft, Priority


def test_addresses_are_parsed_where_they_are_given() -> None:
    draft = Draft(from_="Shop <shop@example.org>", to="anna@example.org; Max <max@example.org>")
    assert draft.from_ is not None
    assert draft.from_.display_name == "Shop"
    assert [str(mailbox) for mailbox in draft.to] == ["anna@example.org", "Max <max@example.org>"]


@pytest.mark.parametrize("name", ["to", "cc", "bcc", "reply_to", "from_", "sender"])
def test_a_bad_address_is_refused_with_its_field(name: str) -> None:
    with pytest.raises(AddressError) as caught:
        Draft(**{name: "not an address"})  # type: ignore[arg-type]
    assert caught.value.field == name.rstrip("_")


def test_a_draft_is_frozen_and_can_be_varied() -> None:
    draft = Draft(to="anna@example.org", subject="one")
    with pytest.raises(dataclasses.FrozenInstanceError):
        draft.subject = "two"  # type: ignore[misc]
    other = draft.replace(subject="two", to="max@example.org")
    assert (draft.subject, other.subject) == ("one", "two")
    assert isinstance(other.to[0], Mailbox)
    assert draft != other
    assert draft == other.replace(subject="one", to="anna@example.org")


def test_the_priority_may_be_written_as_text() -> None:
    assert Draft(priority="high").priority is Priority.HIGH
    with pytest.raises(DraftError, match="urgent") as caught:
        Draft(priority="urgent")
    assert caught.value.field == "priority"


@pytest.mark.parametrize(
    "field, value",
    [
        ("subject", None),
        ("subject", b"x"),
        ("text", 5),
        ("html", 5),
        ("headers", "X-Order: 4711"),
        ("date", datetime(2026, 11, 22, 12)),  # noqa: DTZ001 - the mistake itself
        ("attachments", "invoice.pdf"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(DraftError) as caught:
        Draft(to="anna@example.org", **{field: value})  # type: ignore[arg-type]
    assert caught.value.field == field
    assert caught.value.remedy


def test_what_is_no_attachment_is_named_by_its_place() -> None:
    with pytest.raises(DraftError) as caught:
        Draft(attachments=[Attachment.from_bytes(b""), "invoice.pdf"])  # type: ignore[list-item]
    assert caught.value.field == "attachments[1]"


def test_headers_may_be_a_mapping_or_pairs() -> None:
    assert Draft(headers={"X-A": "1"}).headers == Draft(headers=[("X-A", "1")]).headers == (("X-A", "1"),)


def test_one_reference_or_several() -> None:
    assert Draft(references="<a@b>").references == ("<a@b>",)
    assert Draft(references=["<a@b>", "<c@d>"], in_reply_to=["<c@d>"]).references == ("<a@b>", "<c@d>")
