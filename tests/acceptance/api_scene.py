"""The whole API over a real database, with two organizations that each have one of everything, and people of every role.

Nothing listens: requests go into the application as a server in front of it would hand them over. No courier runs, so nothing is sent.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from tests.unit.api.account_house import API, Browser
from tests.unit.api.processes_at_hand import DIAGRAM, ROUTE, SETTINGS
from tests.unit.engine.accounts.account_scene import HERE, PASSWORD, ROOT, Teller, cheap

from eilbote import Eilbote
from eilbote.accounts.organization import HOST
from eilbote.accounts.role import GRANTS, Role
from eilbote.api.application import application
from eilbote.api.description import description_alone
from eilbote.api.house import house_for
from eilbote.config.config import Config
from eilbote.config.sections import CaptureSettings
from eilbote.engine.accounts.accounts_desk import AccountsDesk
from eilbote.engine.accounts.sessions import session_id
from eilbote.model.secret import Secret
from eilbote.record.webhook import HookEvent
from eilbote.testing import ManualClock

METHODS = ("get", "post", "put", "patch", "delete")
ORGANIZATIONS = ("acme", "globex")
ASK = """name: NAME
nodes:
  - {id: ask, kind: ask, to: max@example.org, subject: May we?, free_text: true, store_result: context, store_as: said, declined: end, expired: end}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation, as the description tells of it."""

    id: str
    method: str
    path: str
    needs: str
    told: Mapping[str, Any] = field(repr=False)

    @property
    def parameters(self) -> dict[str, Mapping[str, Any]]:
        return {each["name"]: each for each in self.told.get("parameters", ())}

    @property
    def example(self) -> object:
        """What the description gives as an example of a body of JSON."""
        content = self.told.get("requestBody", {}).get("content", {}).get("application/json", {})
        if "examples" in content:
            return next(iter(content["examples"].values()))["value"]
        return content.get("example")


@cache
def described() -> dict[str, Any]:
    """Give the description, made once for all tests; nobody writes into it."""
    return description_alone()


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of the description."""
    return tuple(
        Operation(
            id=told["operationId"],
            method=method.upper(),
            path=path,
            needs=told.get("x-permission", ""),
            told=told,
        )
        for path, found in described()["paths"].items()
        for method, told in found.items()
        if method in METHODS
    )


class Scene:
    """What is asked, who asks, and what there is to be asked about.

    Attributes:
        things: For each organization the real values of the parameters of paths, by the beginning of the path and their name.
        keys: The text of an API key for each ``role@organization``.
    """

    def __init__(self, eilbote: Eilbote, desk: AccountsDesk, app: FastAPI, database: Path) -> None:
        self.eilbote = eilbote
        self.desk = desk
        self.app = app
        self.database = database
        self.things: dict[str, dict[str, str]] = {}
        self.keys: dict[str, str] = {}
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.9", 40_000)),
            base_url="http://eilbote.test",
        )

    async def signed_in(self, who: str) -> Browser:
        """Give the browser of a person: ``viewer@acme``."""
        browser = Browser(self.app)
        said = await browser.sign_in(address_of(who))
        assert said.status_code == 201, said.text
        return browser

    async def do(
        self, method: str, path: str, body: object = None, *, who: str, **more: str
    ) -> httpx2.Response:
        """Do something with a key that has to work."""
        content = {} if body is None else {"json": body}
        said = await self.client.request(
            method, API + path, headers={"Authorization": f"Bearer {self.keys[who]}", **more}, **content
        )
        assert said.status_code < 300, f"{method} {path} by {who}: {said.text}"
        return said

    def path_of(self, operation: Operation, organization: str) -> str:
        """Give the path of an operation on real things of an organization."""
        return fill(operation.path, self.things[organization])


def fill(path: str, things: Mapping[str, str]) -> str:
    """Put real values into a path; what there is none of stays absent for everybody."""
    place = path.removeprefix(API + "/")
    for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        kind = "me/" + place.split("/")[1] if place.startswith("me/") else place.split("/")[0]
        place = place.replace("{" + name + "}", things.get(f"{kind}/{name}", "1"))
    return f"{API}/{place}"


def address_of(who: str) -> str:
    """Give the address of a person named by role and organization."""
    role, _, organization = who.partition("@")
    return f"{role.replace('_', '-')}@{organization or 'host'}.example"


@asynccontextmanager
async def api_scene(folder: Path) -> AsyncGenerator[Scene]:
    """Open the API on a new database while the block lasts."""
    database = folder / "eilbote.db"
    config = Config(
        data_dir=folder,
        database_url=Secret(f"sqlite:///{database}"),
        public_url="http://eilbote.test",
        capture=CaptureSettings(enabled=True),
    )
    clock = ManualClock()
    async with Eilbote(config=config, clock=clock) as eilbote:
        desk = AccountsDesk(
            eilbote.services.account_store,
            book=eilbote.audit,
            teller=Teller(),
            clock=clock,
            public_url=config.public_url,
            passwords=cheap(),
        )
        eilbote.services.accounts = desk
        scene = Scene(eilbote, desk, application(answers=eilbote.answers, house=house_for(eilbote)), database)
        async with scene.client:
            for name in ORGANIZATIONS:
                await desk.organizations.create(name)
            for role in Role:
                for organization in (HOST,) if role is Role.SYSTEM_ADMINISTRATOR else ORGANIZATIONS:
                    await _person(scene, role, organization)
            for organization in ORGANIZATIONS:
                scene.things[organization] = await _furnish(scene, organization)
            scene.things[HOST] = scene.things["acme"]
            yield scene


