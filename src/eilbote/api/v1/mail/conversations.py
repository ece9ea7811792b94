"""Conversations: what runs of one session keep for one another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.status import HTTP_204_NO_CONTENT

from eilbote.api.v1.automation import LONGEST_NAME, NAME_PATTERN, Json, Reader, Runner, thing, told_table
from eilbote.errors import NotFoundError

router = APIRouter(prefix="/conversations", tags=["Runs"])

Session = Annotated[
    str,
    Path(
        max_length=LONGEST_NAME,
        pattern=NAME_PATTERN,
        description="The session of the runs",
        examples=["customer-4711"],
    ),
]


class ConversationShape(BaseModel):
    """What a conversation keeps."""

    organization: str
    session: str
    context: Json = Field(description="Its values; what is called a secret is struck out")


@router.get("/{session}", summary="Show a conversation", operation_id="get_conversation")
async def get_conversation(acting: Reader, session: Session) -> ConversationShape:
    """Give what a conversation keeps."""
    context = await acting.eilbote.flows.context(session, organization=acting.organization)
    if not context:
        raise _none(session)
    return ConversationShape(organization=acting.organization, session=session, context=told_table(context))


@router.delete(
    "/{session}",
    summary="Forget a conversation",
    operation_id="forget_conversation",
    status_code=HTTP_204_NO_CONTENT,
)
async def forget_conversation(acting: Runner, session: Session) -> None:
    """Forget what a conversation keeps; runs of it that go on begin with nothing."""
    if not await acting.eilbote.flows.forget_context(session, organization=acting.organization):
        raise _none(session)
    await acting.note("conversation.forget", thing("conversation", acting, session))


def _none(session: str) -> NotFoundError:
    return NotFoundError(
        f"the conversation {session[:60]!r} keeps nothing",
        field="session",
        cause="No run of it has kept a value, or it was forgotten",
        remedy="Look at the sessions of runs",
    )
