"""What somebody who is signed in is told: their own subscriptions, and what reaches them by their role."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from eilbote.accounts.principal import PrincipalKind
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Page
from eilbote.api.v1.notification.subscription_shapes import (
    OwnSubscriptionChange,
    OwnSubscriptionInput,
    PreviewShape,
    SubscriptionShape,
    changes_of,
    fields_of,
    preview_of,
    shape_of,
)
from eilbote.api.v1.notification.subscriptions import Id, changed
from eilbote.author.notification.recipients import USER
from eilbote.author.notification.subscription import Subscription
from eilbote.engine.notify_leaving import with_left
from eilbote.errors import ForbiddenError, NotFoundError, SettingsError

router = APIRouter(prefix="/me/subscriptions", tags=["Notifications"])

_MOST: int = 50


async def _as_person(acting: Annotated[Acting, Depends(needs(None))]) -> Acting:
    if (
        acting.principal.kind is not PrincipalKind.USER
        or acting.organization != acting.principal.organization
    ):
        raise ForbiddenError(
            "only people have subscriptions of their own",
            field="authorization",
            cause="An API key, or another organization, is nobody who could be told",
            remedy="Use /api/v1/subscriptions",
        )
    return acting


Person = Annotated[Acting, Depends(_as_person)]


@router.get("", summary="List my subscriptions", operation_id="list_my_subscriptions")
async def list_my_subscriptions(acting: Person) -> Page[SubscriptionShape]:
    """Give those that mean whoever is signed in alone."""
    return Page(items=[shape_of(one) for one in await _own(acting)])


@router.get("/preview", summary="Preview what I would be told", operation_id="preview_my_subscriptions")
async def preview_my_subscriptions(acting: Person) -> Page[PreviewShape]:
    """Tell, for each kind of the catalogue, whether and how I would be told of it, were it raised now."""
    people = await acting.eilbote.notify.notifier.people(acting.organization)
    known = people.by_id.get(acting.principal.id)
    if known is None:
        return Page(items=[])
    found = await acting.eilbote.notify.preview(known.address, organization=acting.organization)
    return Page(items=[preview_of(one) for one in found])


@router.post("", status_code=201, summary="Subscribe to something", operation_id="create_my_subscription")
async def create_my_subscription(
    acting: Person, said: OwnSubscriptionInput, response: Response
) -> SubscriptionShape:
    """Have me told of events of my organization, in my language and time zone."""
    if len(await _own(acting)) >= _MOST:
        raise SettingsError(
            f"there are {_MOST} subscriptions already",
            field="event",
            remedy="Remove one, or name more events by a pattern",
        )
    fields = fields_of(said)
    fields["to"], fields["organization"] = [_me(acting)], acting.organization
    made = await acting.eilbote.notify.subscribe(**fields)
    await acting.note(
        "subscription.create", f"subscription:{made.id}", after=shape_of(made).model_dump(mode="json")
    )
    response.headers["Location"] = f"/api/v1/me/subscriptions/{made.id}"
    return shape_of(made)


@router.patch("/{id}", summary="Change a subscription of mine", operation_id="update_my_subscription")
async def update_my_subscription(acting: Person, id: Id, said: OwnSubscriptionChange) -> SubscriptionShape:  # noqa: A002 - its own word
    """Change what is named; `muted_until` snoozes it."""
    return await changed(acting, await _found(acting, id), changes_of(said), revision=said.revision)


@router.delete(
    "/{id}", status_code=204, summary="End a subscription of mine", operation_id="delete_my_subscription"
)
async def delete_my_subscription(acting: Person, id: Id) -> None:  # noqa: A002 - its own word
    """Forget one of mine; of what reaches me by my role, leave me out from now on."""
    own = {one.id: one for one in await _own(acting)}
    if id in own:
        await acting.eilbote.notify.unsubscribe(id)
        await acting.note(
            "subscription.delete", f"subscription:{id}", before=shape_of(own[id]).model_dump(mode="json")
        )
        return
    for one in await acting.eilbote.notify.in_force(acting.organization):
        if one.id == id:
            people = await acting.eilbote.notify.notifier.people(acting.organization)
            known = people.by_id.get(acting.principal.id)
            if known is not None:
                await changed(acting, one, {"left": with_left(one, known.address)})
                return
    raise _unknown(id)


async def _own(acting: Acting) -> list[Subscription]:
    me = _me(acting)
    found = await acting.eilbote.notify.subscriptions(acting.organization)
    return [one for one in found if one.recipients == (me,)]


async def _found(acting: Acting, id_: str) -> Subscription:
    for one in await _own(acting):
        if one.id == id_:
            return one
    raise _unknown(id_)


def _me(acting: Acting) -> str:
    return f"{USER}{acting.principal.id}"


def _unknown(id_: str) -> NotFoundError:
    return NotFoundError(
        f"there is no subscription {id_[:60]!r}",
        field="id",
        remedy="`GET /api/v1/me/subscriptions` tells which are yours",
    )
