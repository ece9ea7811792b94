"""What is written, for eilbote: drafts, and one draft with a place for each recipient's values."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.peers.content import ATTACHMENT, SENDER, SENDER_NAME, template, text
from eilbote import Attachment, Draft, SeriesRecipient

FROM = f'"{SENDER_NAME}" <{SENDER}>'


def attachments(shape: str, path: Path | None) -> list[Attachment]:
    """Attach what the shape asks for."""
    if shape == "F":
        assert path is not None
        return [Attachment.from_file(path, media_type="application/octet-stream")]
    return [Attachment.from_bytes(ATTACHMENT, filename="report.bin")] if shape == "L" else []


def draft(shape: str, number: int, path: Path | None = None) -> Draft:
    """Write one message, everything anew."""
    words = text(shape, number)
    return Draft(
        from_=FROM,
        to=f"{words.name} <{words.address}>",
        subject=words.subject,
        text=words.text,
        html=words.html,
        attachments=attachments(shape, path),
    )


def pattern(shape: str, path: Path | None = None) -> Draft:
    """Write the one draft that all recipients of a series share."""

    def places(words: str) -> str:
        return words.replace("{name}", "{{ name }}").replace("{number}", "{{ number }}")

    plain, html = template(shape)
    return Draft(
        from_=FROM,
        subject="Your order {{ number }} is on its way",
        text=places(plain),
        html=places(html),
        attachments=attachments(shape, path),
    )


def recipients(numbers: range) -> Iterator[SeriesRecipient]:
    """Give every recipient with the values for the pattern's places."""
    for number in numbers:
        name = f"Jürgen Müller {number}"
        yield SeriesRecipient(
            to=f"{name} <recipient{number}@customer.example>",
            values={"name": name, "number": str(number)},
        )
