"""The figures of ``/metrics`` by their names; each is explained in docs/operations.md with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Self

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)

from eilbote.errors import EilboteError
from eilbote.model.moment import moment_of
from eilbote.model.status import EntryState
from eilbote.model.version import __version__
from eilbote.record.metrics import DURATION_BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client import Metric

    from eilbote.api.request_figures import RequestFigures
    from eilbote.app import Eilbote
    from eilbote.model.moment import Moment
    from eilbote.outbox.store import OutboxFigures, Pause
    from eilbote.record.metrics import Durations, Metrics

_SECOND = 1000  # moments are milliseconds
_NEVER_TRIED = "untried"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxState:
    """How the outbox stands.

    Attributes:
        figures: Its entries in numbers; ``None`` when it does not answer.
        pauses: Connections that rest.
        couriers: How many deliver.
        now: When that was.
    """

    figures: OutboxFigures | None
    pauses: tuple[Pause, ...] = ()
    couriers: int = 0
    now: Moment

    @classmethod
    async def of(cls, eilbote: Eilbote) -> Self:
        """Ask the outbox; one that does not answer is told as down, not as a page that fails."""
        now = moment_of(eilbote.clock.now())
        try:
            figures = await eilbote.store.figures(now)
            pauses = await eilbote.store.pauses()
            couriers = [each for each in await eilbote.store.couriers() if not each[2]]
        except EilboteError:
            return cls(figures=None, now=now)
        return cls(figures=figures, pauses=tuple(pauses), couriers=len(couriers), now=now)


def families(metrics: Metrics, requests: RequestFigures, state: OutboxState | None) -> Iterator[Metric]:
    """Give every figure.

    Args:
        metrics: What happened since the process began.
        requests: What was asked since then.
        state: How the outbox stands; ``None`` when nobody has looked yet.
    """
    yield InfoMetricFamily("eilbote", "Which eilbote this is.", value={"version": __version__})
    yield from _of_messages(metrics)
    yield from _of_requests(requests)
    if state is not None:
        yield from _of_outbox(state)


def open_sessions(by_connection: Mapping[str, int]) -> Metric:
    """Give how many sessions with servers are open."""
    family = GaugeMetricFamily(
        "eilbote_connections_open", "SMTP sessions that are open.", labels=("connection",)
    )
    for connection, count in sorted(by_connection.items()):
        family.add_metric((connection,), count)
    return family


def _of_messages(metrics: Metrics) -> Iterator[Metric]:
    messages = CounterMetricFamily(
        "eilbote_messages",
        "What became of messages; one of several recipients counts once for each of these.",
        labels=("status", "organization"),
    )
    for (kind, organization), count in sorted(metrics.messages.items()):
        messages.add_metric((kind.value, organization), count)
    yield messages
    replies = CounterMetricFamily(
        "eilbote_smtp_replies",
        "What servers replied about recipients; code 0 where none came.",
        labels=("connection", "code"),
    )
    for (connection, code), count in sorted(metrics.replies.items()):
        replies.add_metric((connection, str(code)), count)
    yield replies
    yield _histogram("eilbote_delivery_seconds", "How long attempts took.", "connection", metrics.deliveries)
    refreshes = CounterMetricFamily(
        "eilbote_oauth_refresh", "Access tokens that were asked for.", labels=("result",)
    )
    for is_well in (True, False):
        refreshes.add_metric(("ok" if is_well else "failed",), metrics.refreshes[is_well])
    yield refreshes
    notices = CounterMetricFamily(
        "eilbote_notices", "What couriers and workers noticed, as in the log.", labels=("kind",)
    )
    for notice, count in sorted(metrics.notices.items()):
        notices.add_metric((notice.value,), count)
    yield notices


def _of_requests(requests: RequestFigures) -> Iterator[Metric]:
    counted = CounterMetricFamily(
        "eilbote_http_requests", "Requests by operation.", labels=("operation", "status")
    )
    for (operation, status), count in sorted(requests.requests.items()):
        counted.add_metric((operation, str(status)), count)
    yield counted
    yield _histogram(
        "eilbote_http_request_seconds", "How long requests took.", "operation", requests.durations
    )
    yield GaugeMetricFamily(
        "eilbote_http_requests_in_progress", "Requests that are being answered.", value=requests.under_way
    )


def _of_outbox(state: OutboxState) -> Iterator[Metric]:
    figures = state.figures
    yield GaugeMetricFamily(
        "eilbote_database_up", "Whether the database answers.", value=int(figures is not None)
    )
    if figures is None:
        return
    depth = GaugeMetricFamily("eilbote_queue_depth", "Entries that are not finished.", labels=("state",))
    finished = GaugeMetricFamily(
        "eilbote_entries_finished", "Entries that are finished and still kept.", labels=("state",)
    )
    for entry_state in EntryState:
        family = finished if entry_state in {EntryState.DONE, EntryState.CANCELLED} else depth
        family.add_metric((entry_state.value,), figures.entries.get(entry_state, 0))
    yield depth
    yield finished
    waiting = GaugeMetricFamily(
        "eilbote_connection_queue_depth", "Entries that are not finished.", labels=("connection",)
    )
    for connection, count in sorted(figures.by_connection.items()):
        waiting.add_metric((connection,), count)
    yield waiting
    oldest = 0.0 if figures.oldest_due is None else max(0, state.now - figures.oldest_due) / _SECOND
    yield GaugeMetricFamily(
        "eilbote_queue_oldest_seconds", "For how long the oldest message is due and not sent.", value=oldest
    )
    recipients = GaugeMetricFamily(
        "eilbote_recipients", "Recipients of the entries that are kept.", labels=("status",)
    )
    for status, count in sorted(figures.recipients.items()):
        recipients.add_metric((status or _NEVER_TRIED,), count)
    yield recipients
    yield GaugeMetricFamily(
        "eilbote_recipients_ever_in_doubt",
        "Recipients of whom nobody knew at some time whether they have the message.",
        value=figures.in_doubt,
    )
    yield GaugeMetricFamily(
        "eilbote_outbox_bytes", "What the outbox holds, large parts included.", value=figures.octets
    )
    yield GaugeMetricFamily("eilbote_couriers", "Couriers that work on the outbox.", value=state.couriers)
    paused = GaugeMetricFamily(
        "eilbote_connection_paused", "1 for each connection that rests.", labels=("connection",)
    )
    for pause in state.pauses:
        paused.add_metric((pause.connection,), 1)
    yield paused


def _histogram(name: str, text: str, label: str, durations: Mapping[str, Durations]) -> Metric:
    family = HistogramMetricFamily(name, text, labels=(label,))
    bounds = [*(f"{bound:g}" for bound in DURATION_BOUNDS), "+Inf"]
    for value, counted in sorted(durations.items()):
        buckets = list(zip(bounds, accumulate(counted.counts), strict=True))
        family.add_metric((value,), buckets, counted.seconds)
    return family
