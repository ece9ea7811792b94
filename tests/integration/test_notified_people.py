"""From an account to a mailbox: told by role, in one's language, over a real server, and unsubscribed with one click over real HTTP."""

from __future__ import annotations

import os
from pathlib import Path

import httpx2
import pytest
from tests.integration.hook_receiver import receiver

from eilbote import Eilbote
from eilbote.accounts.organization import Organization
from eilbote.accounts.role import Role
from eilbote.accounts.user import User, UserState
from eilbote.api.application import application
from eilbote.api.house import house_for
from eilbote.model.moment import moment_of
from eilbote.testing import Catcher

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("EILBOTE_", "EMAIL_", "SYSTEM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("EILBOTE_PUBLIC_URL", "https://mail.example.org")


async def people(eilbote: Eilbote) -> None:
    """Make an organization with an administrator who speaks German, and an operator who says nothing about it."""
    accounts, now = eilbote.services.account_store, moment_of(eilbote.clock.now())
    await accounts.keep_organization(Organization(name="acme", language="ru", created=now, changed=now))
    for id_, role, language, state in (
        ("ann", Role.ORGANIZATION_ADMINISTRATOR, "de", UserState.ACTIVE),
        ("oli", Role.OPERATOR, "", UserState.ACTIVE),
        ("ida", Role.OPERATOR, "", UserState.INVITED),
        ("dora", Role.OPERATOR, "", UserState.DISABLED),
    ):
        await accounts.keep_user(
            User(
                id=id_,
                organization="acme",
                address=f"{id_}@acme.example",
                role=role,
                state=state,
                language=language,
                created=now,
                changed=now,
            )
        )


async def test_operators_are_told_in_the_language_of_their_organization_and_leave_with_one_click(
    tmp_path: Path,
) -> None:
    async with Catcher() as catcher, receiver() as there, Eilbote(data_dir=tmp_path) as eilbote:
        await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
        await people(eilbote)
        await eilbote.webhooks.add(there.url, events=["notification.*"], everywhere=True)
        raised = await eilbote.notify.raise_event(
            "connection.paused", organization="acme", data={"connection": "acme/office"}
        )
        await eilbote.deliver_due()

        by_person = {message.forward_paths[0]: message for message in catcher.messages}
        assert set(by_person) == {
            "oli@acme.example"
        }  # the administrator hears of it with others, in ten minutes
        message = by_person["oli@acme.example"]
        assert "Подключение acme/office" in message.subject
        link = message.header("List-Unsubscribe").strip("<>")
        assert link.startswith("https://mail.example.org/unsubscribe/")
        assert message.header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
        assert message.header("Auto-Submitted") == "auto-generated"
        assert raised.told == 2
        assert there.types == ["notification.connection.paused"]

        app = application(answers=eilbote.answers, house=house_for(eilbote))
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="https://mail.example.org"
        ) as client:
            assert (await client.get(link)).status_code == 200
            done = await client.post(link, data={"List-Unsubscribe": "One-Click"})
            assert done.status_code == 200
        await eilbote.notify.raise_event(
            "connection.paused", organization="acme", data={"connection": "acme/other"}
        )
        await eilbote.deliver_due()
        assert len(catcher.messages) == 1


async def test_what_is_mandatory_and_what_is_personal_cannot_be_left(tmp_path: Path) -> None:
    async with Catcher() as catcher, Eilbote(data_dir=tmp_path) as eilbote:
        await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
        await people(eilbote)
        await eilbote.notify.raise_event("licence.expired", organization="acme")
        await eilbote.notify.raise_event(
            "account.password_recovery",
            to="oli@acme.example",
            organization="acme",
            data={"link": "https://x.example"},
        )
        await eilbote.deliver_due()

    assert sorted(message.forward_paths[0] for message in catcher.messages) == [
        "ann@acme.example",
        "oli@acme.example",
    ]
    assert [message.header("List-Unsubscribe") for message in catcher.messages] == ["", ""]
