"""Drafts and published versions in memory: what :mod:`eilbote.store.draft_rows` is in a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.plain.drafted import Drafted, Published
    from eilbote.model.moment import Moment
    from eilbote.store.draft_kinds import DraftKind

D = TypeVar("D", bound="Drafted")
V = TypeVar("V", bound="Published")


class MemoryDrafts(Generic[D, V]):
    """Drafts of one kind, and their versions.

    Args:
        kind: Which kind.
    """

    def __init__(self, kind: DraftKind[D, V]) -> None:
        self._kind = kind
        self._kept: dict[tuple[str, str], D] = {}
        self._versions: dict[tuple[str, str], list[V]] = {}

    def all(self, organization: str | None) -> tuple[D, ...]:
        """Give all of one organization, or of all, in the order of their names."""
        wanted = [each for each in self._kept.values() if organization in {None, each.organization}]
        return tuple(sorted(wanted, key=lambda each: (each.name, each.organization)))

    def find(self, organization: str, name: str) -> D | None:
        """Give one."""
        return self._kept.get((organization, name))

    def keep(self, drafted: D, text: str, now: Moment) -> D:
        """Keep a draft.

        Raises:
            ConflictError: Somebody was faster.
        """
        key = drafted.organization, drafted.name
        known = self._kept.get(key)
        if drafted.revision != (known.revision if known else 0):
            raise self._kind.lost_race(*key, read=drafted.revision, found=known.revision if known else 0)
        kept = self._kept[key] = self._kind.drafted(
            organization=drafted.organization,
            name=drafted.name,
            draft=text,
            published=known.published if known else 0,
            changed=now,
            revision=drafted.revision + 1,
        )
        return kept

    def publish(self, organization: str, name: str, now: Moment, *, revision: int | None = None) -> V:
        """Make the draft the next version.

        Args:
            organization: Whose.
            name: Which.
            now: The time.
            revision: Which draft it must be; ``None`` for whichever is there.

        Raises:
            ConfigurationError: There is no draft; a ConflictError, when there is another one.
        """
        known = self._kept.get((organization, name))
        if known is None or known.draft is None:
            raise self._kind.no_draft(organization, name, exists=known is not None)
        if revision not in {None, known.revision}:
            raise self._kind.lost_race(organization, name, read=revision or 0, found=known.revision)
        version = self._kind.version(
            organization=organization,
            name=name,
            version=known.published + 1,
            text=known.draft,
            published=now,
        )
        self._versions.setdefault((organization, name), []).append(version)
        self._kept[organization, name] = self._kind.drafted(
            organization=organization,
            name=name,
            draft=None,
            published=version.version,
            changed=now,
            revision=known.revision + 1,
        )
        return version

    def version(self, organization: str, name: str, version: int | None) -> V | None:
        """Give a version, the latest when it is not said which."""
        found = (each for each in self.versions(organization, name) if version in {None, each.version})
        return next(found, None)

    def versions(self, organization: str, name: str) -> Sequence[V]:
        """Give all versions, the latest first."""
        return tuple(reversed(self._versions.get((organization, name), ())))

    def drop(self, organization: str, name: str) -> bool:
        """Forget one with its versions; says whether there was one."""
        self._versions.pop((organization, name), None)
        return self._kept.pop((organization, name), None) is not None
