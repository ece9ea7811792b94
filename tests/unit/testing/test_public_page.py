"""The kit for users' own tests is one sorted page, explained, and light."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from eilbote import testing
from eilbote.testing import exercise_outbox_store
from eilbote.testing.outbox_exercises import (
    accepting,
    asking,
    claiming,
    counting,
    expiring,
    keeping,
    rescuing,
    searching,
    settling,
    wishing,
)

ROOMS = (accepting, claiming, expiring, settling, rescuing, wishing, asking, searching, counting, keeping)


def test_the_page_is_sorted_and_names_nothing_twice() -> None:
    assert sorted(set(testing.__all__)) == testing.__all__


@pytest.mark.parametrize("name", testing.__all__)
def test_a_name_says_what_it_is(name: str) -> None:
    thing = getattr(testing, name)
    documentation = (thing.__doc__ or "").strip()

    assert documentation
    assert not documentation.startswith(f"{name}("), "that is the text dataclass generates"
    for attribute, member in vars(thing).items() if inspect.isclass(thing) else ():
        if not attribute.startswith("_") and inspect.isfunction(member):
            assert member.__doc__, f"{name}.{attribute} has no docstring"


def test_no_database_is_imported_for_a_mail_catcher() -> None:
    script = (
        "import sys, eilbote.testing; "
        "sys.exit(', '.join({'sqlalchemy', 'alembic', 'asyncpg', 'pydantic', 'sqlite3'} & set(sys.modules)) or None)"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stderr


def test_every_exercise_is_in_the_list() -> None:
    written = {
        f"{room.__name__}.{name}"
        for room in ROOMS
        for name, member in vars(room).items()
        if inspect.iscoroutinefunction(member) and member.__module__ == room.__name__
        if not name.startswith("_")
    }
    listed = [f"{one.__module__}.{one.__name__}" for one in exercise_outbox_store.OUTBOX_EXERCISES]  # type: ignore[attr-defined]

    assert sorted(listed) == sorted(written)


@pytest.mark.parametrize(
    "exercise", exercise_outbox_store.OUTBOX_EXERCISES, ids=exercise_outbox_store.exercise_name
)
def test_an_exercise_says_its_rule(exercise: exercise_outbox_store.Exercise) -> None:
    assert (exercise.__doc__ or "").strip()
