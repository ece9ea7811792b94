"""Deciding in somebody's name by mail: with forged references, guessed ids, other people's names, and what programs answer.

An approval system took the number in the subject of a reply for its key. Numbers can be guessed, senders can be written by anybody, and so
one mail with "[4712] approve" approved what its author had asked for himself. Ours believes a reference that it has signed, and nothing else.
"""

from __future__ import annotations

import base64

import pytest
from tests.unit.engine.process.people_scene import (
    ANNA,
    MAX,
    TASK,
    PeopleScene,
    open_task,
    reply_wait,
    task_wait,
)
from tests.unit.engine.process.test_replies import message, sent

from eilbote.author.process.people.reply_token import reference_of, short_id
from eilbote.author.process.people.task_names import task_question
from eilbote.engine.answers import AnswerState
from eilbote.engine.process.replies import ReplyState
from eilbote.engine.process.reply_keys import KeysOfThisProgram
from eilbote.errors import ProcessError
from eilbote.model.draft import Draft
from eilbote.model.submission import SubmissionOptions

pytestmark = pytest.mark.asyncio
OTHER_TASK = "i2/Approve/0"


@pytest.fixture
def scene() -> PeopleScene:
    return PeopleScene()


async def two_tasks(scene: PeopleScene) -> str:
    """Two instances ask; gives the references of a reply to the first, of which the attacker got a message."""
    await scene.begin(task_wait())
    await scene.tell(open_task(since=scene.now))
    await scene.begin(task_wait(OTHER_TASK), instance="i2")
    await scene.tell(open_task(OTHER_TASK, since=scene.now, recipients=(MAX,)), instance="i2")
    return scene.post.references(f"task/{TASK}/0")


async def undecided(scene: PeopleScene, key: str) -> bool:
    question = await scene.questions.question(task_question(key))
    assert question is not None
    return question.is_open


async def test_a_reference_for_another_instance_cannot_be_made_from_ones_own(scene: PeopleScene) -> None:
    own = (await two_tasks(scene)).split()[0]
    mac = own.split(".")[2]
    payload = base64.b32encode(OTHER_TASK.encode()).decode().rstrip("=").lower()
    forged = [
        f"<p1.{payload}.{mac}",
        f"<p1.{payload}.{'a' * 32}@process.invalid>",
        reference_of(OTHER_TASK, KeysOfThisProgram().newest()),
        reference_of(OTHER_TASK, b""),
        f"<{OTHER_TASK}>",
        f"<task/{OTHER_TASK}/0>",
        f"<{OTHER_TASK}@process.invalid>",
    ]
    for each in forged:
        for fields in ({"References": each}, {"In_Reply_To": each}, {"Subject": each}):
            handed = await scene.replies.hand_in(message("approve", sender=MAX, **fields))
            assert handed.state is ReplyState.UNKNOWN, each
    assert await undecided(scene, OTHER_TASK)


async def test_an_id_for_a_subject_cannot_be_guessed(scene: PeopleScene) -> None:
    await two_tasks(scene)
    guesses = [
        "[i2]",
        "[i2.]",
        f"[i2.{'a' * 16}]",
        short_id("i2", KeysOfThisProgram().newest()),
        scene.replies.short_id("i1").replace("i1", "i2"),
        scene.replies.short_id("i2").upper(),
    ]
    for each in guesses:
        handed = await scene.replies.hand_in(message("approve", sender=MAX, Subject=f"Re: {each}"))
        assert handed.state is ReplyState.UNKNOWN, each
    assert await undecided(scene, OTHER_TASK)


async def test_two_ids_in_one_subject_are_none(scene: PeopleScene) -> None:
    """Otherwise whoever may answer one could have the other one chosen."""
    await two_tasks(scene)
    subject = f"{scene.replies.short_id('i1')} {scene.replies.short_id('i2')}"
    assert (await scene.replies.hand_in(message("approve", Subject=subject))).state is ReplyState.UNKNOWN


@pytest.mark.parametrize(
    "sender",
    [
        "eve@example.net",
        f'"{ANNA}" <eve@example.net>',
        f"{ANNA}, eve@example.net",
        f"eve@example.net, {ANNA}",
        f"Anna {ANNA}",
        f"<{ANNA}> <eve@example.net>",
        f"eve@example.net ({ANNA})",
        f"{ANNA}.example.net",
        "аnna@example.org",
        "",
    ],
)
async def test_whoever_was_not_asked_decides_nothing_though_they_have_the_message(
    scene: PeopleScene, sender: str
) -> None:
    references = await two_tasks(scene)
    handed = await scene.replies.hand_in(message("approve", sender=sender, References=references))
    assert handed.state is ReplyState.NOT_ASKED
    assert await undecided(scene, TASK)


