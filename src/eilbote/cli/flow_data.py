"""Runs of flows and their values as programs read them, without what is called a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from eilbote.cli.times import moment_text
from eilbote.model.ids import entry_id_text

if TYPE_CHECKING:
    from eilbote.cli.flow_mails import StepMail
    from eilbote.engine.flow_view import FlowRun
    from eilbote.model.data import Data

_SECRET_WORDS: Final = (
    "password",
    "passwort",
    "secret",
    "token",
    "api_key",
    "apikey",
    "authorization",
    "credential",
)
_STARS: Final = "***"
_LARGEST: Final = 307
"""The power of ten up to which a number of double precision reaches, as most readers of JSON keep it (RFC 8259, section 6)."""


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


def plain(value: Data) -> object:
    """Give data as JSON knows it: a decimal number is written as the number it is, as text where readers could not hold it."""
    match value:
        case Decimal() if value.adjusted() > _LARGEST:
            return str(value)
        case Decimal():
            return (
                int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
            )
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case _:
            return cast("object", value)


def value_text(value: Data) -> str:
    """Write a value in one line."""
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def without_secrets(value: Data, name: str = "") -> Data:
    """Give data in which whatever is called a password, a token or the like is struck out."""
    if name and any(word in name.lower() for word in _SECRET_WORDS) and value not in (None, "", True, False):
        return _STARS
    match value:
        case dict():
            return {key: without_secrets(inner, key) for key, inner in value.items()}
        case list():
            return [without_secrets(inner, name) for inner in value]
        case _:
            return value
