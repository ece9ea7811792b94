"""Somebody wants to send through the relay without being let in, or to go on when they are not let in any more.

They guess passwords over many connections, say a password before TLS to have it checked and overheard, answer with what is no answer, without end, or
with a mechanism that nobody offered, and keep a session open that began when their key was still good.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from tests.integration.relay_scene import PASSWORD, Dialogue, House, relay
from tests.unit.engine.accounts.account_scene import ROOT

from eilbote.accounts.role import Permission
from eilbote.errors import OutboxUnavailableError
from eilbote.relay.relay_options import RelayOptions

CONTENT = b"From: a@example.org\r\n\r\nHello\r\n"
SUBMIT = frozenset({Permission.MESSAGES_SUBMIT})


def plain(user: str, password: str, *, on_behalf: str = "") -> str:
    return base64.b64encode(f"{on_behalf}\0{user}\0{password}".encode()).decode()


async def key_of_acme(house: House) -> str:
    accounts = house.eilbote.accounts
    await accounts.organizations.create("acme")
    made = await accounts.keys.create("printer", organization="acme", permissions=SUBMIT, by=ROOT)
    return made.text


def id_of(key: str) -> str:
    return key.removeprefix("eb_live_").partition("_")[0]


# -- guessing ---------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_guessing_over_many_connections_is_slowed_down_and_the_right_key_is_not_found_by_it() -> None:
    async with relay(accounts=True) as house:
        key = await key_of_acme(house)
        wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
        said = [await (await house.dial()).sign_in(id_of(key), wrong) for _ in range(40)]
        assert said[0].startswith("535 5.7.8")
        assert said[-1].startswith("454 4.7.0")
        assert len({each for each in said if each.startswith("535")}) == 1
        # whoever has the right one is not kept out by who has not
        assert (await (await house.dial()).sign_in(id_of(key), key)).startswith("235 ")


@pytest.mark.asyncio
async def test_people_who_do_not_exist_are_guessed_as_slowly_as_those_who_do() -> None:
    async with relay(accounts=True) as house:
        said = [
            await (await house.dial()).sign_in("nobody@acme.example", f"wrong {each}") for each in range(8)
        ]
        assert said[0].startswith("535 5.7.8 User name or password is wrong")
        assert said[-1].startswith("454 4.7.0")


@pytest.mark.asyncio
async def test_a_pipelined_group_of_guesses_is_cut_off_after_three() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        dialogue.send(
            b"".join(f"AUTH PLAIN {plain('printer', str(each))}\r\n".encode() for each in range(500))
        )
        said = await dialogue.ended()
        assert said.count(b"\r\n") == 3
        assert house.doors.wrong == 3


@pytest.mark.asyncio
async def test_a_database_that_does_not_answer_is_no_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that hears 535 throws its password away, or asks a person for another one."""

    async def gone(_: str) -> None:
        raise OutboxUnavailableError("the database /secret/path does not answer")

    async with relay(accounts=True) as house:
        key = await key_of_acme(house)
        dialogue = await house.dial()
        with monkeypatch.context() as broken:
            broken.setattr(house.eilbote.services.account_store, "user_at", gone)
            for _ in range(5):  # in one session; the third wrong password would end it
                said = await dialogue.sign_in("anna@acme.example", "right")
                assert said == "454 4.7.0 Nobody can be let in for now; come again later"
        assert (await dialogue.sign_in(id_of(key), key)).startswith("235 ")


# -- before TLS -------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "how", ["AUTH PLAIN {}", "AUTH LOGIN {}", "AUTH plain {}", "auth PLAIN {}", "AUTH PLAIN"]
)
async def test_nothing_that_is_said_in_clear_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("eilbote.relay.session.is_loopback", lambda _host: False)
    async with relay(certificate_in=tmp_path) as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        assert (await dialogue.say(how.format(plain("printer", PASSWORD)))).startswith("538 5.7.11")
        assert house.doors.asked == []
        assert (await dialogue.say("MAIL FROM:<a@example.org>")).startswith("530 5.7.0")


@pytest.mark.asyncio
async def test_whoever_signed_in_in_clear_is_nobody_behind_tls(tmp_path: Path) -> None:
    """On this machine itself signing in in clear is allowed; what was proved there does not go over into TLS."""
    async with relay(certificate_in=tmp_path) as house:
        assert house.certificate is not None
        dialogue = await house.dial()
        assert (await dialogue.sign_in()).startswith("235 ")
        assert (await dialogue.say("STARTTLS")).startswith("220 ")
        await dialogue.writer.start_tls(
            ssl.create_default_context(cafile=str(house.certificate.ca_file)), server_hostname="localhost"
        )
        await dialogue.say("EHLO x")
        assert (await dialogue.say("MAIL FROM:<a@example.org>")).startswith("530 5.7.0")


