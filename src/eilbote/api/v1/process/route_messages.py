"""Messages by the name of their template: a communication route says what they say and to whom, and whoever sends gives the values."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.status import HTTP_200_OK, HTTP_202_ACCEPTED

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.v1.automation import Json
from eilbote.api.v1.mail.message_shapes import SubmissionShape, submission_shape
from eilbote.api.v1.mail.messages import REPLAY, IdempotencyKey, author_of
from eilbote.api.v1.process.routes import Name
from eilbote.engine.process.given_data import plain_data
from eilbote.model.draft import Priority
from eilbote.model.submission import SubmissionOptions

router = APIRouter(prefix="/routes", tags=["Routes"])

Submitting = Annotated[Acting, Depends(needs(Permission.MESSAGES_SUBMIT))]


class RouteMessageInput(BaseModel):
    """The values of a message, and how it is to be carried."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"values": {"Customer": "Anna <anna@example.org>", "Number": "4711"}}},
    )

    values: Json = Field(
        default={}, description="By system name; `GET /routes/{route}` tells which there are"
    )
    priority: Priority | None = Field(
        default=None, description="Which messages of a connection go first; as the route says when left out"
    )
    send_at: AwareDatetime | None = Field(default=None, description="Not before this time, RFC 3339")
    expires_at: AwareDatetime | None = Field(
        default=None, description="Not after this time: what is not accepted by then has failed"
    )


@router.post(
    "/{route}/messages",
    summary="Send a message over a route",
    operation_id="send_over_route",
    status_code=HTTP_202_ACCEPTED,
    response_description="The message is in the outbox, and on the disk",
    responses={
        HTTP_200_OK: {
            "model": SubmissionShape,
            "description": "The key was used before for the same message; this is the earlier submission (`Idempotent-Replay: true`)",
        }
    },
)
async def send_over_route(
    acting: Submitting, response: Response, route: Name, what: RouteMessageInput, key: IdempotencyKey = None
) -> SubmissionShape:
    """Take a message into the outbox that a route makes of values: what it says, to whom, and over which connection is the route's word.

    A value for what no attribute is called is refused, and so is a route that is disabled. With an `Idempotency-Key` the same request may be sent
    again, as for other messages; mended in between, a route makes another message of it, which is a conflict (409).
    """
    mail = await acting.eilbote.routes.mail(
        route, plain_data(what.values, field="values"), organization=acting.organization, only_known=True
    )
    submission = await acting.eilbote.gate.submit(
        mail.draft,
        SubmissionOptions(
            idempotency_key=key,
            connections=mail.connections,
            priority=what.priority,
            send_at=what.send_at,
            expires_at=what.expires_at,
            organization=acting.organization,
        ),
        senders=acting.principal.senders,
        author=author_of(acting),
    )
    shape = submission_shape(submission)
    response.headers["Location"] = f"/api/v1/messages/{shape.id}"
    if not shape.is_new:
        response.status_code = HTTP_200_OK
        response.headers[REPLAY] = "true"
    return shape
