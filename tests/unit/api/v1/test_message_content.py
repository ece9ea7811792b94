"""What a message says, told so that it does nothing to whoever looks; and the words that are for its recipient alone."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote import Draft
from eilbote.model.submission import SubmissionOptions

pytestmark = pytest.mark.asyncio
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
HTML = '<p onclick="alert(1)">Hi <img src="cid:logo"><img src="https://tracker.example/x.gif"></p><script>alert(2)</script>'


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"default": "smtp://127.0.0.1:9?from=orders@example.org"}) as made:
        yield made


@pytest_asyncio.fixture
async def message(server: Server) -> str:
    said = await server.post(
        "/messages",
        {
            "to": "Jürgen <anna@example.org>",
            "subject": "Grüße, 4711",
            "text": "Hi",
            "html": HTML,
            "attachments": [
                {"filename": "logo.gif", "base64": base64.b64encode(PIXEL).decode(), "content_id": "logo"},
                {
                    "filename": 'a"b\u202e/../ü.html',
                    "text": "<script>alert(3)</script>",
                    "media_type": "text/html",
                },
                {"filename": "order.pdf", "base64": "JVBERi0xLjcK"},
            ],
        },
    )
    assert said.status_code == 202, said.text
    return str(said.json()["id"])


async def test_fields_texts_and_files_are_told(server: Server, message: str) -> None:
    content = (await server.get(f"/messages/{message}/content")).json()

    assert content["text"].strip() == "Hi"
    assert "tracker.example" in content["html"]
    assert {"name": "Subject", "value": "Grüße, 4711"} in content["headers"]
    assert any(each["name"] == "To" and "Jürgen" in each["value"] for each in content["headers"])
    assert [(each["number"], each["media_type"], each["size"]) for each in content["attachments"]] == [
        (0, "image/gif", len(PIXEL)),
        (1, "text/html", 25),
        (2, "application/pdf", 9),
    ]
    assert (content["attachments"][0]["content_id"], content["attachments"][0]["is_inline"]) == ("logo", True)


async def test_a_preview_is_a_page_that_does_nothing(server: Server, message: str) -> None:
    said = await server.get(f"/messages/{message}/content/preview")

    policy = said.headers["Content-Security-Policy"]
    assert policy == "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert said.headers["X-Content-Type-Options"] == "nosniff"
    assert said.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in said.headers["Cache-Control"]
    assert said.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"data:image/gif;base64,{base64.b64encode(PIXEL).decode()}" in said.text
    assert "cid:logo" not in said.text


async def test_pictures_from_elsewhere_are_fetched_only_by_wish(server: Server, message: str) -> None:
    said = await server.get(f"/messages/{message}/content/preview", params={"remote": "true"})

    policy = said.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert policy.endswith("img-src data: https:")


async def test_a_message_without_html_is_shown_as_its_text(server: Server) -> None:
    sent = await server.post(
        "/messages",
        {"to": "a@example.org", "subject": "<b>x</b>", "text": "1 < 2 & <script>alert(1)</script>"},
    )

    page = (await server.get(f"/messages/{sent.json()['id']}/content/preview")).text

    assert "1 &lt; 2 &amp; &lt;script&gt;" in page
    assert "<script>" not in page
    assert "<title>&lt;b&gt;x&lt;/b&gt;</title>" in page


async def test_html_alone_is_handed_out_as_plain_text(server: Server, message: str) -> None:
    said = await server.get(f"/messages/{message}/content/html")

    assert said.headers["Content-Type"].startswith("text/plain")
    assert said.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "<script>" in said.text


@pytest.mark.parametrize(
    "number, media_type", [(0, "image/gif"), (1, "application/octet-stream"), (2, "application/pdf")]
)
async def test_files_are_to_be_kept_and_never_run(
    server: Server, message: str, number: int, media_type: str
) -> None:
    said = await server.get(f"/messages/{message}/content/attachments/{number}")

    assert said.headers["Content-Type"].partition(";")[0] == media_type
    assert said.headers["Content-Disposition"].startswith("attachment; ")
    assert said.headers["X-Content-Type-Options"] == "nosniff"
    assert said.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    for sign in ("/../", "\r", "\n", '""'):
        assert sign not in said.headers["Content-Disposition"]


async def test_a_file_that_is_not_there_is_not_found(server: Server, message: str) -> None:
    assert (await server.get(f"/messages/{message}/content/attachments/9")).status_code == 404
    assert (await server.get(f"/messages/{message}/content/attachments/x")).status_code == 422
    assert (await server.get(f"/messages/{message}/content/attachments/-1")).status_code == 422


async def test_the_octets_are_what_every_attempt_sends(server: Server, message: str) -> None:
    said = await server.get(f"/messages/{message}/content/raw")

    stored = await server.eilbote.message(message)
    assert said.content == b"".join(stored.chunks())
    assert said.headers["Content-Type"] == "message/rfc822"
    assert f'filename="{message}.eml"' in said.headers["Content-Disposition"]
    assert said.headers["Content-Length"] == str(stored.size)


@pytest.mark.parametrize("author", ["notification", "notification:account.password_recovery"])
async def test_a_link_by_which_a_password_is_set_is_for_its_recipient_alone(
    server: Server, author: str
) -> None:
    """Whoever reads content for an organization would otherwise become its administrator."""
    draft = Draft(to="admin@example.org", subject="Your password", text="https://example.org/recover/SECRET")
    made = await server.eilbote._submitter.submit(draft, SubmissionOptions(), author=author)  # noqa: SLF001 - as notifications do
    (listed,) = (await server.get("/messages")).json()["items"]
    assert listed["submitted_by"] == author
    assert made.is_new

    for path in ("", "/text", "/raw", "/preview", "/attachments/0"):
        said = await server.get(f"/messages/{listed['id']}/content{path}")
        assert said.status_code == 403, path
        assert "SECRET" not in said.text
    again = await server.post(f"/messages/{listed['id']}/send-again", {"to": ["me@example.org"]})
    assert again.status_code == 403
    assert (await server.get(f"/messages/{listed['id']}")).status_code == 200


async def test_other_notifications_can_be_read(server: Server) -> None:
    draft = Draft(to="ops@example.org", subject="A connection fails", text="It does.")
    author = "notification:connection.failing"
    await server.eilbote._submitter.submit(draft, SubmissionOptions(), author=author)  # noqa: SLF001 - as notifications do
    (listed,) = (await server.get("/messages")).json()["items"]

    assert (await server.get(f"/messages/{listed['id']}/content/text")).text.strip() == "It does."
