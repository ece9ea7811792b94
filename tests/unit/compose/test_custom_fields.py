"""Header fields of an author's own: those that are allowed, and in which form."""

from __future__ import annotations

import pytest
from tests.properties.mail_oracle import assert_sound, compose, decoded, value_of

from eilbote.errors import HeaderError

ALLOWED = {
    "X-Anything-At-All": "x",
    "x-lower": "y",
    "List-Id": "News of the day <news.example.org>",
    "List-Help": "<https://example.org/help>",
    "Auto-Submitted": "auto-generated",
    "Precedence": "bulk",
    "Feedback-ID": "campaign:customer:type:sender",
    "Organization": "Müller & Söhne",
    "Comments": "Grüße =?utf-8?q?x?=",
    "Keywords": "one, two",
    "Importance": "high",
    "Sensitivity": "Private",
    "Expires": "Thu, 15 Jan 2026 09:30:00 +0000",
    "User-Agent": "Reports/1.0",
    "TLS-Required": "No",
    "Thread-Topic": "Grüße",
    "Disposition-Notification-To": "Anne <anne@example.org>",
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name: str) -> None:
    octets = compose(headers={name: ALLOWED[name]}, text="x").message.octets()
    assert_sound(octets)
    assert decoded(value_of(octets, name)) == ALLOWED[name]


@pytest.mark.parametrize("value", ["", "   ", 7, None, b"x", ["x"]])
def test_values_that_are_none(value: object) -> None:
    with pytest.raises(HeaderError) as caught:
        compose(headers=[("X-Note", value)], text="x")
    assert caught.value.field == "headers.X-Note"


@pytest.mark.parametrize("name", [7, None, b"X-A"])
def test_names_that_are_none(name: object) -> None:
    with pytest.raises(HeaderError):
        compose(headers=[(name, "x")], text="x")


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": [("X-A", "1"), ("x-a", "2")]},
        {"headers": {"X-Priority": "1"}, "priority": "high"},
        {"headers": {"Importance": "low"}, "priority": "high"},
        {"headers": {"Auto-Submitted": "no"}, "auto_submitted": "auto-generated"},
    ],
)
def test_nothing_is_said_twice(fields: dict[str, object]) -> None:
    with pytest.raises(HeaderError) as caught:
        compose(**fields, text="x")
    assert "twice" in caught.value.what


def test_a_field_with_a_place_of_its_own_is_pointed_there() -> None:
    with pytest.raises(HeaderError) as caught:
        compose(headers={"Reply-To": "a@b.example"}, text="x")
    assert caught.value.remedy == "Use the draft's own field: reply_to"


def test_long_values() -> None:
    words = "word " * 100 + "end"
    octets = compose(
        headers={"X-Words": words, "X-Blob": "b" * 3000, "List-Post": "<mailto:a@b.example>"}, text="x"
    )
    assert_sound(octets.message.octets())
    assert value_of(octets.message.octets(), "X-Words") == words
    assert decoded(value_of(octets.message.octets(), "X-Blob")) == "b" * 3000
    with pytest.raises(HeaderError) as caught:
        compose(headers={"List-Id": "b" * 3000}, text="x")
    assert caught.value.field == "headers.List-Id"


@pytest.mark.parametrize("value", ["not an address", "a@b.example, c@", "jürgen@example.org"])
def test_an_address_that_is_none(value: str) -> None:
    with pytest.raises(HeaderError) as caught:
        compose(headers={"Disposition-Notification-To": value}, text="x")
    assert caught.value.field == "headers.Disposition-Notification-To"


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"unsubscribe": "ftp://example.org"}, "unsubscribe"),
        ({"unsubscribe": "https://exa mple.org"}, "unsubscribe"),
        ({"unsubscribe": ["https://example.org", "https://example.org/<x>"]}, "unsubscribe[1]"),
        ({"unsubscribe": "https://example.org/" + "x" * 900}, "unsubscribe"),
        ({"unsubscribe": "https://example.org/ü"}, "unsubscribe"),
        ({"unsubscribe": "mailto:a@b.example", "one_click_unsubscribe": True}, "one_click_unsubscribe"),
        ({"one_click_unsubscribe": True}, "one_click_unsubscribe"),
        ({"auto_submitted": "yes, please"}, "auto_submitted"),
        ({"auto_submitted": ""}, "auto_submitted"),
    ],
)
def test_what_is_not_said_right(fields: dict[str, object], field: str) -> None:
    with pytest.raises(HeaderError) as caught:
        compose(**fields, text="x")
    assert caught.value.field == field
    assert caught.value.remedy


@pytest.mark.parametrize("value", [",", ";", " , ;"])
def test_a_list_without_an_address_is_refused(value: str) -> None:
    with pytest.raises(HeaderError, match="no address") as caught:
        compose(text="x", headers={"Disposition-Notification-To": value})
    assert caught.value.field == "headers.Disposition-Notification-To"
