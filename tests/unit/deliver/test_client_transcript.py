"""What a receipt tells of the dialogue: everything about the attempt, nothing of others, no secret."""

from __future__ import annotations

import pytest
from tests.unit.deliver.client_scene import (
    ACCEPTED,
    CONTENT,
    FAILED,
    HELLO,
    IN_DOUBT,
    ONE,
    PIPELINED,
    YES,
    Scene,
    delivery,
    envelope_lines,
    statuses,
)

from eilbote.deliver.delivery import Delivery
from eilbote.model.credentials import Password
from eilbote.model.secret import Secret

pytestmark = pytest.mark.asyncio

OPENING = """\
S: 220 mail.example.net
C: EHLO client.example.org
S: 250-mail.example.net
S: 250-SIZE 100000
S: 250 PIPELINING
"""
ENVELOPE = "C: MAIL FROM:<a@example.org> SIZE=7\nC: RCPT TO:<b@example.net>\nC: DATA\n"
ANSWERS = "S: 250 2.1.0 ok\nS: 250 2.1.5 ok\nS: 354 go on\n"


def told(one: Delivery) -> str:
    assert one.receipt is not None
    return one.receipt.transcript


async def test_what_was_accepted_tells_nothing() -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + "S: 250 queued\n")
    one = delivery()
    client = await scene.send(one)
    assert statuses(one) == [ACCEPTED]
    assert told(one) == ""
    client.abort()


async def test_a_refused_content() -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + "S: 554 5.7.1 looks like spam\n")
    one = delivery()
    client = await scene.send(one)
    end = "C: [7 octets]\nS: 554 5.7.1 looks like spam"
    assert told(one) == OPENING + ENVELOPE + ANSWERS + end
    client.abort()


async def test_a_partial_refusal() -> None:
    answers = "S: 250 2.1.0 ok\nS: 550 5.1.1 no such user\nS: 250 2.1.5 ok\nS: 354 go on\n"
    envelope = envelope_lines("b@example.net", "c@example.net")
    scene = Scene(PIPELINED + envelope + answers + CONTENT + "S: 250 queued\n")
    one = delivery("b@example.net", "c@example.net")
    client = await scene.send(one)
    assert told(one) == OPENING + envelope + answers + "C: [7 octets]\nS: 250 queued"
    client.abort()


async def test_nothing_is_told_of_the_others_in_the_session() -> None:
    """One connection may serve several organizations; their recipients are none of each other's business."""
    other = envelope_lines("secret@example.com")
    script = PIPELINED + ONE + YES + CONTENT + other + "S: 451 4.3.0 later\n" + YES + CONTENT
    scene = Scene(script + "S: 250 queued\n")
    one, two = delivery(), delivery("secret@example.com", index=1)
    client = await scene.send(one, two)
    assert told(one) == OPENING + ENVELOPE + ANSWERS + "C: [7 octets]\nS: 451 4.3.0 later"
    assert told(two) == ""
    client.abort()


async def test_refused_recipients_are_told_as_they_were_said_and_answered() -> None:
    scene = Scene(PIPELINED + ONE + "S: 250 ok\nS: 550 no\nS: 503 no recipients\n")
    one = delivery()
    client = await scene.send(one)
    assert told(one) == OPENING + ENVELOPE + "S: 250 ok\nS: 550 no\nS: 503 no recipients"
    client.abort()


async def test_step_by_step_each_reply_stands_below_its_command() -> None:
    rest = "C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: RCPT TO:<b@example.net>\nS: 550 no\n"
    scene = Scene(HELLO.replace("250-", "250 ") + rest)
    one = delivery()
    client = await scene.send(one)
    assert told(one).endswith("S: 250 mail.example.net\n" + rest.strip())
    client.abort()


async def test_in_a_window_the_content_stands_before_the_replies() -> None:
    hello = HELLO + "S: 250-CHUNKING\nS: 250 PIPELINING\n"
    envelope = "C: MAIL FROM:<a@example.org>\nC: RCPT TO:<b@example.net>\n"
    answers = "S: 250 ok\nS: 550 no\nS: 503 no recipients\n"
    scene = Scene(hello + envelope + "C: BDAT 7 LAST\nC: hello\n" + answers, chunking_window=8)
    one = delivery()
    client = await scene.send(one)
    assert told(one).endswith("PIPELINING\n" + envelope + "C: [7 octets]\n" + answers.strip())
    client.abort()


