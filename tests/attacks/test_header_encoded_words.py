"""Encoded words typed by an enemy, and characters that turn into line breaks when somebody truncates them.

``=?utf-8?q?hello=0D=0ABcc:_evil@example.com?=`` is harmless ASCII until a serializer decodes it and writes the
result: Python did so (CVE-2024-6923). U+760D U+760A are Chinese characters until a program keeps only their low
bytes, which are CR and LF (CVE-2025-7962). What somebody typed is text, and comes back as the text they typed.
"""

from __future__ import annotations

import email
import email.policy

import pytest
from tests.properties.mail_oracle import assert_sound, compose, decoded, value_of

from eilbote.errors import AddressError, HeaderError
from eilbote.model.address import Mailbox

TYPED = [
    "=?utf-8?q?hello=0D=0ABcc:_evil@example.com?=",
    "=?utf-8?b?aGVsbG8NCkJjYzogZXZpbEBleGFtcGxlLmNvbQ==?=",
    "A =?UTF-8?Q?=0ABcc:_inj@x?=",
    "=?us-ascii?q?a?= =?us-ascii?q?b?=",
    "=?utf-8?q?unfinished",
    "why=?because",
    "=?utf-7?q?+AA0-+AAo-?=",
    "=?iso-2022-jp?b?GyRC?=",
    "\u760d\u760aBcc: evil@example.com",
    "\u560d\u560aBcc: evil@example.com",
    "\u010d\u010aBcc: evil@example.com",
]


@pytest.mark.parametrize("text", TYPED)
def test_what_was_typed_is_what_is_read(text: str) -> None:
    octets = compose(
        subject=text,
        to=Mailbox(text, "reader", "example.net"),
        headers={"X-Note": text, "Organization": text},
        text="x",
    ).message.octets()
    assert_sound(octets)
    assert b"evil@" not in octets.partition(b"\r\n\r\n")[0] or "evil@" in text
    for name in ("Subject", "X-Note", "Organization"):
        assert decoded(value_of(octets, name)) == text
    assert decoded(value_of(octets, "To")).endswith(" <reader@example.net>")
    modern = email.message_from_bytes(octets, policy=email.policy.default)
    # (it leaves a blank between two encoded words of a name, which is its fault)
    assert modern["To"].addresses[0].display_name.replace(" ", "") == text.replace(" ", "")
    assert modern["Subject"] == text
    assert modern["Bcc"] is None


@pytest.mark.parametrize("name", ["List-Id", "Feedback-ID", "Precedence", "Thread-Index"])
def test_no_encoded_word_where_none_belongs(name: str) -> None:
    with pytest.raises(HeaderError) as caught:
        compose(headers={name: "x =?utf-8?q?=0ABcc:_x?="}, text="x")
    assert (caught.value.field, caught.value.position) == (f"headers.{name}", 2)


def test_an_encoded_word_is_no_local_part() -> None:
    with pytest.raises(AddressError) as caught:
        compose(to="=?utf-8?q?evil=40x.example=3e?=@example.net", text="x")
    assert (caught.value.field, caught.value.position) == ("to", 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"message_id": "<=?utf-8?q?a?=@b.example>"},
        {"references": "<a@=?utf-8?q?b?=>"},
        {"in_reply_to": "<a=?b@c.example>"},
        {"unsubscribe": "https://x.example/=?utf-8?q?=3E,?="},
        {"unsubscribe": "mailto:=?utf-8?q?a?=@x.example"},
    ],
)
def test_no_encoded_word_in_an_id_or_a_uri(fields: dict[str, object]) -> None:
    with pytest.raises(HeaderError) as caught:
        compose(text="x", **fields)
    assert caught.value.field in fields
