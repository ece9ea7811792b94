"""What becomes of a received message: which instance it is for, and what it does there."""

from __future__ import annotations

from dataclasses import replace

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

from eilbote.author.process.instance import InstanceStatus, MessageArrived, TaskCompleted
from eilbote.author.process.people.reply_token import reference_of
from eilbote.author.process.people.task_names import task_question
from eilbote.engine.answers import AnswerState
from eilbote.engine.process.replies import HandedIn, ReplyState
from eilbote.engine.process.reply_keys import DerivedKeys
from eilbote.errors import SecretKeyError
from eilbote.model.draft import Draft
from eilbote.model.submission import SubmissionOptions
from eilbote.store.cipher import Key

pytestmark = pytest.mark.asyncio
SENT = "i1/Send/0"


@pytest.fixture
def scene() -> PeopleScene:
    return PeopleScene()


def message(text: str, *, sender: str = ANNA, **fields: str) -> bytes:
    header = {"From": sender, "Message-ID": "<reply@example.org>", "Subject": "Re: something", **fields}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in header.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


async def sent(
    scene: PeopleScene, key: str = SENT, *, instance: str = "i1", organization: str = "acme"
) -> str:
    """Have an instance send a message; gives the references of a reply."""
    draft = scene.replies.mark(Draft(to=ANNA, subject="Your order", text="x"), key)
    options = SubmissionOptions(idempotency_key=f"process/{key}", organization=organization)
    await scene.post.submit(draft, options, author=f"process:orders#{instance}")
    return scene.post.references(f"process/{key}")


async def asked(scene: PeopleScene, **details: object) -> str:
    """Have people told of a task; gives the references of a reply."""
    await scene.begin(task_wait(), reply_wait())
    await scene.tell(open_task(since=scene.now, **details))
    return scene.post.references(f"task/{TASK}/0")


# -- to an element that waits for a reply ----------------------------------------------------------------------


