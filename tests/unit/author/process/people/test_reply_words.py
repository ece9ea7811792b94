"""What of a reply its sender has written, and which choice that names."""

from __future__ import annotations

import pytest

from eilbote.author.process.people.reply_words import choice_of, own_words

CHOICES = (("approve", "Approve"), ("decline", "Decline"))

HISTORIES = {
    "gmail": "On Sun, Nov 22, 2026 at 10:00 AM Orders <orders@example.org> wrote:\n\n> Task: Order\n> approve",
    "gmail, broken": "On Sun, Nov 22, 2026 at 10:00 AM Orders with a rather long name\n<orders@example.org>\nwrote:\n\n> approve",
    "gmail, no marks": "On Sun, Nov 22, 2026 at 10:00 AM Orders <orders@example.org> wrote:\n\nTask: Order\napprove",
    "german": "Am 22.11.2026 um 10:00 schrieb Orders <orders@example.org>:\n> approve",
    "thunderbird": "On 22/11/2026 10:00, Orders wrote:\n> approve",
    "russian": "вс, 22 нояб. 2026 г. в 10:00, Orders <orders@example.org>:\n> approve",
    "russian, apple": "22 нояб. 2026 г., в 10:00, Orders <orders@example.org> написал(а):\napprove",
    "outlook": "________________________________\nFrom: Orders <orders@example.org>\nSent: Sunday\nTo: Anna\nSubject: x\n\napprove",
    "outlook, block": "From: Orders <orders@example.org>\nSent: Sunday\nTo: Anna\nSubject: x\n\napprove",
    "outlook, german": "Von: Orders\nGesendet: Sonntag\nAn: Anna\nBetreff: x\n\napprove",
    "outlook, bold": "*From:* Orders\n*Sent:* Sunday\n*To:* Anna\n\napprove",
    "outlook, russian": "От: Orders\nОтправлено: воскресенье\nКому: Анна\nТема: x\n\napprove",
    "old outlook": "-----Original Message-----\nFrom: Orders\n\napprove",
    "old outlook, german": "-----Ursprüngliche Nachricht-----\nVon: Orders\n\napprove",
    "mail.ru": "----- Исходное сообщение -----\napprove",
    "forwarded": "---------- Forwarded message ---------\nFrom: Orders\n\napprove",
    "signature": "-- \nAnna\napprove",
    "marks alone": "> approve\n>> approve\n  > approve",
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_the_history_is_no_answer(history: str) -> None:
    assert choice_of(own_words(history), CHOICES) is None
    assert own_words(f"Please wait until Monday.\n\n{history}") == "Please wait until Monday."
    assert choice_of(own_words(f"Decline\n\n{history}"), CHOICES) == ("decline", "")


@pytest.mark.parametrize(
    "words",
    ["On Friday, please.", "On Friday, please.\nTomorrow is too early.", "Am Freitag bitte:", "2 pieces"],
)
@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
@pytest.mark.parametrize("blank", ["\n\n", "\n"])
def test_words_that_begin_like_a_history_are_kept(words: str, history: str, blank: str) -> None:
    assert own_words(f"{words}{blank}{history}") == words


def test_words_between_quotations_are_kept() -> None:
    assert own_words("> Which colour?\nBlue.\n> Which size?\nLarge.") == "Blue.\nLarge."


@pytest.mark.parametrize(
    "words, expected",
    [
        ("approve", ("approve", "")),
        ("  APPROVE. ", ("approve", "")),
        ("Genehmigen!", ("approve", "")),
        ("«Отклонить»", ("decline", "")),
        ("**Decline**\n\nToo dear.\nAnna", ("decline", "Too dear.\nAnna")),
        ("approve\napprove", ("approve", "approve")),
    ],
)
def test_a_first_line_that_is_a_choice_decides(words: str, expected: tuple[str, str]) -> None:
    assert choice_of(words, CHOICES) == expected


@pytest.mark.parametrize(
    "words",
    [
        "",
        "yes",
        "I approve",
        "approve?? no",
        "do not approve",
        "not\napprove",
        "Hello,\n\napprove",
        "approve\n\nno, wait:\n\ndecline",
        "approve / decline",
        "approve, decline",
        "Genehmigen\nDecline",
    ],
)
def test_what_leaves_a_doubt_decides_nothing(words: str) -> None:
    assert choice_of(words, CHOICES) is None


def test_a_word_that_names_two_choices_names_none() -> None:
    assert choice_of("go", (("go", "Go"), ("stop", "Go"))) is None
    assert choice_of("today", (("today", "Send it today"), ("stop", ""))) == ("today", "")
    assert choice_of("Send it today", (("today", "Send it today"), ("stop", ""))) == ("today", "")


def test_other_choices_have_no_words_in_other_languages() -> None:
    assert choice_of("Genehmigen", (("yes", "Yes"), ("no", "No"))) is None
