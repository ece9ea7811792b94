"""Passages that two texts share are encoded once, and found where they stand."""

from __future__ import annotations

import pytest

from eilbote.compose import passages
from eilbote.compose.passages import Passages
from eilbote.compose.transfer_encoding import encode_text
from eilbote.model.message import BodyKind

ROWS = "".join(f"<tr><td>Zeile {number} kostet 4 €</td></tr>\n" for number in range(100))


def letter(name: str, number: int) -> str:
    return f"<p>Liebe {name},\n{ROWS}Bestellung {number}\n{ROWS}<p>Gruß"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is encoded as a whole."""
    texts: list[str] = []

    def noted(text: str, field: str, body: BodyKind) -> tuple[str, bytes]:
        texts.append(text)
        return encode_text(text, field, body)

    monkeypatch.setattr(passages, "encode_text", noted)
    return texts


def test_from_the_third_text_on_only_its_own_lines_are_encoded(asked: list[str]) -> None:
    alike = Passages()
    for number in range(2):
        alike.encode(letter(f"Anna {number}", number), "html", BodyKind.EIGHT_BIT)
    asked.clear()
    third = letter("Jürgen", 3)
    assert alike.encode(third, "html", BodyKind.EIGHT_BIT) == encode_text(third, "html", BodyKind.EIGHT_BIT)
    assert not asked


def test_a_text_of_another_kind_is_encoded_as_a_whole(asked: list[str]) -> None:
    alike = Passages()
    for number in range(2):
        alike.encode(letter(f"Anna {number}", number), "html", BodyKind.EIGHT_BIT)
    asked.clear()
    other = letter("Anna", 3).replace("Zeile 50", "Zeile fünfzig")
    assert alike.encode(other, "html", BodyKind.EIGHT_BIT) == encode_text(other, "html", BodyKind.EIGHT_BIT)
    assert asked == [other]


def test_another_kind_is_learned_in_time(asked: list[str]) -> None:
    alike = Passages()
    for number in range(2):
        alike.encode(letter(f"Anna {number}", number), "html", BodyKind.EIGHT_BIT)
    for number in range(4):
        alike.encode(letter(f"Anna {number}", number).replace("kostet", "macht"), "html", BodyKind.EIGHT_BIT)
    asked.clear()
    alike.encode(letter("Max", 7).replace("kostet", "macht"), "html", BodyKind.EIGHT_BIT)
    assert not asked
