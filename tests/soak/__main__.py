"""`python -m tests.soak --minutes 30`, or `scripts/soak`: a server under load while 5 % goes wrong, and a verdict."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.run import soak


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description="Keep a server under load, let 5 % go wrong, and judge what it has become.",
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (30)")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second (20)")
    parser.add_argument("--faults", type=float, default=0.05, help="how much goes wrong, 0 to 1 (0.05)")
    parser.add_argument("--seed", type=int, default=1, help="of everything left to chance (1)")
    parser.add_argument(
        "--folder", type=Path, help="where to keep data, journal and log; otherwise thrown away"
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing on stderr")
    options = parser.parse_args()
    began = time.monotonic()

    def said(progress: str) -> None:
        if not options.quiet:
            sys.stderr.write(f"{time.monotonic() - began:6.0f} s  {progress}\n")

    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        found = asyncio.run(
            soak(
                folder,
                minutes=options.minutes,
                rate=options.rate,
                faults=options.faults,
                seed=options.seed,
                said=said,
            )
        )
    sys.stdout.write(json.dumps(found.as_dict(), indent=2) + "\n")
    sys.exit(0 if found.is_good else 1)


if __name__ == "__main__":
    main()
