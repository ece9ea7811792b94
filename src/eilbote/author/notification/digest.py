"""Many events as one message: how many, the worst first, and how often each has happened."""

from __future__ import annotations

from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

from eilbote.author.notification.defaults import MANDATORY
from eilbote.author.notification.wording import say, severity_word, title_of
from eilbote.model.draft import Draft
from eilbote.model.moment import as_datetime
from eilbote.model.severity import Severity
from eilbote.template.frame import framed
from eilbote.template.html_text import html_to_text
from eilbote.template.rich_content import safe_content

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.notification.telling import Batch, KeptEvent
    from eilbote.template.branding import Branding


def digest_message(
    batch: Batch,
    branding: Branding | None = None,
    *,
    leaving: str = "",
    acknowledging: Mapping[str, str] = MappingProxyType({}),
) -> Draft:
    """Give one message about all events of a batch; see :func:`~eilbote.author.notification.message.message_of`."""
    language = batch.language
    loud = sum(count for severity, count in batch.counts.items() if severity.is_at_least(Severity.ERROR))
    subject = say("digest", {"total": batch.total, "loud": loud}, language=language)
    shown = sorted(batch.events, key=lambda kept: (-kept.event.severity.rank, kept.event.at, kept.event.id))
    parts = [
        f"<ul>{''.join(_item(kept, batch, acknowledging.get(kept.event.id, '')) for kept in shown)}</ul>"
    ]
    if left := batch.total - len(shown):
        parts.append(f"<p>{escape(say('more', {'count': left}, language=language))}</p>")
    parts.append(why_told(batch, leaving))
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
        unsubscribe=unsubscribing(leaving),
        one_click_unsubscribe=bool(unsubscribing(leaving)),
    )


def unsubscribing(leaving: str) -> tuple[str, ...]:
    """Give what List-Unsubscribe says: it wants https (RFC 8058 section 3)."""
    return (leaving,) if leaving.startswith("https:") else ()


def why_told(batch: Batch, leaving: str) -> str:
    """Say why somebody is told, and how they end that, as HTML; nothing where it concerns them in person."""
    if not batch.subscription:
        return ""
    language, values = batch.language, {"id": batch.subscription}
    if batch.subscription == MANDATORY:
        told = escape(say("mandatory", {}, language=language))
    elif leaving:
        link = f'<a href="{escape(leaving)}">{escape(say("leave", {}, language=language))}</a>'
        told = f"{escape(say('because', values, language=language))} {link}"
    else:
        told = escape(say("subscription", values, language=language))
    return f'<p style="font-size:12px;margin-top:24px">{told}</p>'


def acknowledge_link(address: str, language: str) -> str:
    """Give the link by which somebody says that they look after an event, as HTML."""
    return f'<a href="{escape(address)}">{escape(say("acknowledge", {}, language=language))}</a>'


def _item(kept: KeptEvent, batch: Batch, acknowledging: str) -> str:
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
    if acknowledging:
        below = f"{below}<br>{acknowledge_link(acknowledging, language)}"
    return f'<li style="margin-bottom:12px">{head}<br>{below}</li>'
