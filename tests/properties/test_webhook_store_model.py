"""Whatever is asked of a store of webhooks or suppressed addresses in whatever order, the database answers as memory does."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from tests.properties.store_twins import answers_of_both, told

from eilbote.model.secret import Secret
from eilbote.record.suppression import SuppressionReason, SuppressionStore
from eilbote.record.webhook import DeliveryState, HookDelivery, Webhook
from eilbote.record.webhook_store import Feed, WebhookStore
from eilbote.store.key_ring import ring_of
from eilbote.store.memory_suppressions import MemorySuppressions
from eilbote.store.memory_webhooks import MemoryWebhooks
from eilbote.store.open_flows import webhooks_in
from eilbote.store.suppression_rows import SuppressionRows
from eilbote.testing.hook_exercises.scene import at, delivery, webhook
from eilbote.testing.hook_exercises.suppressing import said

HOOKS = ["w1", "W1"]
IDS = ["d1", "d2", "D1"]


@dataclass
class World:
    """A store, what somebody has read of it some time ago, what workers hold by their own account, and the time."""

    store: WebhookStore
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    held: dict[str, list[HookDelivery]] = field(default_factory=dict)
    now: int = 0


Step: TypeAlias = Callable[[World], Awaitable[object]]
hooks, ids = st.sampled_from(HOOKS), st.sampled_from(IDS)
workers = st.sampled_from(["one", "two"])
moments = st.integers(0, 60)


def keep(id_: str, of: str, secret: str, former: str, *, is_new: bool) -> Step:
    async def step(world: World) -> object:
        known = webhook(id_) if is_new else world.webhooks.get(id_, webhook(id_))
        wanted = replace(
            known,
            organization=of,
            secret=Secret(secret),
            former_secret=Secret(former) if former else None,
        )
        kept = await world.store.keep(wanted)
        world.webhooks[id_] = kept
        return kept

    return step


def enqueue(deliveries: list[HookDelivery], feed: Feed, position: int | None) -> Step:
    return lambda world: world.store.enqueue(deliveries, feed=feed, position=position)


def claim(worker: str, limit: int, lease: int) -> Step:
    async def step(world: World) -> object:
        found = await world.store.claim(worker, limit=limit, now=at(world.now), until=at(world.now + lease))
        world.held.setdefault(worker, []).extend(found)
        return list(found)

    return step


def settle(worker: str, state: DeliveryState, due: int) -> Step:
    async def step(world: World) -> object:
        if not world.held.get(worker):
            return None
        one = world.held[worker].pop(0)
        became = replace(
            one,
            state=state,
            due=at(world.now + due),
            attempts=one.attempts + 1,
            attempted=at(world.now),
            seconds=0.5,
            status=503,
            answer="ß",
        )
        return await world.store.settle(became, worker=worker)

    return step


def pass_time(seconds: int) -> Step:
    async def step(world: World) -> object:
        world.now += seconds
        return None

    return step


async def everything(world: World) -> object:
    store = world.store
    return (
        list(await store.webhooks()),
        list(await store.webhooks("acme")),
        [await store.webhook(id_) for id_ in HOOKS],
        [await store.position(feed) for feed in Feed],
        [list(await store.deliveries(hook)) for hook in HOOKS],
        [list(await store.deliveries("w1", state=state, limit=2, after="d1")) for state in DeliveryState],
        await store.delivery("w1", "D1"),
        await store.next_due(),
    )


deliveries = st.builds(
    lambda id_, hook, created, due, state: replace(
        delivery(id_, hook, created=created, due=due), state=state
    ),
    ids,
    hooks,
    st.integers(0, 2),
    st.integers(0, 10),
    st.sampled_from([*[DeliveryState.WAITING] * 4, *DeliveryState]),
)
secrets = st.sampled_from(["whsec_1", "whsec_2"])
often: tuple[st.SearchStrategy[Step], ...] = (
    st.builds(enqueue, st.lists(deliveries, max_size=4), st.sampled_from(Feed), st.none() | st.integers(0, 9)),
    st.builds(claim, workers, st.integers(1, 3), st.integers(1, 20)),
    st.builds(settle, workers, st.sampled_from(DeliveryState), st.integers(0, 10)),
    st.builds(pass_time, st.integers(1, 12)),
)  # fmt: skip
seldom: tuple[st.SearchStrategy[Step], ...] = (
    st.builds(
        keep, hooks, st.sampled_from(["", "acme"]), secrets, st.just("") | secrets, is_new=st.booleans()
    ),
    st.builds(lambda id_: lambda world: world.store.drop(id_), hooks),
    st.builds(
        lambda id_, failures, since: (
            lambda world: world.store.count_failures(
                id_, failures, since=None if since is None else at(since)
            )
        ),
        hooks,
        st.integers(0, 9),
        st.none() | moments,
    ),
    st.builds(
        lambda hook, id_: lambda world: world.store.redeliver(hook, id_, now=at(world.now)), hooks, ids
    ),
    st.builds(
        lambda ago, limit: lambda world: world.store.prune(before=at(world.now - ago), limit=limit),
        st.integers(-1, 20),
        st.integers(1, 3),
    ),
)
steps = st.one_of(*often, *often, *often, *seldom)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(st.lists(steps, min_size=12, max_size=25))
def test_the_database_answers_as_memory_does(wanted: list[Step]) -> None:
    opening = [keep(id_, "", "whsec_1", "", is_new=True) for id_ in HOOKS]

    async def play(store: WebhookStore) -> list[object]:
        return await told(World(store), [*opening, *wanted], everything)

    with tempfile.TemporaryDirectory() as folder:
        ring = ring_of({}, Path(folder))
        remembered, stored = answers_of_both(
            lambda: play(MemoryWebhooks()), play, lambda shared, url: webhooks_in(shared, url, ring)
        )
    for one, other in zip(remembered, stored, strict=True):
        assert other == one


Listed: TypeAlias = Callable[[SuppressionStore], Awaitable[object]]
addresses = st.sampled_from(["a@x.org", "A@X.ORG", "straße@x.org", "STRASSE@x.org", "a_b@x.org", "axb@x.org"])
whose = st.sampled_from(["", "acme", "b"])
suppressions = st.builds(
    lambda address, of, reason, expires: replace(
        said(address, of), reason=reason, expires=None if expires is None else at(expires)
    ),
    addresses,
    whose,
    st.sampled_from(SuppressionReason),
    st.none() | moments,
)
listed: st.SearchStrategy[Listed] = st.one_of(
    st.builds(lambda some: lambda store: store.add(some), st.lists(suppressions, max_size=4)),
    st.builds(lambda some: lambda store: store.add(some), st.lists(suppressions, max_size=4)),
    st.builds(lambda of, address: lambda store: store.remove(of, address), whose, addresses),
    st.builds(lambda when: lambda store: store.prune(now=at(when)), moments),
    st.builds(
        lambda of, some, when: lambda store: store.suppressed(of, some, now=at(when)),
        whose,
        st.lists(addresses),
        moments,
    ),
    st.builds(
        lambda of, part, limit, after: lambda store: store.list(of, address=part, limit=limit, after=after),
        st.none() | whose,
        st.sampled_from(["", "A", "_", "SS", "@"]),
        st.integers(1, 5),
        st.tuples(whose, addresses),
    ),
)


async def the_whole_list(store: SuppressionStore) -> object:
    return await store.any(), list(await store.list())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(st.lists(listed, min_size=6, max_size=20))
def test_the_list_of_suppressed_addresses_is_the_same_in_both(wanted: list[Listed]) -> None:
    async def play(store: SuppressionStore) -> list[object]:
        return await told(store, wanted, the_whole_list)

    remembered, stored = answers_of_both(
        lambda: play(MemorySuppressions()), play, lambda shared, _url: SuppressionRows(shared.handle())
    )
    for one, other in zip(remembered, stored, strict=True):
        assert other == one
