"""References and short ids: who has none of ours can make none, and whatever we have made is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.author.process.people.reply_token import (
    ReplyTo,
    element_of,
    instance_of,
    read_reference,
    read_short_ids,
    reference_of,
    short_id,
)
from eilbote.compose.header_fields import check_message_id

SECRET, OTHER = b"s" * 32, b"o" * 32
INSTANCES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=100)
ELEMENTS = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(INSTANCES, ELEMENTS, st.integers(0, 10_000))
def test_what_was_signed_is_read_again_and_is_a_message_id(instance: str, element: str, turn: int) -> None:
    key = f"{instance}/{element}/{turn}"
    reference = reference_of(key, SECRET)
    assert check_message_id(reference, field="references") == reference
    assert read_reference(reference, [OTHER, SECRET]) == ReplyTo(instance, key)
    assert read_reference(reference, [OTHER]) is None
    assert (instance_of(key), element_of(key)) == (instance, element)


@given(INSTANCES)
def test_the_id_in_a_subject_is_read_again(instance: str) -> None:
    made = short_id(instance, SECRET)
    for subject in (made, f"Re: AW: Your order {made} of today", f"{made}{made}"):
        assert read_short_ids(subject, [SECRET]) == (ReplyTo(instance, ""),)
    assert read_short_ids(made, [OTHER]) == ()


def test_an_id_is_short_enough_for_a_subject() -> None:
    assert short_id("order-4711", SECRET).startswith("[order-4711.")
    assert len(short_id("order-4711", SECRET)) == 29


def test_nothing_of_a_reference_can_be_changed() -> None:
    made = reference_of("order-1/Send/0", SECRET)
    others = [reference_of(f"order-{number}/Send/0", OTHER) for number in (1, 2)]
    payload, mac = made[1:-1].partition("@")[0].split(".")[1:]
    wrong = [
        made.replace(mac, "a" * 32),
        made.replace(mac, mac[:-1]),
        made.replace(mac, others[0].split(".")[2].partition("@")[0]),
        made.replace(payload, others[1].split(".")[1]),
        made.replace("process.invalid", "process.invalid.example.org"),
        made.upper(),
        f"<p1..{mac}@process.invalid>",
        made[:-1],
        f"x{made}",
    ]
    for each in wrong:
        assert read_reference(each, [SECRET]) is None, each


def test_no_single_character_can_be_changed() -> None:
    made = reference_of("order-1/Send/0", SECRET)
    for at in range(len(made)):
        for other in "a2/<@.":
            changed = made[:at] + other + made[at + 1 :]
            assert changed == made or read_reference(changed, [SECRET]) is None, changed


def test_what_names_the_instance_in_a_subject_is_no_reference_and_the_other_way_round() -> None:
    """Both are signed with one key; neither signature may pass for the other."""
    mac = short_id("i1", SECRET)[1:-1].partition(".")[2]
    assert reference_of("i1", SECRET).split(".")[2][:16] != mac


def test_of_a_very_long_key_the_instance_is_said() -> None:
    assert read_reference(reference_of(f"i1/{'E' * 900}/0", SECRET), [SECRET]) == ReplyTo("i1", "")


@pytest.mark.parametrize(
    "text", ["", "[]", "[a.b]", "[order-1.aaaaaaaaaaaaaaaa]", "[~zz.aaaaaaaaaaaaaaaa]", "[" * 900]
)
def test_what_only_looks_like_an_id_is_none(text: str) -> None:
    assert read_short_ids(text, [SECRET]) == ()
