"""Asking people once, however often a run is taken up again: whatever link arrives, works."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from tests.unit.engine.asking_scene import DAY, AskingScene, kept_run

from eilbote.author.flow.definition import Flow, read_flow
from eilbote.author.flow.effect import AskPeople
from eilbote.author.flow.run import Run, begin
from eilbote.author.flow.store import Awaits
from eilbote.engine.answers import AnswerState
from eilbote.engine.ask_people import PeopleAsker
from eilbote.engine.flow_effects import Asked, Done, Parked
from eilbote.errors import AlreadySubmittedError, ConnectionNotFoundError, FlowError, OutboxUnavailableError
from eilbote.model.draft import Draft
from eilbote.model.moment import Moment, as_datetime, later
from eilbote.model.submission import Submission, SubmissionOptions
from eilbote.outbox.store import EntryFilter, OutboxStore

if TYPE_CHECKING:
    from eilbote.engine.flow_effects import Performed

pytestmark = pytest.mark.asyncio
FLOW = read_flow(
    json.dumps(
        {
            "name": "orders",
            "nodes": [
                {
                    "id": "approval",
                    "kind": "ask",
                    "to": "Anna <anna@example.org>, max@example.org",
                    "subject": "Order 4711",
                }
            ],
        }
    )
)
PUBLIC = "https://eilbote.example.org/mail"
LINK = re.compile(rf"{re.escape(PUBLIC)}/answer/([A-Za-z0-9_-]{{43}})")


class CrashError(Exception):
    """The process ends here."""


@dataclass
class Posted:
    """An outbox that remembers what was handed in under which key."""

    drafts: dict[str, Draft] = field(default_factory=dict)
    options: dict[str, SubmissionOptions] = field(default_factory=dict)
    fault: Callable[[str], None] = lambda _: None

    async def submit(self, draft: Draft, options: SubmissionOptions, *, author: str) -> Submission:
        key = options.idempotency_key or ""
        self.fault(f"before {key}")
        if key in self.drafts and self.drafts[key] != draft:
            raise AlreadySubmittedError("the key was used for another message")
        self.drafts[key], self.options[key] = draft, options
        self.fault(f"after {key}")
        assert author == "flow:orders#r1"
        return cast("Submission", SimpleNamespace())

    async def entries(self, which: EntryFilter, *, limit: int) -> list[object]:
        assert which.organization == "acme"
        return [self.drafts[key] for key in [which.idempotency_key] if key in self.drafts][:limit]

    @property
    def tokens(self) -> list[str]:
        return [found[1] for draft in self.drafts.values() if (found := LINK.search(draft.text or ""))]


class Asker:
    """A run that asks two people, and whoever performs that."""

    def __init__(self, public_url: str = PUBLIC) -> None:
        self.scene = AskingScene()
        self.post = Posted()
        self.people = PeopleAsker(
            self.scene.questions,
            self.scene.answers,
            self.post.submit,
            lambda: cast("OutboxStore", self.post),
            public_url=public_url,
        )
        self.scene.runs.runs["r1"] = kept_run("r1", now=self.scene.now)
        self.run: Run = begin(FLOW, run_id="r1", given={}, context={}, now=self.scene.now)

    async def perform(self, *, again: bool = False, certain: Moment | None = None) -> Performed:
        assert isinstance(self.run.waits_for, AskPeople)
        now = self.scene.now
        asked = Asked(
            kept=self.scene.runs.runs["r1"],
            run=self.run,
            again=again,
            now=now,
            certain=now if certain is None else certain,
        )
        return await self.people.perform(asked, self.run.waits_for)


@pytest.fixture
def asker() -> Asker:
    return Asker()


async def test_each_person_gets_a_message_and_a_link_of_their_own(asker: Asker) -> None:
    due = later(asker.scene.now, 7 * DAY)
    assert await asker.perform() == Parked(awaits=Awaits.ANSWER, due=due)
    drafts = list(asker.post.drafts.values())
    assert [str(draft.to[0]) for draft in drafts] == ["Anna <anna@example.org>", "max@example.org"]
    assert all(not (draft.cc + draft.bcc) and len(draft.to) == 1 for draft in drafts)
    assert len(set(asker.post.tokens)) == 2
    for draft, token, person in zip(
        drafts, asker.post.tokens, ("anna@example.org", "max@example.org"), strict=True
    ):
        assert (draft.html or "").count(f'href="{PUBLIC}/answer/{token}"') == 1
        assert "answer.invalid" not in f"{draft.html}{draft.text}"
        view = await asker.scene.answers.look(token)
        assert (view.state, view.recipient) == (AnswerState.OPEN, person)
    assert {each.expires_at for each in asker.post.options.values()} == {as_datetime(due)}
    assert list(asker.post.options) == ["flow/r1/approval/0/0", "flow/r1/approval/0/1"]


async def test_no_token_is_kept_anywhere(asker: Asker) -> None:
    await asker.perform()
    kept = repr(vars(asker.scene.questions))
    assert asker.post.tokens
    assert not any(token in kept for token in asker.post.tokens)


async def test_an_answer_is_the_outcome(asker: Asker) -> None:
    await asker.perform()
    await asker.scene.answers.answer(asker.post.tokens[1], "decline")
    done = await asker.perform(again=True)
    assert isinstance(done, Done)
    assert (done.outcome.result["answer"], done.outcome.result["by"]) == ("decline", "max@example.org")
    assert len(asker.post.drafts) == 2


async def test_woken_without_an_answer_nobody_is_asked_again(asker: Asker) -> None:
    await asker.perform()
    before = dict(asker.post.drafts)
    for _ in range(3):
        assert isinstance(await asker.perform(again=True), Parked)
    assert asker.post.drafts == before


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("point", ["before", "after"])
async def test_every_link_that_arrives_works_whenever_the_process_ended(
    asker: Asker, point: str, number: int
) -> None:
    def crash(place: str) -> None:
        if place == f"{point} flow/r1/approval/0/{number}":
            raise CrashError

    asker.post.fault = crash
    with pytest.raises(CrashError):
        await asker.perform()
    asker.post.fault = lambda _: None
    assert isinstance(await asker.perform(again=True), Parked)
    assert len(asker.post.drafts) == 2
    for token in asker.post.tokens:
        assert (await asker.scene.answers.look(token)).state is AnswerState.OPEN


async def test_two_who_believe_they_hold_the_run_ask_once(asker: Asker) -> None:
    """The first one's lease was lost while it slept; the second one has asked already when it wakes up."""
    await asker.perform()
    tokens = asker.post.tokens
    assert isinstance(await asker.perform(), Parked)
    assert asker.post.tokens == tokens


