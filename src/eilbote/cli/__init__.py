"""The command line: a door that translates options into calls, and results into text, JSON and exit codes.

Nothing heavy is imported here or at the top of any command's module, so that ``eilbote --help`` and shell
completion answer at once; a command loads what it needs when it runs.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line; what ``eilbote`` and ``python -m eilbote.cli`` start."""
    from eilbote.cli.application import application

    application(prog_name="eilbote")
