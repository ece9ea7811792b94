"""Many events as one message: how many, the worst first, and how often each has happened."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from eilbote.author.notification.wording import say, severity_word, title_of
from eilbote.model.draft import Draft
from eilbote.model.moment import as_datetime
from eilbote.model.severity import Severity
from eilbote.template.frame import framed
from eilbote.template.html_text import html_to_text
from eilbote.template.rich_content import safe_content

if TYPE_CHECKING:
    from eilbote.author.notification.telling import Batch, KeptEvent
    from eilbote.template.branding import Branding


def digest_message(batch: Batch, branding: Branding | None = None) -> Draft:
    """Give one message about all events of a batch."""
    language = batch.language
    loud = sum(count for severity, count in batch.counts.items() if severity.is_at_least(Severity.ERROR))
    subject = say("digest", {"total": batch.total, "loud": loud}, language=language)
    shown = sorted(batch.events, key=lambda kept: (-kept.event.severity.rank, kept.event.at, kept.event.id))
    parts = [f"<ul>{''.join(_item(kept, batch) for kept in shown)}</ul>"]
    if left := batch.total - len(shown):
        parts.append(f"<p>{escape(say('more', {'count': left}, language=language))}</p>")
    if batch.subscription:
        told = say("subscription", {"id": batch.subscription}, language=language)
        parts.append(f'<p style="font-size:12px;margin-top:24px">{escape(told)}</p>')
    html = framed(
        safe_content("".join(parts)),
        heading=subject,
        report_id=batch.id,
        branding=branding,
        language=language,
    )
    return Draft(
        to=batch.recipient,
        subject=subject,
        html=html,
        text=html_to_text(html),
        auto_submitted="auto-generated",
    )


def _item(kept: KeptEvent, batch: Batch) -> str:
    event, language, zone = kept.event, batch.language, batch.time_zone
    word = severity_word(event.severity, language=language)
    title = title_of(event, language=language, time_zone=zone)
    when = say(
        "when",
        {"at": as_datetime(event.at), "organization": event.organization, "kind": event.kind},
        language=language,
        time_zone=zone,
    )
    often = ""
    if kept.count > 1:
        often = say(
            "often",
            {"count": kept.count, "last": as_datetime(kept.last)},
            language=language,
            time_zone=zone,
        )
    head = (
        f"<strong>{escape(word)}: {escape(title)}</strong>" if word else f"<strong>{escape(title)}</strong>"
    )
    below = "<br>".join(escape(line) for line in (often, when) if line)
    return f'<li style="margin-bottom:12px">{head}<br>{below}</li>'
