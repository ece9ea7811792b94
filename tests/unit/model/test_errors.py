"""Errors carry data and read as one clear line."""

from __future__ import annotations

import inspect

import pytest

from eilbote import errors
from eilbote.errors import AuthenticationError, DeliveryError, DraftError, Durability, EilboteError, Scope

CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, EilboteError)]


def test_the_line_says_where_what_why_and_what_to_do() -> None:
    error = DraftError(
        "this is no address", field="to", position=4, cause="There is no @.", remedy="Write a@b"
    )
    assert str(error) == "to at character 5: this is no address. There is no @. Write a@b."


def test_the_short_form_is_just_what_happened() -> None:
    assert str(EilboteError("it broke")) == "it broke"


def test_every_code_is_its_own() -> None:
    codes = [cls.code for cls in CLASSES]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_the_drawing_in_the_module_shows_every_class(cls: type[EilboteError]) -> None:
    assert cls.__name__ in (errors.__doc__ or "")
    assert cls.__doc__


def test_a_draft_error_is_a_value_error() -> None:
    assert issubclass(DraftError, ValueError)


def test_a_delivery_error_says_what_it_concerns_and_how_long_it_lasts() -> None:
    assert DeliveryError("x").scope is Scope.SESSION
    refused = AuthenticationError("535", reply_code=535)
    assert (refused.scope, refused.durability, refused.reply_code) == (Scope.SITE, Durability.PERMANENT, 535)
    assert AuthenticationError("454", durability=Durability.TRANSIENT).durability is Durability.TRANSIENT
