"""What a program pays before it does anything: ``import eilbote`` and ``eilbote --help`` load only what they need.

The milliseconds are measured by the benchmarks, on a quiet machine. Here stands what decides about them and does
not depend on the machine: which modules have been loaded.
"""

import json
import os
import subprocess
import sys

import pytest

NEVER_AT_ONCE = {
    *("typer", "click", "rich", "cryptography", "lxml", "inscriptis", "requests", "idna", "spnego", "uvloop"),
    *("asyncio", "ssl", "socket", "email", "http", "logging", "tomllib", "importlib.metadata"),
    *("sqlalchemy", "alembic", "sqlite3", "asyncpg", "pydantic", "platformdirs"),
}
NOT_FOR_HELP = {
    *("cryptography", "lxml", "inscriptis", "requests", "idna", "spnego", "uvloop", "asyncio", "ssl"),
    *("eilbote.compose", "eilbote.deliver", "eilbote.engine", "eilbote.net", "eilbote.smtp"),
    *("eilbote.model.address", "eilbote.model.draft", "eilbote.model.message", "eilbote.testing"),
}
FOR_THE_VERSION = {"eilbote.model", "eilbote.model.version"}
"""Three lines in a package without any."""


def modules_after(program: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded at the end of ``program``."""
    report = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    script = f"import atexit\natexit.register(lambda: exec({report!r}))\n{program}"
    # -S: what site-packages' .pth files import by themselves is not our doing; -P: neither is the current folder.
    run = subprocess.run(
        [sys.executable, "-S", "-P", "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(run.stderr.splitlines()[-1]))


def test_importing_eilbote_loads_nothing_heavy() -> None:
    loaded = modules_after("import eilbote")

    assert loaded & NEVER_AT_ONCE == set()
    assert {name for name in loaded if name.startswith("eilbote.")} == FOR_THE_VERSION


@pytest.mark.parametrize(
    "name", ["Draft", "Mailbox", "Attachment", "EilboteError", "Receipt", "SubmissionOptions", "EntryFilter"]
)
def test_a_noun_costs_no_sockets_and_no_cryptography(name: str) -> None:
    loaded = modules_after(f"import eilbote; eilbote.{name}")

    assert loaded & (NEVER_AT_ONCE - {"importlib.metadata"}) == set()


def modules_after_command(*arguments: str) -> set[str]:
    return modules_after(
        f"import sys; sys.argv = ['eilbote', *{arguments}]; from eilbote.cli import main; main()"
    )


def test_the_first_help_page_loads_only_the_command_line() -> None:
    loaded = modules_after_command("--help")

    assert "typer" in loaded
    assert loaded & {*NOT_FOR_HELP, "pydantic", "email"} == set()


def test_a_list_of_commands_loads_none_of_them() -> None:
    commands = {
        "eilbote.cli.send",
        "eilbote.cli.outbox",
        "eilbote.cli.connection_book",
        "eilbote.cli.settings",
    }

    assert modules_after_command("--help") & commands == set()
    assert modules_after_command("outbox", "--help") & commands == set()
    assert modules_after_command("outbox", "list", "--help") & commands == {"eilbote.cli.outbox"}


@pytest.mark.parametrize("arguments", [["--version"], ["send", "--help"]], ids=" ".join)
def test_what_sends_nothing_loads_nothing_that_sends(arguments: list[str]) -> None:
    assert modules_after_command(*arguments) & {*NOT_FOR_HELP, "pydantic"} == set()


def test_a_command_without_numbers_needs_no_pydantic() -> None:
    loaded = modules_after_command("outbox", "list", "--data-dir", "/nowhere", "--subject", "x")

    assert "eilbote.app" in loaded
    assert loaded & {"pydantic", "sqlalchemy", "rich"} == set()


def test_who_only_looks_at_an_outbox_loads_nothing_that_composes_or_sends() -> None:
    loaded = modules_after("import eilbote.app")

    assert loaded & {"eilbote.compose.composer", "eilbote.deliver.client", "sqlalchemy", "alembic"} == set()


FLOWS = {"eilbote.author.flow", "eilbote.template", "eilbote.store.database_flows"}


def test_records_share_a_database_with_flows_and_load_nothing_of_them() -> None:
    loaded = modules_after(
        "from eilbote.store.open_flows import share_database; share_database('sqlite:////nowhere/eilbote.db')"
    )

    assert "eilbote.store.shared_database" in loaded
    assert loaded & FLOWS == set()


def test_who_only_lists_or_subscribes_loads_no_flows_no_courier_and_no_templates() -> None:
    loaded = modules_after(
        "from eilbote import Eilbote; from eilbote.config.reading import read_config\n"
        "Eilbote(config=read_config(data_dir='/nowhere', database_url='sqlite:////nowhere/eilbote.db')).notify"
    )

    assert "eilbote.engine.notify_desk" in loaded
    assert (
        loaded
        & {
            *("eilbote.author.flow.run", "eilbote.engine.flow_wiring", "eilbote.store.database_flows"),
            *("eilbote.engine.notify_worker", "eilbote.engine.notify_watch", "eilbote.deliver"),
            *("eilbote.template.template", "eilbote.template.frame", "eilbote.store.memory_outbox"),
        }
        == set()
    )


def test_a_test_that_catches_mail_loads_no_store_and_makes_no_certificate() -> None:
    loaded = modules_after("from eilbote.testing import Catcher, catching, refuse; Catcher()")

    assert {"eilbote.testing.catcher", "eilbote.testing.faults"} <= loaded
    assert (
        loaded & {"cryptography", "lxml", "rich", "typer", "eilbote.store", "eilbote.connections.connection"}
        == set()
    )


def test_the_guard_sees_what_is_loaded() -> None:
    assert {"ssl", "asyncio"} <= modules_after("import asyncio, ssl")


def test_sending_without_an_outbox_loads_no_database_and_no_settings() -> None:
    loaded = modules_after("import eilbote; eilbote.Mailer")

    assert loaded & {"sqlalchemy", "alembic", "sqlite3", "pydantic", "platformdirs"} == set()


def test_an_outbox_can_be_made_before_the_database_is_loaded() -> None:
    loaded = modules_after("import eilbote; eilbote.Eilbote")

    assert loaded & {"sqlalchemy", "alembic", "asyncpg", "pydantic", "platformdirs"} == set()


def test_reading_the_settings_loads_nothing_heavy() -> None:
    loaded = modules_after("from eilbote.config.reading import read_config; read_config()")

    assert "eilbote.config.config" in loaded
    assert loaded & (NEVER_AT_ONCE - {"platformdirs", "socket", "email"}) == set()
