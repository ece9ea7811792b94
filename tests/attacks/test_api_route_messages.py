"""A program sends by the name of a route, and somebody has his hands on its values: a name, a number, a file.

He writes header fields into a number, a second recipient behind the first, a template into a text, the path of a file where a file should be. Or he
has a key that may send in one name alone, and hopes that a route's sender is not asked about; or no room left in his organization's quota.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from tests.attacks.api_doors import ACME, ADMINISTRATOR, GLOBEX, Doors, doors
from tests.unit.engine.accounts.account_scene import ROOT

from eilbote.accounts.organization import Quota
from eilbote.accounts.role import Permission

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])

PATH: Final = "/routes/order-ready/messages"
ANNA: Final = "anna@example.org"
ROUTE: Final = """\
message_name: order-ready
name: Order is ready
connection: shop
attributes:
  - {system_name: Customer, type: account, required: true}
  - {system_name: Number, type: text, required: true}
  - {system_name: Bill, type: document}
properties:
  to: "{Customer}"
  subject: "Order {Number} is ready"
  message: "Dear {Customer}, order {Number} is ready."
  attachments: [Bill]
"""


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Doors]:
    async with doors(tmp_path) as made:
        settings = {
            "host": "mail.example.org",
            "user": "u",
            "default_from": "shop@acme.example",
            "password": "pw-1",
        }
        said = await made.ask("POST", "/connections", ACME, {"name": "shop", "settings": settings})
        assert said.status_code == 201, said.text
        said = await made.ask("PUT", "/routes/order-ready", ACME, {"text": ROUTE})
        assert said.status_code == 201, said.text
        yield made


async def sent(server: Doors, who: str = ACME, **values: object) -> tuple[int, list[str]]:
    """Send with values; gives how that was answered, and what was accepted: its recipients, and its octets, latest first."""
    said = await server.ask("POST", PATH, who, {"values": {"Customer": ANNA, "Number": "17", **values}})
    assert said.status_code < 500, said.text
    if said.status_code != 202:
        assert not await server.eilbote.entries()
        return said.status_code, []
    (entry,) = await server.eilbote.entries()
    raw = await server.ask("GET", f"/messages/{said.json()['id']}/content/raw", ACME)
    return said.status_code, [*(each.address for each in entry.recipients), raw.text]


@pytest.mark.parametrize(
    "number",
    [
        "17\r\nBcc: eve@evil.example",
        "17\nX-Evil: 1\n\nbody",
        "17\rBcc: eve@evil.example",
        "17\u2028Bcc: eve@evil.example",
        "17\x0bBcc: eve@evil.example",
        "=?utf-8?q?17=0D=0ABcc=3A_eve=40evil.example?=",
        "\u560d\u560aBcc: eve@evil.example",
    ],
)
async def test_no_value_becomes_a_header_field(server: Doors, number: str) -> None:
    status, accepted = await sent(server, Number=number)
    if status == 202:
        *people, octets = accepted
        assert people == [ANNA]
        head = octets.partition("\r\n\r\n")[0]
        assert not [each for each in head.split("\r\n") if each.lower().startswith(("bcc", "x-evil"))]
    else:
        assert status == 422


@pytest.mark.parametrize(
    "customer",
    [
        "anna@example.org> ORCPT=rfc822;eve@evil.example",
        "anna@example.org>\r\nRCPT TO:<eve@evil.example",
        '"anna@example.org eve"@evil.example.',
        "anna@example.org\x00eve@evil.example",
        {"address": "anna@example.org>\r\nRCPT TO:<eve@evil.example"},
        {"address": "anna@example.org", "bcc": "eve@evil.example"},
        ["anna@example.org", {"$ref": "eve"}],
    ],
)
async def test_no_value_adds_a_recipient(server: Doors, customer: object) -> None:
    status, accepted = await sent(server, Customer=customer)
    assert status in {400, 422} or accepted[:-1] == [ANNA]


@pytest.mark.parametrize("text", ["{Customer}", "{{ 7*7 }}", "{Number}", "${7*7}", "{Customer.__class__}"])
async def test_a_value_is_no_template(server: Doors, text: str) -> None:
    status, (*_, octets) = await sent(server, Number=text)
    assert status == 202
    assert text in octets
    assert "49" not in octets.partition("\r\n\r\n")[2]


@pytest.mark.parametrize(
    "bill",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        {"path": "/etc/passwd", "name": "x"},
        {"name": "x", "url": "file:///etc/passwd"},
        {"name": "x", "href": "http://169.254.169.254/"},
        {"name": "x", "content": "bm8=", "text": "no"},
        {"name": "x", "content": "not base64!"},
    ],
)
async def test_no_value_reads_a_file(server: Doors, bill: object) -> None:
    assert await sent(server, Bill=bill) == (422, [])


async def test_a_key_for_one_name_sends_in_no_route_s_name(server: Doors) -> None:
    for name, senders, status in (
        ("other", ("sales@acme.example",), 422),
        ("own", ("shop@acme.example",), 202),
    ):
        key = await server.eilbote.accounts.keys.create(
            name,
            organization="acme",
            permissions=frozenset({Permission.MESSAGES_SUBMIT}),
            senders=senders,
            by=ROOT,
        )
        server.keys[name] = key.text
        assert (await sent(server, name))[0] == status, name


async def test_a_quota_holds_for_routes(server: Doors) -> None:
    organizations = server.eilbote.accounts.organizations
    await server.ask("PATCH", "/organizations/acme", ADMINISTRATOR, {"quota": {"messages_per_hour": 1}})
    assert (await organizations.get("acme")).quota == Quota(messages_per_hour=1)
    assert (await sent(server))[0] == 202
    said = await server.ask("POST", PATH, ACME, {"values": {"Customer": ANNA, "Number": "18"}})
    assert (said.status_code, len(await server.eilbote.entries())) == (429, 1)


async def test_a_route_is_nobody_else_s(server: Doors) -> None:
    assert (await sent(server, GLOBEX))[0] == 404
    assert (await sent(server, "viewer@acme"))[0] == 403
