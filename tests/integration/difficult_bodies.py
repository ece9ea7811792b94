"""Texts that mail software has lost, cut short or changed, by what is difficult about them."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "empty": "",
    "no line end": "one line without an end",
    "only line ends": "\n\n\n",
    "a lone dot": ".\n",
    "a lone dot without a line end": "the end is near\n.",
    "dots at the beginning": ".\n..\n...\n.x\n..y\n. z\nno dot\n.\n",
    "dots behind empty lines": "\n.\n\n..\n\n\n.\n\n",
    "the end of the content, and then a command": "bye\r\n.\r\nMAIL FROM:<evil@lab.example>\r\nRCPT TO:<victim@lab.example>\r\n",
    "the end of the content in bare line feeds": "bye\n.\nMAIL FROM:<evil@lab.example>\n",
    "the end of the content in bare carriage returns": "bye\r.\rMAIL FROM:<evil@lab.example>\r",
    "the end of the content, mixed": "a\n.\r\nb\r\n.\nc\r.\r\nd\r\n.\re\n",
    "blanks at line ends": "one \ntwo  \ntab\t\nboth \t\n \n\t\nlast ",
    "From lines": "From here\n>From there\nFrom: nobody\n From within\nFrom",
    "what looks like a header": "Subject: another\nBcc: victim@lab.example\n\nReceived: never\n",
    "what looks like a boundary": "--\n--=_\n--x\n--x--\n-- \nsignature\n",
    "what looks like quoted-printable": "=\n=3D\n=C3=BC\na=\n=\n=0D=0A.\n",
    "letters outside ASCII": "Grüße, žluťoučký kůň, Ελληνικά, Ёжик\n日本語のテキスト\n🙂👩‍👩‍👧\n",
    "letters outside ASCII and dots": ".ü\n..ü\n.\nü.\n",
    "separators that Python takes for line ends": "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\n",
    "a byte order mark": "\ufeffmarked\n",
    "a line at the limit": "x" * 990 + "\n" + "y" * 10 + "\n",
    "a line over the limit": "x" * 991 + "\n",
    "lines at the limit of the protocol": "x" * 998 + "\n" + "." * 998 + "\n",
    "a very long line": "." * 20_000,
    "a very long line outside ASCII": "ü" * 3_000 + "\n",
    "a dot at every line": ".line\n" * 2_000,
    "NUL and other controls": "a\x00b\x01c\x1a\x1b[31m\x7f\n",
    "larger than a buffer": "The quick brown fox jumps over the lazy dog.\n.\n" * 8_000,
}


def as_read(text: str) -> str:
    """What a reader should see: one kind of line end, and no difference between an ended and an unended last line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
