"""Every dialogue that opens a session, played against the client: greeting, EHLO, STARTTLS, AUTH."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eilbote.deliver.client import Client
from eilbote.deliver.client_options import ClientOptions
from eilbote.errors import DeliveryError
from eilbote.model.credentials import AccessToken, Anonymous, Credentials, Password
from eilbote.model.secret import Secret
from eilbote.model.tls import Security
from eilbote.testing.dialogue_file import CHUNKINGS, DialogueFile
from eilbote.testing.manual_clock import ManualClock
from eilbote.testing.scripted_stream import ScriptedStream

if TYPE_CHECKING:
    from eilbote.testing.dialogue_file import Chunking

FOLDER = Path(__file__).parents[1] / "dialogues"
DIALOGUES = [
    dialogue
    for path in sorted(FOLDER.glob("*.dialogue"))
    if "host" in (dialogue := DialogueFile.read(path)).options
]


def credentials_in(options: dict[str, str]) -> Credentials:
    if "password" in options:
        return Password(user=options["user"], password=Secret(options["password"]))
    if "token" in options:
        return AccessToken(user=options["user"], token=Secret(options["token"]))
    return Anonymous()


def options_for(dialogue: DialogueFile) -> ClientOptions:
    options = dict(dialogue.options)
    return ClientOptions(
        host=options["host"],
        port=587,
        security=Security(options["security"]),
        credentials=credentials_in(options),
        ehlo_name=None if "own-address" in options else "client.example.org",
        allow_clear_authentication=options.get("allow-clear") == "yes",
    )


def described(error: DeliveryError, wanted: str) -> str:
    parts = [
        type(error).__name__,
        error.stage or "-",
        str(error.reply_code or "-"),
        error.durability.value,
        error.scope.value,
    ]
    if len(wanted.split()) > len(parts):
        parts.append(error.field or "-")
    return " ".join(parts)


async def open_with(stream: ScriptedStream, options: ClientOptions) -> Client | DeliveryError:
    try:
        return await Client.open(
            options,
            clock=ManualClock(),
            on_done=lambda _client, _deliveries: None,
            on_room=lambda _client: None,
            on_lost=lambda _client, _error: None,
            connect=stream.connect,
        )
    except DeliveryError as error:
        return error


async def play(dialogue: DialogueFile, how: Chunking) -> None:
    options = options_for(dialogue)
    stream = ScriptedStream(dialogue.turns, chunking=how, secure=options.security is Security.TLS)
    stream.local_address = dialogue.options.get("own-address", stream.local_address)
    (wanted,) = dialogue.outcomes
    opened = await open_with(stream, options)
    if isinstance(opened, Client):
        assert wanted == "ready"
        told = "\n".join(opened.transcript)
        await opened.quit()
    else:
        assert described(opened, wanted) == wanted
        told = "\n".join([str(opened), str(opened.reply_text), *opened.transcript])
        assert opened.remedy
    assert stream.departures == []
    assert stream.unsaid == []
    assert stream.lost
    for secret in ("secret-word", "c2VjcmV0LXdvcmQ", "tanstaaf", "token-token", "AGFubmEA"):
        assert secret not in told


@pytest.mark.parametrize("how", CHUNKINGS)
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue.name)
def test_opening(dialogue: DialogueFile, how: Chunking) -> None:
    asyncio.run(play(dialogue, "whole" if "only" in dialogue.options else how))
