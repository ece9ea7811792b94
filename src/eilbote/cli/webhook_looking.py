"""How webhooks and their deliveries are shown on a command line; secrets never are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.cli.at_desk import at_desk
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.outbox_options import read_name
from eilbote.cli.printable import printable
from eilbote.cli.times import local_text, moment_text
from eilbote.record.webhook import DeliveryState

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.record.webhook import HookDelivery, Webhook

_SHOWN_ANSWER = 100


def list_webhooks(screen: Screen, *, organization: str | None, data_dir: Path | None) -> None:
    """Write every webhook.

    Raises:
        EilboteError: The outbox cannot be opened, or a secret cannot be decrypted.
    """
    of = None if organization is None else read_name(organization) if organization else ""
    found = at_desk(lambda eilbote: eilbote.webhooks.list(of), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        for one in found:
            if screen.as_json:
                screen.line(webhook_data(one))
            else:
                screen.text(f"{one.id}  {printable(webhook_words(one))}")
        if not found and not screen.as_json:
            screen.note("nobody is told over HTTP yet; `eilbote webhook add URL` does")


def show(id_: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Tell everything about a webhook.

    Raises:
        EilboteError: There is none of that id, or the outbox cannot be opened.
    """
    one = at_desk(lambda eilbote: eilbote.webhooks.show(id_), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(webhook_data(one))
            return
        screen.text(f"{one.id}  {printable(webhook_words(one))}")
        for label, text in (
            ("about", one.description),
            ("since", local_text(one.created)),
            ("failures", str(one.failures) if one.failures else ""),
            ("failing", "" if one.failing_since is None else f"since {local_text(one.failing_since)}"),
            (
                "former",
                "" if one.former_until is None else f"secret signs until {local_text(one.former_until)}",
            ),
        ):
            if text:
                screen.text(f"  {label:<9} {printable(text)}")


def list_deliveries(
    id_: str, screen: Screen, *, state: str | None, limit: int, data_dir: Path | None
) -> None:
    """Write what was and is to be delivered.

    Raises:
        EilboteError: There is no such webhook, or the outbox cannot be opened.
    """
    wanted = None if state is None else DeliveryState(state)
    found = at_desk(
        lambda eilbote: eilbote.webhooks.deliveries(id_, state=wanted, limit=limit),
        data_dir=data_dir,
        screen=screen,
    )
    with outliving_lost_output():
        for one in found:
            if screen.as_json:
                screen.line(delivery_data(one))
            else:
                screen.text(delivery_line(one))
        if not found and not screen.as_json:
            screen.note("nothing has been told to this webhook, or nothing that stands so")


def show_delivery(id_: str, delivery: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Tell everything about a delivery.

    Raises:
        EilboteError: There is none, or the outbox cannot be opened.
    """
    one = at_desk(lambda eilbote: eilbote.webhooks.delivery(id_, delivery), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(delivery_data(one))
            return
        screen.text(delivery_line(one))
        screen.text(f"  sent      {printable(one.body)}")
        if one.answer:
            screen.text(f"  answered  {printable(one.answer)}")


def webhook_data(one: Webhook) -> dict[str, object]:
    """Give a webhook as JSON, without its secret."""
    return {
        "id": one.id,
        "organization": one.organization,
        "url": one.url,
        "events": list(one.events),
        "everywhere": one.everywhere,
        "description": one.description,
        "enabled": one.is_enabled,
        "created": moment_text(one.created),
        "changed": moment_text(one.changed),
        "failures": one.failures,
        "failing_since": moment_text(one.failing_since),
        "former_secret_until": moment_text(one.former_until),
    }


def webhook_words(one: Webhook) -> str:
    """Say a webhook in one line."""
    of = f" of {one.organization}" if one.organization else " of everybody" if one.everywhere else ""
    parts = [f"{one.url}: {', '.join(one.events)}{of}"]
    if not one.is_enabled:
        parts.append("switched off")
    elif one.failures:
        parts.append(f"{one.failures} failures in a row")
    return ", ".join(parts)


def delivery_data(one: HookDelivery) -> dict[str, object]:
    """Give a delivery as JSON."""
    return {
        "id": one.id,
        "webhook": one.webhook,
        "organization": one.organization,
        "event": one.event,
        "created": moment_text(one.created),
        "state": one.state.value,
        "due": moment_text(one.due) if one.state is DeliveryState.WAITING else None,
        "attempts": one.attempts,
        "attempted": moment_text(one.attempted),
        "seconds": one.seconds,
        "status": one.status,
        "answer": one.answer,
        "body": one.body,
    }


def delivery_line(one: HookDelivery) -> str:
    """Say a delivery in one line."""
    tried = f"{one.attempts} attempt{'' if one.attempts == 1 else 's'}" if one.attempts else "not tried yet"
    said = f", {one.status}" if one.status else ""
    why = f", {one.answer[:_SHOWN_ANSWER]}" if one.answer and one.state is not DeliveryState.DELIVERED else ""
    return printable(
        f"{local_text(one.created)}  {one.id}  {one.state.value:<9}  {one.event}  {tried}{said}{why}"
    )
