"""Clients that want to keep the relay busy, or guess passwords: they are sent away, and others are served meanwhile."""

import asyncio

import pytest
from tests.integration.relay_scene import Dialogue, relay

from eilbote.relay.relay_options import RelayOptions

CONTENT = b"From: a@example.org\r\n\r\nHello\r\n"


@pytest.mark.asyncio
async def test_passwords_are_guessed_three_times_a_session() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        for _ in range(2):
            assert (await dialogue.sign_in(password="wrong")).startswith("535 5.7.8")
        assert (await dialogue.sign_in(password="wrong")).startswith("421 4.7.0")
        assert await dialogue.ended() == b""


@pytest.mark.asyncio
async def test_who_is_throttled_hears_nothing_about_the_password() -> None:
    async with relay() as house:
        house.doors.throttle_after = 2
        for _ in range(2):
            await (await house.dial()).sign_in(password="wrong")
        assert (await (await house.dial()).sign_in()).startswith("454 4.7.0")


@pytest.mark.asyncio
async def test_unknown_names_and_wrong_passwords_get_the_same_answer() -> None:
    async with relay() as house:
        known = await (await house.dial()).sign_in("printer", "wrong")
        unknown = await (await house.dial()).sign_in("nobody", "wrong")
        assert known == unknown


@pytest.mark.asyncio
async def test_one_address_cannot_take_all_sessions() -> None:
    async with relay(RelayOptions(sessions_per_client=3)) as house:
        held = [await house.dial() for _ in range(3)]
        extra = Dialogue(*await asyncio.open_connection("127.0.0.1", house.port))
        assert (await extra.reply()).startswith("421 4.7.0")
        assert await extra.ended() == b""
        await extra.close()
        await held[0].say("QUIT")
        await held[0].ended()
        await house.dial()


@pytest.mark.asyncio
async def test_whoever_says_a_letter_now_and_then_is_sent_away_in_time() -> None:
    async with relay(RelayOptions(sign_in_seconds=0.3)) as house:
        dialogue = await house.dial()

        async def drip() -> None:
            for octet in b"EHLO " + b"x" * 1000:
                dialogue.send(bytes((octet,)))
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        assert await dialogue.ended() == b""
        dripping.cancel()


@pytest.mark.asyncio
async def test_content_that_drips_is_not_waited_for_without_end() -> None:
    async with relay(RelayOptions(idle_seconds=0.3)) as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        await dialogue.begin()
        await dialogue.say("DATA")

        async def drip() -> None:
            while True:
                dialogue.send(b"x\r\n")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        assert await dialogue.ended() == b""
        dripping.cancel()
        assert await house.eilbote.entries() == []


@pytest.mark.asyncio
async def test_many_idle_clients_leave_room_for_one_that_works() -> None:
    async with relay(RelayOptions(max_sessions=150, sessions_per_client=150)) as house:
        idle = [await house.dial() for _ in range(140)]
        working = await house.dial()
        await working.sign_in()
        await working.begin()
        assert (await working.content(CONTENT)).startswith("250 ")
        for each in idle:
            await each.close()


@pytest.mark.asyncio
async def test_nonsense_is_listened_to_for_a_while_only() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        dialogue.send(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 100)
        said = await dialogue.ended()
        assert said.count(b"\r\n") <= 25


@pytest.mark.asyncio
async def test_a_line_without_end_takes_no_room() -> None:
    async with relay(RelayOptions(sign_in_seconds=1.0)) as house:
        dialogue = await house.dial()
        for _ in range(200):
            dialogue.send(b"x" * 65_536)
            try:
                await asyncio.wait_for(dialogue.writer.drain(), 0.05)
            except (TimeoutError, ConnectionError):
                break
        other = await house.dial()
        assert (await other.sign_in()).startswith("235 ")
        await dialogue.close()
