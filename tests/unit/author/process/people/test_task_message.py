"""What people read of a task: in their language, and whatever stands in its title."""

from __future__ import annotations

import re

import pytest

from eilbote.author.process.details import TaskDetails
from eilbote.author.process.instance import OpenTask
from eilbote.author.process.people.task_message import LONGEST_TITLE, Occasion, TaskMail, task_message
from eilbote.author.process.people.task_words import task_choices
from eilbote.errors import TemplateError
from eilbote.model.address import parse_mailbox
from eilbote.model.draft import Draft
from eilbote.model.moment import Moment, later
from eilbote.template.branding import Branding

NOW = Moment(1_768_469_400_000)  # 2026-01-15T09:30Z
LINK = "https://eilbote.example.org/answer/x?a=1&b=2"


def message(
    title: str = "Approve order 4711",
    *,
    record: str = "4711",
    occasion: Occasion = Occasion.OPENED,
    due: Moment | None = None,
    link: str = LINK,
    **details: object,
) -> Draft:
    said: dict[str, object] = {"choices": (("approve", ""), ("decline", "No way"))}
    task = OpenTask(
        key="i1/T/0",
        element="T",
        title=title,
        record=record,
        details=TaskDetails(**(said | details)),  # type: ignore[arg-type]
        since=later(NOW, -3600),
        due=due,
    )
    mail = TaskMail(
        task=task,
        instance="i1",
        process="Orders & more",
        occasion=occasion,
        link=link,
        now=NOW,
        branding=Branding(product="Acme", accent_colour="#ffee00"),
    )
    return task_message(mail, parse_mailbox("Anna <anna@example.org>", field="to"))


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script><a href='https://evil.example'>x</a>",
        "{{ 7 | times: 11111 }}{% raw %}",
        "a\r\nBcc: eve@example.net",
        "a\u2028Bcc: eve@example.net",
        "x" * 5000,
    ],
)
def test_what_stands_in_a_title_or_a_record_is_text(evil: str) -> None:
    made = message(evil, record=evil)
    assert "\n" not in made.subject
    assert "\r" not in made.subject
    for shown in (made.subject, made.text or ""):
        assert "77777" not in shown
        assert ("x" * LONGEST_TITLE + "…" in shown) == (evil[0] == "x")
    assert "<script" not in (made.html or "")
    assert re.search(r"<a [^>]*evil", made.html or "") is None


def test_a_task_without_a_title_is_called_by_its_element() -> None:
    assert message(" \n").subject == "Task: T"


@pytest.mark.parametrize(
    "occasion, due, subject, words",
    [
        (Occasion.OPENED, None, "Task", ""),
        (Occasion.OPENED, later(NOW, 60), "Task", "Due: January 15, 2026"),
        (Occasion.OPENED, NOW, "Task", "It was due"),
        (Occasion.REMINDER, None, "Reminder", "Open since"),
        (Occasion.REMINDER, later(NOW, 1), "Reminder", "Due: "),
        (Occasion.REMINDER, NOW, "Overdue", "It was due"),
    ],
)
def test_it_says_why_it_comes(occasion: Occasion, due: Moment | None, subject: str, words: str) -> None:
    made = message(occasion=occasion, due=due)
    assert made.subject == f"{subject}: Approve order 4711"
    assert words in (made.text or "")
    assert ("Open since" in (made.text or "")) == (occasion is Occasion.REMINDER)


def test_it_says_what_can_be_chosen_and_where() -> None:
    made = message()
    assert "You can choose: Approve, No way" in (made.text or "")
    assert LINK in (made.text or "")
    assert 'href="https://eilbote.example.org/answer/x?a=1&amp;b=2"' in (made.html or "")
    assert "yours alone" in (made.text or "")
    assert "#ffee00" in (made.html or "")
    assert "every day" not in (made.text or "")


def test_without_a_choice_there_is_nothing_to_decide() -> None:
    made = message(choices=(), reminds=True)
    assert "Please see to it." in (made.text or "")
    assert "Open the task" in (made.text or "")
    assert "yours alone" not in (made.text or "")
    assert "every day at 07:00" in (made.text or "")


def test_without_a_link_none_is_spoken_of() -> None:
    made = message(link="")
    assert "yours alone" not in (made.text or "")
    assert "<a href" not in (made.html or "")


@pytest.mark.parametrize("language", ["en", "de", "ru"])
def test_every_sentence_is_there_in_every_language(language: str) -> None:
    made = message(language=language, reminds=True, occasion=Occasion.REMINDER, due=NOW)
    assert "4711" in made.subject
    assert ("Please" in (made.text or "")) == (language == "en")
    assert f'lang="{language}"' in (made.html or "")


@pytest.mark.parametrize(
    "language, labels",
    [
        ("en", ["Approve", "Mine", "later", "Decline"]),
        ("de_AT", ["Genehmigen", "Mine", "later", "Ablehnen"]),
        ("ru", ["Согласовать", "Mine", "later", "Отклонить"]),
        ("xx", ["Approve", "Mine", "later", "Decline"]),
    ],
)
def test_choices_that_have_no_label_get_one(language: str, labels: list[str]) -> None:
    choices = (("approve", ""), ("own", " Mine "), ("later", "later"), ("decline", "decline"))
    details = TaskDetails(language=language, choices=choices)
    assert [label for _, label in task_choices(details)] == labels


def test_a_choice_is_never_called_by_another_word_of_ours() -> None:
    """A choice may be called like one of our sentences."""
    choices = (("button", ""), ("due", ""), ("process", ""))
    assert task_choices(TaskDetails(choices=choices)) == tuple((value, value) for value, _ in choices)


def test_a_time_zone_that_is_none_is_told() -> None:
    with pytest.raises(TemplateError):
        message(time_zone="Mars/Base", due=NOW)
