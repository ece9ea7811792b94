"""Who may do what over HTTP: every operation of the description, tried by everybody.

What is expected is not written down here for each operation. It follows from the permission that the operation names and from the table of
roles, so an operation that is added tomorrow is tried as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from tests.acceptance.api_scene import API, Operation, Scene, api_scene, bounce, fill, operations
from tests.acceptance.untouched import check, dump, is_untouched, missing, words
from tests.unit.api.account_house import Browser

from eilbote.accounts.role import GRANTS, Permission, Role

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]

EVERYBODY, SIGNED_IN = "everybody", "signed-in"
ANONYMOUS = {
    "get_sign_in_ways": "what the page of sign-in shows before anybody is known",
    "create_session": "signing in itself",
    "get_invitation": "whoever holds the token was invited",
    "accept_invitation": "whoever holds the token was invited",
    "create_first_administrator": "whoever holds the token has read it on the machine itself",
    "ask_for_recovery": "whoever has forgotten the password cannot sign in",
    "get_recovery": "whoever holds the token has got the mail",
    "finish_recovery": "whoever holds the token has got the mail",
}
"""Operations that everybody may use, and why."""
ENDLESS = {"stream_events"}
"""Answers of these end with the connection; of them the beginning is all there is to see, where nobody is refused."""
ENDS_SESSIONS = {
    "delete_session",
    "delete_my_sessions",
    "delete_my_session",
    "change_password",
    "delete_user_sessions",
}
"""Whoever has done one of these signs in again."""
OF_PEOPLE = {
    "get_session": {401},
    "update_me": {403},
    "list_my_sessions": {403},
    "begin_consent": {403},
    "list_my_subscriptions": {403},
    "create_my_subscription": {403},
    "preview_my_subscriptions": {403},
    "update_my_subscription": {403},
    "delete_my_subscription": {403},
}
"""What only people have, and how a key is told so."""
WHO = (
    "viewer@acme",
    "operator@acme",
    "author@acme",
    "organization_administrator@acme",
    "system_administrator@",
)
NOWHERE = "nowhere-at-all"


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    async with api_scene(tmp_path) as made:
        yield made


class Asking:
    """Somebody who asks: with a key, or as a person with a browser."""

    def __init__(self, scene: Scene, who: str, *, is_person: bool = False) -> None:
        self.scene = scene
        self.who = who
        self.is_person = is_person
        self.browser: Browser | None = None

    async def ask(
        self,
        operation: Operation,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
    ) -> httpx2.Response:
        headers = {}
        client = self.scene.client
        if self.is_person:
            if self.browser is None or operation.id in ENDS_SESSIONS:
                self.browser = await self.scene.signed_in(self.who)
            client = self.browser.client
            headers["X-CSRF-Token"] = self.browser.csrf
        elif self.who:
            headers["Authorization"] = f"Bearer {self.scene.keys[self.who]}"
        said = await client.request(
            operation.method,
            path,
            params=params,
            headers=headers | _kind(operation),
            **_body(operation, body),
        )
        if self.is_person and operation.id in ENDS_SESSIONS:
            self.browser = None
        return said


def _kind(operation: Operation) -> dict[str, str]:
    content = operation.told.get("requestBody", {}).get("content", {})
    return {"Content-Type": next(iter(content))} if content and "application/json" not in content else {}


def _body(operation: Operation, body: object) -> dict[str, Any]:
    given = operation.example if body is None else body
    if operation.id == "begin_device_consent":  # complete, it would ask the provider
        return {"json": {"settings": {"service": "Outlook365", "user": "orders@example.org"}}}
    if "message/rfc822" in operation.told.get("requestBody", {}).get("content", {}):
        return {"content": bounce("nobody@example.org")}
    if _kind(operation):
        return {"content": b"no snapshot"}
    return {} if given is None else {"json": given}


def expected(operation: Operation, who: str, *, is_person: bool = True) -> set[int] | None:
    """Give which refusal is expected; ``None`` is none."""
    if operation.needs == EVERYBODY:
        return None
    if not who:
        return {401}
    if not is_person and operation.id in OF_PEOPLE:
        return OF_PEOPLE[operation.id]
    if operation.needs == SIGNED_IN:
        return None
    return None if Permission(operation.needs) in GRANTS[Role(who.partition("@")[0])] else {403}


async def test_whoever_need_not_say_who_it_is_has_a_reason() -> None:
    open_to_all = {each.id for each in operations() if each.needs == EVERYBODY}
    assert open_to_all == ANONYMOUS.keys()
    known = {each.value for each in Permission} | {SIGNED_IN, EVERYBODY}
    check("without a permission", [each.id for each in operations() if each.needs not in known])


@pytest.mark.parametrize(
    "is_person, asking_ones",
    [(False, ("", *WHO)), (True, (WHO[0], WHO[3]))],
    ids=["keys", "people"],
)
async def test_everybody_may_do_what_their_role_says_and_nothing_else(
    scene: Scene, is_person: bool, asking_ones: tuple[str, ...]
) -> None:
    """The mighty come last, because they take away what the others ask about."""
    wrong: list[str] = []
    seen: Counter[int] = Counter()
    for who in asking_ones:
        asking = Asking(scene, who, is_person=is_person)
        for operation in operations():
            if operation.id == "create_session":
                continue  # what it refuses is a wrong password, and tests of its own tell of that
            refusal = expected(operation, who, is_person=is_person)
            if refusal is None and operation.id in ENDLESS | ENDS_SESSIONS:
                continue
            is_of_acme = operation.needs not in {EVERYBODY, SIGNED_IN}
            params = {"organization": "acme"} if who.endswith("@") and is_of_acme else None
            said = await asking.ask(operation, scene.path_of(operation, "acme"), params=params)
            seen[said.status_code] += 1
            is_right = said.status_code in refusal if refusal else said.status_code not in {401, 403}
            if said.status_code >= 500 or not is_right:
                wrong.append(f"{who or 'anonymous'}: {operation.id} {said.status_code} {said.text[:200]}")
    check("these were let in, or refused, against the table", wrong)
    assert seen[403] > 50
    assert seen[200] > 50, "the requests are such that those who may do something can do it"


def _is_of_somebody(operation: Operation) -> bool:
    """Tell whether the path names a thing that belongs to an organization; services and kinds belong to nobody."""
    of_nobody = (
        "/services/",
        "/flow-kinds/",
        "/event-types/",
        "/invitations/",
        "/recovery/",
        "/first-administrator/",
    )
    return (
        "{" in operation.path
        and operation.needs != EVERYBODY
        and not any(each in operation.path for each in of_nobody)
    )


CREATES = {
    "begin_consent": "begins a connection of that name in the organization of whoever asks",
    "begin_device_consent": "begins a connection of that name in the organization of whoever asks",
    "put_flow_draft": "begins a flow of that name in the organization of whoever asks",
    "put_process_draft": "begins a process of that name in the organization of whoever asks",
    "put_route": "begins a route of that name in the organization of whoever asks",
}
"""Where the name of another's thing is a name that is free, and nothing else."""
STRANGERS = ("organization_administrator@globex", "system_administrator@")


