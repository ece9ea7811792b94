"""Whatever the octets of a message are, something is shown, and nothing is raised."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.engine.message_parts import MOST_PARTS, read_parts
from eilbote.engine.message_preview import LARGEST_PICTURES, preview_page, preview_policy


def message(*lines: str, body: str = "") -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")


def lines(*each: str) -> str:
    return "\r\n".join(each)


def test_fields_are_unfolded_and_decoded() -> None:
    view = read_parts(
        message(
            "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
            "To: a@example.org,",
            " b@example.org",
            "X-Raw: grüße",
            "X-Odd: =?x-nobody-knows?b?////?=",
            "X-Half: =?utf-8?b?A?=",
        )
    )

    assert view.headers[:3] == (
        ("Subject", "Grüße"),
        ("To", "a@example.org, b@example.org"),
        ("X-Raw", "grüße"),
    )
    assert [name for name, _ in view.headers[3:]] == ["X-Odd", "X-Half"]


def test_texts_and_files_are_told_apart() -> None:
    view = read_parts(
        message(
            'Content-Type: multipart/mixed; boundary="b"',
            body=lines(
                "--b",
                "Content-Type: text/plain; charset=latin-1",
                "Content-Transfer-Encoding: quoted-printable",
                "",
                "Gr=FC=DFe",
                "--b",
                "Content-Type: text/plain",
                "Content-Disposition: attachment; filename*=utf-8''%C3%BC.txt",
                "",
                "a file",
                "--b",
                "Content-Type: message/rfc822",
                "",
                "Subject: inner",
                "",
                "inner text",
                "--b--",
                "",
            ),
        )
    )

    assert (view.text, view.html) == ("Grüße", None)
    assert [(part.filename, part.media_type) for part in view.parts] == [
        ("ü.txt", "text/plain"),
        ("", "message/rfc822"),
    ]
    assert b"inner text" in view.parts[1].octets


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n\r\n",
        b"no header at all",
        b"\xff\xfe\x00\r\n\xff: \x80\r\n\r\n\xff",
        b"Content-Type: text/html; charset=nobody-knows\r\n\r\n<p>\xff</p>",
        b'Content-Type: text/plain; charset="\xff"\r\n\r\nx',
        b"Content-Type: ;;;=\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Disposition: attachment; filename*=x'y'%zz; filename*0=a; filename*2=c\r\n\r\nx",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 x\n",
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: failed\r\n",
        b"Content-Type: text/plain; charset=utf-7\r\n\r\n+ADw-script+AD4-",
    ],
)
def test_what_nobody_should_have_sent_is_shown_somehow(octets: bytes) -> None:
    view = read_parts(octets)

    preview_page(view).encode()


@given(st.binary(max_size=2000))
def test_any_octets_are_read(octets: bytes) -> None:
    preview_page(read_parts(octets)).encode()


def test_parts_within_parts_end_somewhere() -> None:
    deep = b"".join(
        f'Content-Type: multipart/mixed; boundary="{number}"\r\n\r\n--{number}\r\n'.encode()
        for number in range(3000)
    )
    many = message('Content-Type: multipart/mixed; boundary="b"') + b"--b\r\n\r\nx\r\n" * (MOST_PARTS * 2)

    assert len(read_parts(deep).parts) <= MOST_PARTS
    assert len(read_parts(many).parts) <= MOST_PARTS


def html_with_picture(html: str, picture: bytes, *, media_type: str = "image/png") -> bytes:
    return message(
        'Content-Type: multipart/related; boundary="b"',
        body="\r\n".join(
            (
                "--b",
                "Content-Type: text/html; charset=utf-8",
                "",
                html,
                "--b",
                f"Content-Type: {media_type}",
                "Content-ID: <logo@x>",
                "Content-Transfer-Encoding: base64",
                "",
                base64.b64encode(picture).decode(),
                "--b--",
                "",
            )
        ),
    )


@pytest.mark.parametrize("reference", ["cid:logo@x", "CID:logo@x", "cid:logo%40x"])
def test_pictures_that_travel_along_are_put_in(reference: str) -> None:
    page = preview_page(read_parts(html_with_picture(f'<img src="{reference}">', b"PNG")))

    assert page.strip() == f'<img src="data:image/png;base64,{base64.b64encode(b"PNG").decode()}">'


def test_a_drawing_is_not_put_in_for_it_may_hold_more() -> None:
    view = read_parts(html_with_picture('<img src="cid:logo@x">', b"<svg/>", media_type="image/svg+xml"))

    assert "data:" not in preview_page(view)


def test_what_would_make_a_page_endless_is_left_out() -> None:
    picture = b"x" * (LARGEST_PICTURES // 4 + 1)

    page = preview_page(read_parts(html_with_picture('<img src="cid:logo@x">' * 1000, picture)))

    assert page.count("data:image/png") == 3


def test_no_policy_lets_a_page_do_anything() -> None:
    for remote in (False, True):
        policy = preview_policy(remote=remote)
        assert "sandbox;" in policy
        assert "default-src 'none'" in policy
        for word in ("allow-", "script-src", "unsafe-eval", "http:", "*"):
            assert word not in policy
