"""Snapshots: flows, connections, settings and subscriptions in one file, to keep them or to take them elsewhere.

::

    made = await eilbote.snapshots.create(passphrase="five words nobody puts together")
    Path("today.snapshot").write_bytes(made.octets)
    restored = await eilbote.snapshots.restore(octets, passphrase=..., dry_run=True)

Runs, messages and what conversations keep are no part of one: `eilbote db backup` copies those.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from eilbote.author.flow.inline_connection import is_of_a_flow
from eilbote.connections.repository import split_name
from eilbote.engine.flow_users import names_in
from eilbote.engine.snapshot_check import check_contents
from eilbote.engine.snapshot_conflicts import Conflicts
from eilbote.engine.snapshot_contents import Contents, PackedConnection, PackedFlow, PackedSettings
from eilbote.engine.snapshot_file import read_snapshot, write_snapshot
from eilbote.engine.snapshot_in_turn import InTurn
from eilbote.engine.snapshot_plan import Doing, Restored
from eilbote.engine.snapshot_tokens import bring_along, expire, newest_refresh_token
from eilbote.errors import ConfigurationError, FlowNotFoundError, SettingsError
from eilbote.model.kinds import check_kind
from eilbote.model.moment import moment_of
from eilbote.model.secret import Secret
from eilbote.settings.scope import HOST

if TYPE_CHECKING:
    from collections.abc import Collection

    from eilbote.connections.connection import Connection
    from eilbote.connections.known import KnownConnections
    from eilbote.connections.stored import StoredConnection
    from eilbote.engine.snapshot_plan import Kept
    from eilbote.model.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot that was made.

    Attributes:
        octets: The file.
        contents: What is in it.
        tokens: How many access tokens are fetched anew because it was made.
    """

    octets: bytes = field(repr=False)
    contents: Contents
    tokens: int


