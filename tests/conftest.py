"""Rules for every test: what CI demands, and how Hypothesis draws."""

import asyncio
import gc
import os
import sys
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings
from tests.mail_catcher import MailCatcher, running_mail_catcher
from tests.postgres_server import PostgresServer
from tests.together import GroupScheduling
from xdist.remote import Producer

IN_CI = os.environ.get("CI", "").casefold() in {"1", "true", "yes"}

# A slow machine is no reason for a red test: what must be fast is measured by a test of its own. In CI the same
# examples are drawn in every run, so that a change is judged and not the dice; a developer throws them anew. On a second Python
# (EILBOTE_TEST_EXAMPLES=again) a quarter of them will do: where it differs from the first, it does so with ordinary values as well.
settings.register_profile("eilbote", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("eilbote"), derandomize=True, print_blob=True)
settings.register_profile("again", settings.get_profile("ci"), max_examples=25)
settings.load_profile(os.environ.get("EILBOTE_TEST_EXAMPLES") or ("ci" if IN_CI else "eilbote"))


def _count_skip_as_failure(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not IN_CI or not report.skipped:
        return
    reason = getattr(report, "wasxfail", None)
    if reason is None and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: {reason or 'no reason given'} (in CI a skip is a failure)"
    if hasattr(report, "wasxfail"):
        del report.wasxfail


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that is skipped, or fails as expected, has failed."""
    report = yield
    _count_skip_as_failure(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a module that skips itself while it is collected has failed."""
    report = yield
    _count_skip_as_failure(report)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    """Deal out the tests so that what belongs together stays in one process, whatever ``--dist`` says."""
    return GroupScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep twenty thousand tests out of the garbage collector's sight, for none of them goes before the end, and call it seldom.

    An application with every operation is half a million objects. A collector that comes as often as Python calls it looks at them for
    a tenth of the time of all tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000)


def pytest_configure(config: pytest.Config) -> None:
    """Tell, and do not raise, what asyncio does with two connections of one server that are collected together.

    Since 3.13 the first one tells a server that is closed that nobody is left, and the second one fails in telling it again. That they
    were left at all is told as well (see ``scripts/test``), and raised on the oldest Python.
    """
    if sys.version_info >= (3, 13):
        config.addinivalue_line(
            "filterwarnings",
            "default:Exception ignored in. <function _SelectorTransport.__del__:pytest.PytestUnraisableExceptionWarning",
        )


_close_loop = BaseSelectorEventLoop.close


def _close_with_clients(loop: BaseSelectorEventLoop) -> None:
    """End what came to a server of a test and is still there when its loop ends.

    A client that ends with the test may do so before the server's loop has heard of it. What is left then is collected while some
    other test runs, and fails that one. Connections that were begun here are ours, and are left to be found.
    """
    if not loop.is_closed():
        left = [each for each in list(loop._transports.values()) if each._server is not None]  # noqa: SLF001 - asyncio has no other way  # type: ignore[attr-defined]
        for transport in left:
            transport.abort()
        if left:
            loop.run_until_complete(asyncio.sleep(0))
    _close_loop(loop)


BaseSelectorEventLoop.close = _close_with_clients  # type: ignore[method-assign]


@pytest.fixture
def mail_catcher() -> Iterator[MailCatcher]:
    """Somebody else's SMTP server, empty, on a free port of 127.0.0.1."""
    with running_mail_catcher() as catcher:
        yield catcher


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, started when a test first asks for it, one for each test process."""
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture
def postgres_database(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty database, for one test."""
    name = postgres.new_database()
    yield postgres.url(name)
    postgres.drop_database(name)
