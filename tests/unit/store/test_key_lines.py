"""The lines in which keys are written: read strictly, and never repeated in an error."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from eilbote.errors import SecretKeyError
from eilbote.store.key_ring import parse_keys, ring_of

ONE, TWO = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.mark.parametrize(
    "text",
    [
        f"k1 {ONE}\nk2 {TWO}\n",
        f"k1 {ONE},k2 {TWO}",
        f"# newest first, then the others\n\n  k1\t{ONE}  \r\n\n  # former\nk2 {TWO}",
    ],
    ids=["lines", "commas", "comments"],
)
def test_keys_are_read_in_their_order(text: str) -> None:
    keys = parse_keys(text, "here")

    assert [(key.id, key.octets) for key in keys] == [("k1", b"\1" * 32), ("k2", b"\2" * 32)]


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", " , "])
def test_no_key_is_no_fault(text: str) -> None:
    assert parse_keys(text, "here") == ()


@pytest.mark.parametrize(
    "text, cause",
    [
        (ONE, "entry 1 is not an id, a blank and a key"),
        (f"k1 {ONE}\nk2", "entry 2 is not an id, a blank and a key"),
        (f"k1 {ONE} {TWO}", "entry 1 is not an id, a blank and a key"),
        (f"k/1 {ONE}", "entry 1 is not an id, a blank and a key"),
        (f"{'k' * 65} {ONE}", "entry 1 is not an id, a blank and a key"),
        (f"k1 {ONE[:-4]}", "the key in entry 1 is not 32 octets in base64"),
        (f"k1 {ONE}AAAA", "the key in entry 1 is not 32 octets in base64"),
        (f"k1 {'*' * 44}", "the key in entry 1 is not 32 octets in base64"),
        (f"k1 {ONE}\nk1 {TWO}", "entry 2 has the id of an earlier one"),
        ("k1 schlüssel", "the key in entry 1 is not 32 octets in base64"),
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(text: str, cause: str) -> None:
    with pytest.raises(SecretKeyError) as told:
        parse_keys(text, "EILBOTE_SECRET_KEYS")

    assert told.value.cause == cause
    assert "EILBOTE_SECRET_KEYS" in str(told.value)
    assert "openssl rand -base64 32" in str(told.value)
    shown = str(told.value)
    assert not any(word in shown for word in text.split() if len(word) > 10)


def test_the_environment_goes_before_the_data_folder() -> None:
    folder = Path("/var/lib/eilbote")

    assert ring_of({}, folder).place == "/var/lib/eilbote/secret.keys"
    assert ring_of({"EILBOTE_SECRET_KEYS": " "}, folder).place == "/var/lib/eilbote/secret.keys"
    assert ring_of({"EILBOTE_SECRET_KEYS_FILE": "/run/keys"}, folder).place == "/run/keys"
    handed_in = ring_of({"EILBOTE_SECRET_KEYS": f"k1 {ONE}"}, folder)
    assert (handed_in.place, handed_in.is_handed_in) == ("EILBOTE_SECRET_KEYS", True)


def test_two_places_for_keys_are_one_too_many() -> None:
    with pytest.raises(SecretKeyError, match="are both set"):
        ring_of({"EILBOTE_SECRET_KEYS": f"k1 {ONE}", "EILBOTE_SECRET_KEYS_FILE": "/run/keys"}, Path("/x"))


def test_keys_that_are_handed_in_are_not_made_here() -> None:
    ring = ring_of({"EILBOTE_SECRET_KEYS": f"k2 {TWO},k1 {ONE}"}, Path("/x"))

    assert ring.make_first().id == "k2"
    assert ring.make_next("k1").id == "k2", "the new one was handed in already"
    with pytest.raises(SecretKeyError, match="openssl rand"):
        ring.make_next("k2")
    assert not ring.remove("k1")
    assert [key.id for key in ring.known()] == ["k2", "k1"]
    with pytest.raises(SecretKeyError, match=r"'k9', which is not in EILBOTE_SECRET_KEYS"):
        ring.get("k9")