class Snapshots:
    """Makes and restores snapshots of what is kept beside an outbox.

    Args:
        kept: What is kept.
        connections: All connections that are known.
        clock: Tells the time.
    """

    def __init__(self, kept: Kept, *, connections: KnownConnections, clock: Clock) -> None:
        self._flows = kept.flows
        self._records = kept.records
        self._notifications = kept.notifications
        self._connections = connections
        self._restoring = kept.restoring or InTurn(
            flows=kept.flows, records=kept.records, notifications=kept.notifications
        )
        self._clock = clock

    # -- making ------------------------------------------------------------------------------------------------

    async def create(
        self,
        *,
        organization: str | None = None,
        flows: Collection[str] = (),
        passphrase: Secret | str | None = None,
        with_hosts: bool = True,
    ) -> Snapshot:
        """Pack what is kept, and have the access tokens of its connections fetched anew. Refresh tokens stay in use.

        Args:
            organization: Only what is this one's; everybody's and the host's when ``None``.
            flows: Only these flows, by their names, and the stored connections that they name, the host's among them.
            passphrase: What secrets are sealed with, at least twelve characters; without one they are left out.
            with_hosts: Whether connections of the host come along that flows of an organization name; not for those who
                belong to the organization alone.

        Raises:
            FlowNotFoundError: There is no flow of a name.
            SettingsError: The passphrase is too short, or the file would be too large.
            ConfigurationError: What is kept cannot be read.
            OutboxUnavailableError: The database does not answer.
        """
        secret = _passphrase(passphrase)
        packed = await self._packed_flows(organization, flows)
        stored = [
            each for each in await self._records.connections.connections() if not is_of_a_flow(each.name)
        ]
        if flows:
            named = await self._named_in(packed)
            stored = [
                each
                for each in stored
                if each.qualified_name in named and (with_hosts or each.organization == organization)
            ]
        elif organization is not None:
            stored = [each for each in stored if each.organization == organization]
        contents = Contents(
            created=moment_of(self._clock.now()),
            flows=packed,
            connections=tuple([await self._packed(each, with_secrets=secret is not None) for each in stored]),
            settings=()
            if flows
            else await self._packed_settings(organization, with_secrets=secret is not None),
            subscriptions=()
            if flows
            else tuple(
                replace(each, revision=0) for each in await self._notifications.subscriptions(organization)
            ),
            has_secrets=secret is not None,
        )
        octets = await asyncio.to_thread(write_snapshot, contents, passphrase=secret)
        only = {each.qualified_name for each in stored} if flows else None
        return Snapshot(octets=octets, contents=contents, tokens=await self._expire(organization, only))

    async def _packed_flows(self, organization: str | None, names: Collection[str]) -> tuple[PackedFlow, ...]:
        there = await self._flows.flows(organization)
        if unknown := sorted(set(names) - {each.name for each in there}):
            raise FlowNotFoundError(
                f"there is no flow {unknown[0][:60]!r}",
                field="flows",
                remedy=f"There are {', '.join(dict.fromkeys(each.name for each in there[:10]))}"
                if there
                else "There is none at all",
            )
        packed: list[PackedFlow] = []
        for flow in sorted(there, key=lambda each: (each.organization, each.name)):
            if names and flow.name not in names:
                continue
            versions = await self._flows.versions(flow.organization, flow.name)
            packed.append(
                PackedFlow(
                    organization=flow.organization,
                    name=flow.name,
                    texts=tuple(each.text for each in reversed(versions)),
                    draft=flow.draft,
                )
            )
        return tuple(packed)

    async def _named_in(self, flows: tuple[PackedFlow, ...]) -> set[str]:
        named: set[str] = set()
        for flow in flows:
            for text in filter(None, (*flow.texts[-1:], flow.draft)):
                for name in names_in(text):
                    with suppress(ConfigurationError):
                        named.add(await self._connections.resolve(name, flow.organization))
        return named

    async def _packed(self, one: StoredConnection, *, with_secrets: bool) -> PackedConnection:
        return PackedConnection(
            organization=one.organization,
            name=one.name,
            plain=one.plain,
            secret_names=frozenset(one.secrets),
            secrets=one.secrets if with_secrets else {},
            refresh_token=await newest_refresh_token(one, self._records.tokens) if with_secrets else None,
            enabled=one.enabled,
            is_default=one.is_default,
        )

    async def _packed_settings(
        self, organization: str | None, *, with_secrets: bool
    ) -> tuple[PackedSettings, ...]:
        store = self._records.settings
        scopes = (HOST, *await store.organizations()) if organization is None else (organization,)
        said = [await store.read(each) for each in scopes]
        return tuple(
            PackedSettings(
                organization=each.organization,
                custom=each.custom,
                plain=each.plain,
                secret_names=frozenset(each.secrets),
                secrets=each.secrets if with_secrets else {},
                locked=each.locked,
            )
            for each in said
            if each.plain or each.secrets or each.locked or not each.custom
        )

    async def _expire(self, organization: str | None, only: Collection[str] | None) -> int:
        found: list[Connection] = []
        for name in await self._connections.names():
            if organization is not None and split_name(name)[0] != organization:
                continue
            if only is not None and name not in only:
                continue
            with suppress(ConfigurationError):  # of one that cannot be used there is no token in use
                found.append(await self._connections.find(name))
        return await expire(found, self._records.tokens, clock=self._clock)

    # -- restoring ---------------------------------------------------------------------------------------------

    def read(self, octets: bytes, *, passphrase: Secret | str | None = None) -> Contents:
        """Tell what is in a snapshot; nothing in it is executed, and nothing here is changed.

        Deriving a key from a passphrase takes half a second, during which this does not return.

        Raises:
            SettingsError: It is no snapshot, was changed or damaged, or the passphrase is not the one it was made with.
        """
        check_kind(octets, (bytes,), field="file", fault=SettingsError)
        return read_snapshot(octets, passphrase=_passphrase(passphrase))

    async def restore(
        self,
        octets: bytes,
        *,
        passphrase: Secret | str | None = None,
        organization: str | None = None,
        replace: bool = False,
        dry_run: bool = False,
    ) -> Restored:
        """Bring back what a snapshot holds: all that is new, and on demand what is there already in another form.

        It is looked at as a whole before anything is written, and written in one transaction. Flows are checked and not run.
        Connections without their secrets arrive disabled, until somebody enters them.

        Args:
            octets: The file.
            passphrase: What it was made with; without it everything but the secrets is restored.
            organization: Only what is this one's; everything when ``None``.
            replace: Whether what is there gives way. Published versions stay all the same, and get a successor.
            dry_run: Whether to say only what would be done.

        Raises:
            SettingsError: It is no snapshot, something in it cannot be used, or the passphrase is wrong; nothing was written.
            ConfigurationError: Somebody has changed something meanwhile; nothing was written, unless the cause says what was.
            OutboxUnavailableError: The database does not answer.
        """
        contents = await asyncio.to_thread(self.read, octets, passphrase=passphrase)
        if organization is not None:
            contents = _of(contents, organization)
        now = moment_of(self._clock.now())
        await asyncio.to_thread(check_contents, contents, now=now)
        found = Conflicts(replace=replace, now=now)
        await found.add_connections(contents.connections, self._records.connections)
        await found.add_settings(contents.settings, self._records.settings)
        await found.add_subscriptions(contents.subscriptions, self._notifications)
        await found.add_flows(contents.flows, self._flows)
        if not dry_run and any(each.doing in (Doing.ADD, Doing.REPLACE) for each in found.items):
            await self._restoring.write(
                flows=found.flows,
                connections=found.connections,
                settings=found.settings,
                subscriptions=found.subscriptions,
                now=now,
            )
            self._connections.stored.look_again()
            brought = {each.qualified_name: each.refresh_token for each in contents.connections}
            for one in found.connections:
                if (token := brought[one.qualified_name]) is not None:
                    await bring_along(one, token, self._records.tokens)
        return Restored(contents=contents, items=tuple(found.items), is_dry=dry_run)


def _of(contents: Contents, organization: str) -> Contents:
    return replace(
        contents,
        flows=tuple(each for each in contents.flows if each.organization == organization),
        connections=tuple(each for each in contents.connections if each.organization == organization),
        settings=tuple(each for each in contents.settings if each.organization == organization),
        subscriptions=tuple(each for each in contents.subscriptions if each.organization == organization),
    )


def _passphrase(said: Secret | str | None) -> Secret | None:
    check_kind(said, (Secret, str, type(None)), field="passphrase", fault=SettingsError)
    return Secret(said) if isinstance(said, str) else said
