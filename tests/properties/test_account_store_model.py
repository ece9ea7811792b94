"""Whatever is asked of a store of accounts in whatever order, the database answers as memory does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from tests.properties.store_twins import answers_of_both, told

from eilbote.accounts.api_key import ApiKey
from eilbote.accounts.audit import AuditFilter
from eilbote.accounts.organization import Organization
from eilbote.accounts.role import Permission
from eilbote.accounts.session import LinkPurpose
from eilbote.accounts.store import AccountStore
from eilbote.accounts.user import User
from eilbote.store.account_rows import AccountRows
from eilbote.store.memory_accounts import MemoryAccounts
from eilbote.testing.account_exercises.scene import at, deed, key, link, organization, session, user

NAMES = ["acme", "b-2", "b2"]
USERS = ["u1", "U1", "ü"]
DIGESTS = ["d1", "d2", "d3"]


@dataclass
class World:
    """A store, and what somebody has read of it some time ago."""

    store: AccountStore
    organizations: dict[str, Organization] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    keys: dict[str, ApiKey] = field(default_factory=dict)


Step: TypeAlias = Callable[[World], Awaitable[object]]

names = st.sampled_from(NAMES)
users = st.sampled_from(USERS)
digests = st.sampled_from(DIGESTS)
whose = st.sampled_from(["", "acme", "b2"])
addresses = st.sampled_from(
    ["anna@example.org", "ANNA@Example.org", "straße@example.org", "STRASSE@example.org"]
)
subjects = st.sampled_from(["", "", "issuer|1", "issuer|2"])
moments = st.integers(0, 60)
words = st.text(alphabet="ab%_'\"ß\N{SPARKLES}", max_size=4)


def keep_organization(name: str, title: str, *, is_new: bool) -> Step:
    async def step(world: World) -> object:
        known = organization(name) if is_new else world.organizations.get(name, organization(name))
        kept = await world.store.keep_organization(replace(known, title=title))
        world.organizations[name] = kept
        return kept

    return step


def keep_user(id_: str, address: str, of: str, subject: str, *, is_new: bool) -> Step:
    async def step(world: World) -> object:
        known = user(id_) if is_new else world.users.get(id_, user(id_))
        kept = await world.store.keep_user(replace(known, address=address, organization=of, subject=subject))
        world.users[id_] = kept
        return kept

    return step


def keep_key(id_: str, of: str, may: frozenset[Permission], *, is_new: bool) -> Step:
    async def step(world: World) -> object:
        known = key(id_) if is_new else world.keys.get(id_, key(id_))
        kept = await world.store.keep_key(replace(known, organization=of, permissions=may))
        world.keys[id_] = kept
        return kept

    return step


async def everything(world: World) -> object:
    store = world.store
    return (
        list(await store.organizations()),
        list(await store.organizations(limit=1, after="acme")),
        list(await store.users()),
        list(await store.users("acme", limit=2, after="U1")),
        [await store.user_at(address) for address in ("anna@EXAMPLE.org", "strasse@example.org")],
        [await store.user_of_subject(subject) for subject in ("", "issuer|1")],
        await store.count_users("acme"),
        [list(await store.sessions(id_)) for id_ in USERS],
        [await store.session(digest) for digest in DIGESTS],
        [await store.link(digest) for digest in DIGESTS],
        list(await store.keys()),
        list(await store.keys("", limit=1)),
        list(await store.records_from(1, limit=100)),
        list(await store.records(AuditFilter(organization="acme"), limit=2)),
        list(await store.records(AuditFilter(action="a"), after=3)),
        list(await store.records(AuditFilter(who="u1", thing="a", since=at(10), before=at(50)))),
    )


often: tuple[st.SearchStrategy[Step], ...] = (
    st.builds(keep_organization, names, words, is_new=st.booleans()),
    st.builds(keep_user, users, addresses, whose, subjects, is_new=st.booleans()),
    st.builds(keep_user, users, addresses, whose, subjects, is_new=st.booleans()),
    st.builds(keep_key, users, whose, st.frozensets(st.sampled_from(Permission), max_size=3), is_new=st.booleans()),
    st.builds(
        lambda digest, of, begun, expires: lambda world: world.store.keep_session(
            session(digest, of, begun=begun, expires=expires)
        ),
        digests, users, moments, moments,
    ),
    st.builds(
        lambda digest, purpose, of, expires: lambda world: world.store.keep_link(
            link(digest, purpose, of, expires=expires)
        ),
        digests, st.sampled_from(LinkPurpose), st.sampled_from(["", *USERS]), moments,
    ),
    st.builds(
        lambda said: lambda world: world.store.write(said),
        st.lists(
            st.builds(
                lambda action, when, of, who, thing, after: deed(
                    action, when=when, organization=of, who=who, thing=thing, after=after
                ),
                words, moments, whose, users, words, st.dictionaries(words, words | st.integers() | st.none(), max_size=2),
            ),
            max_size=3,
        ),
    ),
)  # fmt: skip
seldom: tuple[st.SearchStrategy[Step], ...] = (
    st.builds(lambda digest: lambda world: world.store.take_link(digest), digests),
    st.builds(lambda digest: lambda world: world.store.drop_session(digest), digests),
    st.builds(lambda of, but: lambda world: world.store.drop_sessions(of, but=but), users, digests),
    st.builds(lambda name: lambda world: world.store.drop_organization(name), names),
    st.builds(lambda id_: lambda world: world.store.drop_user(id_), users),
    st.builds(lambda id_: lambda world: world.store.drop_key(id_), users),
    st.builds(lambda id_, when: lambda world: world.store.key_used(id_, at=at(when)), users, moments),
    st.builds(lambda when: lambda world: world.store.prune(now=at(when)), moments),
)
steps = st.one_of(*often, *often, *seldom)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(st.lists(steps, min_size=12, max_size=25))
def test_the_database_answers_as_memory_does(wanted: list[Step]) -> None:
    async def play(store: AccountStore) -> list[object]:
        return await told(World(store), wanted, everything)

    remembered, stored = answers_of_both(
        lambda: play(MemoryAccounts()), play, lambda shared, _url: AccountRows(shared.handle())
    )
    for one, other in zip(remembered, stored, strict=True):
        assert other == one
