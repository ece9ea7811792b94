"""What a soak has shown: each figure with its bound, and whether it was kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.soak.served import RETENTION_DAYS
from tests.soak.watch import Sample, growth_per_hour

_MEBIBYTE = 1024 * 1024
MOST_LOG = 64 * _MEBIBYTE
MOST_GROWTH_MIB = 40.0
"""Of memory from the second quarter of a run to the last; a leak of a kilobyte a message shows in half an hour."""
MOST_MORE_FILES = 40
"""Clients come in bursts, and each is an open file for a moment."""
MOST_MORE_THREADS = 8
_DAY_SECONDS = 86_400


@dataclass(slots=True, kw_only=True)
class Verdict:
    """A run, judged.

    Attributes:
        minutes: How long it took.
        acknowledged: How many messages were accepted.
        lost: Of these, how many never arrived.
        doubled: How many arrived more often than somebody was in doubt about them.
        invented: How many arrived that nobody was told were accepted; a client that hung up was not told.
        in_doubt: How many the mail server took without being heard.
        struck: How often each fault was made.
        wrong: What the server answered that it should not have.
        exit_code: With which it ended.
        findings: What was not kept, in words.
        figures: What was measured.
    """

    minutes: float
    acknowledged: int
    lost: int
    doubled: int
    invented: int
    in_doubt: int
    struck: Counter[str]
    wrong: Sequence[str]
    exit_code: int | None
    figures: dict[str, float] = field(default_factory=dict[str, float])
    findings: list[str] = field(default_factory=list[str])

    def judge(self, samples: Sequence[Sample]) -> None:
        """Hold everything against its bound."""
        self._count()
        quarter = max(1, len(samples) // 4)
        warm, last = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
        for name, most in (("files", MOST_MORE_FILES), ("threads", MOST_MORE_THREADS)):
            before, after = _middle(warm, name), _middle(last, name)
            self.figures[f"{name} before"], self.figures[f"{name} after"] = before, after
            if after - before > most:
                self.findings.append(f"{name}: {before:.0f} became {after:.0f}")
        grown = (_middle(last, "memory") - _middle(warm, "memory")) / _MEBIBYTE
        self.figures["memory MiB"] = round(_middle(last, "memory") / _MEBIBYTE, 1)
        self.figures["memory growth MiB"] = round(grown, 1)
        self.figures["memory growth MiB an hour"] = round(growth_per_hour(samples), 1)
        if grown > MOST_GROWTH_MIB:
            self.findings.append(f"memory grew by {grown:.1f} MiB")
        self.figures["log MiB at most"] = round(max(each.log for each in samples) / _MEBIBYTE, 1)
        if max(each.log for each in samples) > MOST_LOG:
            self.findings.append("the write-ahead log grew beyond 64 MiB")
        self._judge_database(samples)

    def _count(self) -> None:
        for what in ("lost", "doubled", "invented"):
            if count := getattr(self, what):
                self.findings.append(f"{count} {what}")
        if not self.acknowledged:
            self.findings.append("nothing was acknowledged")
        if self.wrong:
            self.findings.append(f"{len(self.wrong)} wrong answers, the first: {self.wrong[0]}")
        if self.exit_code != 0:
            self.findings.append(f"the server ended with {self.exit_code}")

    def _judge_database(self, samples: Sequence[Sample]) -> None:
        """Hold the database against what it was once as much was forgotten as was kept; shorter runs cannot tell."""
        self.figures["database MiB"] = round(samples[-1].database / _MEBIBYTE, 1)
        kept = RETENTION_DAYS * _DAY_SECONDS
        steady = [each for each in samples if each.at > kept * 1.2]
        if len(steady) < len(samples) / 4:
            return
        first, last = steady[0].database, steady[-1].database
        self.figures["database growth"] = round(last / first, 2)
        if last > first * 1.25:
            self.findings.append(f"the database grew from {first:,} to {last:,} octets after it should stand")

    @property
    def is_good(self) -> bool:
        """Whether everything was kept."""
        return not self.findings

    def as_dict(self) -> dict[str, object]:
        """Give it for JSON."""
        return {
            "verdict": "good" if self.is_good else "bad",
            "findings": self.findings,
            "minutes": round(self.minutes, 2),
            "acknowledged": self.acknowledged,
            "lost": self.lost,
            "doubled": self.doubled,
            "invented": self.invented,
            "in_doubt": self.in_doubt,
            "faults": dict(self.struck),
            "exit_code": self.exit_code,
            **self.figures,
        }


def _middle(samples: Sequence[Sample], name: str) -> float:
    return median(getattr(each, name) for each in samples)
