"""Writes what was measured, so that it can be committed and compared: JSON and an SVG."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.chart import draw
from benchmarks.measure import Measurement, Outcome, Spread
from benchmarks.processes import Cores
from benchmarks.resources import Cost


def write(
    directory: Path, outcomes: Sequence[Outcome], costs: Mapping[str, Sequence[Cost]], cores: Cores
) -> None:
    """Write `latest.json` and `latest.svg`; neither names the machine."""
    directory.mkdir(parents=True, exist_ok=True)
    report = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "sink_and_client_on_different_cores": cores.apart,
        "cases": [_case(outcome) for outcome in outcomes],
        "costs": {name: [_cost(cost) for cost in some] for name, some in costs.items()},
    }
    (directory / "latest.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    (directory / "latest.svg").write_text(draw(outcomes))


def _case(outcome: Outcome) -> dict[str, object]:
    case = outcome.case
    return {
        "name": case.name,
        "title": case.title,
        "receiver": outcome.receiver,
        "shape": case.shape,
        "sessions": case.sessions,
        "clients": [_client(one, outcome) for one in outcome.measurements],
        "not_measured": [note.partition(":")[0] for note in outcome.notes],
    }


def _client(one: Measurement, outcome: Outcome) -> dict[str, object]:
    report: dict[str, object] = {
        "name": one.client.name,
        "version": one.version,
        "messages_per_second": _spread(one.rate),
        "cpu_seconds_per_1000": round(one.cpu_per_1000, 4),
        "peak_rss_kib": one.peak_rss_kib,
    }
    if one.client.is_eilbote:
        report["ratio_to"] = {
            peer.client.name: _spread(one.ratio_to(peer))
            for peer in outcome.measurements
            if not peer.client.is_eilbote
        }
    return report


def _spread(spread: Spread) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in asdict(spread).items()}


def _cost(cost: Cost) -> dict[str, object]:
    return asdict(cost) | {"value": round(cost.value, 2)}
