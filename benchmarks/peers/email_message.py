"""Composition with the standard library's `email.message`, as its documentation shows it."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path

from benchmarks.peers.content import ATTACHMENT, SENDER, SENDER_NAME, text


def compose(shape: str, number: int, attachment: Path | None = None) -> EmailMessage:
    """Build one message."""
    words = text(shape, number)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(SENDER_NAME, addr_spec=SENDER)
    message["To"] = Address(words.name, addr_spec=words.address)
    message["Subject"] = words.subject
    message["Message-ID"] = make_msgid(domain="shop.example")
    message.set_content(words.text)
    message.add_alternative(words.html, subtype="html")
    if shape in "LF":
        octets = attachment.read_bytes() if attachment is not None else ATTACHMENT
        message.add_attachment(octets, maintype="application", subtype="octet-stream", filename="report.bin")
    return message
