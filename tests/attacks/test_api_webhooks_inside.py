"""An organization's administrator makes a webhook that leads into the machine or the network behind it, to have the server ask there for him.

Whatever an address is written as, as a number, in IPv6, with a user before it, nothing is kept that leads there by itself; and a change of one that is
kept is looked at the same way.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.attacks.api_doors import ACME, doors

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
INSIDE = [
    "http://127.0.0.1:6379/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/latest/meta-data",
    "http://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://0.0.0.0/",
    "https://user:pass@127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:25/_EHLO",
    "ftp://example.org/",
    "https:///nowhere",
    "//example.org/",
    "https://example.org/\r\nX-Injected: 1",
]


async def test_nothing_is_kept_that_leads_inside(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        kept = await server.ask("POST", "/webhooks", ACME, {"url": "https://hooks.example.org/"})
        assert kept.status_code == 201
        for url in INSIDE:
            said = await server.ask("POST", "/webhooks", ACME, {"url": url})
            assert (said.status_code, said.json()["field"]) == (422, "url"), (url, said.text)
            said = await server.ask("PATCH", f"/webhooks/{kept.json()['id']}", ACME, {"url": url})
            assert said.status_code == 422, url
        items = (await server.ask("GET", "/webhooks", ACME)).json()["items"]
        assert [each["url"] for each in items] == ["https://hooks.example.org/"]
        said = await server.ask("POST", "/webhooks", ACME, {"url": "https://a.example/", "everywhere": True})
        assert said.status_code == 422
