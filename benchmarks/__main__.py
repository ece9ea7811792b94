"""Runs the benchmark: `python -m benchmarks [--quick] [NAME ...]`, or `scripts/bench`."""

import argparse
import sys
from pathlib import Path

from benchmarks.cases import COMPOSING, RELAYING, SENDING, without_slow_peers
from benchmarks.interpreting_processes import interpreting_processes
from benchmarks.measure import Outcome, run_case
from benchmarks.processes import available_cores
from benchmarks.resources import Cost, memory, start_up
from benchmarks.restarting import restarting
from benchmarks.results import write
from benchmarks.running_flows import running_flows
from benchmarks.running_processes import running_processes
from benchmarks.storing import storing
from benchmarks.storing_postgres import storing_on_postgres
from benchmarks.submissions_over_http import submissions_over_http
from benchmarks.submitting import submitting
from benchmarks.table import show, show_costs

CASES = SENDING + RELAYING + COMPOSING
COSTS = {
    "memory": ("Peak memory above the idle process, sending 25 MB from disk", memory, 3, 1),
    "submit": ("Time to hand a message to the outbox, on the disk when it returns", submitting, 5, 1),
    "submissions": (
        "Time to hand in a message over the API, on the disk when it is answered",
        submissions_over_http,
        3,
        1,
    ),
    "store": ("The outbox's store alone", storing, 5, 1),
    "store-postgres": ("The outbox's store alone, on PostgreSQL", storing_on_postgres, 3, 1),
    "flows": ("Flows beside their e-mail", running_flows, 3, 1),
    "processes": ("Processes beside their e-mail", running_processes, 3, 1),
    "interpret": ("Processes interpreted, without storing and sending", interpreting_processes, 3, 1),
    "restart": ("Time to begin again, as `eilbote courier`", restarting, 5, 1),
    "start-up": ("Time to start above bare Python", start_up, 15, 5),
}
"""Title, measurement, rounds of a full and of a quick run."""
QUICK = (
    "S-4",
    "M-4",
    "L-4",
    "chunking-16",
    "far-1",
    "relay",
    "compose-S",
    "memory",
    "submit",
    "flows",
    "processes",
    "start-up",
)
RESULTS = Path(__file__).resolve().parent / "results"


def read_options() -> argparse.Namespace:
    names = [case.name for case in CASES] + list(COSTS)
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure eilbote beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(names)}")
    parser.add_argument(
        "--quick", action="store_true", help="within two minutes: fewer cases, clients and rounds"
    )
    parser.add_argument("--rounds", type=int, help="measured runs of each client (5; quick: 2)")
    parser.add_argument("--seconds", type=float, help="length of one run (2; quick: 0.5)")
    parser.add_argument("--unpinned", action="store_true", help="let every process run on any core")
    parser.add_argument("--output", type=Path, help="where to write JSON and SVG (full runs: results/)")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(names)}")
    if options.output is None and not options.names and not options.quick:
        options.output = RESULTS
    options.names = options.names or (QUICK if options.quick else names)
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (0.5 if options.quick else 2.0)
    return options


def main() -> None:
    options = read_options()
    cores = available_cores(pinned=not options.unpinned)
    if not cores.apart:
        print("Sink and client share their cores: fast clients look slower than they are.")
    outcomes: list[Outcome] = []
    costs: dict[str, list[Cost]] = {}
    for case in CASES:
        if case.name in options.names:
            print(f"{case.name} …", file=sys.stderr, flush=True)
            asked = without_slow_peers(case) if options.quick else case
            outcomes.append(run_case(asked, cores, rounds=options.rounds, seconds=options.seconds))
            print(show(outcomes[-1]), flush=True)
    for name, (title, measurement, full, quick) in COSTS.items():
        if name in options.names:
            costs[name], notes = measurement(cores, rounds=quick if options.quick else full)
            print(show_costs(title, costs[name], notes), flush=True)
    if versions := {one.version for outcome in outcomes for one in outcome.measurements}:
        print("\nVersions: " + "; ".join(sorted(versions)))
    if options.output is not None:
        write(options.output, outcomes, costs, cores)


if __name__ == "__main__":
    main()