@pytest.mark.parametrize("end", ["-- LOST\n", "S: 421 4.3.2 going down\n"])
async def test_a_session_that_ends_after_the_dot(end: str) -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + end)
    one = delivery()
    await scene.send(one)
    said = end.strip() if end.startswith("S") else ""
    assert told(one) == (OPENING + ENVELOPE + ANSWERS + "C: [7 octets]\n" + said).strip()
    if not said:
        assert statuses(one) == [IN_DOUBT]


async def test_421_instead_of_a_go_ahead_tells_no_content() -> None:
    answers = "S: 250 ok\nS: 250 ok\nS: 421 4.3.2 going down\n"
    scene = Scene(PIPELINED + ONE + answers)
    one = delivery()
    await scene.send(one)
    assert told(one) == OPENING + ENVELOPE + answers.strip()


async def test_what_the_server_cannot_take_shows_what_it_announced() -> None:
    scene = Scene(PIPELINED.replace("100000", "5"))
    one = delivery()
    client = await scene.send(one)
    assert statuses(one) == [FAILED]
    assert told(one) == OPENING.replace("100000", "5").strip()
    client.abort()


async def test_of_a_long_dialogue_the_end_is_kept() -> None:
    paths = [f"r{number}@example.net" for number in range(200)]
    answers = (
        "S: 250 ok\n"
        + "S: 550 5.1.1 nobody, and more words than one would like\n" * 200
        + "S: 554 no valid recipients\n"
    )
    scene = Scene(PIPELINED + envelope_lines(*paths) + answers, max_recipients=1000)
    one = delivery(*paths)
    client = await scene.send(one)
    assert 4_000 < len(told(one)) <= 8 * 1024
    assert told(one).endswith("S: 554 no valid recipients")
    client.abort()


async def test_secrets_are_struck_out() -> None:
    word = "correct-horse"
    hello = HELLO + "S: 250-AUTH PLAIN\nS: 250 PIPELINING\n"
    signs_in = "C: AUTH PLAIN AGFubmEAY29ycmVjdC1ob3JzZQ==\nS: 235 welcome\n"
    envelope = ONE.replace(" SIZE=7", "")
    scene = Scene(
        hello + signs_in + envelope + f"S: 250 ok\nS: 550 you said {word}\nS: 503 no\n",
        credentials=Password(user="anna", password=Secret(word)),
        allow_clear_authentication=True,
    )
    one = delivery()
    client = await scene.send(one)
    assert "C: AUTH PLAIN ***" in told(one)
    assert "S: 550 you said ***" in told(one)
    assert word not in told(one)
    assert "Y29ycmVjdC1ob3JzZQ" not in told(one)
    client.abort()


async def test_the_parts_of_a_long_list_are_told_one_after_the_other() -> None:
    paths = [f"r{number}@example.net" for number in range(3)]
    first, last = envelope_lines(*paths[:2]), envelope_lines(paths[2])
    refusals = "S: 250 ok\nS: 250 ok\nS: 550 no\nS: 354 go on\n"
    end = "S: 250 ok\nS: 450 later\nS: 503 nobody\n"
    scene = Scene(PIPELINED + first + refusals + CONTENT + "S: 250 queued\n" + last + end, max_recipients=2)
    one = delivery(*paths)
    client = await scene.send(one)
    assert told(one) == OPENING + first + refusals + "C: [7 octets]\nS: 250 queued\n" + last + end.strip()
    client.abort()


async def test_a_long_list_that_was_accepted_tells_nothing() -> None:
    paths = [f"r{number}@example.net" for number in range(3)]
    script = PIPELINED + envelope_lines(*paths[:2]) + "S: 250 ok\n" * 3 + "S: 354 go on\n" + CONTENT
    script += "S: 250 queued\n" + envelope_lines(paths[2]) + YES + CONTENT + "S: 250 queued\n"
    scene = Scene(script, max_recipients=2)
    one = delivery(*paths)
    client = await scene.send(one)
    assert statuses(one) == [ACCEPTED] * 3
    assert told(one) == ""
    client.abort()
