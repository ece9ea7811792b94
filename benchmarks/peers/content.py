"""What is written: the same words for every client (`nodemailer_content.cjs` is its twin).

S  text and HTML, 1.8 KB as a message      M  the same with HTML of 30 KB
L  S with 1 MB attached, from memory       F  S with a file attached, from disk

The words hold umlauts and a euro sign, as most mail does, so that every client has to choose a
transfer encoding.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

CONTENT = Path(__file__).resolve().parent.parent / "content"
SENDER_NAME = "Schöner Schreiben"
SENDER = "orders@shop.example"
MEDIUM_ROWS = 145
ATTACHMENT = bytes(range(256)) * 4096


class Text(NamedTuple):
    """What one recipient reads."""

    name: str
    address: str
    subject: str
    text: str
    html: str


@cache
def _read(name: str) -> str:
    return (CONTENT / name).read_text()


@cache
def template(shape: str) -> tuple[str, str]:
    """Give text and HTML of a shape, `{name}` and `{number}` still in them."""
    html = _read("small.html")
    if shape == "M":
        html = html.replace("</table>", _read("row.html") * MEDIUM_ROWS + "</table>")
    return _read("small.txt"), html


@cache
def _pieces(shape: str) -> tuple[list[str], list[str]]:
    plain, html = (re.split(r"\{(name|number)\}", words) for words in template(shape))
    return plain, html


def text(shape: str, number: int) -> Text:
    """Fill the template in for recipient `number`; it was cut once, for what fills templates is not measured."""
    name = f"Jürgen Müller {number}"
    value_of = {"name": name, "number": str(number)}.get
    plain, html = _pieces(shape)
    return Text(
        name,
        f"recipient{number}@customer.example",
        f"Your order {number} is on its way",
        "".join(map(value_of, plain, plain)),  # a piece that names no value stands for itself
        "".join(map(value_of, html, html)),
    )
