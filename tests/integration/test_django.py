"""Django's own functions over our backend, with a catcher behind it: what a project sends arrives as it was meant."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from email.mime.base import MIMEBase
from email.mime.image import MIMEImage
from pathlib import Path

import pytest
from django.conf import settings
from django.core.mail import (
    EmailMessage,
    EmailMultiAlternatives,
    get_connection,
    mail_admins,
    send_mail,
    send_mass_mail,
)
from django.test import override_settings
from django.utils.functional import empty

from eilbote import AlreadySubmittedError, ConnectionNotFoundError, DraftError, Eilbote, SettingsError
from eilbote.testing import CaughtMessage, catching, refuse
from eilbote.testing.catcher_thread import CatcherThread

FROM = "Shop <shop@example.org>"


@pytest.fixture(scope="module", autouse=True)
def project() -> Iterator[None]:
    """A Django project in as few lines as there can be; whatever project this process had before is there again afterwards."""
    before, settings._wrapped = settings._wrapped, empty  # noqa: SLF001 - Django has no word for it
    settings.configure(
        EMAIL_BACKEND="eilbote.adapters.django.EmailBackend",
        DEFAULT_FROM_EMAIL="shop@example.org",
        USE_TZ=True,
        USE_I18N=False,
    )
    yield
    settings._wrapped = before  # noqa: SLF001 - as above


@pytest.fixture
def catcher() -> Iterator[CatcherThread]:
    with catching() as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path, catcher: CatcherThread) -> Iterator[Path]:
    """A project whose mail goes into an outbox."""
    said = {"data_dir": tmp_path, "connections": {"office": catcher.uri}, "connection": "office"}
    with override_settings(EILBOTE=said):
        yield tmp_path


@pytest.fixture
def direct(catcher: CatcherThread) -> Iterator[None]:
    """A project whose mail is sent at once."""
    with override_settings(EILBOTE={"connection": catcher.uri, "direct": True}):
        yield


def delivered(outbox: Path, catcher: CatcherThread) -> tuple[CaughtMessage, ...]:
    """What a courier in another process would deliver."""

    async def deliver() -> None:
        async with Eilbote(data_dir=outbox, connections={"office": catcher.uri}) as eilbote:
            await eilbote.deliver_due()

    asyncio.run(deliver())
    return catcher.messages


def message(**fields: object) -> EmailMultiAlternatives:
    usual = {"subject": "Hello", "body": "Hi Anna", "from_email": FROM, "to": ["anna@example.org"]}
    return EmailMultiAlternatives(**{**usual, **fields})


def sent(catcher: CatcherThread, **fields: object) -> CaughtMessage:
    assert message(**fields).send() == 1
    (caught,) = catcher.messages
    return caught


def test_it_is_in_the_outbox_when_send_mail_returns(outbox: Path, catcher: CatcherThread) -> None:
    assert (
        send_mail("Hello", "Hi Anna", FROM, ["anna@example.org"], html_message="<p>Hi <b>Anna</b></p>") == 1
    )
    assert catcher.messages == ()

    (caught,) = delivered(outbox, catcher)
    assert (caught.subject, caught.forward_paths) == ("Hello", ("anna@example.org",))
    assert "Hi Anna" in caught.text
    assert "<b>Anna</b>" in caught.html


def test_one_key_is_one_message(outbox: Path, catcher: CatcherThread) -> None:
    for _ in range(2):
        once = message()
        once.eilbote = {"idempotency_key": "invoice-17"}
        assert once.send() == 1
    other = message(subject="Another")
    other.eilbote = {"idempotency_key": "invoice-17"}
    with pytest.raises(AlreadySubmittedError):
        other.send()

    assert len(delivered(outbox, catcher)) == 1


def test_mass_mail_is_counted(outbox: Path, catcher: CatcherThread) -> None:
    letters = [(f"Number {number}", "Hi", FROM, [f"p{number}@example.org"]) for number in range(5)]

    assert send_mass_mail(letters) == 5
    assert len(delivered(outbox, catcher)) == 5


@override_settings(
    ADMINS=[("Ada", "ada@example.org")], SERVER_EMAIL="root@example.org", EMAIL_SUBJECT_PREFIX="[shop] "
)
def test_administrators_are_told(outbox: Path, catcher: CatcherThread) -> None:
    mail_admins("Disk full", "It is.")

    (caught,) = delivered(outbox, catcher)
    assert (caught.subject, caught.forward_paths) == ("[shop] Disk full", ("ada@example.org",))


def test_one_opening_serves_many_messages_and_the_thread_ends(outbox: Path) -> None:
    before = threading.active_count()
    with get_connection() as connection:
        assert connection.open() is False
        assert connection.send_messages([message(), message()]) == 2
        assert connection.send_messages([message()]) == 1
        assert threading.active_count() > before
    assert threading.active_count() == before


def test_it_is_sent_at_once(direct: None, catcher: CatcherThread) -> None:
    before = threading.active_count()

    assert sent(catcher).subject == "Hello"
    assert threading.active_count() == before


def test_at_once_through_a_connection_that_the_outbox_knows(outbox: Path, catcher: CatcherThread) -> None:
    with get_connection(direct=True) as connection:
        assert connection.send_messages([message()]) == 1

    assert catcher.next().subject == "Hello"


def test_everybody_who_gets_it(direct: None, catcher: CatcherThread) -> None:
    caught = sent(
        catcher,
        to=["Anna <anna@example.org>", "max@example.org"],
        cc=["lead@example.org"],
        bcc=["archive@example.org"],
        reply_to=["help@example.org"],
    )

    assert set(caught.forward_paths) == {
        *("anna@example.org", "max@example.org", "lead@example.org", "archive@example.org")
    }
    assert caught.parse()["Reply-To"] == "help@example.org"
    assert caught.parse()["Cc"] == "lead@example.org"
    assert b"archive" not in caught.octets


def test_headers_find_their_places(direct: None, catcher: CatcherThread) -> None:
    caught = sent(
        catcher,
        from_email="bounces@example.org",
        headers={
            "From": "Shop <shop@example.org>",
            "Message-ID": "<one@example.org>",
            "Date": "Fri, 01 Mar 2030 08:00:00 +0100",
            "In-Reply-To": "<zero@example.org>",
            "List-Unsubscribe": "<https://example.org/u?a=1,2>, <mailto:u@example.org>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "To": "anna@example.org",
            "X-Team": "Sales",
        },
    )

    assert caught.reverse_path == "bounces@example.org"
    assert caught.parse()["From"] == "Shop <shop@example.org>"
    assert caught.parse()["Message-ID"] == "<one@example.org>"
    assert caught.parse()["Date"] == "Fri, 01 Mar 2030 08:00:00 +0100"
    assert caught.parse()["In-Reply-To"] == "<zero@example.org>"
    assert caught.parse()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "a=1,2" in caught.parse()["List-Unsubscribe"]
    assert caught.parse()["X-Team"] == "Sales"


def test_attachments_of_every_kind(direct: None, catcher: CatcherThread, tmp_path: Path) -> None:
    (tmp_path / "zahlen.csv").write_text("a,b\n1,ü\n")
    picture = MIMEImage(b"\x89PNG\r\n\x1a\n", _subtype="png")
    picture.add_header("Content-ID", "<logo>")
    ready = MIMEBase("application", "x-ready")
    ready.set_payload(b"made")
    letter = message(attachments=[("größe.txt", "text ü", "text/plain"), picture, ready])
    letter.attach_alternative('<p><img src="cid:logo"></p>', "text/html")
    letter.attach("data.bin", b"\x00\x01", "application/octet-stream")
    letter.attach_file(tmp_path / "zahlen.csv")
    letter.attach("other.eml", message(subject="Inside"), "message/rfc822")

    assert letter.send() == 1
    (caught,) = catcher.messages
    parts = {part.get_content_type(): part for part in caught.parse().walk()}
    assert parts["text/csv"].get_content() == "a,b\n1,ü\n"
    assert parts["application/octet-stream"].get_content() == b"\x00\x01"
    assert parts["image/png"]["Content-ID"] == "<logo>"
    assert parts["application/x-ready"].get_payload(decode=True) == b"made"
    assert parts["message/rfc822"].get_content()["Subject"] == "Inside"
    assert {part.get_filename() for part in caught.parse().walk()} >= {"größe.txt", "data.bin", "zahlen.csv"}
    assert "multipart/related" in parts


def test_html_alone(direct: None, catcher: CatcherThread) -> None:
    letter = message(body="<p>Hi <i>Anna</i></p>")
    letter.content_subtype = "html"

    assert letter.send() == 1
    (caught,) = catcher.messages
    assert "<i>Anna</i>" in caught.html
    assert "Hi Anna" in caught.text.replace("/", "").replace("_", "")


def test_nobody_is_sent_nothing(outbox: Path) -> None:
    assert message(to=[]).send() == 0
    assert get_connection().send_messages([]) == 0
    assert get_connection().send_messages([message(to=[]), message()]) == 1


class Own(EmailMessage):
    """A message of somebody who writes MIME."""

    def message(self) -> object:
        return super().message()


@pytest.mark.parametrize(
    "letter,field",
    [
        (message(subject="Hello\nBcc: eve@example.org"), "subject"),
        (message(to=["anna@example.org\nBcc: eve@example.org"]), "to[0]"),
        (message(headers={"X-Team": "a\r\nBcc: eve@example.org"}), "headers.X-Team"),
        (message(headers={"To": "list@example.org"}), "headers.To"),
        (message(headers={"Date": "tomorrow"}), "headers.Date"),
        (message(headers={"Received": "by nobody"}), "headers.Received"),
        (message(alternatives=[("BEGIN:VCALENDAR", "text/calendar")]), "alternatives"),
        (message(attachments=[("a", object(), "a/b")]), "attachments[0]"),
        (Own("x", "y", FROM, ["anna@example.org"]), "message"),
    ],
)
def test_what_cannot_be_said_safely_is_refused_and_nothing_is_dropped(
    letter: EmailMessage, field: str, outbox: Path, catcher: CatcherThread
) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:  # Django's BadHeaderError is a ValueError as well
        letter.send()

    assert isinstance(refused.value, DraftError)
    assert refused.value.field == field
    assert delivered(outbox, catcher) == ()


def test_silently_the_others_are_sent(direct: None, catcher: CatcherThread) -> None:
    catcher.add_fault(refuse("rcpt", "550 5.1.1 No such user", only="eve@*"))
    letters = [message(), message(to=["eve@example.org"]), message(subject="a\nb"), message()]

    assert get_connection(fail_silently=True).send_messages(letters) == 2
    with pytest.raises(Exception, match="No such user"):
        get_connection().send_messages(letters)


def test_silently_an_outbox_that_cannot_be_opened_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with override_settings(EILBOTE={"data_dir": tmp_path / "file"}):
        assert message().send(fail_silently=True) == 0
        with pytest.raises(Exception, match="file"):
            message().send()


def test_an_unknown_connection_is_told(outbox: Path) -> None:
    with pytest.raises(ConnectionNotFoundError):
        get_connection(connection="offce").send_messages([message()])


@pytest.mark.parametrize(
    "options",
    [{"data_dri": "x"}, {"username": "anna"}, {"connection": "smtp://mail.example.org"}],
    ids=["misspelt", "a user", "a URI that couriers do not know"],
)
def test_options_that_cannot_be_used_are_told(options: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        get_connection(**options)


def test_a_key_needs_an_outbox(direct: None) -> None:
    letter = message()
    letter.eilbote = {"idempotency_key": "invoice-17"}

    with pytest.raises(DraftError, match="sent at once"):
        letter.send()


def test_from_inside_an_event_loop(outbox: Path, catcher: CatcherThread) -> None:
    """An asynchronous view may call Django's synchronous functions; the loop they work in is not the view's."""

    async def view() -> int:
        return message().send()

    assert asyncio.run(view()) == 1
    assert len(delivered(outbox, catcher)) == 1
