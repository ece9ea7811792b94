"""What a server says about a file becomes part of a message of ours: its name, its type, its very content.

An error page or a login page goes out as "invoice.pdf" and nobody notices; a name leads into a folder, hides its ending
behind a sign that turns writing around, or begins a header field of its own; a type makes a mail program run the file.
Here an error page is never a file, and whatever a server says is cut down to what it may mean.
"""

from __future__ import annotations

import asyncio
from itertools import count

import pytest
from tests.attacks.fetching import FIELD, SECRET, fetch, loopback_door, refusal
from tests.integration.lab.web_server import Request, answer, says, web_server

from eilbote.author.flow.effect import Fetch, Unfetched
from eilbote.engine.fetch import UnfetchedError, fetched, fetched_files, skip_note
from eilbote.errors import Durability

pytestmark = pytest.mark.asyncio

PAGE = b"<!DOCTYPE html><title>Sign in</title>"


@pytest.mark.parametrize(
    "status, durability",
    [
        ("201 Created", Durability.PERMANENT),
        ("204 No Content", Durability.PERMANENT),
        ("206 Partial Content", Durability.PERMANENT),
        ("300 Multiple Choices", Durability.PERMANENT),
        ("304 Not Modified", Durability.PERMANENT),
        ("400 Bad Request", Durability.PERMANENT),
        ("401 Unauthorized", Durability.PERMANENT),
        ("403 Forbidden", Durability.PERMANENT),
        ("404 Not Found", Durability.PERMANENT),
        ("410 Gone", Durability.PERMANENT),
        ("418 \x1b[31mTeapot", Durability.PERMANENT),
        ("429 Too Many Requests", Durability.TRANSIENT),
        ("451 Unavailable", Durability.PERMANENT),
        ("500 Internal Server Error", Durability.TRANSIENT),
        ("502 Bad Gateway", Durability.TRANSIENT),
        ("503 Service Unavailable", Durability.TRANSIENT),
        ("504 Gateway Timeout", Durability.TRANSIENT),
        ("999 Request denied", Durability.PERMANENT),
    ],
)
async def test_only_the_file_itself_is_a_file(status: str, durability: Durability) -> None:
    body = b"" if status[:3] in {"204", "304"} else b"%PDF-1.7"
    octets = answer(body, status=status, kind="application/pdf", headers=("Retry-After: 120",))
    async with web_server(says(octets)) as server:
        error = await refusal(f"{server.url}?key={SECRET}", loopback_door(), filename="invoice.pdf")

    assert f"answered {status[:3]}" in str(error.cause)
    assert error.durability is durability
    assert str(error).isprintable()


@pytest.mark.parametrize("status", ["429 Too Many", "500 Oops", "503 Unavailable", "cut", "garbage"])
async def test_what_may_pass_is_tried_again(status: str) -> None:
    numbers = count()

    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        if next(numbers) == 2:
            writer.write(answer(b"%PDF-1.7", kind="application/pdf"))
        elif status == "cut":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n%PDF")
        else:
            writer.write(b"garbage\r\n\r\n" if status == "garbage" else answer(b"", status=status))

    async with web_server(script) as server:
        wanted = Fetch(url=server.url, field=FIELD)
        file = await fetched(wanted, door=loopback_door(), pauses=(0.01, 0.01))
        assert file.content == b"%PDF-1.7"
        assert server.connections == 3
        with pytest.raises(UnfetchedError):
            await fetched(wanted, door=loopback_door(), pauses=(0.01,))
        assert server.connections == 5


async def test_what_does_not_pass_is_not_tried_again() -> None:
    octets = answer(b"x" * 2000, kind="application/pdf")
    for said, door in (
        (octets, loopback_door(octets=1000)),
        (answer(b"", status="404 Gone"), loopback_door()),
    ):
        async with web_server(says(said)) as server:
            with pytest.raises(UnfetchedError):
                await fetched(Fetch(url=server.url, field=FIELD), door=door, pauses=(0.01, 0.01))
            assert server.connections == 1


async def test_a_server_that_wants_to_be_left_alone_for_longer_than_there_is_time_is() -> None:
    octets = answer(b"", status="503 Unavailable", headers=("Retry-After: 3600",))
    async with web_server(says(octets)) as server:
        with pytest.raises(UnfetchedError) as caught:
            await fetched(Fetch(url=server.url, field=FIELD), door=loopback_door(), pauses=(0.01, 0.01))

    assert server.connections == 1
    assert caught.value.retry_after == 3600


async def test_an_error_page_without_an_end_is_not_read() -> None:
    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 404 Not Found\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with web_server(script) as server:
        error = await refusal(server.url, loopback_door(seconds=5.0))

    assert "answered 404" in str(error.cause)


