"""Connections that stand in flows are kept while mail goes through them, with the secrets their own flows may use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from eilbote import ConfigurationError, Draft, Eilbote, Secret
from eilbote.author.flow.inline_connection import InlineConnection, is_of_a_flow, read_connection
from eilbote.config.flow_secrets import FlowSecrets
from eilbote.connections.repository import split_name
from eilbote.engine.flow_connections import FlowConnections
from eilbote.testing import MemoryOutbox

pytestmark = pytest.mark.asyncio
TABLE: dict[str, object] = {
    "host": "mail.example.org",
    "user": "shop@example.org",
    "password": {"env": "EILBOTE_FLOW_SECRET_SHOP"},
}


def made(**more: object) -> InlineConnection:
    found = read_connection({**TABLE, **more})  # type: ignore[dict-item]
    assert isinstance(found, InlineConnection)
    return found


@asynccontextmanager
async def kept(environ: dict[str, str], tmp_path: object) -> AsyncIterator[tuple[Eilbote, FlowConnections]]:
    async with Eilbote(data_dir=str(tmp_path), store=MemoryOutbox()) as eilbote:
        yield (
            eilbote,
            FlowConnections(
                eilbote.connections.stored, secrets=FlowSecrets(environ), outbox=lambda: eilbote.store
            ),
        )


async def test_a_changed_secret_is_put_in_place_of_the_old_one(tmp_path: object) -> None:
    environ = {"EILBOTE_FLOW_SECRET_SHOP": "old"}
    async with kept(environ, tmp_path) as (eilbote, connections):
        for password in ("old", "old", "new"):
            environ["EILBOTE_FLOW_SECRET_SHOP"] = password
            (name,) = await connections.named(made(), organization="", flow="orders", node="mail")
        (stored,) = await eilbote.connections.stored.all()
        assert stored.qualified_name == name
        assert stored.secrets["password"] == Secret("new")
        assert stored.version == 2


async def test_an_organization_uses_secrets_of_its_own_only(tmp_path: object) -> None:
    environ = {"EILBOTE_FLOW_SECRET_SHOP": "hosts", "EILBOTE_FLOW_SECRET_ACME__SHOP": "acmes"}
    async with kept(environ, tmp_path) as (eilbote, connections):
        with pytest.raises(ConfigurationError) as refused:
            await connections.named(made(), organization="acme", flow="orders", node="mail")
        assert refused.value.field == "connection.password"
        own = made(password={"env": "EILBOTE_FLOW_SECRET_ACME__SHOP"})
        (name,) = await connections.named(own, organization="acme", flow="orders", node="mail")
        assert split_name(name)[0] == "acme"
        assert (await eilbote.connections.find(name)).public_only


async def test_what_nothing_goes_through_any_more_is_forgotten_and_nothing_else(tmp_path: object) -> None:
    async with kept({"EILBOTE_FLOW_SECRET_SHOP": "x"}, tmp_path) as (eilbote, connections):
        stored = eilbote.connections.stored
        (used,) = await connections.named(made(), organization="", flow="orders", node="mail")
        (unused,) = await connections.named(made(port=2525), organization="", flow="orders", node="mail")
        for own in ("flow-office", "office"):
            await stored.add(own, {"host": "mail.example.org"})
        await eilbote.submit(
            Draft(from_="shop@example.org", to="anna@example.org", subject="s"), connections=(used,)
        )
        assert await connections.sweep() == 0  # a message may be about to be handed in
        assert await connections.sweep() == 1
        assert unused not in await stored.names()
        assert {used, "flow-office", "office"} == set(await stored.names())
        assert is_of_a_flow(used)
        (again,) = await connections.named(made(port=2525), organization="", flow="orders", node="mail")
        assert again == unused


async def test_a_name_or_nothing_is_passed_on(tmp_path: object) -> None:
    async with kept({}, tmp_path) as (_, connections):
        assert await connections.named("office", organization="", flow="f", node="n") == ("office",)
        assert await connections.named("", organization="", flow="f", node="n") == ()