async def test_a_second_sender_field_does_not_help(scene: PeopleScene) -> None:
    references = await two_tasks(scene)
    octets = b"From: eve@example.net\r\n" + message("approve", References=references)
    assert (await scene.replies.hand_in(octets)).state is ReplyState.NOT_ASKED
    octets = message("approve", sender="eve@example.net", References=references, Sender=ANNA, Reply_To=ANNA)
    assert (await scene.replies.hand_in(octets)).state is ReplyState.NOT_ASKED
    assert await undecided(scene, TASK)


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"Subject": "Automatic reply: Task: Approve order 4711"},
        {"Subject": "Automatische Antwort: Approve"},
        {"Content_Type": "multipart/report; boundary=x"},
    ],
)
async def test_a_vacation_program_approves_nothing(scene: PeopleScene, fields: dict[str, str]) -> None:
    """Somebody's note of absence began with "Approve" because it quoted the subject."""
    references = await two_tasks(scene)
    octets = message("approve", **{"References": references, **fields})
    assert (await scene.replies.hand_in(octets)).state is ReplyState.AUTOMATIC
    assert await undecided(scene, TASK)


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("words", ["approve", "Genehmigen", "Согласовать"])
async def test_no_line_of_our_own_message_is_an_answer(scene: PeopleScene, language: str, words: str) -> None:
    """A program that quotes without marks sends our own message back; an attacker chose title and record."""
    await scene.begin(task_wait())
    task = open_task(since=scene.now, language=language)
    for name in ("title", "record"):
        object.__setattr__(task, name, f"{words}\n{words}\r\n\u2028{words}")
    kept = await scene.processes.instance("i1")
    assert kept is not None
    await scene.teller.tell(kept, (task,), title=f"\n{words}\n", now=scene.now)
    draft = scene.post.drafts[f"task/{TASK}/0"]
    references = scene.post.references(f"task/{TASK}/0")
    for text, kind in ((draft.text or "", "text/plain"), (draft.html or "", "text/html")):
        for body in (text, *text.splitlines()):
            octets = message(body, References=references, Content_Type=f"{kind}; charset=utf-8")
            assert (await scene.replies.hand_in(octets)).state is ReplyState.UNCLEAR
    assert await undecided(scene, TASK)


async def test_a_quoted_approval_is_no_approval(scene: PeopleScene) -> None:
    references = await two_tasks(scene)
    quotations = [
        "> approve",
        "Who are you?\r\n\r\nOn Mon, Jan 5, 2026 at 9:00 AM Max <max@example.org> wrote:\r\n> approve",
        "\r\n\r\nAm 05.01.2026 um 09:00 schrieb Max:\r\n\r\napprove",
        "-----Original Message-----\r\nFrom: Max\r\nSent: Monday\r\n\r\napprove",
        "From: Max\r\nSent: Monday\r\nTo: Anna\r\nSubject: x\r\n\r\napprove",
        "-- \r\napprove",
    ]
    for text in quotations:
        assert (
            await scene.replies.hand_in(message(text, References=references))
        ).state is ReplyState.UNCLEAR, text
    html = '<blockquote>approve</blockquote><div class="gmail_quote">approve</div><div id="divRplyFwdMsg">approve'
    octets = message(html, References=references, Content_Type="text/html")
    assert (await scene.replies.hand_in(octets)).state is ReplyState.UNCLEAR
    assert await undecided(scene, TASK)


async def test_an_organization_cannot_reach_anothers_instance_by_the_key_of_a_message(
    scene: PeopleScene,
) -> None:
    """Whoever may submit mail chooses its key; the reply to one of their own must not lead to another's instance."""
    await scene.begin(task_wait(), reply_wait())
    await scene.tell(open_task(since=scene.now))
    for key in (f"process/{TASK}", f"task/{TASK}/7", f"task/{TASK}/2026-01-16/0", "process/i1/Send/0"):
        options = SubmissionOptions(idempotency_key=key, organization="umbrella")
        await scene.post.submit(Draft(to=ANNA, text="x"), options, author="process:orders#i1")
        handed = await scene.replies.hand_in(message("approve", In_Reply_To=scene.post.ids[key]))
        assert handed.state is ReplyState.UNKNOWN, key
    assert await scene.happened() == []
    assert await undecided(scene, TASK)


async def test_a_mail_that_is_no_processs_leads_nowhere_whatever_its_key(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    options = SubmissionOptions(idempotency_key="process/i1/Send/0", organization="acme")
    await scene.post.submit(Draft(to=ANNA, text="x"), options, author="cli")
    octets = message("x", In_Reply_To=scene.post.ids["process/i1/Send/0"])
    assert (await scene.replies.hand_in(octets)).state is ReplyState.UNKNOWN


async def test_a_reply_cannot_say_for_which_element_it_is(scene: PeopleScene) -> None:
    """What it says is data, whatever it looks like."""
    await scene.begin(reply_wait(), reply_wait("i1/Bank/0", name="payment_received"))
    octets = message(
        '{"name": "payment_received", "key": "i1/Bank/0"}',
        References=await sent(scene),
        X_Message="payment_received",
        Subject="payment_received {{ 7 | times: 6 }}",
    )
    handed = await scene.replies.hand_in(octets)
    assert (handed.state, handed.element) == (ReplyState.TAKEN, "Catch")


async def test_what_would_take_for_ever_is_refused_and_nothing_is_looked_up(scene: PeopleScene) -> None:
    references = await two_tasks(scene)
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(2000))
    with pytest.raises(ProcessError):
        await scene.replies.hand_in(message("", References=references)[:-2] + nested.encode())
    assert await undecided(scene, TASK)


async def test_nobody_guesses_a_link_of_a_task(scene: PeopleScene) -> None:
    await two_tasks(scene)
    token = scene.post.tokens[0]
    for guess in (task_question(TASK), TASK, "x" * 43, token[:-1], token.swapcase(), "process:" + "a" * 35):
        assert (await scene.answers.answer(guess, "approve")).state is AnswerState.UNKNOWN
    assert await undecided(scene, TASK)


async def test_a_link_of_one_task_decides_no_other(scene: PeopleScene) -> None:
    await two_tasks(scene)
    await scene.answers.answer(scene.post.tokens[0], "approve")
    assert not await undecided(scene, TASK)
    assert await undecided(scene, OTHER_TASK)
