"""Who sits at the command line, for what is told of who decided."""

from __future__ import annotations

import getpass


def this_user() -> str:
    """Give the name of the user who runs the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "cli"
