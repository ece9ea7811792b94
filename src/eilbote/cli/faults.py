"""Faults of settings that only a command line can have, with exit codes of their own."""

from __future__ import annotations

from eilbote.errors import SettingsError


class CommandLineError(SettingsError):
    """Options are missing or exclude each other; nothing was tried."""


class NameNotValidError(SettingsError):
    """What is given as a name cannot be one."""


class FieldNotValidError(SettingsError):
    """A field that is given does not exist, or cannot have this value."""


class UnreadableFileError(SettingsError):
    """A file that an option names cannot be read."""
