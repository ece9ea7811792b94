"""``/metrics`` in the format of Prometheus: what happened since the process began, and how the outbox stands.

Counters are this process's own, so those of several servers on one outbox add up. Gauges of the outbox are the database's, the same from
every server: they are counted when somebody asks, at most every few seconds. No address and no subject is ever a label, and nothing a
stranger sends becomes the name of a figure.

Whoever asks from a network of ``metrics.allow`` needs no key; a request that a proxy has passed on does, whatever address it came from, or
everybody could read the figures through the proxy on this machine.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response

from eilbote.accounts.role import Permission
from eilbote.api.acting import who_asks
from eilbote.api.metric_families import OutboxState, families, open_sessions
from eilbote.api.problems import problem_response
from eilbote.errors import EilboteError, ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from prometheus_client import Metric

    from eilbote.api.request_figures import RequestFigures
    from eilbote.app import Eilbote
    from eilbote.net.egress import Network
    from eilbote.record.metrics import Metrics

_KEPT_SECONDS: Final = 5.0
_PASSED_ON: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Figures:
    """Everything that is told, kept apart from the library's own registry so that nothing else of the process gets in.

    Args:
        eilbote: Whose outbox is counted.
        metrics: What happened since the process began.
        requests: What was asked since then.
        sessions: Tells how many sessions with servers are open, by connection.
    """

    def __init__(
        self,
        eilbote: Eilbote,
        metrics: Metrics,
        requests: RequestFigures,
        *,
        sessions: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._eilbote = eilbote
        self._metrics = metrics
        self._requests = requests
        self._sessions = sessions
        self._state: OutboxState | None = None
        self._state_at = 0.0
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """Give every figure of eilbote; the library asks for them."""
        yield from families(self._metrics, self._requests, self._state)
        yield open_sessions(self._sessions())

    async def written(self, accept: str) -> tuple[bytes, str]:
        """Write them; gives the text and its media type.

        Args:
            accept: Which formats the client understands.
        """
        clock = self._eilbote.clock
        if self._state is None or clock.monotonic() - self._state_at >= _KEPT_SECONDS:
            self._state = await OutboxState.of(self._eilbote)
            self._state_at = clock.monotonic()
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


def metrics_router(figures: Figures, *, allowed: Sequence[Network]) -> APIRouter:
    """Give the page.

    Args:
        figures: What it tells.
        allowed: Networks that need no key.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        if not _is_at_home(request, allowed):
            try:
                await _check_key(request)
            except EilboteError as fault:
                return problem_response(request, fault)
        text, media_type = await figures.written(request.headers.get("accept", ""))
        return Response(text, headers={"Content-Type": media_type, "Cache-Control": "no-store"})

    return router


async def _check_key(request: Request) -> None:
    principal = await who_asks(request)
    principal.must(Permission.STATISTICS_READ)
    if not principal.is_host:
        raise ForbiddenError(
            "these are the figures of all organizations",
            field="authorization",
            remedy="Ask with a key of the host, or ask /api/v1/statistics for your own",
        )


def _is_at_home(request: Request, allowed: Sequence[Network]) -> bool:
    if request.client is None or any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in allowed)
