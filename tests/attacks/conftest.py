"""Attacks on the network are tried on both event loops, because each has its own TLS and its own buffers."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import uvloop
from tests.integration.lab.certificates import Certificates


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """The authority to trust, and certificates that are right or wrong in one way each."""
    directory: Path = tmp_path_factory.mktemp("certificates")
    return Certificates(directory)
