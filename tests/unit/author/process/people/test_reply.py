"""A received message as plain data: who, what, and whether a program has written it."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.author.process.people.reply import MOST_OCTETS, Reply, read_reply
from eilbote.errors import ProcessError

PLAIN = """\
From: Anna <anna@example.org>
To: orders@example.org
Subject: =?utf-8?B?UmU6IFTDvHI=?=
Message-ID: <own@example.org>
In-Reply-To: <nearest@example.org>
References: <first@example.org>
 <nearest@example.org>
Content-Type: text/plain; charset=utf-8

Approve

On Sun, Nov 22, 2026 at 10:00 AM Orders <orders@example.org> wrote:
> Decline
"""


def read(text: str, **fields: str) -> Reply:
    header = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return read_reply((header + text).encode())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_reply_is_read(end: str) -> None:
    assert read_reply(PLAIN.replace("\n", end).encode()) == Reply(
        sender="anna@example.org",
        subject="Re: Tür",
        text="Approve",
        message_id="<own@example.org>",
        references=("<nearest@example.org>", "<first@example.org>"),
        automatic="",
    )


def test_the_plain_text_of_two_is_taken_and_files_are_not() -> None:
    text = (
        "From: a@example.org\nContent-Type: multipart/mixed; boundary=m\n\n"
        "--m\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nDecline\n"
        "--m\nContent-Type: multipart/alternative; boundary=a\n\n"
        "--a\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nSch=F6n\n"
        "--a\nContent-Type: text/html\n\n<p>Decline</p>\n--a--\n--m--\n"
    )
    assert read(text).text == "Schön"


def test_of_html_alone_the_quotation_is_left_out() -> None:
    html = (
        "<html><head><title>Decline</title><style>p{}</style></head><body><div>Approve<br></div><p>Too&nbsp;good</p>"
        '<div class="gmail_quote"><div class="gmail_attr">On Sunday Orders wrote:</div><blockquote><p>Decline</p></blockquote></div>'
        "<blockquote type=cite>Decline</blockquote></body></html>"
    )
    assert read(f"From: a@example.org\nContent-Type: text/html\n\n{html}").text == "Approve\n\nToo good"


@pytest.mark.parametrize(
    "history",
    [
        '<hr><div id="divRplyFwdMsg"><b>From:</b> x</div><div>Decline</div>',
        '<div id="x_divRplyFwdMsg"></div><p>Decline',
        '<div id="appendonsend"></div><p>Decline</p>',
        '<div style="border-top:solid"><p><b>Von:</b> Orders<br><b>Gesendet:</b> Sonntag<br></p></div><p>Decline</p>',
        '<div class="moz-cite-prefix">On Sunday Orders wrote:<br></div><blockquote>Decline</blockquote>',
        "<blockquote><blockquote></p>Decline",
    ],
)
def test_programs_mark_history_in_html_in_their_own_ways(history: str) -> None:
    assert read(f"From: a@example.org\nContent-Type: text/html\n\n<p>Approve</p>{history}").text == "Approve"


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"Auto_Submitted": "auto-notified"},
        {"Auto_Submitted": "AUTO-REPLIED (vacation)"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": ""},
        {"List_Id": "<x.example.org>"},
        {"Return_Path": "<>"},
        {"X_Failed_Recipients": "x@example.org"},
    ],
)
def test_a_program_that_answers_by_itself_is_told_apart(fields: dict[str, str]) -> None:
    assert read(PLAIN, **fields).automatic


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your order",
        "Auto reply",
        "Out of Office: Re: Your order",
        "Automatische Antwort: Bestellung",
        "Abwesenheitsnotiz: Bestellung",
        "Автоответ: заказ",
        "=?utf-8?Q?Automatische_Antwort=3A_x?=",
        "Undeliverable: x",
    ],
)
def test_a_program_that_says_so_in_the_subject_alone_is_told_apart(subject: str) -> None:
    assert read(PLAIN.replace("=?utf-8?B?UmU6IFTDvHI=?=", subject)).automatic == "Subject"


@pytest.mark.parametrize(
    "kind", ["multipart/report; report-type=delivery-status; boundary=x", "text/calendar"]
)
def test_a_report_is_no_answer(kind: str) -> None:
    assert read(f"From: a@example.org\nContent-Type: {kind}\n\napprove\n").automatic


@pytest.mark.parametrize(
    "who", ["MAILER-DAEMON@example.org", "postmaster@example.org", "no-reply@example.org"]
)
def test_nobody_reads_at_the_addresses_of_programs(who: str) -> None:
    assert read(f"From: {who}\n\napprove\n").automatic


@pytest.mark.parametrize("fields", [{}, {"Auto_Submitted": "no"}, {"Return_Path": "<anna@example.org>"}])
def test_a_person_is_a_person(fields: dict[str, str]) -> None:
    assert read(PLAIN, **fields).automatic == ""


@pytest.mark.parametrize(
    "header",
    [
        "Subject: x",
        "From: a@example.org, b@example.org",
        "From: a@example.org\nFrom: b@example.org",
        "From: anna",
        "From: <>",
        "From: =?utf-8?Q?a@example.org?=",
        "From: a@example.org <b@example.org>",
        "Sender: a@example.org",
    ],
)
def test_a_sender_that_is_not_beyond_doubt_is_none(header: str) -> None:
    assert read(f"{header}\n\napprove\n").sender == ""


def test_an_address_in_a_display_name_is_not_the_sender() -> None:
    assert read('From: "anna@example.org" <eve@example.net>\n\nx\n').sender == "eve@example.net"


@pytest.mark.parametrize(
    "text",
    [
        "Content-Type: text/plain; charset=nonsense\nContent-Transfer-Encoding: base64\n\n\x00!!!\n",
        "Content-Type: multipart/mixed\n\nx",
        'Content-Type: multipart/mixed; boundary="\n\nx',
        "Subject: =?nonsense?B?!!!?= =?utf-8?B?/w==?=\n\nx",
        "",
        "\n\n",
        "no header",
    ],
)
def test_what_is_damaged_is_read_as_far_as_it_goes(text: str) -> None:
    assert read(text).sender == ""


@given(st.binary(max_size=2000))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    for each in (octets, b"From: a@example.org\n" + octets, b"Content-Type: text/html\n\n" + octets):
        with suppress(ProcessError):
            assert read_reply(each).sender in ("", "a@example.org")


NESTED = "".join(
    f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n" for number in range(3000)
)


@pytest.mark.parametrize(
    "octets",
    [
        b"x" * (MOST_OCTETS + 1),
        NESTED.encode(),
        b"".join(b"X-%d: y\n" % number for number in range(50_000)) + b"\nx",
    ],
    ids=["large", "nested", "headers"],
)
def test_what_would_take_for_ever_is_refused(octets: bytes) -> None:
    with pytest.raises(ProcessError) as caught:
        read_reply(octets)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "octets",
    [
        b"Subject: " + b"=?utf-8?Q?" * 20_000 + b"\n\nx",
        b"References: " + b"<" * 100_000 + b"\n\nx",
        b"References: " + b"<a@b> " * 100_000 + b"\n\nx",
        b"From: " + b"(" * 100_000 + b"\n\nx",
        b"From: a@example.org\nContent-Type: text/html\n\n" + b"<div>" * 100_000,
        b"From: a@example.org\nContent-Type: text/html\n\n" + b"<!--" * 100_000,
        b"From: a@example.org\nContent-Type: text/html\n\n" + b"<a " + b"b=c " * 100_000,
        b"From: a@example.org\nContent-Type: text/html\n\n" + b"<!x" * 100_000,
        b"From: a@example.org\nContent-Type: text/html\n\n" + b"<a class='" * 50_000,
        b"From: a@example.org\nContent-Type: text/html\n\n<p " + b"class = " * 50_000 + b">",
        b"From: a@example.org\nContent-Type: text/html\n\n" + b"&" * 400_000,
        b"From: a@example.org\n\n" + b"a wrote " * 50_000,
        b"From: a@example.org\n\n" + b"on <a@b> \n" * 50_000,
        b"From: a@example.org\n\n" + b"From: x\n" * 50_000,
    ],
)
def test_reading_hostile_messages_takes_no_longer_than_others(octets: bytes) -> None:
    began = time.process_time()
    read_reply(octets)
    assert time.process_time() - began < 5