async def test_what_is_anothers_does_not_exist(scene: Scene) -> None:
    """By the path: the answer is the one for a thing that nobody has, to the letter, and nothing has changed."""
    nobodys = {name: missing(value) for name, value in scene.things["acme"].items()}
    before = dump(scene.database)
    wrong: list[str] = []
    tried = 0
    for who in STRANGERS:
        asking = Asking(scene, who, is_person=True)
        for operation in operations():
            is_own = operation.needs == SIGNED_IN
            if not _is_of_somebody(operation) or (
                not is_own and Permission(operation.needs) not in GRANTS[Role.ORGANIZATION_ADMINISTRATOR]
            ):
                continue
            if operation.path == f"{API}/organizations/{{name}}" and who.endswith("@"):
                continue  # whoever runs the host knows all organizations, whichever they act for
            params = None if is_own else {"organization": "globex"}
            said = await asking.ask(operation, scene.path_of(operation, "acme"), params=params)
            other = await asking.ask(operation, fill(operation.path, nobodys), params=params)
            tried += 1
            is_absent = said.status_code == 404 or operation.id in CREATES
            if not is_absent or words(said, scene.things["acme"]) != words(other, nobodys):
                wrong.append(
                    f"{who}: {operation.id} {said.status_code} {said.text} / {other.status_code} {other.text}"
                )
    check("another organization's things were found", wrong)
    assert tried > 150
    is_untouched(before, dump(scene.database))
