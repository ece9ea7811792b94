"""``/livez`` and ``/readyz``, for those who restart processes and for load balancers.

Both tell anybody the same few words, and no more: whether the process turns, and whether it can take requests. What stands behind a word
is in the log and, for those who may see it, under ``/api/v1/health``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from starlette.responses import JSONResponse
from starlette.status import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE

from eilbote.api.readiness import OK

if TYPE_CHECKING:
    from eilbote.api.readiness import Readiness

_NOT_KEPT: Final = {"Cache-Control": "no-store"}
_AGAIN_SECONDS: Final = "5"


def health_router(readiness: Readiness) -> APIRouter:
    """Give both pages.

    Args:
        readiness: Knows how the server is.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        return JSONResponse({"status": OK}, headers=_NOT_KEPT)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        checks = await readiness.checks()
        if all(each == OK for each in checks.values()):
            return JSONResponse({"status": OK, "checks": dict(checks)}, HTTP_200_OK, _NOT_KEPT)
        return JSONResponse(
            {"status": "not ready", "checks": dict(checks)},
            HTTP_503_SERVICE_UNAVAILABLE,
            {**_NOT_KEPT, "Retry-After": _AGAIN_SECONDS},
        )

    return router
