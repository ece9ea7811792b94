"""An envelope cannot be built wrong."""

from __future__ import annotations

import pytest

from eilbote.errors import AddressError, DraftError, NoRecipientsError
from eilbote.model.envelope import DsnRequest, Envelope, Notify, Return
from eilbote.model.status import RecipientKind


@pytest.mark.parametrize(
    "path",
    [
        "anna@example.org",
        "user@localhost",
        "a.b+c=d/e@example.org",
        "jörg@example.org",
        '"two words"@example.org',
        '"a@b>,c"@example.org',
        r'"quo\"ted"@example.org',
        "user@[127.0.0.1]",
        "user@[IPv6:::1]",
    ],
)
def test_what_a_path_may_be(path: str) -> None:
    assert Envelope(reverse_path=path, forward_paths=(path,)).forward_paths == (path,)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "anna",
        "@example.org",
        "anna@",
        "a@b@example.org",
        "anna@example.org>\r\nRCPT TO:<eve@example.org",
        "anna@example.org\n",
        "anna@example.org\r",
        "\nanna@example.org",
        "anna@example.org> SIZE=1",
        "an na@example.org",
        "anna@exam ple.org",
        "anna\x00@example.org",
        "anna@example.org\x7f",
        "anna\x85@example.org",
        "anna\u2028@example.org",
        "anna\udc0a@example.org",
        '"quoted\r\n"@example.org',
        '"quo"ted"@example.org',
        '"open@example.org',
        '"jörg"@example.org',
        "<anna@example.org>",
    ],
)
def test_what_a_path_may_not_be(path: str) -> None:
    with pytest.raises(AddressError) as caught:
        Envelope(reverse_path="", forward_paths=(path,))
    assert caught.value.field == "envelope.forward_paths"
    assert caught.value.remedy


def test_a_low_byte_that_looks_like_a_line_end_stays_a_letter() -> None:
    # U+760D and U+760A end in the octets of CR and LF. Cutting characters to octets once made commands of them.
    path = "a\u760d\u760arcpt@example.org"
    assert Envelope(reverse_path="", forward_paths=(path,)).needs_smtputf8


def test_254_octets_are_the_limit() -> None:
    fits = "a" * 242 + "@example.org"
    assert len(fits) == 254
    Envelope(reverse_path="", forward_paths=(fits,))
    with pytest.raises(AddressError, match="longer than 254 octets"):
        Envelope(reverse_path="", forward_paths=("a" + fits,))
    with pytest.raises(AddressError, match="longer than 254 octets"):
        Envelope(reverse_path="", forward_paths=("ö" * 122 + "@example.org",))


def test_somebody_must_receive_it() -> None:
    with pytest.raises(NoRecipientsError):
        Envelope(reverse_path="anna@example.org", forward_paths=())


def test_the_null_path_is_a_sender_but_not_a_recipient() -> None:
    Envelope(reverse_path="", forward_paths=("anna@example.org",))
    with pytest.raises(AddressError):
        Envelope(reverse_path="", forward_paths=("",))


def test_smtputf8_is_needed_exactly_when_a_path_leaves_ascii() -> None:
    assert not Envelope(reverse_path="a@example.org", forward_paths=("b@example.org",)).needs_smtputf8
    assert Envelope(reverse_path="ä@example.org", forward_paths=("b@example.org",)).needs_smtputf8
    assert Envelope(
        reverse_path="a@example.org", forward_paths=("b@example.org", "ü@example.org")
    ).needs_smtputf8


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"notify": frozenset({"SUCCESS"})}, "dsn.notify"),
        ({"notify": "SUCCESS"}, "dsn.notify"),
        ({"notify": frozenset({Notify.NEVER, Notify.DELAY})}, "dsn.notify"),
        ({"ret": "FULL"}, "dsn.ret"),
        ({"envelope_id": 5}, "dsn.envelope_id"),
        ({"envelope_id": ""}, "dsn.envelope_id"),
        ({"envelope_id": "x" * 101}, "dsn.envelope_id"),
        ({"envelope_id": "a\r\nb"}, "dsn.envelope_id"),
        ({"envelope_id": "ä"}, "dsn.envelope_id"),
    ],
)
def test_what_a_notification_request_may_not_be(fields: dict[str, object], field: str) -> None:
    with pytest.raises(DraftError) as caught:
        DsnRequest(**fields)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_what_a_notification_request_may_be() -> None:
    assert (
        DsnRequest(notify=frozenset({Notify.NEVER}), ret=Return.FULL, envelope_id="x y+=" * 20).ret
        is Return.FULL
    )


def test_kinds_are_as_many_as_paths_or_none() -> None:
    with pytest.raises(DraftError) as caught:
        Envelope(reverse_path="", forward_paths=("a@example.org",), kinds=(RecipientKind.TO,) * 2)
    assert caught.value.field == "envelope.kinds"


def test_a_request_of_another_kind_is_refused() -> None:
    with pytest.raises(DraftError) as caught:
        Envelope(reverse_path="", forward_paths=("a@example.org",), dsn="x")  # type: ignore[arg-type]
    assert caught.value.field == "dsn"
