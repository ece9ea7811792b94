"""Which tests must not run beside one another, however many processes share the work.

The marks of pytest-xdist for this ride on the ends of the tests' names, where pytest 9.2 no longer lets anything be added: it drops
them without a word. So the files stand here, by name, and the one who deals out the tests looks them up.
"""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/acceptance/test_command_line.py": "wheel",  # one environment with the wheel is made, for both files
    "tests/acceptance/test_wheel.py": "wheel",
    "tests/docs/test_pages.py": "docs",  # pages start servers on the ports that they name
    "tests/typing/test_typing.py": "types",  # the runs of mypy fill the same cache
}


def group_of(test: str) -> str:
    """Name what runs in one process: the group of the test's file, or the test alone."""
    return TOGETHER.get(test.partition("::")[0], test)


class GroupScheduling(LoadScopeScheduling):
    """Gives each group to one process as a whole, and every other test to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
