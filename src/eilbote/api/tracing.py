"""Spans of OpenTelemetry: one for each request, for each attempt to deliver, and for what is worked beside that.

They are sent when ``OTEL_EXPORTER_OTLP_ENDPOINT`` (or its form for traces) says where to, and the extra ``otel`` is installed; otherwise nothing
of it is loaded. A span names operations, entries and connections, and never an address, a subject, a path or a content: whoever collects spans is
rarely whoever may read mail.
"""

from __future__ import annotations

import asyncio
import logging
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from starlette.status import HTTP_500_INTERNAL_SERVER_ERROR

from eilbote.api.request_figures import operation_of
from eilbote.model.ids import entry_id_text
from eilbote.model.status import RecipientStatus
from eilbote.record.step import StepKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.sdk.trace import TracerProvider
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from eilbote.model.attempt import Event
    from eilbote.record.notice import Notice
    from eilbote.record.report import Tried
    from eilbote.record.step import Step

_LOG: Final = logging.getLogger("eilbote")
_WHERE: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_OFF: Final = "OTEL_SDK_DISABLED"
_NAME: Final = "eilbote"
_NANOSECONDS: Final = 1_000_000
_ABOUT: Final = {
    StepKind.TOKEN_REFRESH: "connection",
    StepKind.WEBHOOK: "webhook",
    StepKind.FLOW: "run",
    StepKind.PROCESS: "instance",
}


class Tracing:
    """Makes spans; an :class:`~eilbote.record.report.AttemptReport`.

    Args:
        provider: Where spans go.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(_NAME)

    async def close(self) -> None:
        """Send what is still to be sent, without keeping the event loop waiting."""
        await asyncio.to_thread(self._provider.shutdown)

    def happened(self, events: Sequence[Event]) -> None:
        """Hear events, which have no length and so no span."""

    def noticed(self, notice: Notice) -> None:
        """Hear notices; the same."""

    def tried(self, attempts: Sequence[Tried]) -> None:
        """Make a span of each attempt, as long as it took."""
        from opentelemetry.trace import SpanKind, Status, StatusCode

        for each in attempts:
            attempt = each.attempt
            begun = attempt.started * _NANOSECONDS
            span = self._tracer.start_span(
                "deliver",
                kind=SpanKind.CLIENT,
                start_time=begun,
                attributes={
                    "eilbote.entry": entry_id_text(each.entry),
                    "eilbote.organization": each.organization,
                    "eilbote.connection": attempt.connection,
                    "eilbote.attempt": attempt.number,
                    "eilbote.stage": attempt.stage,
                    "eilbote.recipients": len(attempt.outcomes),
                    "eilbote.reply_codes": sorted({one.reply_code for one in attempt.outcomes}),
                    "server.address": attempt.server.rpartition(":")[0],
                },
            )
            if any(one.status is not RecipientStatus.ACCEPTED for one in attempt.outcomes):
                span.set_status(Status(StatusCode.ERROR))
            span.end(begun + int(attempt.seconds * 1000 * _NANOSECONDS))

    def stepped(self, step: Step) -> None:
        """Make a span of work beside delivering, as long as it took."""
        from opentelemetry.trace import SpanKind, Status, StatusCode

        began = step.began * _NANOSECONDS
        is_asking = step.kind in {StepKind.TOKEN_REFRESH, StepKind.WEBHOOK}
        span = self._tracer.start_span(
            step.kind.value,
            kind=SpanKind.CLIENT if is_asking else SpanKind.INTERNAL,
            start_time=began,
            attributes={
                f"eilbote.{_ABOUT[step.kind]}": step.about,
                "eilbote.organization": step.organization,
                **step.facts,
            },
        )
        if not step.is_well:
            span.set_status(Status(StatusCode.ERROR))
        span.end(began + int(step.seconds * 1000 * _NANOSECONDS))

    async def request(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request within a span; what a client says about a trace of its own is not followed, for anybody may say it."""
        from opentelemetry.trace import SpanKind, Status, StatusCode

        status = HTTP_500_INTERNAL_SERVER_ERROR

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._tracer.start_as_current_span(
            scope["method"], kind=SpanKind.SERVER, record_exception=False
        ) as span:
            try:
                await app(scope, receive, answer)
            finally:
                span.update_name(operation_of(scope))
                span.set_attribute("http.request.method", scope["method"])
                span.set_attribute("http.response.status_code", status)
                if status >= HTTP_500_INTERNAL_SERVER_ERROR:
                    span.set_status(Status(StatusCode.ERROR))


class TracedRequests:
    """Puts requests into spans.

    Args:
        app: The application.
        tracing: Makes the spans.
    """

    def __init__(self, app: ASGIApp, *, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._tracing.request(self._app, scope, receive, send)


def tracing_of(environment: Mapping[str, str]) -> Tracing | None:
    """Give what makes spans, as the variables of OpenTelemetry want it; ``None`` when they do not, or it is not installed."""
    is_wanted = any(environment.get(name) for name in _WHERE)
    if not is_wanted or environment.get(_OFF, "").strip().lower() == "true":
        return None
    if find_spec("opentelemetry.exporter") is None or find_spec("opentelemetry.sdk") is None:
        _LOG.warning(
            "%s is set, and nothing is sent: the extra is missing. Install eilbote[otel]",
            next(name for name in _WHERE if environment.get(name)),
        )
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from eilbote.model.version import __version__

    said = {} if environment.get("OTEL_SERVICE_NAME") else {"service.name": _NAME}
    resource = Resource.create({**said, "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
