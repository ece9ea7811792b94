"""What ``eilbote suppression`` and ``eilbote bounce`` do once everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.cli.account_desk import note, shown_organization
from eilbote.cli.as_given import as_given
from eilbote.cli.at_desk import at_desk
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import printable
from eilbote.cli.process_texts import read_octets
from eilbote.cli.times import local_text, moment_text
from eilbote.engine.bounces import BounceState
from eilbote.errors import NotFoundError
from eilbote.model.ids import entry_id_text
from eilbote.record.suppression import SuppressionReason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.engine.bounces import Bounced
    from eilbote.record.suppression import Suppression


def list_suppressions(
    part: str, screen: Screen, *, organization: str | None, limit: int, data_dir: Path | None
) -> None:
    """Write who gets nothing.

    Raises:
        EilboteError: The outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> Sequence[Suppression]:
        return await eilbote.suppressions.list(organization, address=part, limit=limit)

    found = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        for one in found:
            if screen.as_json:
                screen.line(_data(one))
            else:
                until = "" if one.expires is None else f", until {local_text(one.expires)}"
                detail = f"  {one.detail}" if one.detail else ""
                who = shown_organization(one.organization)
                screen.text(
                    printable(
                        f"{one.address}  {one.reason.value}  {who}, since {local_text(one.created)}{until}{detail}"
                    )
                )
        if not found and not screen.as_json:
            screen.note("everybody gets mail")


def add(
    address: str, screen: Screen, *, organization: str | None, reason: str, detail: str, data_dir: Path | None
) -> None:
    """Enter an address.

    Raises:
        EilboteError: It is no address, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> Suppression:
        made = await eilbote.suppressions.add(
            organization or "", address, SuppressionReason(reason), detail=detail
        )
        await note(
            eilbote,
            "suppression.add",
            f"suppression:{made.address}",
            organization=organization or "",
            after={"address": made.address, "reason": reason, "detail": made.detail},
        )
        return made

    made = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen, makes=True)
    if screen.as_json:
        screen.data(_data(made))
    else:
        screen.text(
            f"{printable(made.address)} gets no mail any more from {shown_organization(made.organization)}"
        )


def remove(address: str, screen: Screen, *, organization: str | None, data_dir: Path | None) -> None:
    """Take an address off the list.

    Raises:
        NotFoundError: It is not on it.
        EilboteError: The outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        if not await eilbote.suppressions.remove(organization or "", address):
            raise NotFoundError(
                f"{address[:100]!r} is not on the suppression list",
                field="address",
                remedy="See who is: eilbote suppression list; --org names the organization whose list it is",
            )
        await note(
            eilbote,
            "suppression.remove",
            f"suppression:{address}",
            organization=organization or "",
            before={"address": address},
        )

    at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    if screen.as_json:
        screen.data({"address": address, "removed": True})
    else:
        screen.text(f"{printable(address)} gets mail again")


def take(
    file: str, screen: Screen, *, to: Sequence[str], organization: str | None, data_dir: Path | None
) -> None:
    """Take a mail that came back. What is none, or is not ours, is told and is no failure: a filter hands in whatever comes.

    Raises:
        UnreadableFileError: The file cannot be read.
        EilboteError: The outbox cannot be opened.
    """
    octets = read_octets(file, is_drawn=False)

    async def work(eilbote: Eilbote) -> Bounced:
        return await eilbote.bounces.take(octets, to, organization=organization)

    found = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    entry = "" if found.entry is None else entry_id_text(found.entry)
    if found.state is not BounceState.TAKEN:
        screen.note("nothing of it was recognised: no message was changed, and nobody was entered")
    elif not found.recipients:
        screen.note("it tells of nobody who could not be reached")
    if screen.as_json:
        screen.data(
            {
                "state": found.state.value,
                "entry": entry or None,
                "recipients": [
                    {
                        "address": one.address,
                        "action": one.action.value,
                        "status": one.status,
                        "text": one.text,
                    }
                    for one in found.recipients
                ],
                "suppressed": list(found.suppressed),
            }
        )
        return
    words = {
        BounceState.TAKEN: f"belongs to {entry}",
        BounceState.UNKNOWN: "came back from elsewhere, and belongs to nothing that is known here",
        BounceState.NO_BOUNCE: "is no returned mail",
    }
    screen.text(words[found.state])
    for one in found.recipients:
        screen.text(printable(f"  {one.address}  {one.action.value}  {one.status}  {one.text}".rstrip()))
    for address in found.suppressed:
        screen.note(f"{printable(address)} gets no mail any more")


def _data(one: Suppression) -> dict[str, object]:
    return {
        "organization": one.organization,
        "address": one.address,
        "reason": one.reason.value,
        "detail": one.detail,
        "entry": None if one.entry is None else entry_id_text(one.entry),
        "created": moment_text(one.created),
        "expires": None if one.expires is None else moment_text(one.expires),
    }
