"""What a span tells, and what it never tells."""

from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.types import Message, Receive, Scope, Send

from eilbote.api.tracing import TracedRequests, Tracing, tracing_of
from eilbote.model.attempt import Attempt, Outcome
from eilbote.model.ids import CourierId, EntryId
from eilbote.model.moment import moment_of
from eilbote.model.status import RecipientStatus
from eilbote.record.report import AttemptReport, Reports, Tried
from eilbote.record.step import Step, StepKind, Steps

BEGUN = datetime(2027, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(spans: InMemorySpanExporter) -> Tracing:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return Tracing(provider)


def test_an_attempt_is_a_span_as_long_as_it_took(tracing: Tracing, spans: InMemorySpanExporter) -> None:
    attempt = Attempt(
        number=2,
        started=moment_of(BEGUN),
        seconds=0.5,
        courier=CourierId(1),
        connection="office",
        server="mail.example.org:465",
        stage="rcpt",
        outcomes=(
            Outcome(number=0, status=RecipientStatus.ACCEPTED, reply_code=250),
            Outcome(
                number=1, status=RecipientStatus.FAILED, reply_code=550, text="anna@example.org is unknown"
            ),
        ),
    )
    assert isinstance(tracing, AttemptReport)
    Reports(tracing).tried([Tried(entry=EntryId(7), organization="acme", attempt=attempt)])

    (span,) = spans.get_finished_spans()
    assert span.start_time == int(BEGUN.timestamp()) * 1_000_000_000
    assert span.end_time is not None
    assert span.end_time - span.start_time == 500_000_000
    assert not span.status.is_ok
    assert dict(span.attributes or {})["eilbote.reply_codes"] == (250, 550)
    assert "anna" not in span.to_json()


@pytest.mark.parametrize("kind", StepKind)
def test_work_beside_delivering_is_a_span_as_long_as_it_took(
    tracing: Tracing, spans: InMemorySpanExporter, kind: StepKind
) -> None:
    steps = Steps()
    steps.stepped(Step(kind=kind, about="before", began=moment_of(BEGUN), seconds=1))  # nobody listens yet
    steps.tell(Reports(tracing))
    Reports(steps).stepped(
        Step(kind=kind, about="x7", organization="acme", began=moment_of(BEGUN), seconds=0.5, is_well=False)
    )

    (span,) = spans.get_finished_spans()
    assert (span.name, span.status.is_ok) == (kind.value, False)
    assert {"x7", "acme"} <= {str(each) for each in (span.attributes or {}).values()}
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.end_time - span.start_time == 500_000_000


@pytest.mark.asyncio
async def test_a_request_is_a_span_by_the_name_of_its_operation(
    tracing: Tracing, spans: InMemorySpanExporter
) -> None:
    class Route:
        operation_id = "submit_message"

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["route"] = Route()
        await send({"type": "http.response.start", "status": 503, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_message: Message) -> None: ...

    traced = TracedRequests(app, tracing=tracing)
    await traced({"type": "http", "method": "POST", "path": "/answer/secret-token"}, receive, send)

    (span,) = spans.get_finished_spans()
    assert span.name == "submit_message"
    assert dict(span.attributes or {}) == {"http.request.method": "POST", "http.response.status_code": 503}
    assert not span.status.is_ok
    assert "secret-token" not in span.to_json()


def test_nothing_is_sent_unless_somebody_says_where_to() -> None:
    assert tracing_of({}) is None
    assert (
        tracing_of({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}) is None
    )
