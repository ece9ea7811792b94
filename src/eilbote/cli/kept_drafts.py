"""How kept flows and processes are shown: each has a draft, published versions, or both."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from eilbote.cli.printable import printable
from eilbote.cli.table import show_table
from eilbote.cli.times import distance_text, moment_text
from eilbote.connections.repository import qualified_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.plain.drafted import Drafted, Published
    from eilbote.cli.screen import Screen
    from eilbote.model.moment import Moment


def show_drafted(found: Sequence[Drafted], screen: Screen, *, kind: str, now: Moment) -> None:
    """Write a line for each.

    Args:
        found: Which.
        screen: Where to.
        kind: ``flow`` or ``process``.
        now: The time.
    """
    rows = [
        (
            printable(qualified_name(each.organization, each.name)),
            f"{each.published}" if each.published else "-",
            "draft" if each.draft is not None else "",
            distance_text(each.changed, now),
        )
        for each in found
    ]
    header = (kind.upper(), "VERSION", "DRAFT", "CHANGED")
    show_table(header, rows, screen)


def drafted_data(each: Drafted, *, kind: str) -> Mapping[str, object]:
    """Give one as plain data."""
    return {
        kind: each.name,
        "organization": each.organization or None,
        "published": each.published or None,
        "has_draft": each.draft is not None,
        "changed_at": moment_text(each.changed),
    }


def show_versions(found: Sequence[Published], screen: Screen, *, kind: str, now: Moment) -> None:
    """Write a line for each published version, or all of them as data."""
    if screen.as_json:
        screen.data(
            [
                {kind: each.name, "version": each.version, "published_at": moment_text(each.published)}
                for each in found
            ]
        )
        return
    for each in found:
        screen.text(f"{each.version:>4}  published {distance_text(each.published, now)}")


def show_saved(told: list[Mapping[str, object]], screen: Screen, *, kind: str) -> None:
    """Tell which drafts were kept, and what stays published beside them."""
    if screen.as_json:
        screen.data(told if len(told) > 1 else told[0])
        return
    for each in told:
        behind = f"; version {each['published']} stays published" if each["published"] else ""
        name = printable(str(each[kind]))
        screen.text(f"{name}: kept as a draft{behind}. 'eilbote {kind} publish {name}' publishes it")


def what_is_meant(name: str, names: Sequence[str], *, elsewhere: Sequence[str], otherwise: str) -> str:
    """Say what may be meant by a name that nothing has.

    Args:
        name: What was asked for.
        names: The names that there are.
        elsewhere: The organizations that have something of that name.
        otherwise: What to do when nothing is like it.
    """
    if elsewhere:
        return (
            f"There is one of {elsewhere[0]}: --org {elsewhere[0]}"
            if elsewhere[0]
            else "There is one of the host: leave --org out"
        )
    alike = difflib.get_close_matches(name[:60], names, n=1, cutoff=0.5)
    return f"Did you mean {alike[0]!r}?" if alike else otherwise
