"""Eilbote carries notifications from automations to inboxes over any SMTP server.

This is the front page: every public name, sorted, on one screen. A name is loaded when it is first used, so
``import eilbote`` costs a few milliseconds and a program pays only for the rooms it enters. What is not named
here is not promised to stay.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
