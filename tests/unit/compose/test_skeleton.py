"""A skeleton is for drafts that differ in nothing but what it asks each of them for."""

from __future__ import annotations

from dataclasses import fields

import pytest

from eilbote.compose.skeleton import OWN, Skeleton, are_everyday, traits_of
from eilbote.compose.tree import Tokens
from eilbote.model.address import Mailbox
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft
from eilbote.model.message import BodyKind
from eilbote.testing.fixed_ids import FixedIds


def everyday(number: int) -> Draft:
    return Draft(
        from_="Shop <shop@example.org>",
        to=f"Jürgen {number} <reader{number}@example.net>",
        subject=f"Order {number}",
        text=f"{number} €\n",
        html=f"<p>{number} €</p>",
    )


def test_every_field_of_a_draft_is_shared_or_its_own() -> None:
    """A new field that nobody thought of would otherwise be that of the draft before."""
    draft = everyday(1)
    asked_for = len(OWN) + len(traits_of(draft))
    assert asked_for == len(fields(Draft))
    without_own = [getattr(draft, each.name) for each in fields(Draft) if each.name not in OWN]
    assert sorted(map(repr, traits_of(draft))) == sorted(map(repr, without_own))


@pytest.mark.parametrize(
    "rare",
    [
        {"cc": "copy@example.net"},
        {"bcc": "hidden@example.net"},
        {"attachments": [Attachment.from_bytes(b"x", filename="x.bin")]},
        {"message_id": "<a@b>"},
    ],
)
def test_rare_drafts_have_none(rare: dict[str, object]) -> None:
    assert are_everyday(traits_of(everyday(1)))
    assert not are_everyday(traits_of(everyday(1).replace(**rare)))


@pytest.mark.parametrize("body", [BodyKind.EIGHT_BIT, BodyKind.SEVEN_BIT])
def test_it_serves_whatever_the_texts_are_encoded_in(body: BodyKind) -> None:
    author = Mailbox("Shop", "shop", "example.org")
    skeleton = Skeleton(everyday(1), author, tokens=Tokens(FixedIds()), largest=10_000)
    made = skeleton.fill(everyday(2), body, "Date: Thu, 15 Jan 2026 09:30:00 +0000\r\n", "<m@x>")
    assert made is not None
    assert made.message.body is body


def test_a_message_that_needs_measuring_is_composed_the_long_way() -> None:
    author = Mailbox("Shop", "shop", "example.org")
    tight = Skeleton(everyday(1), author, tokens=Tokens(FixedIds()), largest=100)
    assert tight.fill(everyday(2), BodyKind.EIGHT_BIT, "Date: x\r\n", "<m@x>") is None
