"""Connections of organizations on a real disk: whose mail goes where, and where it may not."""

import os
from pathlib import Path

import pytest

from eilbote import ConnectError, ConnectionNotFoundError, Draft, Eilbote, EntryState, Mailer, Secret
from eilbote.connections.change import ChangedConnection
from eilbote.errors import SecretKeyError
from eilbote.testing import Catcher

DRAFT = Draft(from_="orders@example.org", to="anna@example.org", subject="Order 4711", text="It is ready.")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("EILBOTE_", "EMAIL_", "SYSTEM_")):
            monkeypatch.delenv(name)


async def keep(eilbote: Eilbote, name: str, uri: str) -> ChangedConnection:
    return await eilbote.connections.stored.add(name, {"uri": uri})


@pytest.mark.asyncio
async def test_mail_of_an_organization_goes_through_its_own_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EILBOTE_EGRESS__ALLOW", "127.0.0.0/8")
    async with Catcher() as hosts, Catcher() as acmes, Eilbote(data_dir=tmp_path) as eilbote:
        await keep(eilbote, "office", hosts.uri)
        await keep(eilbote, "acme/office", acmes.uri)

        await eilbote.submit(DRAFT, connections="office")
        await eilbote.submit(DRAFT, connections="office", organization="acme")
        await eilbote.submit(DRAFT, organization="acme")
        await eilbote.submit(DRAFT, organization="umbrella", connections="office")
        await eilbote.deliver_due()

        assert (len(hosts.messages), len(acmes.messages)) == (2, 2)
        assert (await eilbote.figures()).by_connection == {}


@pytest.mark.asyncio
async def test_the_server_of_an_organization_is_not_looked_for_in_the_administrators_network(
    tmp_path: Path,
) -> None:
    """A mail setting must not become a way to see which servers answer behind the firewall."""
    async with Catcher() as catcher, Eilbote(data_dir=tmp_path) as eilbote:
        await keep(eilbote, "acme/open", catcher.uri)
        await keep(eilbote, "acme/closed", "smtp://127.0.0.1:1")
        await keep(eilbote, "office", catcher.uri)
        opened = await eilbote.submit(DRAFT, connections="open", organization="acme")
        closed = await eilbote.submit(DRAFT, connections="closed", organization="acme")
        await eilbote.submit(DRAFT, connections="office", organization="acme")

        await eilbote.deliver_due()

        assert len(catcher.messages) == 1, "the host's own connection may lead anywhere"
        states = [(await eilbote.history(each.id)).entry.state for each in (opened, closed)]
        assert states == [EntryState.QUEUED, EntryState.QUEUED]
        pauses = {pause.connection: pause.reason for pause in await eilbote.pauses()}
        assert pauses["acme/open"].replace(catcher.uri.rpartition(":")[2], "1") == pauses["acme/closed"]


@pytest.mark.asyncio
async def test_a_uri_that_an_organization_hands_in_leads_no_further_than_its_connections(
    tmp_path: Path,
) -> None:
    """It was kept as the host's connection, and the host's may lead anywhere."""
    async with Catcher() as catcher, Eilbote(data_dir=tmp_path) as eilbote:
        await eilbote.submit(DRAFT, connections=catcher.uri, organization="acme")
        await eilbote.deliver_due()

        assert catcher.messages == ()
        (name,) = await eilbote.connections.stored.names()
        assert name.startswith("acme/")


@pytest.mark.asyncio
@pytest.mark.parametrize("protocol", ["smtp", "graph"])
async def test_a_connection_of_an_organization_is_gated_whoever_uses_it(
    tmp_path: Path, protocol: str
) -> None:
    """A mailer of its own, and `eilbote send`, know no policy of the operator; only the courier did."""
    async with Catcher() as catcher, Eilbote(data_dir=tmp_path) as eilbote:
        fields: dict[str, object] = {"uri": catcher.uri}
        if protocol == "graph":
            port = catcher.uri.rpartition(":")[2].strip("/")
            fields = {
                "protocol": "graph", "host": "127.0.0.1", "port": port, "security": "none", "user": "a@x.example",
                "accessToken": "abc",
            }  # fmt: skip
        await eilbote.connections.stored.add("acme/office", fields)
        async with Mailer(await eilbote.connections.get("acme/office")) as mailer:
            with pytest.raises(ConnectError, match="not allowed"):
                await mailer.send(DRAFT)


@pytest.mark.asyncio
async def test_nobody_is_told_what_another_organization_calls_its_connections(tmp_path: Path) -> None:
    async with Eilbote(data_dir=tmp_path) as eilbote:
        for name in ("office", "acme/office-of-mergers", "umbrella/office-one"):
            await keep(eilbote, name, "smtp://127.0.0.1:1")
        for asked in ("offices", "umbrella/offices"):
            with pytest.raises(ConnectionNotFoundError) as told:
                await eilbote.submit(DRAFT, connections=asked, organization="umbrella")
            assert "office" in (told.value.remedy or "")
            assert "acme" not in str(told.value)


@pytest.mark.asyncio
async def test_a_disabled_connection_takes_messages_and_its_mail_goes_out_later(tmp_path: Path) -> None:
    async with Catcher() as catcher, Eilbote(data_dir=tmp_path) as eilbote:
        await keep(eilbote, "office", catcher.uri)
        await eilbote.connections.stored.switch("office", enabled=False)
        submission = await eilbote.submit(DRAFT)
        await eilbote.deliver_due()
        assert catcher.messages == ()

        await eilbote.connections.stored.switch("office", enabled=True)
        await eilbote.resume("office")
        await eilbote.deliver_due()

        assert (await eilbote.history(submission.id)).entry.state is EntryState.DONE


@pytest.mark.asyncio
async def test_a_program_that_gives_its_connections_keeps_no_records(tmp_path: Path) -> None:
    async with Catcher() as catcher, Eilbote(data_dir=tmp_path, connections=catcher.uri) as eilbote:
        await eilbote.submit(DRAFT)
        await eilbote.submit(DRAFT, connections="default", organization="acme")

    assert not (tmp_path / "secret.keys").exists()
    assert not (tmp_path / "tokens").exists()


@pytest.mark.asyncio
async def test_stored_secrets_are_opened_by_another_program_and_by_nobody_without_the_key(
    tmp_path: Path,
) -> None:
    async with Eilbote(data_dir=tmp_path) as eilbote:
        await keep(eilbote, "office", "smtps://orders:geheim@mail.example.org")
    async with Eilbote(data_dir=tmp_path) as eilbote:
        stored = await eilbote.connections.stored.find("office")
        assert stored is not None
        assert stored.secrets == {"password": Secret("geheim")}

    (tmp_path / "secret.keys").rename(tmp_path / "elsewhere")
    async with Eilbote(data_dir=tmp_path) as eilbote:
        with pytest.raises(SecretKeyError, match=r"secret\.keys"):
            await eilbote.connections.get("office")


@pytest.mark.asyncio
async def test_nothing_is_sent_before_anything_is_configured_and_the_error_says_how(tmp_path: Path) -> None:
    async with Eilbote(data_dir=tmp_path) as eilbote:
        with pytest.raises(ConnectionNotFoundError, match="not configured yet") as caught:
            await eilbote.submit(DRAFT)
    assert "eilbote settings set" in (caught.value.remedy or "")
    assert "EMAIL_NOTIFICATION_SMTP_HOST" in (caught.value.remedy or "")
