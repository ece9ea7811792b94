"""JSON that two programs could understand differently, or that costs more to read than to send, is refused with its place."""

from __future__ import annotations

import json

import pytest

from eilbote.api.json_body import DEEPEST, MOST_MEMBERS, JsonFault, is_json, read_json


@pytest.mark.parametrize(
    "body, words",
    [
        (b'{"to": "anna", "to": "mallory"}', '"to" stands twice'),
        (b'{"a": {"b": 1, "b": 2}}', '"b" stands twice'),
        (b'{"size": NaN}', "NaN is no number"),
        (b'{"size": Infinity}', "Infinity is no number"),
        (b'{"size": -Infinity}', "-Infinity is no number"),
        (b'{"size": 1e999}', "beyond what can be kept"),
        (b'{"size": 123456789012345678901}', "21 digits"),
        (b'{"size": ' + b"9" * 1_000_000 + b"}", "1,000,000 digits"),
        (b'{"size": 0.' + b"1" * 1000 + b"}", "beyond what can be kept"),
        (b'{"to": "\\ud800"}', "half of a character"),
        (b'{"to": ["x", {"\\udfff": 1}]}', "half of a character"),
        (b'{"to": "a\\u0000b"}', "NUL"),
        (b'{"to": "a\x00b"}', "control character"),
        (b'{"to": "\xff"}', "octet 9 is not UTF-8"),
        (b'{"to": "\xed\xa0\x80"}', "is not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"to": ', "not JSON"),
        (b"[" * 100_000, "stand in one another"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "stand in one another"),
        (b'{"a":' * 50 + b"[" * 50 + b"]" * 50 + b"}" * 50, "stand in one another"),
        (b"[" + b"0," * MOST_MEMBERS + b"0]", "values"),
        (b"[" + b"[]," * MOST_MEMBERS + b"[]]", "values"),
    ],
)
def test_what_is_not_clear_or_costs_too_much_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(JsonFault) as fault:
        read_json(body)
    assert words in fault.value.what


def test_the_place_of_a_bad_text_is_a_json_pointer() -> None:
    with pytest.raises(JsonFault) as fault:
        read_json(b'{"data": [{"a/b": "\\u0000"}]}')
    assert fault.value.pointer == "#/data/0/a~1b"


@pytest.mark.parametrize(
    "value",
    [
        {"to": "anna", "n": 18_446_744_073_709_551_615, "f": -1.5e-300, "none": None, "yes": True},
        ["[[[[" * 1000, "a,b," * MOST_MEMBERS, '\\"[{'],
        {"smile": "\U0001f600", "escaped": "\\ud800 is written so"},
    ],
)
def test_all_else_is_what_it_says(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


def test_the_deepest_is_read() -> None:
    read_json(b"[" * DEEPEST + b"]" * DEEPEST)


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"]
)
def test_kinds_that_are_json(kind: str) -> None:
    assert is_json(kind)


@pytest.mark.parametrize("kind", ["", "text/plain", "application/jsonp", "text/json", "application/xml"])
def test_kinds_that_are_not(kind: str) -> None:
    assert not is_json(kind)
