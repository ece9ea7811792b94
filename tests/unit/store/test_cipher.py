"""A secret opens with its own key, in its own place, whole, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.errors import SecretKeyError
from eilbote.model.secret import Secret
from eilbote.store.cipher import Key, Place, SecretKind, seal, unseal

KEY = Key(id="k1", octets=bytes(range(32)))
PLACE = Place(kind=SecretKind.CONNECTION, organization="acme", owner="office", field="password")

texts = st.text(st.characters(codec=None), max_size=50)
places = st.builds(Place, kind=st.sampled_from(SecretKind), organization=texts, owner=texts, field=texts)


@given(text=st.text(st.characters(codec=None)), place=places)
def test_a_secret_comes_back_from_its_place(text: str, place: Place) -> None:
    assert unseal(KEY, place, seal(KEY, place, Secret(text))).reveal() == text


@given(one=places, other=places)
def test_no_two_places_are_written_alike(one: Place, other: Place) -> None:
    assert (one.associated_data() == other.associated_data()) == (one == other)


def test_a_boundary_that_moves_makes_another_place() -> None:
    """``ac`` + ``meoffice`` is not ``acme`` + ``office``: each part stands after its length."""
    moved = replace(PLACE, organization="ac", owner="meoffice")

    assert moved.associated_data() != PLACE.associated_data()


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, kind=SecretKind.SETTINGS),
        replace(PLACE, organization=""),
        replace(PLACE, organization="beta"),
        replace(PLACE, owner="billing"),
        replace(PLACE, field="client_secret"),
    ],
    ids=str,
)
def test_what_was_sealed_for_one_place_does_not_open_in_another(elsewhere: Place) -> None:
    sealed = seal(KEY, PLACE, Secret("hunter2"))

    with pytest.raises(SecretKeyError, match="cannot be decrypted"):
        unseal(KEY, elsewhere, sealed)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SecretKeyError, match="'k1'"):
        unseal(replace(KEY, octets=bytes(32)), PLACE, seal(KEY, PLACE, Secret("hunter2")))


def test_every_octet_counts() -> None:
    sealed = seal(KEY, PLACE, Secret("hunter2"))
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SecretKeyError):
            unseal(KEY, PLACE, bytes(changed))
        with pytest.raises(SecretKeyError):
            unseal(KEY, PLACE, sealed[:position])


def test_two_sealings_of_one_secret_have_nothing_in_common() -> None:
    """The same password in two places must not be recognised, so each sealing draws a nonce."""
    first, second = (seal(KEY, PLACE, Secret("hunter2")) for _ in range(2))

    assert first[:12] != second[:12]
    assert first[12:] != second[12:]


def test_nothing_shows_key_or_secret() -> None:
    sealed = seal(KEY, PLACE, Secret("hunter2"))
    with pytest.raises(SecretKeyError) as told:
        unseal(replace(KEY, octets=bytes(32)), PLACE, sealed)

    assert "hunter2" not in str(told.value)
    assert told.value.__cause__ is None
    assert repr(KEY) == "Key(id='k1')"


def test_a_place_is_named_for_people() -> None:
    assert [
        str(replace(PLACE, kind=kind, organization=organization))
        for kind in SecretKind
        for organization in ("acme", "")
    ] == [
        "password of the connection 'acme/office'",
        "password of the connection 'office'",
        "password in the settings of the organization 'acme'",
        "password in the settings of the host",
        "password of the token office",
        "password of the token office",
        "password of the webhook 'office'",
        "password of the webhook 'office'",
        "password of the consent office",
        "password of the consent office",
        "check of the key 'office'",
        "check of the key 'office'",
    ]
