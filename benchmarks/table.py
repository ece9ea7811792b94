"""Prints outcomes as tables for a terminal of 110 columns."""

from collections.abc import Iterable, Sequence

from benchmarks.measure import Measurement, Outcome, Spread
from benchmarks.resources import Cost


def show(outcome: Outcome) -> str:
    """Give a case as text: one row for each client, one column of ratios for each eilbote."""
    ours = [one for one in outcome.measurements if one.client.is_eilbote]
    header = ["", "messages/s", "min … max", "CPU s/1000", "peak MiB"]
    header += [f"{one.client.name} ÷ it" for one in ours]
    rows = [
        [
            one.client.name,
            number(one.rate.median),
            f"{number(one.rate.lowest)} … {number(one.rate.highest)}",
            f"{one.cpu_per_1000:.3f}",
            f"{one.peak_rss_kib / 1024:.0f}" if one.peak_rss_kib is not None else "-",
            *(_ratio(own, one) for own in ours),
        ]
        for one in outcome.measurements
    ]
    lines = [f"\n{outcome.case.name}: {outcome.case.title}  [{outcome.receiver}]", *_aligned([header, *rows])]
    for target in outcome.case.targets:
        own, peer = outcome.of(target.client), outcome.of(target.peer)
        if own is not None and peer is not None:
            ratio = own.ratio_to(peer)
            verdict = "reached" if ratio.median >= target.factor else "MISSED"
            lines.append(
                f"  {verdict}: {target.client.name} ≥ {target.factor:g} times {target.peer.name}: {spread(ratio)}"
            )
    lines += [f"  not measured: {note}" for note in outcome.notes]
    return "\n".join(lines)


def show_costs(title: str, costs: Iterable[Cost], notes: Iterable[str]) -> str:
    """Give figures of which less is better."""
    rows = [
        [
            cost.name,
            f"{cost.value:.1f} {cost.unit}",
            ""
            if cost.target is None
            else f"{'reached' if cost.value <= cost.target else 'MISSED'}: ≤ {cost.target:g} {cost.unit}",
        ]
        for cost in costs
    ]
    return "\n".join([f"\n{title}", *_aligned(rows), *(f"  not measured: {note}" for note in notes)])


def number(value: float) -> str:
    """Write a rate with as many digits as it deserves."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def spread(ratio: Spread) -> str:
    """Write a ratio with its minimum and maximum."""
    return f"{ratio.median:.3g} ({ratio.lowest:.3g} … {ratio.highest:.3g})"


def _ratio(own: Measurement, peer: Measurement) -> str:
    return "" if peer.client.is_eilbote else spread(own.ratio_to(peer))


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if nth else cell.ljust(width)
            for nth, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
