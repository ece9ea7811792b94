"""Somebody sends a message that does something when it is looked at, or has names that lead elsewhere when it is kept.

Whoever operates the server looks at it with all their rights, in the place where the portal is. So nothing of a message runs, leads anywhere, or is
fetched; its files are kept under plain names and not shown; and what a browser is told about them cannot be read in two ways.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import httpx2
import pytest
from tests.attacks.api_doors import ACME, ADMINISTRATOR, MESSAGE, Doors, doors

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
SCRIPT = "</title></pre><script>alert(1)</script><img src=x onerror=alert(1)>"
HTML = (
    "<script>alert(1)</script><svg onload=alert(1)><iframe src=/api/v1/me></iframe><form action=/api/v1/x><button>x</button>"
    '</form><meta http-equiv=refresh content="0;url=https://evil.example/"><base href="https://evil.example/">'
    '<link rel=stylesheet href="https://evil.example/x.css"><img src="https://evil.example/seen.png"><img src="/api/v1/me">'
    '<style>@import url("https://evil.example/y.css")</style><a href="javascript:alert(1)">x</a><object data=/></object>'
)
FILES = (
    "../../../etc/passwd",
    "..\\..\\windows\\system32\\x.exe",
    "/etc/cron.d/x",
    'a";filename="b.html',
    "a.html\u202egpj.exe",
    "a; filename*=UTF-8''b.html",
    "%2e%2e%2fx",
    ".htaccess",
    "con",
    "x" * 255,
    "grüße.pdf",
)


def hostile_files() -> list[dict[str, object]]:
    octets = base64.b64encode(SCRIPT.encode()).decode()
    kinds = ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/javascript")
    return [
        {"filename": name, "media_type": kinds[number % len(kinds)], "base64": octets}
        for number, name in enumerate(FILES)
    ]


async def sent(server: Doors, **fields: object) -> str:
    await server.office()
    said = await server.ask("POST", "/messages", ACME, {**MESSAGE, **fields})
    assert said.status_code == 202, said.text
    return f"/messages/{said.json()['id']}/content"


def policy(said: httpx2.Response) -> dict[str, list[str]]:
    directives = said.headers["content-security-policy"].split(";")
    return {words[0]: words[1:] for each in directives if (words := each.split())}


def check_quiet(said: httpx2.Response) -> None:
    assert said.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in said.headers["cache-control"]
    assert said.headers["referrer-policy"] == "no-referrer"
    found = policy(said)
    assert found["sandbox"] == [], "neither scripts nor forms nor the origin"
    assert found["default-src"] == ["'none'"]
    for name in ("script-src", "connect-src", "form-action", "frame-src", "object-src"):
        assert found.get(name, ["'none'"]) == ["'none'"]


# -- looked at --------------------------------------------------------------------------------------------------


async def test_a_message_that_is_looked_at_does_nothing(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        where = await sent(server, html=HTML, text=SCRIPT, subject="x")
        shown = await server.ask("GET", f"{where}/preview", ACME)
        check_quiet(shown)
        assert shown.headers["content-type"].startswith("text/html")
        assert policy(shown)["img-src"] == ["data:"], (
            "not even from here: what is asked for here is asked with rights"
        )
        assert "https:" not in shown.headers["content-security-policy"]
        with_pictures = await server.ask("GET", f"{where}/preview", ACME, params={"remote": "true"})
        check_quiet(with_pictures)
        assert policy(with_pictures)["img-src"] == ["data:", "https:"]
        for what in ("text", "html"):
            source = await server.ask("GET", f"{where}/{what}", ACME)
            check_quiet(source)
            assert source.headers["content-type"].startswith("text/plain")
        raw = await server.ask("GET", f"{where}/raw", ACME)
        check_quiet(raw)
        assert raw.headers["content-disposition"].startswith("attachment; ")


async def test_names_and_subjects_are_text_and_nothing_else(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        names = {"subject": SCRIPT, "text": SCRIPT, "from": {"name": SCRIPT, "address": "shop@acme.example"}}
        await server.office()
        said = await server.ask("POST", "/messages", ACME, {**MESSAGE, **names})
        assert said.status_code in {202, 422}, said.text
        if said.status_code == 422:
            said = await server.ask("POST", "/messages", ACME, {**MESSAGE, "subject": SCRIPT, "text": SCRIPT})
        where = f"/messages/{said.json()['id']}"
        shown = await server.ask("GET", f"{where}/content/preview", ACME)
        check_quiet(shown)
        assert "<script" not in shown.text
        assert "<img" not in shown.text
        for path in (where, "/messages", f"{where}/content", "/events"):
            told = await server.ask("GET", path, ACME)
            assert told.headers["content-type"].startswith("application/json"), path
            assert told.headers["x-content-type-options"] == "nosniff"


async def test_what_a_request_says_comes_back_as_json_or_escaped(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        for path in (
            f"/messages/{SCRIPT}",
            f"/connections/{SCRIPT}",
            f"/messages?q={SCRIPT}",
            f"/flows/{SCRIPT}",
            f"/nothing/{SCRIPT}",
        ):
            said = await server.ask("GET", path, ACME)
            assert said.status_code >= 400 or path.startswith("/messages?"), path
            assert said.headers["content-type"].startswith(("application/problem+json", "application/json"))
            assert said.headers["x-content-type-options"] == "nosniff"
        for path in (
            f"~/answer/{SCRIPT}",
            f"~/unsubscribe/{SCRIPT}",
            f"~/invitation/{SCRIPT}",
            f"~/recover/{SCRIPT}",
            f"~/{SCRIPT}",
            f"~/api/docs?q={SCRIPT}",
        ):
            said = await server.ask("GET", path)
            assert "<script>alert" not in said.text, path
            assert "onerror=alert(1)>" not in said.text, path
            assert said.headers["x-content-type-options"] == "nosniff", path


async def test_a_template_that_is_looked_at_does_nothing(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        said = await server.ask("POST", "/templates/preview", ACME, {"template": HTML, "markup": "html"})
        assert said.status_code == 200, said.text
        found = policy(said)
        assert found["sandbox"] == []
        assert found["default-src"] == ["'none'"]
        assert said.headers["x-content-type-options"] == "nosniff"


# -- kept -------------------------------------------------------------------------------------------------------


async def test_files_are_kept_and_not_shown_and_their_names_lead_nowhere(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        where = await sent(server, attachments=hostile_files())
        parts = (await server.ask("GET", where, ACME)).json()["attachments"]
        assert len(parts) == len(FILES)
        for part in parts:
            said = await server.ask("GET", f"{where}/attachments/{part['number']}", ACME)
            assert said.status_code == 200
            check_quiet(said)
            assert said.headers["content-type"] == "application/octet-stream"
            disposition = said.headers["content-disposition"]
            found = re.fullmatch(
                r"attachment; filename=\"([A-Za-z0-9._ -]+)\"; filename\*=UTF-8''([A-Za-z0-9._~%-]+)",
                disposition,
            )
            assert found is not None, disposition
            named = httpx2.URL(f"http://x/?n={found[2]}").params["n"]
            for name in (found[1], named):
                assert not re.search(r"[/\\\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", name), name
                assert name not in {".", ".."}


async def test_a_path_leads_out_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("nobody may read this")
    async with doors(tmp_path) as server:
        where = await sent(server, attachments=hostile_files()[:1])
        for number in (
            "-1",
            "1",
            "99999",
            "../raw",
            "..%2f..%2fsecret.txt",
            "%2e%2e",
            "0x0",
            "1e0",
        ):
            said = await server.ask("GET", f"{where}/attachments/{number}", ADMINISTRATOR)
            assert "nobody may read this" not in said.text
            assert said.status_code in {404, 405, 422} or number == "../raw", (number, said.text)
        for path in ("~/../secret.txt", "~/..%2fsecret.txt", "~/api/v1/../../secret.txt", "~//etc/passwd"):
            said = await server.ask("GET", path, ADMINISTRATOR)
            assert said.status_code == 404, path
            assert "root:" not in said.text


async def test_a_snapshot_or_audit_that_is_kept_says_so(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        said = await server.ask("GET", "/audit/export", ADMINISTRATOR)
        assert said.headers["content-disposition"].startswith('attachment; filename="audit.')
        assert said.headers["x-content-type-options"] == "nosniff"
        assert "SECRET" not in json.dumps(dict(said.headers))
