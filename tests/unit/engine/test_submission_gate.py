"""In whose name those may write who are let in: the author, the sender, and where reports of failure go."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote import Draft
from eilbote.errors import DraftError, EilboteError
from eilbote.model.submission import SubmissionOptions

pytestmark = pytest.mark.asyncio
SENDERS = ("@example.org", "shop@example.net")
DRAFT = Draft(to="anna@example.com", subject="x", text="x")


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(
        connections={
            "own": "smtp://127.0.0.1:9?from=orders@example.org",
            "other": "smtp://127.0.0.1:9?from=orders@example.com",
        }
    ) as made:
        yield made


@pytest.mark.parametrize(
    "draft, connection, field",
    [
        (DRAFT, "own", ""),
        (DRAFT, "other", "from"),
        (DRAFT.replace(from_="Shop <SHOP@example.net>"), "other", ""),
        (DRAFT.replace(from_="x@example.net"), "own", "from"),
        (DRAFT.replace(from_="x@sub.example.org"), "own", "from"),
        (DRAFT.replace(sender="x@example.com"), "own", "sender"),
        (DRAFT.replace(sender="x@example.org"), "own", ""),
        (DRAFT.replace(reverse_path="x@example.com"), "own", "reverse_path"),
        (DRAFT.replace(reverse_path=""), "own", ""),
    ],
)
async def test_only_those_who_are_allowed_are_named(
    server: Server, draft: Draft, connection: str, field: str
) -> None:
    gate, options = server.eilbote.gate, SubmissionOptions(connections=(connection,))

    async def fault() -> EilboteError | None:
        try:
            await gate.submit(draft, options, senders=SENDERS, author="api:shop")
        except DraftError as error:
            return error
        return None

    said = await fault()
    (result,) = await gate.submit_many(
        [(draft, options)], organization="", senders=SENDERS, author="api:shop"
    )

    assert (said.field if said else "") == field
    assert (result.error.field if result.error else "") == field
    assert len(await server.eilbote.entries()) == (0 if field else 2)


async def test_who_may_name_anybody_is_asked_nothing(server: Server) -> None:
    options = SubmissionOptions(connections=("other",))

    made = await server.eilbote.gate.submit(DRAFT, options, senders=(), author="api:shop")

    assert (await server.eilbote.history(made.id)).entry.author == "api:shop"


async def test_those_that_are_none_keep_their_place(server: Server) -> None:
    options = SubmissionOptions(connections=("own",))
    fault = DraftError("no message")

    results = await server.eilbote.gate.submit_many(
        [fault, (DRAFT, options), fault, (DRAFT, options)], organization="", senders=(), author="api:shop"
    )

    assert [(each.index, each.error is fault) for each in results] == [
        (0, True),
        (1, False),
        (2, True),
        (3, False),
    ]
    assert all(each.submission is not None for each in (results[1], results[3]))
