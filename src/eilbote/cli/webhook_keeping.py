"""What ``eilbote webhook`` does to webhooks once everything is read; each change stands in the audit book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.accounts.principal import Origin, Principal, PrincipalKind
from eilbote.cli.as_given import as_given
from eilbote.cli.at_desk import at_desk
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.outbox_options import read_name
from eilbote.cli.printable import printable
from eilbote.cli.this_user import this_user
from eilbote.cli.times import read_time
from eilbote.cli.webhook_looking import delivery_data, delivery_line, webhook_data, webhook_words
from eilbote.errors import DeliveryError, SecretKeyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.record.webhook import HookDelivery, Webhook


def add(
    url: str,
    screen: Screen,
    *,
    events: Sequence[str] | None,
    organization: str | None,
    everywhere: bool,
    description: str,
    data_dir: Path | None,
) -> None:
    """Keep a webhook, and show its secret.

    Raises:
        EilboteError: A field cannot be used, or the outbox cannot be opened.
    """
    of = read_name(organization) if organization else ""

    async def work(eilbote: Eilbote) -> Webhook:
        made = await eilbote.webhooks.add(
            url, organization=of, events=events or ("*",), everywhere=everywhere, description=description
        )
        await _note(eilbote, "webhook.create", made, {"events": list(made.events)})
        return made

    _show_secret(at_desk(as_given(work, screen), data_dir=data_dir, screen=screen, makes=True), screen)


def change(
    id_: str,
    screen: Screen,
    *,
    url: str | None = None,
    events: Sequence[str] | None = None,
    everywhere: bool | None = None,
    description: str | None = None,
    is_enabled: bool | None = None,
    data_dir: Path | None,
) -> None:
    """Change a webhook, and show it.

    Raises:
        EilboteError: There is none of that id, a field cannot be used, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> Webhook:
        made = await eilbote.webhooks.change(
            id_,
            url=url,
            events=events,
            everywhere=everywhere,
            description=description,
            is_enabled=is_enabled,
        )
        await _note(
            eilbote, "webhook.update", made, {"events": list(made.events), "enabled": made.is_enabled}
        )
        return made

    kept = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(webhook_data(kept))
        else:
            screen.text(f"{kept.id}  {printable(webhook_words(kept))}")


def rotate(id_: str, screen: Screen, *, overlap: str, data_dir: Path | None) -> None:
    """Replace a secret, and show the new one.

    Raises:
        EilboteError: There is none of that id, the overlap is no time, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> Webhook:
        now = eilbote.clock.now()
        seconds = (read_time(overlap, field="overlap_seconds", now=now) - now).total_seconds()
        made = await eilbote.webhooks.rotate(id_, overlap_seconds=seconds)
        await _note(eilbote, "webhook.rotate", made, {"secret": "***", "overlap_seconds": round(seconds)})
        return made

    _show_secret(at_desk(as_given(work, screen), data_dir=data_dir, screen=screen), screen)


def remove(id_: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Forget a webhook.

    Raises:
        EilboteError: There is none of that id, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        try:
            organization = (await eilbote.webhooks.show(id_)).organization
        except SecretKeyError:  # its secret was given up; it can still be forgotten
            organization = ""
        await eilbote.webhooks.remove(id_)
        await _note_id(eilbote, "webhook.delete", id_, {}, organization=organization)

    at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data({"id": id_, "removed": True})
        else:
            screen.text(f"{printable(id_)} is forgotten")


def test(id_: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Bring a trial delivery.

    Raises:
        DeliveryError: The receiver did not take it.
        EilboteError: There is none of that id, or the outbox cannot be opened.
    """
    tried = at_desk(lambda eilbote: eilbote.webhooks.test(id_), data_dir=data_dir, screen=screen)
    _show_delivery(tried, screen)
    if tried.state.value != "delivered":
        raise DeliveryError(
            "the receiver did not take it",
            field="url",
            cause=tried.answer or f"it answered {tried.status}",
            remedy="A receiver answers 2xx when it has taken a delivery",
        )


def redeliver(id_: str, delivery: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Have something delivered again.

    Raises:
        EilboteError: There is no such webhook or delivery, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> HookDelivery:
        again = await eilbote.webhooks.redeliver(id_, delivery)
        await _note(eilbote, "webhook.redeliver", await eilbote.webhooks.show(id_), {"delivery": delivery})
        return again

    _show_delivery(at_desk(as_given(work, screen), data_dir=data_dir, screen=screen), screen)


def _show_secret(kept: Webhook, screen: Screen) -> None:
    with outliving_lost_output():
        if screen.as_json:
            screen.data({**webhook_data(kept), "secret": kept.secret.reveal()})
            return
        screen.text(kept.id)
        screen.text(kept.secret.reveal())
        screen.note("The second line is the secret that deliveries are signed with; it is not shown again.")


def _show_delivery(one: HookDelivery, screen: Screen) -> None:
    with outliving_lost_output():
        if screen.as_json:
            screen.data(delivery_data(one))
        else:
            screen.text(delivery_line(one))


async def _note(eilbote: Eilbote, action: str, webhook: Webhook, after: Mapping[str, object]) -> None:
    await _note_id(eilbote, action, webhook.id, after, organization=webhook.organization)


async def _note_id(
    eilbote: Eilbote, action: str, id_: str, after: Mapping[str, object], *, organization: str
) -> None:
    user = this_user()
    await eilbote.audit.note(
        Principal(kind=PrincipalKind.COMMAND, id=user, name=user, organization="", permissions=frozenset()),
        Origin(door="cli"),
        action,
        f"webhook:{id_}",
        organization=organization,
        after=after,
    )
