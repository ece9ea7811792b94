"""An event says what others have written: names of customers, words of servers, texts of web forms.

Whoever can put a text into an event would like the message about it to run a script, to show the secrets of a template, to have
another recipient, or to look as if somebody else had written it. And whoever can raise events would like to fill a mailbox.
"""

from __future__ import annotations

import os

import lxml.html
import pytest

from eilbote import Eilbote
from eilbote.errors import EilboteError
from eilbote.testing import Catcher, CaughtMessage, MemoryOutbox

WORDS = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "</td></table><style>*{display:none}</style>",
    "{{ 7 | times: 7 }}{% for i in (1..9) %}x{% endfor %}",
    "{{ event.data }} {{ data.secret }} {%- raw -%}",
    "line one\r\nBcc: eva@example.org\r\n\r\nbody",
    "\u202egro.elpmaxe@ave \u2028 \u0085",
    "=?utf-8?q?=0D=0ABcc:_eva=40example.org?=",
    '"><a href="javascript:alert(1)">click</a>',
    "data:text/html;base64,PHNjcmlwdD4=",
]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("EILBOTE_", "EMAIL_", "SYSTEM_")):
            monkeypatch.delenv(name)


async def message_about(kind: str, word: str) -> CaughtMessage:
    async with Catcher() as catcher, Eilbote(store=MemoryOutbox()) as eilbote:
        await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
        names = ["flow", "run", "node", "remedy", "connection", "link", "by", "x", word]
        await eilbote.notify.raise_event(
            kind,
            to="anna@example.org",
            summary="" if kind == "flow.failed" else word,
            detail=word,
            data={**dict.fromkeys(names, word), "secret": "of nobody"},
        )
        await eilbote.deliver_due()
        (message,) = catcher.messages
        return message


def does_something(html: str) -> list[str]:
    """Name what in a page runs, reaches out, or hides what is there; the frame's own style is none of it."""
    found: list[str] = []
    for element in lxml.html.document_fromstring(html).iter():
        name = str(element.tag)
        if name in {"script", "iframe", "object", "embed", "form", "svg", "img", "base"}:
            found.append(name)
        if name == "style" and "*{" in (element.text or "").replace(" ", ""):
            found.append(name)
        for attribute, value in element.items():
            leads = attribute in {"href", "src", "action", "background", "formaction"}
            if attribute.startswith("on") or (
                leads and value.lower().strip().startswith(("javascript:", "data:"))
            ):
                found.append(f"{name} {attribute}")
    return found


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["acme.form", "flow.failed", "account.invitation"])
@pytest.mark.parametrize("word", WORDS, ids=range(len(WORDS)))
async def test_what_others_wrote_is_shown_and_does_nothing(word: str, kind: str) -> None:
    message = await message_about(kind, word)
    parsed = message.parse()

    assert message.forward_paths == ("anna@example.org",)
    assert parsed["Bcc"] is None
    assert str(parsed["To"]) == "anna@example.org"
    assert does_something(message.html or "") == []
    assert "49xxxxxxxxx" not in message.text
    assert kind == "acme.form" or "of nobody" not in message.text
    shown = [line for line in word.split() if line.startswith("{{")]
    assert all(line in message.text for line in shown)


def test_what_does_something_is_seen() -> None:
    assert does_something("<p><a href='javascript:x'>a</a><img src=x onerror=y></p>") == [
        "a href",
        "img",
        "img onerror",
    ]
    assert does_something("<style>* {display:none}</style>") == ["style"]


@pytest.mark.asyncio
async def test_a_form_that_is_sent_again_and_again_fills_no_mailbox() -> None:
    async with Catcher() as catcher, Eilbote(store=MemoryOutbox()) as eilbote:
        await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
        await eilbote.notify.subscribe(to="anna@example.org", event="acme.*")
        await eilbote.notify.subscribe(to="anna@example.org", event="*.form")
        for number in range(300):
            await eilbote.notify.raise_event(
                "acme.form", summary=f"{number}", key="form" if number % 2 else ""
            )
        await eilbote.deliver_due()

        assert len(catcher.messages) == 20


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "fields",
    [
        {"data": {"a": "x" * 100_000}},
        {"data": {str(number): number for number in range(5_000)}},
        {"detail": "x" * 100_000},
        {"key": "k" * 1_000},
        {"to": ",".join(f"a{number}@example.org" for number in range(500))},
        {"to": "anna@example.org\r\nBcc: eva@example.org"},
        {"organization": "acme\nx"},
    ],
    ids=lambda fields: next(iter(fields)),
)
async def test_what_is_too_much_is_refused_before_it_is_kept(
    fields: dict[str, object],
) -> None:
    async with Eilbote(store=MemoryOutbox()) as eilbote:
        with pytest.raises(EilboteError) as refused:
            await eilbote.notify.raise_event("acme.form", **fields)  # type: ignore[arg-type]

        assert refused.value.field
        assert list(await eilbote.notify.events()) == []
