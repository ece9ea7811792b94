"""Shows where eilbote spends its time: `python -m benchmarks.profile_send [--shape S] [--py-spy] ...`.

cProfile counts every call and makes small functions look dearer than they are; py-spy samples from
outside (`--py-spy`, lines instead of functions) and disturbs nothing. Options not known here go to
the client as they are: `--call send_many`, `--window 32`, `--loop asyncio`.
"""

import argparse
import pstats
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import ROOT, available_cores, on_cores
from benchmarks.sinks.launch import fast_sink


def run(command: Sequence[str]) -> None:
    with on_cores(available_cores().sending):
        subprocess.run(command, check=True, cwd=ROOT)


def count_calls(peer: Sequence[str], top: int) -> None:
    with tempfile.NamedTemporaryFile(suffix=".prof") as profile:
        run([sys.executable, "-m", "cProfile", "-o", profile.name, *peer])
        stats = pstats.Stats(profile.name).strip_dirs()
        stats.sort_stats("tottime").print_stats(top)
        stats.sort_stats("cumtime").print_stats(top)


def sample(peer: Sequence[str], top: int) -> None:
    with tempfile.NamedTemporaryFile(suffix=".stacks") as stacks:
        py_spy = str(Path(sys.executable).with_name("py-spy"))
        recorder = [py_spy, "record", "--rate", "500", "--format", "raw", "--output", stacks.name]
        run([*recorder, "--", sys.executable, *peer])
        lines: Counter[str] = Counter()
        functions: Counter[str] = Counter()
        for line in Path(stacks.name).read_text().splitlines():
            stack, _, samples = line.rpartition(" ")
            frames = stack.split(";")
            lines[frames[-1]] += int(samples)
            for function in {frame.rpartition(":")[0] + ")" for frame in frames if ":" in frame}:
                functions[function] += int(samples)
    total = lines.total()
    for title, counted in (("in the line itself", lines), ("in the function and below", functions)):
        print(f"\n{title}, of {total} samples")
        for where, share in counted.most_common(top):
            print(f"  {share / total:6.1%}  {where}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shape", choices="SMLF", default="S")
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--chunking", action="store_true", help="let the sink announce CHUNKING")
    parser.add_argument("--py-spy", action="store_true", help="sample with py-spy instead of cProfile")
    parser.add_argument("--top", type=int, default=30, help="lines to print")
    options, others = parser.parse_known_args()
    with fast_sink(available_cores(), chunking=options.chunking) as sink:
        peer = ["-m", "benchmarks.peers.eilbote_peer", *others]
        peer += ["--port", str(sink.port), "--shape", options.shape]
        peer += ["--sessions", str(options.sessions), "--count", str(options.count)]
        (sample if options.py_spy else count_calls)(peer, options.top)


if __name__ == "__main__":
    main()
