"""Mail services that are known by name: ``gmail``, ``outlook365``, ``ses-eu-west-1``."""

from __future__ import annotations

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


class ServiceShape(BaseModel):
    """A mail service."""

    name: str = Field(description="Under which connections name it", examples=["Gmail"])
    host: str = Field(examples=["smtp.gmail.com"])
    port: int = Field(examples=[465])
    security: str = Field(description="`tls`, `starttls` or `none`", examples=["tls"])
    aliases: list[str] = Field(description="Other names for it")


@router.get("", summary="List the services known by name", operation_id="list_services")
async def list_services(_acting: Reader) -> Page[ServiceShape]:
    """Give all of them, in the order of their names."""
    return Page(items=[_shape(each) for each in sorted(services(), key=lambda one: one.name.casefold())])


@router.get("/{name}", summary="Show a service", operation_id="get_service")
async def get_service(
    _acting: Reader, name: Annotated[str, Path(max_length=100, examples=["Gmail"])]
) -> ServiceShape:
    """Give one, by any of its names, in any letter case."""
    return _shape(lookup_service(name))


def _shape(service: Service) -> ServiceShape:
    return ServiceShape(
        name=service.name,
        host=service.host,
        port=service.port,
        security=service.security.value,
        aliases=list(service.aliases),
    )
