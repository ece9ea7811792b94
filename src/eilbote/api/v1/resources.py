"""All resources of the API, in the order of its reference."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from eilbote.api.v1.connections import router as connections
from eilbote.api.v1.services import router as services
from eilbote.api.v1.webhooks import router as webhooks

PREFIX: Final = "/api/v1"
RESOURCES: Final[tuple[APIRouter, ...]] = (
    connections,
    services,
    webhooks,
)


def v1_router() -> APIRouter:
    """Give every operation of the API."""
    router = APIRouter(prefix=PREFIX)
    for resource in RESOURCES:
        router.include_router(resource)
    return router
