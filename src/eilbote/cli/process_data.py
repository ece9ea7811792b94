"""Instances of processes as programs read them, without what is called a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.cli.times import moment_text
from eilbote.engine.shown_data import plain, without_secrets
from eilbote.model.ids import entry_id_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.process.instance import Incident, OpenTask
    from eilbote.engine.process.instance_mails import ElementMail
    from eilbote.engine.process.process_view import ProcessInstance


def instance_data(
    instance: ProcessInstance, mails: Sequence[ElementMail] = (), *, in_full: bool = True
) -> Mapping[str, object]:
    """Give an instance for programs; times are UTC, secrets are struck out."""
    short: dict[str, object] = {
        "id": instance.id,
        "process": instance.process,
        "version": instance.version,
        "organization": instance.organization or None,
        "correlation": instance.correlation or None,
        "author": instance.author or None,
        "status": instance.status.value,
        "state": instance.stage or None,
        "incidents": len(instance.incidents),
        "due_at": moment_text(instance.due),
        "began_at": moment_text(instance.began),
        "changed_at": moment_text(instance.changed),
    }
    if not in_full:
        return short
    return short | {
        "tokens": list(instance.tokens),
        "tasks": [task_data(task) for task in instance.tasks],
        "messages": [
            {
                "key": each.key,
                "element": each.element,
                "message": each.name,
                "correlation": each.correlation or None,
            }
            for each in instance.messages
        ],
        "incidents": [incident_data(each) for each in instance.incidents],
        "mails": [mail_data(each) for each in mails],
        "passages": [
            {
                "element": each.element,
                "iteration": each.iteration,
                "kind": each.kind.value,
                "at": moment_text(each.at),
            }
            for each in instance.passages
        ],
        "taken": dict(instance.taken),
        "data": plain(without_secrets(dict(instance.data))),
        "error": plain(dict(instance.error)) if instance.error else None,
    }


def task_data(task: OpenTask) -> dict[str, object]:
    """Give an open task."""
    return {
        "key": task.key,
        "element": task.element,
        "title": task.title,
        "record": task.record or None,
        "recipients": list(task.details.recipients),
        "choices": [value for value, _ in task.details.choices],
        "since": moment_text(task.since),
        "due_at": moment_text(task.due),
    }


def incident_data(incident: Incident) -> Mapping[str, object]:
    """Give an incident."""
    return {
        "key": incident.key,
        "element": incident.element,
        "error": plain(dict(incident.error)),
        "in_doubt": incident.in_doubt,
        "at": moment_text(incident.at),
    }


def mail_data(mail: ElementMail) -> Mapping[str, object]:
    """Give a message that was sent at an element."""
    return {
        "element": mail.element,
        "entry": entry_id_text(mail.entry.id),
        "state": mail.entry.state.value,
        "status": mail.mark.value,
        "subject": mail.entry.subject,
        "recipients": [
            {"address": each.address, "status": each.status.value if each.status else None}
            for each in mail.entry.recipients
        ],
    }
