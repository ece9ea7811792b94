"""What people are told of a task: that there is one, and every day that it is still to be done.

What stands in a title or a record is data: it is put in once, as text, and nothing in it is read as a template or as HTML. Each line
begins with words of ours, so that no line of a quoted message is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Final

from eilbote.author.process.people.task_names import task_report_id
from eilbote.author.process.people.task_words import say, task_choices
from eilbote.model.draft import Draft
from eilbote.model.moment import as_datetime
from eilbote.template.branding import Branding
from eilbote.template.contrast import readable_on
from eilbote.template.frame import framed
from eilbote.template.html_text import html_to_text
from eilbote.template.rich_content import safe_content

if TYPE_CHECKING:
    from eilbote.author.process.instance import OpenTask
    from eilbote.model.mailbox import Mailbox
    from eilbote.model.moment import Moment

LONGEST_TITLE: Final = 300
"""Characters of a title or a record that people read; the rest is cut off."""


class Occasion(StrEnum):
    """Why somebody is told of a task."""

    OPENED = "opened"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMail:
    """A message about a task that is to be written.

    Attributes:
        task: The task.
        instance: Of which instance.
        process: What people call the process.
        occasion: Why it is written.
        link: Where the task can be seen or decided; empty when there is no address for that.
        now: The time, to tell what is overdue.
        branding: How it looks.
    """

    task: OpenTask
    instance: str
    process: str
    occasion: Occasion
    link: str = ""
    now: Moment
    branding: Branding = field(default_factory=Branding)


def task_title(task: OpenTask) -> str:
    """Give what is to be done, on one line."""
    return _line(task.title) or task.element


def task_details(task: OpenTask, process: str) -> tuple[str, ...]:
    """Give what is known of a task beside its title: lines for those who look at it.

    Raises:
        TemplateError: Its time zone is none.
    """
    language, zone = task.details.language, task.details.time_zone
    lines: list[str] = []
    if record := _line(task.record):
        lines.append(say("record", {"record": record}, language=language))
    if task.due is not None:
        lines.append(say("due", {"due": as_datetime(task.due)}, language=language, time_zone=zone))
    lines.append(say("process", {"process": _line(process)}, language=language))
    return tuple(lines)


def task_message(mail: TaskMail, to: Mailbox) -> Draft:
    """Write the message to one person.

    Raises:
        TemplateError: The task's time zone is none.
    """
    task, details = mail.task, mail.task.details
    is_late = task.due is not None and mail.now >= task.due
    word = "overdue" if is_late and mail.occasion is Occasion.REMINDER else mail.occasion.value
    subject = say(word, {"title": task_title(task)}, language=details.language)
    html = framed(
        safe_content(_content(mail, is_late=is_late)),
        heading=subject,
        report_id=task_report_id(mail.instance, task.key),
        branding=mail.branding,
        language=details.language,
    )
    return Draft(to=to, subject=subject, html=html, text=html_to_text(html), auto_submitted="auto-generated")


def _content(mail: TaskMail, *, is_late: bool) -> str:
    task, details = mail.task, mail.task.details
    language, zone = details.language, details.time_zone

    def said(word: str, **values: object) -> str:
        return say(word, values, language=language, time_zone=zone)

    choices = task_choices(details)
    lines = list(task_details(task, mail.process))
    if is_late and task.due is not None:
        was_due, due = said("was_due", due=as_datetime(task.due)), said("due", due=as_datetime(task.due))
        lines = [was_due if line == due else line for line in lines]
    if mail.occasion is Occasion.REMINDER:
        lines.append(said("since", since=as_datetime(task.since)))
    if choices:
        lines.append(said("choices", choices=", ".join(label for _, label in choices)))
    parts = [f"<p>{escape(said('asked' if choices else 'told'))}</p>", f"<p>{_lines(lines)}</p>"]
    if mail.link:
        parts.append(_button(mail, said("button" if choices else "look")))
    small = [
        *([said("first")] if choices and mail.link else []),
        *([said("daily")] if details.reminds else []),
    ]
    if small:
        parts.append(f'<p style="font-size:13px">{_lines(small)}</p>')
    return "".join(parts)


def _button(mail: TaskMail, label: str) -> str:
    accent = mail.branding.accent_colour
    # The colour is important: frames give links in the dark a colour that could not be read on the button.
    style = (
        f"display:inline-block;padding:12px 28px;border-radius:6px;background-color:{accent};"
        f"color:{readable_on(accent)} !important;font-weight:600;text-decoration:none"
    )
    return f'<p style="margin:24px 0"><a href="{escape(mail.link)}" style="{style}">{escape(label)}</a></p>'


def _lines(texts: list[str]) -> str:
    return "<br>".join(map(escape, texts))


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else f"{line[:LONGEST_TITLE]}…"
