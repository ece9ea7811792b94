"""What goes to stdout as JSON: read by programs as it was, and obeyed by no terminal."""

from __future__ import annotations

import json

from eilbote.cli.screen import json_text


def test_what_a_terminal_would_obey_is_written_as_its_number() -> None:
    said = {"subject": "\x1b[2J \x9b31m \u202eevil\u2066 \x7f\u2028", "name": "Grüße 你好 \U0001f600"}
    for indent in (None, 2):
        text = json_text(said, indent=indent)
        assert json.loads(text) == said
        assert all(letter.isprintable() or letter == "\n" for letter in text)
        assert "Grüße 你好 \U0001f600" in text
