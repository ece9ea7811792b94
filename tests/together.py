"""Which tests must not run beside one another, however many processes share the work.

The marks of pytest-xdist for this ride on the ends of the tests' names, where pytest 9.2 no longer lets anything be added: it drops
them without a word. So the files stand here, by name, and the one who deals out the tests looks them up.
"""

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

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
    """Gives each group to one process as a whole, and every other test to whoever is free.

    pytest-xdist deals out few groups, and after each test counts what is left in all of them. Here nearly every test is a group, and
    twenty thousand of them, counted twenty thousand times, keep a processor busy for half a minute: what is done is put away.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Put a group away when the last test of it is done, and give the process another one."""
        test = self.registered_collections[node][item_index]
        groups = self.assigned_work[node]
        group = self._split_scope(test)
        groups[group][test] = True
        if all(groups[group].values()):
            del groups[group]
        self._reschedule(node)
