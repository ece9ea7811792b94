"""Mail services that are known by name: ``gmail``, ``outlook365``, ``ses-eu-west-1``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from eilbote.accounts.role import Permission
from eilbote.api.acting import Acting, needs
from eilbote.api.paging import Page
from eilbote.connections.catalogue import lookup_service, services
from eilbote.connections.service import Service

router = APIRouter(prefix="/services", tags=["Services"])

Reader = Annotated[Acting, Depends(needs(Permission.CONNECTIONS_READ))]


class ServiceLimitsShape(BaseModel):
    """What a provider publishes about its limits; null where it says nothing."""

    source: str = Field(description="Where that is written")
    recipients_per_message: int | None = Field(description="Recipients of one message")
    recipients_per_day: int | None = Field(description="Recipients of all messages of a day")
    messages_per_day: int | None
    messages_per_minute: int | None
    sessions: int | None = Field(description="Sessions open at the same time")
    message_size: int | None = Field(description="Octets of a whole message, as sent")
    unconfirmed: bool = Field(description="Nobody has checked these against the source")


class ServiceShape(BaseModel):
    """A mail service, and what people stumble over there: what a form for a connection needs to say beforehand."""

    name: str = Field(description="Under which connections name it", examples=["Gmail"])
    host: str = Field(examples=["smtp.gmail.com"])
    port: int = Field(examples=[465])
    security: str = Field(description="`tls`, `starttls` or `none`", examples=["tls"])
    aliases: list[str] = Field(description="Other names for it")
    domains: list[str] = Field(description="Mail domains whose owners send through it")
    mechanism: str | None = Field(
        description="The SASL mechanism that its passwords need; null for the best common one"
    )
    user: str | None = Field(
        description="The user name that everybody uses there; null when each has an own one"
    )
    app_password: bool = Field(
        description="The password of the account is refused; one for programs is needed"
    )
    oauth2_only: bool = Field(description="Passwords are refused altogether")
    passwords_end: bool = Field(
        description="Passwords are being switched off; a new connection is better made with OAuth2"
    )
    from_must_equal_user: bool = Field(
        description="From must be the address of the account, or an alias of it"
    )
    catcher: bool = Field(description="It takes mail for tests, and delivers none")
    unconfirmed: str = Field(description="Why this may be out of date; empty when it is not in doubt")
    note: str = Field(description="What else to know")
    limits: ServiceLimitsShape | None


@router.get("", summary="List the services known by name", operation_id="list_services")
async def list_services(_acting: Reader) -> Page[ServiceShape]:
    """Give all of them, in the order of their names."""
    return Page(items=[_shape(each) for each in sorted(services(), key=lambda one: one.name.casefold())])


@router.get("/{name}", summary="Show a service", operation_id="get_service")
async def get_service(
    _acting: Reader, name: Annotated[str, Path(max_length=100, examples=["Gmail"])]
) -> ServiceShape:
    """Give one, by any of its names, in any letter case, or by an address of somebody who has a mailbox there."""
    return _shape(lookup_service(name))


def _shape(service: Service) -> ServiceShape:
    return ServiceShape(
        name=service.name,
        host=service.host,
        port=service.port,
        security=service.security.value,
        aliases=list(service.aliases),
        domains=list(service.domains),
        mechanism=service.mechanism,
        user=service.user,
        app_password=service.app_password,
        oauth2_only=service.oauth2_only,
        passwords_end=service.passwords_end,
        from_must_equal_user=service.from_must_equal_user,
        catcher=service.catcher,
        unconfirmed=service.unconfirmed,
        note=service.note,
        limits=None if service.limits is None else ServiceLimitsShape(**asdict(service.limits)),
    )
