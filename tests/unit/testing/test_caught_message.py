from email.message import EmailMessage

from eilbote.testing import CaughtMessage


def caught(octets: bytes) -> CaughtMessage:
    return CaughtMessage(
        reverse_path="a@x.example",
        forward_paths=("b@y.example",),
        octets=octets,
        mail_parameters={},
        rcpt_parameters=({},),
        hello="c",
        peer="127.0.0.1:9",
    )


def composed() -> bytes:
    message = EmailMessage()
    message["Subject"] = "Grüße"
    message.set_content("Hallo, Welt\nund so\n")
    message.add_alternative("<p>Hallo</p>", subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<logo>", disposition="inline")
    message.add_attachment("a;b\n", subtype="csv", filename="übersicht.csv")
    inner = EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("inner text")
    message.add_attachment(inner)
    return message.as_bytes().replace(b"\n", b"\r\n")


def test_reads_like_a_mail_program() -> None:
    message = caught(composed())
    assert message.subject == "Grüße"
    assert message.text == "Hallo, Welt\nund so\n"
    assert message.html.strip() == "<p>Hallo</p>"
    assert message.header("X-None") == ""


def test_attachments_are_everything_but_the_texts() -> None:
    image, table, inner = caught(composed()).attachments
    assert (image.media_type, image.content_id, image.inline, image.octets) == (
        "image/png",
        "logo",
        True,
        b"\x89PNG",
    )
    assert (table.filename, table.media_type, table.octets.strip()) == (
        "übersicht.csv",
        "text/csv",
        b"a;b",
    )
    assert inner.media_type == "message/rfc822"
    assert b"inner text" in inner.octets


def test_a_strange_charset_and_no_body_do_not_matter() -> None:
    assert caught(b"Content-Type: text/plain; charset=klingon\r\n\r\nqapla\xe4\r\n").text == "qaplaä\n"
    assert caught(b"").text == ""
    assert caught(b"Content-Type: image/png\r\n\r\nx").html == ""
