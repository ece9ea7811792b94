"""A text that must never be printed: passwords, tokens, keys."""

from __future__ import annotations

from typing import final

from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind


@final
class Secret:
    """Holds a secret text; only :meth:`reveal` gives it back.

    ``repr``, ``str`` and formatting show stars, pickling is refused, and two secrets compare by content.
    An empty secret is falsy.

    Raises:
        SettingsError: It is made of something else than a text, often the ``None`` of an unset variable.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | Secret) -> None:
        check_kind(text, (str, Secret), field="secret", fault=SettingsError)
        self._text: str = text.reveal() if isinstance(text, Secret) else text

    def reveal(self) -> str:
        """Give the secret itself; the caller must not log, store or show it."""
        return self._text

    def __repr__(self) -> str:
        """Show that there is a secret, never which."""
        return "Secret('***')" if self._text else "Secret('')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        """Format the stars, whatever the format asks for."""
        return format(repr(self), spec)

    def __bool__(self) -> bool:
        """Tell whether there is anything to hide."""
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        """Compare by content with another secret; a plain text is never equal."""
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        """Hash by content."""
        return hash((Secret, self._text))

    def __reduce__(self) -> str:
        """Refuse to be pickled: a pickle is a print."""
        msg = "a Secret cannot be pickled; call reveal() where it is needed"
        raise TypeError(msg)
