"""Flows, processes and their versions as rows; the same for both databases. Each method is a part of somebody's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from eilbote.model.moment import Moment
from eilbote.store.draft_kinds import FLOWS, PROCESSES
from eilbote.store.record_database import count
from eilbote.store.text_rows import FLOW_TEXTS, PROCESS_TEXTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.plain.drafted import Drafted, Published
    from eilbote.store.draft_kinds import DraftKind
    from eilbote.store.record_database import Statements
    from eilbote.store.text_rows import TextRows

D = TypeVar("D", bound="Drafted")
V = TypeVar("V", bound="Published")


class DraftRows(Generic[D, V]):
    """Drafts of one kind and their versions.

    Args:
        kind: Which kind; its noun names the table.
        texts: The texts of the versions, in ``<noun>_text``.
    """

    def __init__(self, kind: DraftKind[D, V], texts: TextRows) -> None:
        self._kind = kind
        self._texts = texts
        table, version = kind.noun, f"{kind.noun}_version"
        drafts = f"SELECT organization, name, draft, published, changed, revision FROM {table}"  # noqa: S608 - names of our own
        self._all: Final = f"{drafts} ORDER BY name, organization"
        self._of_one: Final = f"{drafts} WHERE organization = $1 ORDER BY name"
        self._find: Final = f"{drafts} WHERE organization = $1 AND name = $2"
        self._new: Final = (
            f"INSERT INTO {table} (organization, name, draft, published, changed, revision) "  # noqa: S608 - as above
            "VALUES ($1, $2, $3, 0, $4, 1) ON CONFLICT (organization, name) DO NOTHING"
        )
        self._change: Final = (
            f"UPDATE {table} SET draft = $3, changed = $4, revision = revision + 1 "  # noqa: S608 - as above
            "WHERE organization = $1 AND name = $2 AND revision = $5"
        )
        self._publish: Final = (
            f"UPDATE {table} SET draft = NULL, published = published + 1, changed = $3, "  # noqa: S608 - as above
            "revision = revision + 1 WHERE organization = $1 AND name = $2 AND revision = $4"
        )
        self._new_version: Final = (
            f"INSERT INTO {version} (organization, name, version, digest, published) "  # noqa: S608 - as above
            "VALUES ($1, $2, $3, $4, $5)"
        )
        versions = (
            f"SELECT v.organization, v.name, v.version, coalesce(t.text, ''), v.published FROM {version} v "  # noqa: S608 - as above
            f"LEFT JOIN {table}_text t ON t.digest = v.digest WHERE v.organization = $1 AND v.name = $2"
        )
        self._every_version: Final = f"{versions} ORDER BY v.version DESC"
        self._latest: Final = f"{self._every_version} LIMIT 1"
        self._version: Final = f"{versions} AND v.version = $3"
        self._drop: Final = tuple(
            f"DELETE FROM {each} WHERE organization = $1 AND name = $2"  # noqa: S608 - as above
            for each in (version, table)
        )

    async def all(self, db: Statements, organization: str | None) -> tuple[D, ...]:
        """Give all of one organization, or of all."""
        rows = await (db.fetch(self._all) if organization is None else db.fetch(self._of_one, organization))
        return tuple(sorted(map(self._drafted, rows), key=lambda each: (each.name, each.organization)))

    async def find(self, db: Statements, organization: str, name: str) -> D | None:
        """Give one."""
        rows = await db.fetch(self._find, organization, name)
        return self._drafted(rows[0]) if rows else None

    async def keep(self, db: Statements, drafted: D, text: str, now: Moment) -> D:
        """Keep a draft.

        Raises:
            ConflictError: Somebody was faster.
        """
        key = drafted.organization, drafted.name
        said = await (
            db.execute(self._change, *key, text, now, drafted.revision)
            if drafted.revision
            else db.execute(self._new, *key, text, now)
        )
        kept = await self.find(db, *key)
        if not count(said) or kept is None:
            raise self._kind.lost_race(*key, read=drafted.revision, found=kept.revision if kept else 0)
        return kept

    async def publish(
        self, db: Statements, organization: str, name: str, now: Moment, *, revision: int | None = None
    ) -> V:
        """Make the draft the next version.

        Args:
            db: The connection.
            organization: Whose.
            name: Which.
            now: The time.
            revision: Which draft it must be; ``None`` for whichever is there.

        Raises:
            ConfigurationError: There is no draft; a ConflictError, when there is another one, or somebody was faster.
        """
        known = await self.find(db, organization, name)
        if known is None or known.draft is None:
            raise self._kind.no_draft(organization, name, exists=known is not None)
        read = known.revision if revision is None else revision
        if not count(await db.execute(self._publish, organization, name, now, read)):
            there = await self.find(db, organization, name)
            raise self._kind.lost_race(organization, name, read=read, found=there.revision if there else 0)
        version = known.published + 1
        digest = await self._texts.keep(db, known.draft, now)
        await db.execute(self._new_version, organization, name, version, digest, now)
        return self._kind.version(
            organization=organization, name=name, version=version, text=known.draft, published=now
        )

    async def version(self, db: Statements, organization: str, name: str, version: int | None) -> V | None:
        """Give a version, the latest when it is not said which."""
        rows = await (
            db.fetch(self._latest, organization, name)
            if version is None
            else db.fetch(self._version, organization, name, version)
        )
        return self._published(rows[0]) if rows else None

    async def versions(self, db: Statements, organization: str, name: str) -> tuple[V, ...]:
        """Give all versions, the latest first."""
        return tuple(map(self._published, await db.fetch(self._every_version, organization, name)))

    async def drop(self, db: Statements, organization: str, name: str) -> bool:
        """Forget one with its versions; their texts are forgotten later, when nobody needs them. Says whether there was one."""
        said = [await db.execute(each, organization, name) for each in self._drop]
        return bool(count(said[-1]))

    def _drafted(self, row: Sequence[object]) -> D:
        organization, name, draft, published, changed, revision = cast(
            "tuple[str, str, str | None, int, int, int]", tuple(row)
        )
        return self._kind.drafted(
            organization=organization,
            name=name,
            draft=draft,
            published=published,
            changed=Moment(changed),
            revision=revision,
        )

    def _published(self, row: Sequence[object]) -> V:
        organization, name, version, text, published = cast("tuple[str, str, int, str, int]", tuple(row))
        return self._kind.version(
            organization=organization, name=name, version=version, text=text, published=Moment(published)
        )


FLOW_DRAFTS: Final = DraftRows(FLOWS, FLOW_TEXTS)
PROCESS_DRAFTS: Final = DraftRows(PROCESSES, PROCESS_TEXTS)
