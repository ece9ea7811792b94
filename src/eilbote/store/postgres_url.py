"""What a PostgreSQL URL says that concerns eilbote and not only the driver: what people may see of it, which files it names."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode

from eilbote.errors import OutboxError

_FILES: Final = frozenset({"sslrootcert", "sslcert", "sslkey", "sslcrl"})


def check_files(url: str) -> None:
    """See that the files of certificates and keys are there: the driver does not say which one it has missed.

    Raises:
        OutboxError: One of them is not.
    """
    for name, path in parse_qsl(url.partition("?")[2]):
        if name in _FILES:
            try:
                Path(path).open("rb").close()
            except OSError as error:
                raise OutboxError(
                    f"the file {path} cannot be read",
                    field="database_url",
                    cause=f"The database's URL names it as {name}: {error.strerror}",
                    remedy="Correct EILBOTE_DATABASE_URL, or put the file there",
                ) from error


def without_password(url: str) -> str:
    """Give a URL as people may see it."""
    before, _, rest = url.partition("://")[2].rpartition("@")  # a password may hold what ends a host
    user = before.partition(":")[0]
    where, _, query = rest.partition("?")
    shown = urlencode(
        [(name, value) for name, value in parse_qsl(query) if "pass" not in name.casefold()], safe="/"
    )
    return f"postgresql://{user}{'@' if user else ''}{where}{'?' if shown else ''}{shown}"
