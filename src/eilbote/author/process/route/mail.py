"""From a route and the values of its attributes to a message."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from eilbote.author.process.route.attribute_values import (
    Documents,
    Duration,
    read_duration,
    read_moment,
    read_values,
)
from eilbote.author.process.route.headers import header_values
from eilbote.author.process.route.placeholder import key_of, pattern_of
from eilbote.author.process.route.recipients import one_address, recipients
from eilbote.author.process.route.route import MessageFormat
from eilbote.author.process.route.scene import Scene
from eilbote.errors import DraftError, NoRecipientsError, PlaceholderError
from eilbote.model.draft import Draft
from eilbote.model.invitation import Invitation
from eilbote.model.mailbox import Mailbox
from eilbote.template.html_text import html_to_text
from eilbote.template.rich_content import safe_content

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.route.route import Meeting, MessageProperties, Route
    from eilbote.model.attachment import Attachment
    from eilbote.model.data import Data


def route_draft(route: Route, values: Mapping[str, Data], *, sender: Mailbox | None = None) -> Draft:
    """Give the message that goes over a route.

    Args:
        route: The route.
        values: What a mapping gives, by system name; what no attribute is called is left alone.
        sender: The sender address of the route's connection, beside which the route may put a name of its own.

    Raises:
        DraftError: A required attribute has no value, a value is not what its attribute is, there are no recipients, or
            something else cannot be said safely; ``field`` names the attribute or the message property.
    """
    said = route.properties
    scene = Scene(
        values=read_values(route.attributes, values, time_zone=route.time_zone),
        locale=route.locale,
        time_zone=route.time_zone,
    )
    to = recipients(said.to, said.to_names, scene, field="to")
    cc = recipients(said.cc, said.cc_names, scene, field="cc")
    bcc = recipients(said.bcc, said.bcc_names, scene, field="bcc")
    if not (to or cc or bcc):
        raise NoRecipientsError(
            "there are no recipients",
            field="to",
            cause=f"The attributes in the addresses of the route {route.message_name!r} have no value",
            remedy="Map them where the message is sent, or make them required",
        )
    is_html = said.format is not MessageFormat.PLAIN
    message = scene.html(said.message) if is_html else scene.text(said.message)
    html = safe_content(message, field="message") if is_html and message.strip() else None
    subject = " ".join(scene.text(said.subject).split())
    text = message if html is None else None
    return Draft(
        from_=_sender(said, scene, sender),
        to=to,
        cc=cc,
        bcc=bcc,
        reply_to=recipients(said.reply_to, "", scene, field="reply_to"),
        subject=subject,
        text=text,
        html=html,
        attachments=_attachments(said, scene),
        invitation=_invitation(said.meeting, scene, subject, text if html is None else html_to_text(html)),
        priority=said.priority,
        headers=header_values(said.headers, scene),
    )


def _sender(said: MessageProperties, scene: Scene, sender: Mailbox | None) -> Mailbox | None:
    if said.from_address.strip():
        found = one_address(said.from_address, "", scene, field="from_address")
        sender = found or sender
    elif not said.from_name.strip():
        return None  # the connection's own, with its name
    name = scene.text(said.from_name).strip()
    if not name:
        return sender
    if sender is None:
        raise DraftError(
            "there is a sender name and no sender address",
            field="from_name",
            remedy="Give the route a 'from_address', or its connection a sender address",
        )
    return Mailbox(name, sender.local_part, sender.domain)


def _attachments(said: MessageProperties, scene: Scene) -> list[Attachment]:
    found: list[Attachment] = []
    for name in said.attachments:
        value = scene.values.get(key_of(name.strip("{} ")))
        if isinstance(value, Documents):
            found += value.files
    return found


def _invitation(said: Meeting | None, scene: Scene, subject: str, text: str | None) -> Invitation | None:
    """Give the meeting; ``None`` when there is none, or neither its beginning nor its end has a value."""
    if said is None or not (scene.machine(said.start).strip() or scene.machine(said.end).strip()):
        return None
    start = _time(said.start, scene, "meeting.start")
    length = _length(said.end, scene)
    end = start + length if length is not None else _time(said.end, scene, "meeting.end")
    try:
        return Invitation(
            summary=subject,
            start=start,
            end=end,
            location=scene.text(said.place).strip(),
            description=(text or "").strip(),
        )
    except DraftError as fault:
        fault.field = (fault.field or "").replace("invitation.", "meeting.")
        raise


def _time(said: str, scene: Scene, field: str) -> datetime:
    alone = pattern_of(said).alone
    found = scene.value(alone) if alone is not None else None
    if not isinstance(found, date):
        text = scene.machine(said).strip()
        try:
            found = read_moment(text, time_zone=scene.time_zone)
        except ValueError:
            raise PlaceholderError(
                f"{text[:60]!r} is no time" if text else "there is no time",
                field=field,
                remedy="Give a date-and-time attribute, or a time such as 2026-12-24T18:00:00Z",
            ) from None
    if not isinstance(found, datetime):
        return datetime(found.year, found.month, found.day, tzinfo=ZoneInfo(scene.time_zone))
    return found.astimezone(ZoneInfo(scene.time_zone))


def _length(said: str, scene: Scene) -> timedelta | None:
    """Give how long the meeting lasts, where its end is told so."""
    alone = pattern_of(said).alone
    found = scene.value(alone) if alone is not None else None
    if not isinstance(found, Duration):
        try:
            found = read_duration(scene.machine(said))
        except ValueError:
            return None
    if found.years or found.months:
        raise PlaceholderError(
            "no meeting lasts months", field="meeting.end", remedy="Give hours and minutes, such as PT1H30M"
        )
    return timedelta(
        weeks=found.weeks,
        days=found.days,
        hours=found.hours,
        minutes=found.minutes,
        seconds=found.seconds,
    )