@pytest.mark.asyncio
async def test_commands_that_are_smuggled_in_front_of_tls_end_the_session(tmp_path: Path) -> None:
    async with relay(certificate_in=tmp_path) as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        dialogue.send(f"STARTTLS\r\nAUTH PLAIN {plain('printer', PASSWORD)}\r\n".encode())
        assert (await dialogue.ended()).startswith(b"503 5.5.0")
        assert house.doors.asked == []


# -- answers that are none --------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "said",
    [
        ["AUTH PLAIN " + "A" * 4000],
        ["AUTH PLAIN " + plain("x" * 1000, "y" * 1000)],
        ["AUTH LOGIN", "A" * 4000, "A" * 4000],
        ["AUTH PLAIN", "*"],
        ["AUTH LOGIN", "*"],
        ["AUTH LOGIN", "cHJpbnRlcg==", "*"],
        ["AUTH LOGIN", "", ""],
        ["AUTH PLAIN ="],
        ["AUTH PLAIN AHByaW50ZXIA\tx"],
        ["AUTH PLAIN " + base64.b64encode(b"\0printer\0\xff\xfe").decode()],
        ["AUTH PLAIN " + base64.b64encode(b"printer").decode()],
        ["AUTH PLAIN " + base64.b64encode(b"\0a\0b\0c").decode()],
        ["AUTH PLAIN " + plain("", "")],
        ["AUTH PLAIN " + plain("printer'; --", "x")],
        ["AUTH PLAIN " + plain("printer\r\nRCPT TO:<x@example.com>", "x")],
        ["AUTH CRAM-MD5"],
        ["AUTH XOAUTH2 dXNlcj0BYXV0aD1CZWFyZXIgAQE="],
        ["AUTH EXTERNAL ="],
        ["AUTH ANONYMOUS dHJhY2U="],
        ["AUTH GSSAPI"],
        ["AUTH"],
        ["AUTH PLAIN PLAIN PLAIN"],
    ],
)
async def test_what_is_no_sign_in_lets_nobody_in_and_breaks_nothing(said: list[str]) -> None:
    async with relay(accounts=True) as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        last = ""
        for line in said:
            last = await dialogue.say(line)
            if not last.startswith("334"):
                break
        assert last[:3] in {"501", "504", "535", "500"}, last
        assert len(last) < 600
        assert (await dialogue.say("MAIL FROM:<a@example.org>")).startswith("530 5.7.0")
        assert (await dialogue.say("NOOP")).startswith("250 ")


@pytest.mark.asyncio
async def test_a_password_without_end_takes_no_room_and_ends_the_session() -> None:
    async with relay(RelayOptions(sign_in_seconds=5.0)) as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        await dialogue.say("AUTH LOGIN")
        dialogue.send(b"A" * 1_000_000)
        said = b""
        with suppress(ConnectionError):
            said = await dialogue.ended()
        assert not said or said[:1] in {b"4", b"5"}
        assert house.doors.asked == []


@pytest.mark.asyncio
async def test_nobody_signs_in_for_somebody_else() -> None:
    """PLAIN may name somebody on whose behalf one signs in; who has proved something is who counts."""
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        said = await dialogue.say("AUTH PLAIN " + plain("printer", PASSWORD, on_behalf="host"))
        assert said.startswith("235 ")
        assert [name for name, _ in house.doors.asked] == ["printer"]
        await dialogue.begin()
        reply = await dialogue.content(CONTENT)
        (entry,) = await house.eilbote.entries()
        assert (reply[:4], entry.organization) == ("250 ", "acme")


# -- not any more -----------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("what", ["revoked", "switched off"])
async def test_a_session_does_not_outlive_the_key_that_began_it(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eilbote.relay.entrance.SURE_SECONDS", 0.0)
    async with relay(accounts=True) as house:
        key = await key_of_acme(house)
        dialogue = await house.dial()
        assert (await dialogue.sign_in(id_of(key), key)).startswith("235 ")
        await dialogue.begin()
        assert (await dialogue.content(CONTENT)).startswith("250 ")
        if what == "revoked":
            keys = house.eilbote.accounts.keys
            await keys.revoke(await keys.get(id_of(key)))
        else:
            await house.eilbote.accounts.organizations.change("acme", is_enabled=False)
        assert (await dialogue.say("MAIL FROM:<a@example.org>")).startswith("421 4.7.0")
        assert await dialogue.ended() == b""
        assert (await (await house.dial()).sign_in(id_of(key), key)).startswith("535 5.7.8")
        assert len(await house.eilbote.entries()) == 1


@pytest.mark.asyncio
async def test_many_sessions_that_never_sign_in_end_in_time() -> None:
    async with relay(RelayOptions(sign_in_seconds=0.3)) as house:
        waiting = [await house.dial() for _ in range(20)]
        await asyncio.gather(*(_asked(each) for each in waiting))
        assert {await each.ended() for each in waiting} == {b""}


async def _asked(dialogue: Dialogue) -> None:
    await dialogue.say("EHLO x")
    assert (await dialogue.say("AUTH LOGIN")).startswith("334 ")
