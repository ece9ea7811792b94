"""One event as a message to one person: what happened, since when how often, its details, and why they are told."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.author.notification.catalogue import known_event
from eilbote.author.notification.digest import (
    acknowledge_link,
    digest_message,
    unsubscribing,
    why_told,
)
from eilbote.author.notification.escalated import original_of
from eilbote.author.notification.wording import say, severity_word, text_of, title_of
from eilbote.model.draft import Draft, Priority
from eilbote.model.moment import as_datetime
from eilbote.model.severity import Severity
from eilbote.template.frame import framed
from eilbote.template.html_text import html_to_text
from eilbote.template.rich_content import safe_content

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.notification.event import EventData, SystemEvent
    from eilbote.author.notification.telling import Batch, KeptEvent
    from eilbote.template.branding import Branding

_MOST_VALUES: Final = 20
_LONGEST_VALUE: Final = 300
_CELL: Final = "padding:4px 16px 4px 0;vertical-align:top;text-align:left"


def message_of(
    batch: Batch,
    branding: Branding | None = None,
    *,
    leaving: str = "",
    acknowledging: Mapping[str, str] = MappingProxyType({}),
) -> Draft:
    """Give the message that tells somebody what happened; the same for the same batch, whoever makes it.

    Args:
        batch: What is told to whom.
        branding: How it looks; as usual when ``None``.
        leaving: Where the recipient unsubscribes; empty where nobody can. By https it takes one click (RFC 8058).
        acknowledging: Where the recipient acknowledges events, by their ids; for those that others hear of otherwise.
    """
    if batch.total != 1:
        return digest_message(batch, branding, leaving=leaving, acknowledging=acknowledging)
    (kept,) = batch.events
    event, language, zone = kept.event, batch.language, batch.time_zone
    title = title_of(event, language=language, time_zone=zone)
    word = severity_word(event.severity, language=language)
    subject = f"{word}: {title}" if word else title
    content = safe_content(_content(kept, batch, leaving, acknowledging.get(event.id, "")))
    html = framed(content, heading=subject, report_id=batch.id, branding=branding, language=language)
    return Draft(
        to=batch.recipient,
        subject=subject,
        html=html,
        text=html_to_text(html),
        priority=Priority.HIGH if event.severity.is_at_least(Severity.FATAL) else Priority.NORMAL,
        auto_submitted="auto-generated",
        unsubscribe=unsubscribing(leaving),
        one_click_unsubscribe=bool(unsubscribing(leaving)),
    )


def _content(kept: KeptEvent, batch: Batch, leaving: str, acknowledging: str) -> str:
    language, zone = batch.language, batch.time_zone
    original = original_of(kept.event)
    event = original or kept.event
    when = say(
        "when",
        {"at": as_datetime(event.at), "organization": event.organization, "kind": event.kind},
        language=language,
        time_zone=zone,
    )
    parts = [f"<p>{escape(when)}</p>"]
    if original is not None:
        parts.append(text_of(kept.event, language=language, time_zone=zone))
    parts.append(text_of(event, language=language, time_zone=zone))
    if kept.earlier:
        parts.append(f"<p>{escape(say('earlier', {'count': kept.earlier}, language=language))}</p>")
    if event.detail:
        parts.append(f"<p>{_lines(event.detail)}</p>")
    if not known_event(event.kind).titles:
        parts.append(_table(event))
    if acknowledging:
        parts.append(f"<p>{acknowledge_link(acknowledging, language)}</p>")
        parts.append(f"<p>{escape(say('escalates', {}, language=language))}</p>")
    parts.append(why_told(batch, leaving))
    return "".join(parts)


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def _table(event: SystemEvent) -> str:
    """Show the values of an event that nobody has written a text for; tables and lists in them are left out."""
    rows = [(name, shown) for name, value in event.data.items() if (shown := _shown(value))][:_MOST_VALUES]
    if not rows:
        return ""
    cells = "".join(
        f'<tr><th align="left" style="{_CELL}">{escape(name[:_LONGEST_VALUE])}</th>'
        f'<td style="{_CELL}">{_lines(value)}</td></tr>'
        for name, value in rows
    )
    return f'<table style="border-collapse:collapse;margin:8px 0">{cells}</table>'


def _shown(value: EventData) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | Decimal():
            text = str(value)
            return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
        case _:
            return ""