@pytest.mark.parametrize(
    "kind", ["text/html", "text/html; charset=utf-8", "Text/HTML", "application/xhtml+xml"]
)
@pytest.mark.parametrize("page", [PAGE, b"\xef\xbb\xbf\r\n  <html>", b'<?xml version="1.0"?><html/>'])
async def test_a_login_page_is_no_invoice(kind: str, page: bytes) -> None:
    """The server answers 200 and asks for a password: the reader would get the page under the invoice's name."""
    async with web_server(says(answer(page, kind=kind))) as server:
        url = server.url.replace("/token", "/invoice.pdf")
        by_path = await refusal(url, loopback_door())
        by_own_name = await refusal(server.url, loopback_door(), filename="invoice.pdf")

    for error in (by_path, by_own_name):
        assert "page of HTML instead of 'invoice.pdf'" in str(error.cause)
        assert "signing in" in str(error.remedy)


async def test_a_page_that_was_asked_for_is_a_file() -> None:
    async with web_server(says(answer(PAGE, kind="text/html; charset=utf-8"))) as server:
        file = await fetch(server.url.replace("/token", "/report.html"), loopback_door())
        nameless = await fetch(server.url.replace("/token", "/"), loopback_door())

    assert (file.filename, file.media_type, file.inline) == ("report.html", "text/html; charset=utf-8", False)
    assert nameless.filename == "attachment.html"


async def test_a_file_that_is_only_called_a_page_is_a_file() -> None:
    """Some servers say text/html of everything."""
    async with web_server(says(answer(b"%PDF-1.7", kind="text/html"))) as server:
        file = await fetch(server.url, loopback_door(), filename="invoice.pdf")

    assert file.media_type == "application/pdf"


