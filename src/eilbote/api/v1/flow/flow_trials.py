"""Trials of flows: the whole of a run, with nothing kept and nothing sent, and what would have arrived."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from eilbote.api.v1.automation import LONGEST_NAME, NAME_PATTERN, Json, Runner, author_of
from eilbote.api.v1.flow.run_shapes import RunShape
from eilbote.api.v1.flow.run_shapes import shape_of as run_shape
from eilbote.author.flow.definition import read_flow
from eilbote.engine.flow_input import plain_input
from eilbote.errors import DraftError, FlowError, ThrottledError
from eilbote.testing.caught_message import CaughtMessage
from eilbote.testing.flow_trial import EXPIRED, Passing, Skipped, Trial, Unanswered, try_out

router = APIRouter(prefix="/flows", tags=["Flows"])

_SECONDS: Final = 30.0
"""How long a trial may take."""
_AT_ONCE: Final = 2
"""How many may go on side by side: each is a small outbox of its own."""
_LONGEST_TEXT: Final = 100_000
_MOST_MESSAGES: Final = 100


class TrialInput(BaseModel):
    """What is tried: a kept flow by its name, or a text."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"flow": "order-ready", "answers": ["approve"]}}
    )

    flow: str = Field(
        default="", max_length=LONGEST_NAME, pattern=NAME_PATTERN, description="The name of a flow"
    )
    version: int | None = Field(
        default=None,
        ge=0,
        le=2**31 - 1,
        description="Of that flow; the latest when left out, 0 for the draft",
    )
    text: str | None = Field(default=None, description="A flow in place of a kept one, YAML or JSON")
    input: Json | None = Field(default=None, description="What it is given; the flow's sample when left out")
    session: str = Field(default="", max_length=LONGEST_NAME, pattern=NAME_PATTERN)
    answers: list[str] = Field(
        default=[],
        max_length=100,
        description=f"What people choose, in order; `{EXPIRED}` lets the time pass",
    )


class CaughtPartShape(BaseModel):
    """A file that would have arrived."""

    filename: str
    media_type: str
    size: int = Field(description="Octets")
    is_inline: bool


class CaughtShape(BaseModel):
    """A message that would have arrived."""

    reverse_path: str
    forward_paths: list[str] = Field(description="Who would have got it, those of blind copies among them")
    from_: str = Field(serialization_alias="from", description="From")
    to: str
    cc: str
    subject: str
    text: str
    html: str = Field(description="To be shown in a sandbox only")
    attachments: list[CaughtPartShape]


class SkippedShape(BaseModel):
    """A wait that was skipped."""

    node: str
    seconds: float


class TriedShape(BaseModel):
    """What came of a trial."""

    run: RunShape
    messages: list[CaughtShape] = Field(description="What would have arrived, the first hundred")
    messages_in_all: int
    skipped: list[SkippedShape] = Field(description="Waits that were skipped")
    unanswered: str = Field(
        description="The node that asks and got no answer, where the trial ends; else empty"
    )


class _Going:
    """How many trials go on in this process."""

    def __init__(self) -> None:
        self.count = 0


_GOING: Final = _Going()


@router.post("/trials", summary="Try a flow", operation_id="try_flow")
async def try_flow(acting: Runner, what: TrialInput) -> TriedShape:
    """Run a flow to its end as if for real: nothing is kept, no message and no web request leaves, waits are skipped.

    It takes up to 30 seconds; at most two go on at once.
    """
    if (what.text is None) == (not what.flow):
        raise DraftError(
            "one of flow and text is needed", field="flow", remedy="Name a flow that is kept, or give a text"
        )
    text = what.text
    if text is None:
        text = await acting.eilbote.flows.text(
            what.flow, organization=acting.organization, version=what.version
        )
    flow = read_flow(text)
    given = dict(flow.sample) if what.input is None else plain_input(what.input)
    passed: list[Passing] = []
    trial = Trial(
        text=f"{text}\n",  # of one line it would be taken for the name of a flow
        input=given,
        session=what.session,
        organization=acting.organization,
        answers=what.answers,
        author=author_of(acting),
        answered_by="trial",
    )
    if _GOING.count >= _AT_ONCE:
        fault = ThrottledError(
            f"{_AT_ONCE} trials are going on already", remedy="Try again when one of them has ended"
        )
        fault.retry_after = 5.0
        raise fault
    _GOING.count += 1
    try:
        async with asyncio.timeout(_SECONDS):
            tried = await try_out(trial, on_passing=passed.append)
    except TimeoutError:
        raise FlowError(
            f"the trial has taken longer than {_SECONDS:.0f} seconds",
            field="input",
            remedy="Try it with less to do; or run it, which may take as long as it needs",
        ) from None
    finally:
        _GOING.count -= 1
    return TriedShape(
        run=run_shape(tried.run, tried.mails),
        messages=[_caught(message) for message in tried.caught[:_MOST_MESSAGES]],
        messages_in_all=len(tried.caught),
        skipped=[
            SkippedShape(node=each.node, seconds=each.seconds) for each in passed if isinstance(each, Skipped)
        ],
        unanswered=next((each.node for each in passed if isinstance(each, Unanswered)), ""),
    )


def _caught(message: CaughtMessage) -> CaughtShape:
    return CaughtShape(
        reverse_path=message.reverse_path or "",
        forward_paths=list(message.forward_paths),
        from_=message.header("From"),
        to=message.header("To"),
        cc=message.header("Cc"),
        subject=message.subject,
        text=message.text[:_LONGEST_TEXT],
        html=message.html[:_LONGEST_TEXT],
        attachments=[
            CaughtPartShape(
                filename=part.filename,
                media_type=part.media_type,
                size=len(part.octets),
                is_inline=part.inline,
            )
            for part in message.attachments
        ],
    )