async def _person(scene: Scene, role: Role, organization: str) -> None:
    who = f"{role.value}@{organization}"
    invited = await scene.desk.invitations.invite(
        address_of(who), organization=organization, by=ROOT, role=role.value, is_mailed=False
    )
    signed = await scene.desk.invitations.accept(invited.path.rpartition("/")[2], PASSWORD, origin=HERE)
    made = await scene.desk.keys.create(
        f"of {who}", organization=organization, permissions=GRANTS[role], by=ROOT
    )
    scene.keys[who] = made.text
    known = scene.things.setdefault(f"people of {organization}", {})
    known["users/id"], known["api-keys/id"], known["me/sessions/id"] = (
        signed.user.id,
        made.key.id,
        session_id(signed.session),
    )


async def _furnish(scene: Scene, organization: str) -> dict[str, str]:
    """Make two of everything, by the API itself; the second is what is asked about."""
    who = f"organization_administrator@{organization}"
    made: dict[str, str] = dict(scene.things[f"people of {organization}"])
    made |= {"services/name": "gmail", "flow-kinds/kind": "ask", "event-types/event": "flow.failed"}
    made |= {"organizations/name": organization}

    async def keep(kind: str, path: str, body: object, *, of: str = "id", **more: str) -> dict[str, Any]:
        said = (await scene.do("POST", path, body, who=who, **more)).json()
        made[kind] = str(said[of])
        return dict(said)

    sender = {"settings": {"host": "smtp.example.org", "default_from": "a@example.org"}}
    await scene.do("PATCH", "/settings", sender, who=who)
    for number in ("1", "2"):
        name = f"{organization}-{number}"
        settings = {
            "host": "smtp.example.org",
            "user": "a",
            "password": "secret",
            "default_from": "a@example.org",
        }
        await keep("connections/name", "/connections", {"name": name, "settings": settings}, of="name")
        if number == "1":
            await scene.do("POST", f"/connections/{name}/default", who=who)
        await keep(
            "messages/message",
            "/messages",
            {
                "to": f"{name}@example.org",
                "subject": f"For {name}",
                "text": "It is.",
                "html": "<p>It is.</p>",
                "attachments": [{"filename": "a.txt", "text": "hello"}],
            },
        )
        await keep(
            "suppressions/address", "/suppressions", {"address": f"no-{name}@example.org"}, of="address"
        )
        await keep("webhooks/id", "/webhooks", {"url": f"https://example.org/{name}"})
        await scene.eilbote.webhooks.tell(
            HookEvent(
                id=f"e/{name}",
                kind="suppression.added",
                organization=organization,
                at=(await scene.eilbote.webhooks.show(made["webhooks/id"])).created,
                data={"address": name},
            )
        )
        listed = (await scene.do("GET", f"/webhooks/{made['webhooks/id']}/deliveries", who=who)).json()
        made["webhooks/delivery"] = listed["items"][0]["id"]
        await keep("subscriptions/id", "/subscriptions", {"event": "flow.*", "to": [f"{name}@example.org"]})
        await keep("notifications/id", "/notifications", {"event": f"{organization}.event", "summary": name})
        await scene.do("PUT", f"/flows/{name}/draft", {"text": ASK.replace("NAME", name)}, who=who)
        await scene.do("POST", f"/flows/{name}/versions", who=who)
        await scene.do(
            "PUT", f"/flows/{name}/draft", {"text": ASK.replace("NAME", name) + "# anew\n"}, who=who
        )
        run = await keep(
            "runs/run", "/runs", {"flow": name, "session": f"talk-{name}", "run_id": f"run-{name}", "wait": 5}
        )
        route = ROUTE.replace("order-ready", f"ready-{name}").replace(
            "connection: office", f"connection: {name}"
        )
        await scene.do("PUT", f"/routes/ready-{name}", {"text": route}, who=who)
        diagram = DIAGRAM.replace('process id="order"', f'process id="order-{name}"')
        settings_text = SETTINGS.replace("process: order", f"process: order-{name}").replace(
            "route: order-ready", f"route: ready-{name}"
        )
        body = {"bpmn": diagram, "settings": settings_text}
        await scene.do("PUT", f"/processes/order-{name}/draft", body, who=who)
        await scene.do("POST", f"/processes/order-{name}/versions", who=who)
        await scene.do("PUT", f"/processes/order-{name}/draft", body, who=who)
        begun = {
            "process": f"order-{name}",
            "instance_id": f"instance-{name}",
            "data": {"number": f"paid-{name}", "email": "anna@example.org"},
        }
        await keep("instances/instance", "/instances", begun)
        made |= {
            "flows/flow": name,
            "flows/version": "1",
            "conversations/session": run["session"],
            "routes/route": f"ready-{name}",
            "processes/process": f"order-{name}",
            "processes/version": "1",
            "messages/number": "1",
        }
    browser = await scene.signed_in(who)
    own = await browser.ask("POST", "/me/subscriptions", {"event": "flow.*"})
    assert own.status_code == 201, own.text
    made["me/subscriptions/id"] = str(own.json()["id"])
    await browser.client.aclose()
    return made


def bounce(recipient: str) -> bytes:
    """A message that came back, as octets."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "mailer-daemon@example.org", recipient, "Undelivered"
    message.set_content("It could not be delivered.")
    return message.as_bytes()


def said_of(response: httpx2.Response) -> Mapping[str, Any]:
    """Give what a problem says."""
    found: dict[str, Any] = json.loads(response.content)
    return found
