"""Subscriptions: who is told of which events, how soon; the host's defaults and what organizations put in their place."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.changed_fields import changed_fields
from eilbote.api.paging import Cursor, Limit, Page, behind, page_of
from eilbote.api.v1.notification.subscription_shapes import (
    PreviewShape,
    Snooze,
    SubscriptionChange,
    SubscriptionInput,
    SubscriptionShape,
    changes_of,
    fields_of,
    preview_of,
    shape_of,
)
from eilbote.author.notification.defaults import with_defaults
from eilbote.author.notification.subscription import Subscription
from eilbote.engine.notify_desk import SubscriptionFields
from eilbote.errors import ConflictError, DraftError, NotFoundError, SettingsError
from eilbote.model.moment import later

router = APIRouter(prefix="/subscriptions", tags=["Notifications"])

Reader = Annotated[Acting, Depends(needs(Permission.NOTIFICATIONS_READ))]
Lister = Annotated[Acting, Depends(needs(Permission.NOTIFICATIONS_READ, lists=True))]
Writer = Annotated[Acting, Depends(needs(Permission.NOTIFICATIONS_WRITE))]
Id = Annotated[
    str, Path(max_length=64, description="The subscription's id", examples=["default-organization"])
]


@router.get("", summary="List subscriptions", operation_id="list_subscriptions")
async def list_subscriptions(
    acting: Lister,
    *,
    in_force: Annotated[
        bool,
        Query(
            description="Those of the host as well by which an organization's events are told, and the defaults"
        ),
    ] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[SubscriptionShape]:
    """Give subscriptions in the order of their ids; the host's have the defaults among them."""
    after = behind(cursor) or ""
    desk = acting.eilbote.notify
    if in_force and acting.which is not None:
        known = list(await desk.in_force(acting.which))
    else:
        known = list(await desk.subscriptions(acting.which))
        if not acting.which:
            known = with_defaults(known)
    known.sort(key=lambda one: one.id)
    found = [one for one in known if one.id > after]
    return page_of(found, limit, shape_of, place=lambda one: one.id)


@router.get("/preview", summary="Preview what somebody would be told", operation_id="preview_subscriptions")
async def preview_subscriptions(
    acting: Reader,
    address: Annotated[
        str | None, Query(max_length=320, description="Who, by an address", examples=["anna@example.org"])
    ] = None,
    user: Annotated[str | None, Query(max_length=64, description="Who, by the id of an account")] = None,
) -> Page[PreviewShape]:
    """Tell, for each kind of the catalogue, whether and how somebody would be told of it, were it raised now."""
    if (address is None) == (user is None):
        raise DraftError(
            "it is not said who is meant", field="address", remedy="Give one of address and user"
        )
    if user is not None:
        people = await acting.eilbote.notify.notifier.people(acting.organization)
        known = people.by_id.get(user)
        if known is None or known.organization != acting.organization:
            raise NotFoundError(f"there is no active user {user[:60]!r}", field="user")
        address = known.address
    found = await acting.eilbote.notify.preview(address or "", organization=acting.organization)
    return Page(items=[preview_of(one) for one in found])


@router.post("", status_code=201, summary="Create a subscription", operation_id="create_subscription")
async def create_subscription(
    acting: Writer, said: SubscriptionInput, response: Response
) -> SubscriptionShape:
    """Have somebody told of what happens from now on."""
    if said.replaces:
        await check_replaced(acting, said.replaces)
    fields = fields_of(said)
    fields["organization"] = acting.organization
    made = await acting.eilbote.notify.subscribe(**fields)
    await acting.note(
        "subscription.create", f"subscription:{made.id}", after=shape_of(made).model_dump(mode="json")
    )
    response.headers["Location"] = f"/api/v1/subscriptions/{made.id}"
    return shape_of(made)


@router.get("/{id}", summary="Show a subscription", operation_id="get_subscription")
async def get_subscription(acting: Reader, id: Id) -> SubscriptionShape:  # noqa: A002 - its own word
    """Give one; a default of the host's as well."""
    return shape_of(await found_subscription(acting, id, host_too=True))