async def test_a_reply_is_given_to_the_element_that_waits_for_one(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    references = await sent(scene)
    octets = message("On Friday.\r\n> When?", sender=f"Anna <{ANNA}>", References=references)
    assert await scene.replies.hand_in(octets) == HandedIn(
        state=ReplyState.TAKEN, instance="i1", element="Catch", text="On Friday."
    )
    (happened,) = await scene.happened()
    assert isinstance(happened, MessageArrived)
    assert (happened.name, happened.key) == ("reply", "i1/Catch/0")
    assert happened.data == {
        "from": ANNA,
        "subject": "Re: something",
        "text": "On Friday.",
        "message_id": "<reply@example.org>",
        "about": "Send",
        "at": "2026-01-15T09:30:00.000Z",
    }
    assert scene.nudges == ["taken"]


async def test_a_reply_is_found_whatever_a_server_has_made_of_the_message_id(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    ours = (await sent(scene)).split()[0]
    octets = message("x", In_Reply_To="<changed@relay>", References=f"{ours} <changed@relay>")
    assert (await scene.replies.hand_in(octets)).state is ReplyState.TAKEN


async def test_a_reply_without_references_is_found_by_the_message_id(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    of_outbox = (await sent(scene)).split()[-1]
    handed = await scene.replies.hand_in(message("x", In_Reply_To=of_outbox))
    assert (handed.state, handed.element) == (ReplyState.TAKEN, "Catch")


async def test_a_reply_to_a_second_try_is_found_by_the_message_id(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    of_outbox = (await sent(scene, f"{SENT}/r2")).split()[-1]
    await scene.replies.hand_in(message("x", In_Reply_To=of_outbox))
    (happened,) = await scene.happened()
    assert isinstance(happened, MessageArrived)
    assert happened.data["about"] == "Send"


async def test_a_reply_is_found_by_the_id_in_the_subject(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    subject = f"AW: Your order {scene.replies.short_id('i1')}"
    assert (await scene.replies.hand_in(message("x", Subject=subject))).state is ReplyState.TAKEN


async def test_the_nearest_of_several_messages_counts(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    await scene.begin(reply_wait("i2/Catch/0", correlation="order of i2"), instance="i2")
    first, second = (await sent(scene)), await sent(scene, "i2/Send/0", instance="i2")
    handed = await scene.replies.hand_in(message("x", References=f"{first} {second}"))
    assert handed.instance == "i2"


async def test_what_waits_for_another_message_never_gets_a_reply(scene: PeopleScene) -> None:
    """An instance waits for the word of the bank; a customer's mail must not pass for it."""
    await scene.begin(reply_wait(name="payment_received"))
    handed = await scene.replies.hand_in(message("paid", References=await sent(scene)))
    assert (handed.state, handed.text) == (ReplyState.NOT_EXPECTED, "paid")
    assert await scene.happened() == []


async def test_of_several_who_are_waited_for_each_ones_reply_is_their_own(scene: PeopleScene) -> None:
    await scene.begin(
        reply_wait("i1/Catch/0", correlation="Anna@example.org"), reply_wait("i1/Catch/1", correlation=MAX)
    )
    references = await sent(scene)
    handed = await scene.replies.hand_in(message("x", sender=MAX, References=references))
    assert handed.state is ReplyState.TAKEN
    (happened,) = await scene.happened()
    assert isinstance(happened, MessageArrived)
    assert (happened.key, happened.correlation) == ("i1/Catch/1", MAX)
    other = message("x", sender="eve@example.net", References=references)
    assert (await scene.replies.hand_in(other)).state is ReplyState.NOT_EXPECTED


async def test_a_reply_that_may_be_for_several_elements_is_for_none(scene: PeopleScene) -> None:
    await scene.begin(reply_wait("i1/Catch/0"), reply_wait("i1/Catch/1"))
    handed = await scene.replies.hand_in(message("x", References=await sent(scene)))
    assert handed.state is ReplyState.UNCLEAR
    assert await scene.happened() == []


async def test_handed_in_twice_it_is_one_message(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    octets = message("x", References=await sent(scene))
    assert [(await scene.replies.hand_in(octets)).state for _ in range(2)] == [
        ReplyState.TAKEN,
        ReplyState.ALREADY,
    ]
    # the instance has taken it in, and waits for the next one
    kept = await scene.processes.instance("i1")
    assert kept is not None
    (claimed,) = await scene.processes.claim("w", limit=1, now=scene.now, until=scene.now, only=["i1"])
    await scene.processes.keep(
        replace(claimed, waits=(reply_wait("i1/Catch/1"),)),
        taken_in=[each.id for each in kept.triggers],
        holds=False,
        now=scene.now,
    )
    assert (await scene.replies.hand_in(octets)).state is ReplyState.ALREADY
    following = message(
        "y", References=scene.post.references(f"process/{SENT}"), Message_ID="<2@example.org>"
    )
    header = following.replace(b"Message-ID: <reply@example.org>\r\n", b"")
    assert (await scene.replies.hand_in(header)).state is ReplyState.TAKEN


async def test_a_reply_after_the_end_is_told(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    references = await sent(scene)
    await scene.change(status=InstanceStatus.COMPLETED)
    handed = await scene.replies.hand_in(message("x", References=references))
    assert (handed.state, handed.instance) == (ReplyState.ENDED, "i1")


async def test_what_answers_nothing_of_ours_is_nothing_of_ours(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    for fields in ({}, {"References": "<x@example.org>"}, {"Subject": "[i1]"}, {"References": "<>" * 50}):
        assert await scene.replies.hand_in(message("x", **fields)) == HandedIn(state=ReplyState.UNKNOWN)


# -- to a task -------------------------------------------------------------------------------------------------


async def test_a_reply_decides_a_task(scene: PeopleScene) -> None:
    references = await asked(scene)
    handed = await scene.replies.hand_in(
        message("Genehmigen.\r\n\r\nBut hurry.\r\n\r\n> Decline", References=references)
    )
    assert handed == HandedIn(
        state=ReplyState.DECIDED, instance="i1", element="Approve", answer="approve", text="But hurry."
    )
    assert await scene.completed() == TaskCompleted(key=TASK, by=ANNA, answer="approve", text="But hurry.")
    question = await scene.questions.question(task_question(TASK))
    assert question is not None
    assert question.decision is not None
    assert question.decision.agent == "e-mail"
    assert (await scene.answers.look(scene.post.tokens[1])).state is AnswerState.DECIDED


async def test_a_reply_to_a_reminder_decides_it_as_well(scene: PeopleScene) -> None:
    since = scene.now
    await asked(scene, reminds=True)
    scene.clock.advance(86_400)
    await scene.tell(open_task(since=since, reminds=True))
    reminder = next(key for key in scene.post.drafts if "2026-01-16" in key)
    for reference in scene.post.references(reminder).split():
        handed = await scene.replies.hand_in(message("approve", References=reference))
        assert handed.state in {ReplyState.DECIDED, ReplyState.ALREADY}
    assert (await scene.completed()).answer == "approve"


async def test_words_that_nobody_asked_for_are_not_kept(scene: PeopleScene) -> None:
    references = await asked(scene, wants_text=False)
    handed = await scene.replies.hand_in(message("approve\r\nI hate it", References=references))
    assert (handed.state, handed.text) == (ReplyState.DECIDED, "")


async def test_a_task_is_decided_by_the_id_in_the_subject_as_well(scene: PeopleScene) -> None:
    await asked(scene)
    subject = scene.replies.short_id("i1")
    assert (await scene.replies.hand_in(message("decline", Subject=subject))).answer == "decline"


async def test_an_id_in_a_subject_that_may_mean_several_tasks_decides_none(scene: PeopleScene) -> None:
    other = "i1/Other/0"
    await scene.begin(task_wait(), task_wait(other))
    await scene.tell(open_task(since=scene.now), open_task(other, since=scene.now))
    handed = await scene.replies.hand_in(message("decline", Subject=scene.replies.short_id("i1")))
    assert handed.state is ReplyState.UNCLEAR
    assert await scene.happened() == []


async def test_a_reply_that_decides_nothing_is_told(scene: PeopleScene) -> None:
    references = await asked(scene)
    for text in ("", "Maybe.", "approve\r\n\r\ndecline", "I do not approve"):
        handed = await scene.replies.hand_in(message(text, References=references))
        assert handed.state is ReplyState.UNCLEAR
        assert "Approve, Decline" in handed.reason
    assert await scene.happened() == []  # and it is no reply for the element that waits for one either


async def test_a_task_that_offers_nothing_to_choose_cannot_be_decided(scene: PeopleScene) -> None:
    references = await asked(scene, choices=())
    assert (
        await scene.replies.hand_in(message("approve", References=references))
    ).state is ReplyState.UNCLEAR


@pytest.mark.parametrize("how", ["link", "closed", "ended"])
async def test_a_task_is_decided_once(scene: PeopleScene, how: str) -> None:
    references = await asked(scene)
    if how == "link":
        await scene.answers.answer(scene.post.tokens[1], "decline")
    elif how == "closed":
        await scene.teller.withdraw(TASK, now=scene.now)
    else:
        await scene.change(status=InstanceStatus.FAILED)
    handed = await scene.replies.hand_in(message("approve", References=references))
    assert handed.state is (ReplyState.ALREADY if how == "link" else ReplyState.ENDED)
    question = await scene.questions.question(task_question(TASK))
    assert question is not None
    assert question.decision is None or question.decision.answer == "decline"


# -- keys ------------------------------------------------------------------------------------------------------


class Ring:
    """Keys of stored secrets; the newest first."""

    def __init__(self, *octets: bytes) -> None:
        self.keys = [Key(id=f"k{number}", octets=each) for number, each in enumerate(octets)]

    def known(self) -> list[Key]:
        return self.keys

    def make_first(self) -> Key:
        raise SecretKeyError("there is no key")


async def test_a_former_key_still_reads_what_it_has_signed(scene: PeopleScene) -> None:
    old, both = DerivedKeys(lambda: Ring(b"o" * 32)), DerivedKeys(lambda: Ring(b"n" * 32, b"o" * 32))
    assert both.newest() != old.newest()
    assert old.newest() in both.known()
    assert old.newest() != b"o" * 32
    await scene.begin(reply_wait())
    scene.keys = both  # type: ignore[assignment]
    scene.begin_anew()
    octets = message("x", References=reference_of(SENT, old.newest()))
    assert (await scene.replies.hand_in(octets)).state is ReplyState.TAKEN


async def test_without_a_key_a_message_goes_as_it_is_and_a_reply_is_found_by_the_message_id(
    scene: PeopleScene,
) -> None:
    scene.keys = DerivedKeys(Ring)  # type: ignore[assignment]
    scene.begin_anew()
    await scene.begin(reply_wait())
    references = await sent(scene)
    assert len(references.split()) == 1
    assert (await scene.replies.hand_in(message("x", References=references))).state is ReplyState.TAKEN


# -- organizations ---------------------------------------------------------------------------------------------


async def test_a_mailbox_of_one_organization_reaches_its_instances_alone(scene: PeopleScene) -> None:
    await scene.begin(reply_wait())
    octets = message("x", References=await sent(scene))
    assert (await scene.replies.hand_in(octets, organization="umbrella")).state is ReplyState.UNKNOWN
    assert (await scene.replies.hand_in(octets, organization="acme")).state is ReplyState.TAKEN