@pytest.mark.parametrize(
    "disposition, name",
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ("attachment; filename=report.pdf", "report.pdf"),
        ("inline; filename=report.pdf", "report.pdf"),
        ("attachment; filename=a.pdf; filename*=UTF-8''%e2%82%ac%20rates.pdf", "€ rates.pdf"),
        ("attachment; filename*=iso-8859-1'en'%A3%20rates.pdf; filename=a.pdf", "£ rates.pdf"),
        ('attachment; filename="Größe.pdf"', "Größe.pdf"),
        ('attachment; filename="a\\"b\\\\c.pdf"', "c.pdf"),
        # into a folder
        ('attachment; filename="../../../etc/cron.d/x.pdf"', "x.pdf"),
        ('attachment; filename="..\\\\..\\\\windows\\\\x.pdf"', "x.pdf"),
        ("attachment; filename*=UTF-8''..%2f..%2fx.pdf", "x.pdf"),
        ("attachment; filename*=UTF-8''..%5c..%5cx.pdf", "x.pdf"),
        ('attachment; filename="/etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\x.pdf"', "x.pdf"),
        ('attachment; filename="C:x.pdf"', "C_x.pdf"),
        ('attachment; filename=".."', "of-the-path.pdf"),
        ('attachment; filename="."', "of-the-path.pdf"),
        ('attachment; filename="/"', "of-the-path.pdf"),
        ('attachment; filename=".htaccess"', "htaccess"),
        # what is not seen
        ("attachment; filename*=UTF-8''x%E2%80%AEfdp.exe", "xfdp.exe"),
        ("attachment; filename*=UTF-8''x%E2%80%8B%EF%BB%BF.pdf", "x.pdf"),
        ("attachment; filename*=UTF-8''x%00.pdf", "x.pdf"),
        ("attachment; filename*=UTF-8''x.pdf%00.exe", "x.pdf.exe"),
        (
            "attachment; filename*=UTF-8''x%0d%0aBcc%3a%20evil%40example.com.pdf",
            "x Bcc_ evil@example.com.pdf",
        ),
        ("attachment; filename*=UTF-8''x%1b%5b31m.pdf", "x[31m.pdf"),
        # what cannot be read
        ("attachment; filename*=UTF-8''%ff%fe.pdf; filename=plain.pdf", "plain.pdf"),
        ("attachment; filename*=utf-7''+AC8-x.pdf; filename=plain.pdf", "plain.pdf"),
        ("attachment; filename*=UTF-8''%zz.pdf", "of-the-path.pdf"),
        ("attachment; filename*=x.pdf", "of-the-path.pdf"),
        ("attachment; filename=", "of-the-path.pdf"),
        ('attachment; filename=""', "of-the-path.pdf"),
        ("attachment; filename", "of-the-path.pdf"),
        ('attachment; filename="unclosed.pdf', "of-the-path.pdf"),
        ("attachment;;;;=;", "of-the-path.pdf"),
        ("filename=alone.pdf", "of-the-path.pdf"),
        ("", "of-the-path.pdf"),
        ("attachment; " + "x=y; " * 2000 + "filename=late.pdf", "of-the-path.pdf"),
    ],
)
async def test_a_name_is_cut_down_to_a_name(disposition: str, name: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Disposition: {disposition}\r\n\r\nx"
    async with web_server(says(head.encode())) as server:
        file = await fetch(server.url.replace("/token", "/a/of-the-path.pdf?x=/y.exe"), loopback_door())

    assert file.filename == name


async def test_a_name_has_at_most_255_octets_and_keeps_its_ending() -> None:
    octets = answer(b"x", headers=(f"Content-Disposition: attachment; filename={'ä' * 2000}.pdf",))
    async with web_server(says(octets)) as server:
        file = await fetch(server.url, loopback_door())

    assert file.filename is not None
    assert len(file.filename.encode()) <= 255
    assert file.filename.endswith(".pdf")


async def test_the_authors_own_name_goes_before_everything() -> None:
    octets = answer(
        b"x", kind="application/pdf", headers=("Content-Disposition: attachment; filename=evil.exe",)
    )
    async with web_server(says(octets)) as server:
        file = await fetch(server.url, loopback_door(), filename="invoice.pdf")

    assert file.filename == "invoice.pdf"


@pytest.mark.parametrize(
    "path, name",
    [
        ("/a/report.pdf", "report.pdf"),
        ("/a/%e2%82%ac.pdf", "€.pdf"),
        ("/a/..%2f..%2fetc%2fpasswd", "passwd"),
        ("/a/x%0d%0ay.pdf", "x y.pdf"),
        ("/a/%ff.pdf", "\ufffd.pdf"),
        ("/", "attachment.pdf"),
        ("", "attachment.pdf"),
        ("/..%2f", "attachment.pdf"),
        ("/?name=evil.exe", "attachment.pdf"),
    ],
)
async def test_the_path_names_the_file_when_nobody_else_does(path: str, name: str) -> None:
    async with web_server(says(answer(b"%PDF-1.7", kind="application/pdf"))) as server:
        file = await fetch(server.url.replace("/token", path), loopback_door())

    assert file.filename == name


@pytest.mark.parametrize(
    "kind, media_type",
    [
        ("application/pdf", "application/pdf"),
        ("Application/PDF; x=y", "application/pdf"),
        ("text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ('text/csv; header=present; charset="UTF-8"', "text/csv; charset=utf-8"),
        ("text/csv; charset=rot13", "text/csv"),
        ("text/csv; charset=unicode_escape", "text/csv"),
        ("text/csv; charset=us-ascii", "text/csv"),  # it holds an umlaut
        ("text/csv; charset=utf-8\r\n charset=x", "text/csv; charset=utf-8"),
        # nothing, or nothing that can be: the ending of the name tells
        ("", "text/csv"),
        ("application/octet-stream", "text/csv"),
        ("pdf", "text/csv"),
        ("text/", "text/csv"),
        ("/csv", "text/csv"),
        ("text/csv/evil", "text/csv"),
        ("text/c sv", "text/csv"),
        ("x" * 200 + "/" + "y" * 200, "text/csv"),
        ('text/csv"; name="x.exe', "text/csv"),
        # what would be taken apart by readers stays in one piece
        ("multipart/mixed; boundary=x", "application/octet-stream"),
        ("message/rfc822", "application/octet-stream"),
        ("message/external-body; access-type=local-file; name=/etc/passwd", "application/octet-stream"),
        # what may hold a program is an attachment, and never shown inside
        ("image/svg+xml", "image/svg+xml"),
        ("application/javascript", "application/javascript"),
        ("application/hta", "application/hta"),
    ],
)
async def test_a_type_is_a_type_and_nothing_else(kind: str, media_type: str) -> None:
    async with web_server(says(answer("Größe;1".encode(), kind=kind))) as server:
        file = await fetch(server.url.replace("/token", "/a.csv"), loopback_door())

    assert file.media_type == media_type
    assert file.inline is False


async def test_a_file_is_left_out_with_a_word_when_its_author_says_so() -> None:
    """The word goes to whoever reads the message; why the file is missing is told to those who run the flow."""
    async with web_server(says(answer(b"gone", status="404 Not Found"))) as server:
        wanted = Fetch(
            url=f"{server.url}?key={SECRET}", filename="a.pdf", otherwise=Unfetched.SKIP, field=FIELD
        )
        found = await fetched_files([wanted], door=loopback_door())

    [fault] = found.faults
    assert found.attachments == ()
    assert found.notes == ("The file 'a.pdf' could not be fetched and is missing from this message.",)
    assert "answered 404" in str(fault)
    assert SECRET not in str(fault)


@pytest.mark.parametrize(
    "url, called",
    [
        ("https://files.example/a/report.pdf?key=1", "The file 'report.pdf'"),
        ("https://files.example/d/Zr8tokenZr8token", "A file"),
        ("https://files.example/", "A file"),
        ("data:text/plain,secret.pdf", "A file"),
        ("http://[broken", "A file"),
    ],
)
async def test_a_missing_file_is_called_what_may_be_told(url: str, called: str) -> None:
    assert skip_note(Fetch(url=url)) == f"{called} could not be fetched and is missing from this message."
