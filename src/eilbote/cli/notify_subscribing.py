"""What ``eilbote notify subscribe|unsubscribe|list`` do once everything is read.

Each change stands in the audit book.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from eilbote.author.notification.defaults import default_subscription, with_defaults
from eilbote.author.notification.escalation import said_of, step_text
from eilbote.author.notification.schedule import time_of_day
from eilbote.author.notification.subscription import Cadence
from eilbote.cli.account_desk import note
from eilbote.cli.as_given import as_given
from eilbote.cli.at_desk import at_desk
from eilbote.cli.faults import CommandLineError, NameNotValidError
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.outbox_options import read_name
from eilbote.cli.printable import printable
from eilbote.cli.times import local_text, moment_text, read_time
from eilbote.errors import ConnectionNotFoundError, SettingsError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.notification.subscription import Subscription
    from eilbote.cli.screen import Screen
    from eilbote.engine.notify_desk import SubscriptionFields


def subscribe(
    said: Mapping[str, object],
    screen: Screen,
    *,
    change: str | None,
    mute: str | None,
    data_dir: Path | None,
) -> None:
    """Keep or change a subscription and show it.

    Raises:
        EilboteError: A field cannot be used, or the outbox cannot be opened.
    """
    if change is None and "to" not in said and said.get("cadence") != "never":
        raise CommandLineError(
            "nobody is to be told",
            field="to",
            remedy="Give an address, or --change ID to change a subscription",
        )
    given = dict(said)
    if "event" in given:
        screen.given["event"] = str(given["event"])
    if "organization" in given:
        given["organization"] = read_name(str(given["organization"]))

    async def work(eilbote: Eilbote) -> tuple[Subscription, bool]:
        if mute is not None:
            now = eilbote.clock.now()
            given["muted_until"] = (
                moment_of(read_time(mute, field="muted_until", now=now)) if mute.strip() else None
            )
        fields = cast("SubscriptionFields", given)
        if change is None:
            made = await eilbote.notify.subscribe(**fields)
            await _note(
                eilbote, "create", made.id, organization=made.organization, after=subscription_data(made)
            )
        else:
            await _check_known(eilbote, change)
            before = await _data_before(eilbote, change)
            made = await eilbote.notify.change(change, **fields)
            after = subscription_data(made)
            differing = [name for name in after if after[name] != before.get(name)]
            await _note(
                eilbote,
                "update",
                made.id,
                organization=made.organization,
                before={name: before.get(name) for name in differing},
                after={name: after[name] for name in differing},
            )
        return made, await _can_send(eilbote)

    kept, can_send = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen, makes=True)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(subscription_data(kept))
        else:
            screen.text(kept.id)
            screen.note(_words(kept))
    if not can_send:
        screen.note(
            "eilbote: the endpoint system is not configured, so nobody can be told yet: "
            "`eilbote settings set uri=smtps://USER@HOST --password-file FILE`"
        )


def unsubscribe(ids: Sequence[str], screen: Screen, *, data_dir: Path | None) -> None:
    """Forget subscriptions; all of them, or none when one is not known.

    Raises:
        NameNotValidError: There is no subscription of that id.
        EilboteError: The outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        for id_ in ids:
            await _check_known(eilbote, id_)
        for id_ in ids:
            before = await _data_before(eilbote, id_)
            await eilbote.notify.unsubscribe(id_)
            await _note(
                eilbote, "delete", id_, organization=str(before.get("organization", "")), before=before
            )

    at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        for id_ in ids:
            if screen.as_json:
                screen.line({"id": id_, "removed": True})
            else:
                screen.text(f"{printable(id_)} is forgotten")


def list_subscriptions(
    screen: Screen, *, organization: str | None, defaults: bool = False, data_dir: Path | None
) -> None:
    """Write every subscription, and the defaults as well if somebody asks for them.

    Raises:
        EilboteError: The outbox cannot be opened, or a subscription is damaged.
    """
    of = None if organization is None else read_name(organization) if organization else ""
    found = at_desk(lambda eilbote: eilbote.notify.subscriptions(of), data_dir=data_dir, screen=screen)
    if defaults:
        found = with_defaults(found)
    with outliving_lost_output():
        for one in found:
            if screen.as_json:
                screen.line(subscription_data(one))
            else:
                screen.text(f"{one.id:<12}  {printable(_words(one))}")
        if not found and not screen.as_json:
            screen.note("nobody has subscribed to anything yet; `eilbote notify subscribe ADDRESS` does")


def subscription_data(one: Subscription) -> dict[str, object]:
    """Give a subscription as JSON."""
    return {
        "id": one.id,
        "organization": one.organization,
        "everywhere": one.everywhere,
        "event": one.pattern,
        "severity": one.least.value,
        "when": one.when,
        "to": list(one.recipients),
        "left": list(one.left),
        "replaces": one.replaces,
        "cadence": one.cadence.value,
        "at": time_of_day(one.daily_at),
        "time_zone": one.time_zone,
        "quiet": str(one.quiet or ""),
        "muted_until": moment_text(one.muted_until),
        "language": one.language,
        "escalation": said_of(one.escalation),
    }


def _words(one: Subscription) -> str:
    """Say a subscription in one line."""
    when = f"daily at {time_of_day(one.daily_at)}" if one.cadence is Cadence.DAILY else one.cadence.value
    of = f" of {one.organization}" if one.organization else " of everybody" if one.everywhere else ""
    parts = [
        f"{', '.join(one.recipients) or 'nobody'}: {one.pattern}{of}, {one.least.value} or worse, {when.replace('_', ' ')}",
        f"in {one.language}",
        one.time_zone,
    ]
    if one.when:
        parts.append(f"if {one.when}")
    if one.replaces:
        parts.append(f"in place of {one.replaces}")
    if one.left:
        parts.append(f"but for {len(one.left)} who have unsubscribed")
    parts += [f"then {step_text(step)}" for step in one.escalation]
    if one.quiet is not None:
        parts.append(f"quiet {one.quiet}")
    if one.muted_until is not None:
        parts.append(f"muted until {local_text(one.muted_until)}")
    return ", ".join(parts)


async def _check_known(eilbote: Eilbote, id_: str) -> None:
    if default_subscription(id_) or await eilbote.notify.notifier.store.has_subscription(id_):
        return
    raise NameNotValidError(
        f"there is no subscription {printable(id_, longest=60)!r}",
        field="id",
        remedy="`eilbote notify list` tells which there are",
    )


async def _data_before(eilbote: Eilbote, id_: str) -> dict[str, object]:
    """Give a subscription for the book, before something is done to it; nothing of one that cannot be read any more."""
    try:
        known = await eilbote.notify.subscription(id_)
    except SettingsError:
        known = None
    return {} if known is None else subscription_data(known)


async def _note(
    eilbote: Eilbote,
    verb: str,
    id_: str,
    *,
    organization: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Write down what was done to a subscription."""
    await note(
        eilbote,
        f"subscription.{verb}",
        f"subscription:{id_}",
        organization=organization,
        before=before,
        after=after,
    )


async def _can_send(eilbote: Eilbote) -> bool:
    try:
        await eilbote.connections.find("system")
    except ConnectionNotFoundError:
        return False
    return True
