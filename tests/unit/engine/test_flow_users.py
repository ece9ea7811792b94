"""Which flows name a connection: the published version and the draft, in the words of their organization."""

from __future__ import annotations

import pytest

from eilbote.engine.flow_users import FlowUse, names_in, users_of_connections
from eilbote.errors import SettingsError
from eilbote.model.moment import Moment
from eilbote.store.memory_flows import MemoryFlows

NOW = Moment(1)


def text(connection: str) -> str:
    return f"name: f\nnodes:\n  - id: a\n    kind: send_smtp_email\n    connection: {connection}\n"


class Names:
    """Knows one connection of an organization beside the host's."""

    async def resolve(self, name: str, organization: str = "") -> str:
        if name == "bad":
            raise SettingsError("no name")
        return "acme/office" if (name, organization) == ("office", "acme") else name


async def keep(store: MemoryFlows, said: str, *, organization: str = "", published: bool) -> None:
    flow = await store.flow(organization, "f")
    from eilbote.author.flow.store import StoredFlow

    new = StoredFlow(organization=organization, name="f", draft=None, published=0, changed=NOW, revision=0)
    await store.keep_draft(flow or new, said, now=NOW)
    if published:
        await store.publish(organization, "f", now=NOW)


@pytest.mark.asyncio
async def test_the_latest_version_and_the_draft_count() -> None:
    store = MemoryFlows()
    await keep(store, text("old"), published=True)
    await keep(store, text("office"), published=True)
    await keep(store, text("next"), published=False)
    await keep(store, text("office"), organization="acme", published=False)

    assert await users_of_connections(store, Names()) == {
        "office": (FlowUse(organization="", flow="f", version=2),),
        "next": (FlowUse(organization="", flow="f", version=0),),
        "acme/office": (FlowUse(organization="acme", flow="f", version=0),),
    }
    assert await users_of_connections(store, Names(), of="next") == {
        "next": (FlowUse(organization="", flow="f", version=0),)
    }


@pytest.mark.asyncio
async def test_what_cannot_be_a_name_names_nothing() -> None:
    store = MemoryFlows()
    await keep(store, text("bad"), published=True)

    assert await users_of_connections(store, Names()) == {}


@pytest.mark.parametrize(
    "said, names",
    [
        (text("office"), ["office"]),
        (text("' Back_Up '"), ["Back_Up"]),
        (text("smtps://mail.example.org"), []),
        (text("{host: mail.example.org}"), []),
        ("connection: office\n", []),
        ("{{{ connection", []),
        ("connection: x\nnodes: 1\n", []),
    ],
)
def test_names_are_found_where_nodes_say_them(said: str, names: list[str]) -> None:
    assert list(names_in(said)) == names


def test_a_text_without_the_name_is_not_read() -> None:
    assert list(names_in(text("Back_Up"), of="back-up")) == ["Back_Up"]
    assert list(names_in(text("office"), of="back-up")) == []
