"""``eilbote suppression list|add|remove`` and ``eilbote bounce take``: who gets no mail any more, and mail that came back."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from eilbote.cli.account_options import Limit, OfOrganization, Organization, screen_of
from eilbote.cli.options import Json
from eilbote.cli.outbox_options import DataDir


class ReasonWord(StrEnum):
    """What ``--reason`` takes; the same words as the noun's, which is not imported for a help page."""

    MANUAL = "manual"
    HARD_BOUNCE = "hard_bounce"
    REFUSED = "refused"
    COMPLAINT = "complaint"
    UNSUBSCRIBED = "unsubscribed"


Address: TypeAlias = Annotated[str, typer.Argument(metavar="ADDRESS", help="The e-mail address.")]


def list_(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    part: Annotated[
        str, typer.Argument(metavar="[PART]", help="Only addresses that contain this.", show_default=False)
    ] = "",
    org: OfOrganization = None,
    limit: Limit = 100,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """List who gets no mail any more, and why."""
    from eilbote.cli.suppression_care import list_suppressions

    list_suppressions(part, screen_of(context, json), organization=org, limit=limit, data_dir=data_dir)


def add(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    address: Address,
    org: Organization = None,
    reason: Annotated[ReasonWord, typer.Option("--reason", help="Why.")] = ReasonWord.MANUAL,
    detail: Annotated[
        str, typer.Option("--detail", metavar="TEXT", help="In your own words.", show_default=False)
    ] = "",
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Write to somebody no more; mail that waits for them is not delivered either. The host's list counts for every organization.

    \b
      eilbote suppression add max@example.com --detail 'has left the company'
    """
    from eilbote.cli.suppression_care import add as run

    run(
        address,
        screen_of(context, json),
        organization=org,
        reason=reason.value,
        detail=detail,
        data_dir=data_dir,
    )


def remove(
    context: typer.Context,
    address: Address,
    org: Organization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    """Let somebody get mail again."""
    from eilbote.cli.suppression_care import remove as run

    run(address, screen_of(context, json), organization=org, data_dir=data_dir)


def take(  # noqa: PLR0917 - Typer passes options by name
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The mail as it was received; - is stdin.")],
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to", metavar="ADDRESS", help="To which address it came. May be repeated.", show_default=False
        ),
    ] = None,
    org: OfOrganization = None,
    data_dir: DataDir = None,
    json: Json = None,
) -> None:
    r"""Take a mail that came back: find the message it belongs to, and write no more to whoever cannot be reached for good.

    \b
      eilbote bounce take returned.eml
      eilbote bounce take - --to "$ORIGINAL_RECIPIENT"      # from a mail server's filter
    """
    from eilbote.cli.suppression_care import take as run

    screen = screen_of(context, json)
    screen.names |= {"file": "FILE"}
    run(file, screen, to=tuple(to or ()), organization=org, data_dir=data_dir)
