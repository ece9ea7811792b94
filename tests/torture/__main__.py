"""`python -m tests.torture --cycles 500`, or `scripts/torture`: kill -9 as often as you like, judged at the end."""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.cycles import Torture, points_for
from tests.torture.flow_cycles import FlowTorture, flow_points
from tests.torture.process_cycles import ProcessTorture, process_points


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="scripts/torture", description="Kill couriers and judge what they leave."
    )
    parser.add_argument("--cycles", type=int, default=60, help="how many processes are killed (60)")
    parser.add_argument("--seed", type=int, default=1, help="of everything left to chance (1)")
    parser.add_argument("--messages", type=int, help="new messages of each process (60)")
    parser.add_argument(
        "--folder",
        type=Path,
        help="where to keep outbox and journal, and to go on with what is there, with 0 cycles to finish it; otherwise thrown away",
    )
    parser.add_argument(
        "--origin", type=Path, default=Path(), help=argparse.SUPPRESS
    )  # what a folder is beside of
    parser.add_argument(
        "--flows", action="store_true", help="kill those who work flows; --messages says how many runs (12)"
    )
    parser.add_argument(
        "--processes",
        action="store_true",
        help="kill those who work processes; --messages says how many instances (12)",
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing on stderr")
    options = parser.parse_args()
    began = time.monotonic()

    def tell(progress: str) -> None:
        if not options.quiet:
            sys.stderr.write(f"{time.monotonic() - began:6.0f} s  {progress}\n")

    with tempfile.TemporaryDirectory() as temporary:
        folder = options.origin / (options.folder or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if options.flows:
            flows = FlowTorture(folder, seed=options.seed, runs=options.messages or 12)
            chance = random.Random(options.seed)
            found = asyncio.run(flows.run(flow_points(options.cycles, chance=chance), said=tell))
            sys.stdout.write(json.dumps(found.as_dict(), indent=2) + "\n")
            sys.exit(0 if found.is_good else 1)
        if options.processes:
            processes = ProcessTorture(folder, seed=options.seed, instances=options.messages or 12)
            chance = random.Random(options.seed)
            judged = asyncio.run(processes.run(process_points(options.cycles, chance=chance), said=tell))
            sys.stdout.write(json.dumps(judged.as_dict(), indent=2) + "\n")
            sys.exit(0 if judged.is_good else 1)
        torture = Torture(folder, seed=options.seed, messages=options.messages or 60)
        points = points_for(options.cycles, chance=random.Random(options.seed))
        outcome = asyncio.run(torture.run(points, said=tell))
    result = {
        "cycles": options.cycles,
        "seed": options.seed,
        "seconds": round(time.monotonic() - began, 1),
        "killed": sum(outcome.killed.values()),
        "killed_at": dict(sorted(outcome.killed.items())),
        "finished_before": dict(sorted(outcome.survived.items())),
        "complaints": outcome.complaints,
        **outcome.verdict.as_dict(),
    }
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    sys.exit(0 if outcome.is_good else 1)


if __name__ == "__main__":
    main()
