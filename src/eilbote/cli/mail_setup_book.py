"""What commands that change connections and mail settings write into the audit book.

Whoever works at the machine is written down under the operating system's name, as for every other command. A connection and a
scope of settings are given in the form that the API writes, so that both read the same; a secret is ``***``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.cli.account_desk import note
from eilbote.connections.repository import split_name
from eilbote.engine.accounts.told_setup import STARS, differing, told_connection
from eilbote.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from eilbote.app import Eilbote
    from eilbote.connections.stored import StoredConnection
    from eilbote.settings.scope import Remains, ScopeSettings

_LONGEST_REMAINS: Final = 4000


async def stored_before(eilbote: Eilbote, known: str) -> StoredConnection | None:
    """Give a connection as it is kept, for the book; ``None`` when there is none, or what is kept cannot be read any more.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    try:
        return await eilbote.connections.stored.find(known)
    except ConfigurationError:
        return None


async def note_kept(
    eilbote: Eilbote, known: str, before: StoredConnection | None, now: StoredConnection
) -> None:
    """Write down that a connection was made or changed; of a change what is different.

    Raises:
        OutboxUnavailableError: The database does not answer; the change stands.
    """
    if before is None:
        await note_connection(eilbote, "create", known, after=told_connection(now))
        return
    was, is_ = differing(told_connection(before), told_connection(now), entered=_entered(before, now))
    await note_connection(eilbote, "update", known, before=was, after=is_)


async def note_removed(eilbote: Eilbote, known: str, before: StoredConnection | None) -> None:
    """Write down that a connection was forgotten.

    Raises:
        OutboxUnavailableError: The database does not answer; the change stands.
    """
    await note_connection(eilbote, "delete", known, before={} if before is None else told_connection(before))


async def note_connection(
    eilbote: Eilbote,
    action: str,
    known: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Write down what was done to a connection.

    Args:
        eilbote: Whose book it is.
        action: The verb, such as ``enable``.
        known: What the connection is called among all.
        before: What it was.
        after: What it is now.

    Raises:
        OutboxUnavailableError: The database does not answer; the change stands.
    """
    await note(
        eilbote,
        f"connection.{action}",
        f"connection:{known}",
        organization=split_name(known)[0],
        before=before,
        after=after,
    )


async def note_settings(eilbote: Eilbote, before: ScopeSettings, now: ScopeSettings) -> None:
    """Write down what the host, or an organization, says otherwise than before.

    Raises:
        OutboxUnavailableError: The database does not answer; the change stands.
    """
    was, is_ = differing(_said(before), _said(now), entered=_entered(before, now))
    await note(
        eilbote,
        "settings.update",
        f"settings:{now.organization or 'host'}",
        organization=now.organization,
        before=was,
        after=is_,
    )


async def note_reset(eilbote: Eilbote, remains: Remains) -> None:
    """Write down that everything a scope has said was forgotten, and what that was.

    Raises:
        OutboxUnavailableError: The database does not answer; the change stands.
    """
    await note(
        eilbote,
        "settings.reset",
        f"settings:{remains.organization or 'host'}",
        organization=remains.organization,
        before={"settings": remains.plain[:_LONGEST_REMAINS], "secrets": list(remains.secrets)},
    )


def _entered(
    before: StoredConnection | ScopeSettings, now: StoredConnection | ScopeSettings
) -> Collection[str]:
    """Give the names of secrets that are other ones than before."""
    return {name for name, secret in now.secrets.items() if before.secrets.get(name) != secret}


def _said(scope: ScopeSettings) -> dict[str, object]:
    return {
        **scope.plain,
        **dict.fromkeys(sorted(scope.secrets), STARS),
        "custom": scope.custom,
        "locked": sorted(scope.locked),
    }