@router.patch("/{id}", summary="Change a subscription", operation_id="update_subscription")
async def update_subscription(acting: Writer, id: Id, said: SubscriptionChange) -> SubscriptionShape:  # noqa: A002 - its own word
    """Change what is named (RFC 7396); a default is kept from then on as it was changed."""
    known = await found_subscription(acting, id)
    if said.replaces:
        await check_replaced(acting, said.replaces)
    return await changed(acting, known, changes_of(said), revision=said.revision)


@router.post("/{id}/snooze", summary="Snooze a subscription", operation_id="snooze_subscription")
async def snooze_subscription(acting: Writer, id: Id, said: Snooze) -> SubscriptionShape:  # noqa: A002 - its own word
    """Tell nothing because of it for some time, and nothing afterwards of what happens meanwhile; but what is mandatory."""
    known = await found_subscription(acting, id)
    until = later(acting.eilbote.notify.notifier.now(), 60.0 * said.minutes)
    return await changed(acting, known, {"muted_until": until})


@router.delete("/{id}/snooze", summary="End the snooze of a subscription", operation_id="wake_subscription")
async def wake_subscription(acting: Writer, id: Id) -> SubscriptionShape:  # noqa: A002 - its own word
    """Tell again from now on."""
    return await changed(acting, await found_subscription(acting, id), {"muted_until": None})


@router.delete("/{id}", status_code=204, summary="Remove a subscription", operation_id="delete_subscription")
async def delete_subscription(acting: Writer, id: Id) -> None:  # noqa: A002 - its own word
    """Forget one, and what was still to be told because of it. A default is as it was in the beginning then."""
    known = await found_subscription(acting, id)
    if not known.revision:
        raise ConflictError(
            "a default cannot be removed",
            field="id",
            remedy="Give it the cadence `never` to silence it; an organization puts one of its own in its place (`replaces`)",
        )
    await acting.eilbote.notify.unsubscribe(known.id)
    await acting.note(
        "subscription.delete", f"subscription:{id}", before=shape_of(known).model_dump(mode="json")
    )


async def found_subscription(acting: Acting, id_: str, *, host_too: bool = False) -> Subscription:
    """Give one that concerns whoever asks.

    Args:
        acting: Who asks.
        id_: Which.
        host_too: Whether organizations see those of the host's that tell of their events.

    Raises:
        NotFoundError: There is none, or it is somebody else's.
    """
    known = await acting.eilbote.notify.subscription(id_)
    is_seen = known is not None and (
        acting.concerns(known.organization) or (host_too and known.everywhere and not known.organization)
    )
    if known is None or not is_seen:
        raise NotFoundError(
            f"there is no subscription {id_[:60]!r}",
            field="id",
            remedy="`GET /api/v1/subscriptions` tells which there are",
        )
    return known


async def check_replaced(acting: Acting, id_: str) -> None:
    """Refuse to replace what tells nobody of an organization's events.

    Raises:
        SettingsError: The host has no such subscription.
    """
    known = await acting.eilbote.notify.subscription(id_)
    if known is None or known.organization or not known.everywhere:
        raise SettingsError(
            f"the host has no subscription {id_[:60]!r} for organizations",
            field="replaces",
            remedy="`GET /api/v1/subscriptions?in_force=true` tells which there are",
        )


async def changed(
    acting: Acting, known: Subscription, fields: SubscriptionFields, *, revision: int | None = None
) -> SubscriptionShape:
    """Change one, and write it down.

    Raises:
        ConflictError: Somebody has changed it meanwhile.
        SettingsError: A field cannot be used.
    """
    if revision is not None and revision != known.revision:
        raise ConflictError(
            f"somebody has changed the subscription {known.id!r} meanwhile",
            field="revision",
            remedy="Look at it again, then change it",
        )
    kept = await acting.eilbote.notify.change(known.id, **fields)
    before, after = changed_fields(shape_of(known), shape_of(kept))
    await acting.note("subscription.update", f"subscription:{known.id}", before=before, after=after)
    return shape_of(kept)