async def test_somebody_who_answers_before_all_are_asked_is_heard(asker: Asker) -> None:
    def fail(place: str) -> None:
        if place == "before flow/r1/approval/0/1":
            raise OutboxUnavailableError("no space", remedy="Make room")

    asker.post.fault = fail
    with pytest.raises(OutboxUnavailableError):
        await asker.perform()
    await asker.scene.answers.answer(asker.post.tokens[0], "approve")
    done = await asker.perform(again=True)
    assert isinstance(done, Done)
    assert len(asker.post.drafts) == 1


async def test_a_connection_that_is_not_there_is_an_error_of_the_node(asker: Asker) -> None:
    def fail(place: str) -> None:
        raise ConnectionNotFoundError("there is none")

    asker.post.fault = fail
    with pytest.raises(ConnectionNotFoundError):
        await asker.perform()


async def test_when_the_time_was_up_before_anybody_was_asked_nobody_is(asker: Asker) -> None:
    asker.scene.clock.advance(8 * DAY)
    done = await asker.perform(again=True)
    assert isinstance(done, Done)
    assert done.outcome.result["expired"] is True
    assert not asker.post.drafts


async def test_a_clock_that_jumps_ahead_ends_no_question(asker: Asker) -> None:
    """The clock shows next month for a moment; what is certain is that a minute has passed."""
    await asker.perform()
    certain = later(asker.scene.now, 60)
    asker.scene.clock.advance(30 * DAY)
    parked = await asker.perform(again=True, certain=certain)
    assert parked == Parked(awaits=Awaits.ANSWER, due=later(asker.scene.now, 60))
    kept = await asker.scene.questions.question("r1/approval/0")
    assert kept is not None
    assert kept.closed is None


async def test_without_a_public_address_nobody_is_asked() -> None:
    asker = Asker(public_url="")
    with pytest.raises(FlowError) as caught:
        await asker.perform()
    assert caught.value.field == "approval"
    assert "EILBOTE_PUBLIC_URL" in (caught.value.remedy or "")
    assert not asker.post.drafts


async def test_who_has_asked_already_needs_no_public_address_to_go_on(asker: Asker) -> None:
    """A courier of another machine takes the run up, and knows nothing of the address."""
    await asker.perform()
    asker.people = PeopleAsker(
        asker.scene.questions,
        asker.scene.answers,
        asker.post.submit,
        lambda: cast("OutboxStore", asker.post),
        public_url="",
    )
    assert isinstance(await asker.perform(again=True), Parked)


def flow_of(kind: str) -> Flow:
    return read_flow(json.dumps({"name": "t", "nodes": [{"id": "x", "kind": kind}]}))


async def test_a_flow_that_asks_nobody_needs_no_public_address() -> None:
    Asker(public_url="").people.check(flow_of("end"))
    Asker().people.check(FLOW)
    with pytest.raises(FlowError, match="no address for their answers"):
        Asker(public_url="").people.check(FLOW)


async def test_a_question_that_ends_lines_reaches_no_header(asker: Asker) -> None:
    """Who controls a value of the subject cannot add recipients."""
    text = json.dumps(
        {
            "name": "t",
            "nodes": [{"id": "x", "kind": "ask", "to": "a@example.org", "subject": "{{ input.s }}"}],
        }
    )
    run = begin(
        read_flow(text),
        run_id="r",
        given={"s": "Hi\r\nBcc: eva@example.org"},
        context={},
        now=asker.scene.now,
    )
    assert isinstance(run.waits_for, AskPeople)
    assert run.waits_for.draft.subject == "Hi Bcc: eva@example.org"
