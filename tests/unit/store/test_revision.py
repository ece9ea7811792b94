"""Which databases this program opens, and what it says of the others."""

from __future__ import annotations

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from eilbote.errors import OutboxSchemaError
from eilbote.store.revision import HEAD, REVISIONS, check_revision


def test_its_own_form_is_opened() -> None:
    check_revision(HEAD, "eilbote.db")


@pytest.mark.parametrize("found", [None, *REVISIONS[:-1]])
def test_an_older_form_is_to_be_upgraded(found: str | None) -> None:
    with pytest.raises(OutboxSchemaError, match=r"older form .*eilbote db upgrade"):
        check_revision(found, "eilbote.db")


def test_a_newer_form_needs_a_newer_program() -> None:
    with pytest.raises(OutboxSchemaError, match="A newer eilbote made or upgraded it"):
        check_revision("9999", "eilbote.db")


def test_the_list_of_forms_is_that_of_the_migrations() -> None:
    """The list is read at every opening, the migrations only when there is something to do."""
    config = Config()
    config.set_main_option("script_location", "eilbote.store:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)

    assert [script.revision for script in scripts.walk_revisions()][::-1] == list(REVISIONS)
