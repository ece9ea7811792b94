"""Whatever a draft is given, it is taken or refused with the field named; what was taken can be composed or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import example, given
from tests.properties.mail_oracle import compose
from tests.properties.test_wrong_kinds import JUNK

from eilbote import Attachment, Draft, DraftError, DsnRequest, SettingsError

NAMES = [each.name for each in fields(Draft)]
FIELDS = {*NAMES, "from", "attachment", "default_from"}
LISTS = st.lists(JUNK, max_size=3)
VALUES = JUNK | LISTS | LISTS.map(tuple) | st.lists(st.tuples(JUNK, JUNK), max_size=3)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
@example({"message_id": 5})
@example({"references": 5})
@example({"in_reply_to": [None]})
@example({"unsubscribe": b"https://x.example"})
@example({"auto_submitted": True})
@example({"headers": [("X-A", 1)]})
@example({"headers": ["XA"]})
@example({"headers": {1: "x"}})
@example({"headers": 5})
@example({"headers": [(object(), None)]})
@example({"attachments": Attachment.from_bytes(b"x")})
@example({"attachments": 5})
@example({"invitation": "tomorrow"})
@example({"dsn": "FAILURE"})
@example({"priority": ["high"]})
@example({"reverse_path": 5})
@example({"require_tls": "no"})
@example({"date": "tomorrow"})
@example({"from_": ()})
@example({"sender": set()})
def test_a_value_is_taken_or_its_field_is_named(values: dict[str, Any]) -> None:
    given_values = {"from_": "ops@example.org", "to": "anna@example.org", "text": "x", **values}
    refusal = attempt(lambda: compose(**given_values))

    if isinstance(refusal, DraftError | SettingsError):
        assert (refusal.field or "to").partition("[")[0].partition(".")[0] in FIELDS
        assert "0x" not in refusal.what, "that is where an object lies in memory, which tells nobody anything"


def attempt(work: Callable[[], object]) -> object:
    try:
        return work()
    except (DraftError, SettingsError) as refusal:
        return refusal


@pytest.mark.parametrize(
    "name, value, field",
    [
        ("message_id", 5, "message_id"),
        ("references", ["<a@b>", None], "references[1]"),
        ("in_reply_to", 5, "in_reply_to"),
        ("in_reply_to", b"<a@b>", "in_reply_to"),
        ("unsubscribe", [5], "unsubscribe[0]"),
        ("auto_submitted", True, "auto_submitted"),
        ("headers", ["XA"], "headers[0]"),
        ("headers", [("X-A", "1", "2")], "headers[0]"),
        ("headers", 5, "headers"),
        ("attachments", Attachment.from_bytes(b"x"), "attachments"),
        ("attachments", 5, "attachments"),
        ("invitation", "tomorrow", "invitation"),
        ("dsn", "FAILURE", "dsn"),
        ("priority", ["high"], "priority"),
        ("reverse_path", 5, "reverse_path"),
        ("require_tls", "no", "require_tls"),
        ("one_click_unsubscribe", 1, "one_click_unsubscribe"),
        ("date", "tomorrow", "date"),
        ("to", 5, "to"),
        ("from_", b"x", "from"),
    ],
)
def test_the_slip_of_the_pen_is_named(name: str, value: object, field: str) -> None:
    with pytest.raises(DraftError) as caught:
        Draft(**{name: value})  # type: ignore[arg-type]
    assert caught.value.field == field
    assert caught.value.remedy


def test_what_is_right_is_taken() -> None:
    made = Draft(headers=[["X-A", "1"]], dsn=DsnRequest(), references=("<a@b>",))  # type: ignore[list-item]
    assert made.headers == (("X-A", "1"),)
    assert made.references == ("<a@b>",)


def test_a_draft_of_ones_own_keeps_its_class() -> None:
    class Invoice(Draft):
        pass

    invoice = Invoice(to="anna@example.org", subject="Invoice")
    assert type(invoice) is Invoice
    assert (invoice.subject, invoice.to) == (
        Draft(subject="Invoice").subject,
        Draft(to="anna@example.org").to,
    )
