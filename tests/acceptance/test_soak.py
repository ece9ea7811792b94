"""A minute of ``scripts/soak``: a server under load while 5 % goes wrong loses nothing and does not grow."""

import asyncio
from pathlib import Path

import pytest
from tests.soak.run import soak


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_minute_under_load_with_faults_loses_nothing_and_does_not_grow(tmp_path: Path) -> None:
    found = asyncio.run(
        soak(tmp_path, minutes=1.0, rate=15.0, faults=0.05, seed=3, said=lambda _progress: None)
    )

    assert found.is_good, found.as_dict()
    # how many there are is for the machine to say; that there were some of each, for this test
    assert found.acknowledged > 100
    assert sum(found.struck.values()) > 3
