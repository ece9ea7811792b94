"""Mail goes where the settings say, for the host and for organizations, and follows them without a restart."""

import asyncio
from pathlib import Path

import pytest

from eilbote import ConnectionNotFoundError, Draft, Eilbote
from eilbote.model.credentials import Password
from eilbote.testing import catching
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio
DRAFT = Draft(from_="a@example.org", to="b@example.org", subject="x", text="y")


async def test_nothing_is_accepted_before_anything_is_configured(tmp_path: Path) -> None:
    async with Eilbote(data_dir=tmp_path) as eilbote:
        with pytest.raises(ConnectionNotFoundError, match="not configured yet"):
            await eilbote.submit(DRAFT)


async def test_a_message_that_names_no_connection_goes_through_the_endpoint(tmp_path: Path) -> None:
    with catching() as catcher:
        async with Eilbote(data_dir=tmp_path) as eilbote:
            await eilbote.settings.change({"uri": catcher.uri})
            await eilbote.submit(DRAFT)
            await eilbote.deliver_due()
        assert catcher.next().subject == "x"


async def test_each_organization_sends_through_its_own_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EILBOTE_EGRESS__ALLOW", "127.0.0.0/8")
    with catching() as hosts, catching() as acmes:
        async with Eilbote(data_dir=tmp_path) as eilbote:
            await eilbote.settings.change({"uri": hosts.uri})
            await eilbote.settings.change({"uri": acmes.uri}, "acme")
            await eilbote.submit(DRAFT, organization="acme")
            await eilbote.submit(DRAFT, organization="other", connections="notification")
            await eilbote.deliver_due()

        assert acmes.next().subject == "x"
        assert hosts.next().subject == "x"
        assert (len(acmes.messages), len(hosts.messages)) == (1, 1)


async def test_an_organization_reaches_no_address_inside(tmp_path: Path) -> None:
    with catching() as inside:
        async with Eilbote(data_dir=tmp_path) as eilbote:
            await eilbote.settings.change({"uri": inside.uri}, "acme")
            submission = await eilbote.submit(DRAFT, organization="acme")
            await eilbote.deliver_due()
            assert (await eilbote.history(submission.id)).entry.state.value in {"queued", "deferred"}
        assert not inside.messages


async def test_what_another_program_changes_is_seen_without_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    async with Eilbote(data_dir=tmp_path, clock=clock) as eilbote, Eilbote(data_dir=tmp_path) as other:
        await other.settings.change({"host": "one.example.org"})
        assert (await eilbote.connections.get("notification")).host == "one.example.org"
        await other.settings.change({"host": "two.example.org"})
        clock.advance(0.2)
        assert (await eilbote.connections.get("notification")).host == "two.example.org"


async def test_a_connection_is_tested_by_its_name(tmp_path: Path) -> None:
    with catching() as catcher:
        async with Eilbote(data_dir=tmp_path) as eilbote:
            await eilbote.connections.stored.add("office", {"uri": catcher.uri})
            found = await eilbote.test("office", mail_from="a@example.org")
            with pytest.raises(ConnectionNotFoundError):
                await eilbote.test("nowhere")
            with pytest.raises(ConnectionNotFoundError, match="not configured yet"):
                await eilbote.test("notification")
        assert not catcher.messages

    assert found.ok
    assert found.steps[-1].name == "mail"


async def test_a_courier_at_work_moves_to_another_server_at_once(tmp_path: Path) -> None:
    """It went on until its next look at everything, two seconds later: at a thousand messages a second that is a mailing."""
    with catching() as old, catching() as new:
        async with Eilbote(data_dir=tmp_path) as eilbote, Eilbote(data_dir=tmp_path) as elsewhere:
            await eilbote.settings.change({"uri": old.uri, "messages_per_second": 40})
            for _ in range(100):
                await eilbote.submit(DRAFT)
            async with eilbote.courier():
                await asyncio.to_thread(old.next)
                await elsewhere.settings.change({"uri": new.uri})
                while len(old.messages) + len(new.messages) < 100:
                    await asyncio.to_thread(new.next)

        assert len(new.messages) > 50


async def test_a_new_password_in_a_file_is_used_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, clock = tmp_path / "password", ManualClock()
    file.write_text("first")
    monkeypatch.setenv("EMAIL_NOTIFICATION_SMTP_HOST", "mail.example.org")
    monkeypatch.setenv("EMAIL_NOTIFICATION_SMTP_USERNAME", "u")
    monkeypatch.setenv("EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE", str(file))

    async with Eilbote(data_dir=tmp_path / "data", clock=clock) as eilbote:
        before = await eilbote.connections.get("notification")
        await asyncio.to_thread(file.write_text, "second password")
        clock.advance(1.5)
        after = await eilbote.connections.get("notification")

    assert isinstance(before.credentials, Password)
    assert isinstance(after.credentials, Password)
    assert (before.credentials.password.reveal(), after.credentials.password.reveal()) == (
        "first",
        "second password",
    )
    assert before.fingerprint() != after.fingerprint()
