"""Runs of flows and their values as programs read them, without what is called a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from eilbote.cli.times import moment_text
from eilbote.engine.shown_data import plain, without_secrets
from eilbote.model.ids import entry_id_text

if TYPE_CHECKING:
    from eilbote.engine.flow_view import FlowRun
    from eilbote.engine.run_mails import StepMail
    from eilbote.model.data import Data


def run_data(run: FlowRun, mails: Sequence[StepMail] = (), *, in_full: bool = True) -> Mapping[str, object]:
    """Give a run for programs; times are UTC, secrets are struck out."""
    short: dict[str, object] = {
        "id": run.id,
        "flow": run.flow,
        "version": run.version or None,
        "organization": run.organization or None,
        "session": run.session,
        "author": run.author or None,
        "status": run.status,
        "awaits": run.awaits.value or None,
        "due_at": moment_text(run.due),
        "entry": None if run.entry is None else entry_id_text(run.entry),
        "failed_nodes": run.failed_nodes,
        "began_at": moment_text(run.began),
        "changed_at": moment_text(run.changed),
    }
    if not in_full:
        return short
    return short | {
        "node": run.node or None,
        "error": plain(dict(run.error)) if run.error else None,
        "input": plain(without_secrets(dict(run.input))),
        "context": plain(without_secrets(dict(run.context))),
        "messages": run.mails,
        "steps": [
            {
                "node": step.node,
                "label": step.label,
                "kind": step.kind,
                "at": moment_text(step.at),
                "seconds": step.seconds,
                "by": step.by or None,
                "error": plain(dict(step.error)) if step.error else None,
                "entries": [entry_id_text(mail.entry.id) for mail in mails if mail.step == number],
            }
            for number, step in enumerate(run.steps)
        ],
    }


def value_text(value: Data) -> str:
    """Write a value in one line."""
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)
