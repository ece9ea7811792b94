"""Flows and their versions as rows; the same for both databases. Each function is a part of somebody's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.store import FlowVersion, StoredFlow
from eilbote.model.moment import Moment
from eilbote.store.flow_faults import changed_meanwhile, no_draft
from eilbote.store.record_database import count
from eilbote.store.text_rows import keep_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements

_FLOWS: Final = "SELECT organization, name, draft, published, changed, revision FROM flow"
_ALL: Final = f"{_FLOWS} ORDER BY name, organization"
_OF_ONE: Final = f"{_FLOWS} WHERE organization = $1 ORDER BY name"
_FIND: Final = f"{_FLOWS} WHERE organization = $1 AND name = $2"
_NEW: Final = (
    "INSERT INTO flow (organization, name, draft, published, changed, revision) VALUES ($1, $2, $3, 0, $4, 1) "
    "ON CONFLICT (organization, name) DO NOTHING"
)
_CHANGE: Final = (
    "UPDATE flow SET draft = $3, changed = $4, revision = revision + 1 "
    "WHERE organization = $1 AND name = $2 AND revision = $5"
)
_PUBLISH: Final = (
    "UPDATE flow SET draft = NULL, published = published + 1, changed = $3, revision = revision + 1 "
    "WHERE organization = $1 AND name = $2 AND revision = $4"
)
_NEW_VERSION: Final = (
    "INSERT INTO flow_version (organization, name, version, digest, published) VALUES ($1, $2, $3, $4, $5)"
)
_VERSIONS: Final = (
    "SELECT v.organization, v.name, v.version, coalesce(t.text, ''), v.published FROM flow_version v "
    "LEFT JOIN flow_text t ON t.digest = v.digest WHERE v.organization = $1 AND v.name = $2"
)
_EVERY_VERSION: Final = f"{_VERSIONS} ORDER BY v.version DESC"
_LATEST: Final = f"{_EVERY_VERSION} LIMIT 1"
_VERSION: Final = f"{_VERSIONS} AND v.version = $3"


async def read_flows(db: Statements, organization: str | None) -> tuple[StoredFlow, ...]:
    """Give all flows of one organization, or of all."""
    rows = await (db.fetch(_ALL) if organization is None else db.fetch(_OF_ONE, organization))
    return tuple(sorted(map(_flow, rows), key=lambda flow: (flow.name, flow.organization)))


async def find_flow(db: Statements, organization: str, name: str) -> StoredFlow | None:
    """Give one."""
    rows = await db.fetch(_FIND, organization, name)
    return _flow(rows[0]) if rows else None


async def keep_draft(db: Statements, flow: StoredFlow, text: str, now: Moment) -> StoredFlow:
    """Keep a draft.

    Raises:
        FlowError: Somebody was faster.
    """
    key = flow.organization, flow.name
    said = await (
        db.execute(_CHANGE, *key, text, now, flow.revision)
        if flow.revision
        else db.execute(_NEW, *key, text, now)
    )
    kept = await find_flow(db, *key)
    if not count(said) or kept is None:
        raise changed_meanwhile(flow, kept.revision if kept else 0)
    return kept


async def publish(db: Statements, organization: str, name: str, now: Moment) -> FlowVersion:
    """Make the draft the next version.

    Raises:
        FlowError: There is no draft, or somebody was faster.
    """
    known = await find_flow(db, organization, name)
    if known is None or known.draft is None:
        raise no_draft(organization, name, exists=known is not None)
    if not count(await db.execute(_PUBLISH, organization, name, now, known.revision)):
        now_there = await find_flow(db, organization, name)
        raise changed_meanwhile(known, now_there.revision if now_there else 0)
    version = known.published + 1
    digest = await keep_text(db, known.draft, now)
    await db.execute(_NEW_VERSION, organization, name, version, digest, now)
    return FlowVersion(organization=organization, name=name, version=version, text=known.draft, published=now)


async def read_version(
    db: Statements, organization: str, name: str, version: int | None
) -> FlowVersion | None:
    """Give a version, the latest when it is not said which."""
    rows = await (
        db.fetch(_LATEST, organization, name)
        if version is None
        else db.fetch(_VERSION, organization, name, version)
    )
    return _version(rows[0]) if rows else None


async def read_versions(db: Statements, organization: str, name: str) -> tuple[FlowVersion, ...]:
    """Give all versions, the latest first."""
    return tuple(map(_version, await db.fetch(_EVERY_VERSION, organization, name)))


async def drop_flow(db: Statements, organization: str, name: str) -> bool:
    """Forget a flow and its versions; their texts are forgotten later, when no run needs them."""
    await db.execute("DELETE FROM flow_version WHERE organization = $1 AND name = $2", organization, name)
    return bool(
        count(await db.execute("DELETE FROM flow WHERE organization = $1 AND name = $2", organization, name))
    )


def _flow(row: Sequence[object]) -> StoredFlow:
    organization, name, draft, published, changed, revision = cast(
        "tuple[str, str, str | None, int, int, int]", tuple(row)
    )
    return StoredFlow(
        organization=organization,
        name=name,
        draft=draft,
        published=published,
        changed=Moment(changed),
        revision=revision,
    )


def _version(row: Sequence[object]) -> FlowVersion:
    organization, name, version, text, published = cast("tuple[str, str, int, str, int]", tuple(row))
    return FlowVersion(
        organization=organization, name=name, version=version, text=text, published=Moment(published)
    )
