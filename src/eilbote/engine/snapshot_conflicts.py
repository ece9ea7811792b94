"""Compares what a snapshot holds with what is there, and says what is to be written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from eilbote.author.flow.history import FlowHistory
from eilbote.author.flow.store import StoredFlow
from eilbote.connections.change import with_fields
from eilbote.connections.repository import qualified_name
from eilbote.connections.stored import StoredConnection
from eilbote.engine.snapshot_check import connection_of, settings_of
from eilbote.engine.snapshot_plan import Doing, Kind, RestoredItem
from eilbote.errors import ConfigurationError
from eilbote.settings.fields import DESTINATION
from eilbote.settings.precedence import WHO_SIGNS_IN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.flow.store import FlowStore
    from eilbote.author.notification.store import NotificationStore
    from eilbote.author.notification.subscription import Subscription
    from eilbote.connections.stored import ConnectionLabel, ConnectionStore
    from eilbote.engine.snapshot_contents import PackedConnection, PackedFlow, PackedSettings
    from eilbote.model.moment import Moment
    from eilbote.settings.scope import ScopeSettings, SettingsStore

_KEEPS_SECRETS = "its secrets stay, for they go where they went before"


@dataclass(slots=True, kw_only=True)
class Conflicts:
    """Goes through the parts of a snapshot, and gathers what is to be written.

    Attributes:
        replace: Whether what is there gives way.
        now: The time.
        items: What is done with each item.
        flows: Flows to be written.
        connections: Connections to be written.
        settings: Settings to be written.
        subscriptions: Subscriptions to be written.
    """

    replace: bool
    now: Moment
    items: list[RestoredItem] = field(default_factory=list[RestoredItem])
    flows: list[FlowHistory] = field(default_factory=list[FlowHistory])
    connections: list[StoredConnection] = field(default_factory=list[StoredConnection])
    settings: list[ScopeSettings] = field(default_factory=list["ScopeSettings"])
    subscriptions: list[Subscription] = field(default_factory=list["Subscription"])

    def _tell(
        self,
        kind: Kind,
        organization: str,
        name: str,
        doing: Doing,
        *,
        missing: Sequence[str] = (),
        note: str = "",
    ) -> None:
        self.items.append(
            RestoredItem(
                kind=kind,
                organization=organization,
                name=name,
                doing=doing,
                missing=tuple(missing),
                notes=(note,) if note else (),
            )
        )

    def _doing(self, *, is_there: bool, is_same: bool) -> Doing:
        if not is_there:
            return Doing.ADD
        if is_same:
            return Doing.SAME
        return Doing.REPLACE if self.replace else Doing.SKIP

    # -- flows -------------------------------------------------------------------------------------------------

    async def add_flows(self, packed: Sequence[PackedFlow], store: FlowStore) -> None:
        """Look at flows."""
        for one in packed:
            there = await store.flow(one.organization, one.name)
            texts: tuple[str, ...] = ()
            if there is not None:
                versions = await store.versions(one.organization, one.name)
                texts = tuple(each.text for each in reversed(versions))
            is_same = there is not None and texts == one.texts and one.draft in (None, there.draft)
            doing = self._doing(is_there=there is not None, is_same=is_same)
            note = ""
            if doing in (Doing.ADD, Doing.REPLACE):
                flow = there or StoredFlow(
                    organization=one.organization,
                    name=one.name,
                    draft=None,
                    published=0,
                    changed=self.now,
                    revision=0,
                )
                self.flows.append(history := _history(one, flow, texts))
                if there is not None and history.texts and one.texts[: len(texts)] != texts:
                    note = (
                        f"its latest version becomes version {len(texts) + 1}, and those that are there stay"
                    )
            self._tell(Kind.FLOW, one.organization, one.name, doing, note=note)

    # -- connections -------------------------------------------------------------------------------------------

    async def add_connections(self, packed: Sequence[PackedConnection], store: ConnectionStore) -> None:
        """Look at connections."""
        labels = {each.qualified_name: each for each in await store.labels()}
        defaults = {each.organization: each.name for each in labels.values() if each.is_default}
        for one in packed:
            made = connection_of(one, now=self.now)
            label = labels.get(one.qualified_name)
            there = None if label is None else await _readable(store, label)
            is_same = there is not None and _is_same(there, made, one)
            doing = self._doing(is_there=label is not None, is_same=is_same)
            missing, notes = one.missing, list[str]()
            if doing in (Doing.ADD, Doing.REPLACE):
                if there is not None and missing and (kept := _with_its_secrets(there, one, now=self.now)):
                    made, missing = kept, ()
                    notes.append(_KEEPS_SECRETS)
                other = defaults.get(one.organization, one.name)
                if made.is_default and other != one.name and not self.replace:
                    made = replace(made, is_default=False)
                    notes.append(f"{qualified_name(one.organization, other)} stays the default")
                self.connections.append(replace(made, version=0 if label is None else label.version))
            self._tell(
                Kind.CONNECTION,
                one.organization,
                one.name,
                doing,
                missing=missing if doing in (Doing.ADD, Doing.REPLACE) else (),
                note=". ".join(notes),
            )
        # One that becomes the default takes that from another one, which then has another version.
        self.connections.sort(key=lambda each: each.is_default)

    # -- settings ----------------------------------------------------------------------------------------------

    async def add_settings(self, packed: Sequence[PackedSettings], store: SettingsStore) -> None:
        """Look at settings."""
        for said in packed:
            made, there = settings_of(said), await store.read(said.organization)
            is_there = bool(there.plain or there.secrets or there.locked or not there.custom)
            is_same = (there.custom, there.locked, dict(there.plain)) == (
                made.custom,
                made.locked,
                dict(made.plain),
            ) and (_same_secrets(there.secrets, made.secrets, said.missing))
            doing = self._doing(is_there=is_there, is_same=is_same)
            missing, note = said.missing, ""
            if doing in (Doing.ADD, Doing.REPLACE):
                if missing and _goes_to(there) == _goes_to(made) and there.secrets.keys() >= set(missing):
                    made = replace(
                        made, secrets={**made.secrets, **{name: there.secrets[name] for name in missing}}
                    )
                    missing, note = (), _KEEPS_SECRETS
                self.settings.append(replace(made, version=there.version))
            else:
                missing = ()
            self._tell(Kind.SETTINGS, said.organization, "", doing, missing=missing, note=note)

    # -- subscriptions -----------------------------------------------------------------------------------------

    async def add_subscriptions(self, packed: Sequence[Subscription], store: NotificationStore) -> None:
        """Look at subscriptions."""
        for each in packed:
            there = await store.subscription(each.id)
            is_same = there is not None and replace(there, revision=0) == each
            doing = self._doing(is_there=there is not None, is_same=is_same)
            if doing in (Doing.ADD, Doing.REPLACE):
                self.subscriptions.append(replace(each, revision=0 if there is None else there.revision))
            self._tell(Kind.SUBSCRIPTION, each.organization, each.id, doing)


def _history(one: PackedFlow, flow: StoredFlow, texts: tuple[str, ...]) -> FlowHistory:
    """Say what is published on top of the versions there are: what they lack, else the latest one; a draft is never lost."""
    if one.texts[: len(texts)] == texts:
        new = one.texts[len(texts) :]
    else:
        new = one.texts[-1:] if texts[-1:] != one.texts[-1:] else ()
    draft = one.draft if one.draft is not None else flow.draft
    if not new and draft == flow.draft:
        draft = None
    return FlowHistory(flow=flow, texts=new, draft=draft)


async def _readable(store: ConnectionStore, label: ConnectionLabel) -> StoredConnection | None:
    """Give what is kept; ``None`` of one that is damaged, which nothing is like."""
    try:
        return await store.find(label.organization, label.name)
    except ConfigurationError:
        return None


def _is_same(there: StoredConnection, made: StoredConnection, one: PackedConnection) -> bool:
    return (
        dict(there.plain) == dict(made.plain)
        and there.enabled == one.enabled
        and there.is_default == one.is_default
        and _same_secrets(there.secrets, made.secrets, one.missing)
    )


def _same_secrets(there: Mapping[str, object], made: Mapping[str, object], missing: Sequence[str]) -> bool:
    """Compare secrets; of those that the snapshot does not tell, that there are any."""
    return set(there) == {*made, *missing} and all(there[name] == made[name] for name in made)


def _with_its_secrets(
    there: StoredConnection, one: PackedConnection, *, now: Moment
) -> StoredConnection | None:
    """Give a connection with the secrets it has here, if with the fields of the snapshot they go where they went before."""
    taken_back = dict.fromkeys(there.plain.keys() - one.plain.keys())
    try:
        changed = with_fields(there, {**taken_back, **one.plain, **one.secrets}, now=now).stored
    except ConfigurationError:
        return None
    if frozenset(changed.secrets) != one.secret_names:
        return None
    return replace(changed, enabled=one.enabled, is_default=one.is_default)


def _goes_to(settings: ScopeSettings) -> Mapping[str, object]:
    who = DESTINATION | WHO_SIGNS_IN | {"domain", "auth_type", "grant"}
    return {name: value for name, value in settings.plain.items() if name in who}
