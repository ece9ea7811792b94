"""Who gets nothing: refused when nobody is left, left out of what goes to others, and entered when a server does not know them."""

from datetime import UTC, datetime, timedelta

import pytest

from eilbote import Draft, Eilbote, EntryState, RecipientStatus, SuppressedError
from eilbote.errors import AddressError, DraftError
from eilbote.model.attempt import EventKind
from eilbote.record.suppression import SuppressionReason
from eilbote.testing import Catcher, ManualClock, MemoryOutbox
from eilbote.testing.faults import refuse

URI = "smtp://127.0.0.1:1?from=orders@example.org"
DRAFT = Draft(to="anna@example.org", subject="Order", text="Ready.")
TWO = DRAFT.replace(cc="max@example.org")


def eilbote(uri: str = URI, clock: ManualClock | None = None) -> Eilbote:
    return Eilbote(store=MemoryOutbox(), connections=uri, clock=clock)


@pytest.mark.asyncio
async def test_a_message_of_which_nobody_would_get_anything_is_refused_with_each_reason() -> None:
    async with eilbote() as house:
        await house.suppressions.add(
            "", "Anna@Example.org", SuppressionReason.HARD_BOUNCE, detail="550 5.1.1 no"
        )
        await house.suppressions.add("", "max@example.org", SuppressionReason.COMPLAINT)
        with pytest.raises(SuppressedError) as refused:
            await house.submit(TWO)
        assert refused.value.cause == (
            "anna@example.org: its mail came back for good (550 5.1.1 no); max@example.org: its owner has complained"
        )
        assert await house.entries() == []


@pytest.mark.asyncio
async def test_an_organization_s_list_is_its_own_and_the_host_s_is_everybody_s() -> None:
    async with eilbote() as house:
        await house.suppressions.add("acme", "anna@example.org", SuppressionReason.MANUAL)
        await house.submit(DRAFT)
        assert await house.suppressions.check("acme", ["anna@example.org", "max@example.org"])
        assert not await house.suppressions.check("other", ["anna@example.org"])
        await house.suppressions.add("", "max@example.org", SuppressionReason.MANUAL)
        assert list(await house.suppressions.check("other", ["Max@example.org"])) == ["Max@example.org"]


@pytest.mark.asyncio
async def test_who_is_taken_off_gets_mail_again() -> None:
    async with eilbote() as house:
        await house.suppressions.add("", "anna@example.org", SuppressionReason.MANUAL)
        assert await house.suppressions.remove("", "ANNA@example.org")
        assert not await house.suppressions.remove("", "anna@example.org")
        await house.submit(DRAFT)


@pytest.mark.asyncio
async def test_a_term_ends() -> None:
    clock = ManualClock()
    async with eilbote(clock=clock) as house:
        until = clock.now() + timedelta(hours=1)
        await house.suppressions.add("", "anna@example.org", SuppressionReason.MANUAL, expires=until)
        with pytest.raises(SuppressedError):
            await house.submit(DRAFT)
        clock.advance(3601)
        await house.submit(DRAFT)


@pytest.mark.asyncio
async def test_what_cannot_be_entered_is_refused() -> None:
    async with eilbote() as house:
        with pytest.raises(AddressError, match="address"):
            await house.suppressions.add("", "nobody", SuppressionReason.MANUAL)
        past = datetime(2020, 1, 1, tzinfo=UTC)
        with pytest.raises(DraftError, match="has passed"):
            await house.suppressions.add("", "a@example.org", SuppressionReason.MANUAL, expires=past)


@pytest.mark.asyncio
async def test_an_empty_list_is_asked_once_a_second() -> None:
    clock = ManualClock()
    async with eilbote(clock=clock) as house:
        store, asked = house.services.suppression_store, 0
        was = store.any

        async def counted() -> bool:
            nonlocal asked
            asked += 1
            return await was()

        store.any = counted  # type: ignore[method-assign]
        for _ in range(50):
            await house.submit(DRAFT)
        assert asked == 1
        clock.advance(1.1)
        await house.submit(DRAFT)
        assert asked == 2


@pytest.mark.asyncio
async def test_mail_about_an_account_goes_to_those_who_want_no_more_mail() -> None:
    async with eilbote() as house:
        await house.suppressions.add("", "anna@example.org", SuppressionReason.UNSUBSCRIBED)
        with pytest.raises(SuppressedError):
            await house.suppressions.refuse("", ["anna@example.org"], author="notification:flow.failed")
        await house.suppressions.refuse("", ["anna@example.org"], author="notification:account.invitation")
        await house.suppressions.add("", "anna@example.org", SuppressionReason.HARD_BOUNCE)
        with pytest.raises(SuppressedError):
            await house.suppressions.refuse(
                "", ["anna@example.org"], author="notification:account.invitation"
            )


@pytest.mark.asyncio
async def test_one_of_several_is_left_out_and_the_others_get_it() -> None:
    async with Catcher() as catcher, eilbote(f"{catcher.uri}?from=orders@example.org") as house:
        submission = await house.submit(TWO)
        await house.suppressions.add(
            "", "max@example.org", SuppressionReason.MANUAL, detail="left the company"
        )
        await house.deliver_due()
        message = await catcher.next()
        assert message.forward_paths == ("anna@example.org",)
        history = await house.history(submission.id)
        assert [one.status for one in history.entry.recipients] == [
            RecipientStatus.ACCEPTED,
            RecipientStatus.FAILED,
        ]
        (failed,) = [event for event in history.events if event.kind is EventKind.FAILED]
        assert failed.recipients == (1,)
        assert failed.text == ("max@example.org is left out: somebody has entered it (left the company)")


@pytest.mark.asyncio
async def test_whoever_is_entered_while_their_mail_waits_does_not_get_it() -> None:
    async with Catcher() as catcher, eilbote(f"{catcher.uri}?from=orders@example.org") as house:
        submission = await house.submit(DRAFT)
        await house.suppressions.add("", "anna@example.org", SuppressionReason.HARD_BOUNCE)
        await house.deliver_due()
        entry = (await house.history(submission.id)).entry
        assert (entry.state, entry.recipients[0].status) == (EntryState.DONE, RecipientStatus.FAILED)
        assert catcher.messages == ()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "reply, is_entered",
    [
        ("550 5.1.1 no such user", True),
        ("550 5.1.10 null MX", True),
        ("550 5.7.1 not from you", False),
        ("550 no such user", False),
        ("450 4.1.1 not now", False),
    ],
)
async def test_an_address_that_a_server_does_not_know_is_entered(reply: str, is_entered: bool) -> None:
    async with (
        Catcher(faults=[refuse("rcpt", reply)]) as catcher,
        eilbote(f"{catcher.uri}?from=orders@example.org") as house,
    ):
        submission = await house.submit(DRAFT)
        await house.deliver_due()
        found = await house.suppressions.list()
        assert bool(found) is is_entered
        if is_entered:
            assert (found[0].reason, found[0].detail) == (SuppressionReason.REFUSED, reply)
            assert found[0].entry == submission.id
