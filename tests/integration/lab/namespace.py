"""Runs an unpacked server as if it were installed: in a mount namespace of its own (mount_namespaces(7)).

The server's files are laid over /usr and its users are added to /etc/passwd, for that process and its children alone. Nothing of
the machine is changed, and everything is gone when the process ends.
"""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.integration.lab.process import CELLAR, ServerMissingError, require

_ENTER = """
mount --types overlay --options ro,nosuid,lowerdir={root}/usr:/usr overlay /usr
mount --bind {passwd} /etc/passwd
mount --bind {group} /etc/group
{mounts}
exec "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUser:
    """A user that a package would have added to the machine."""

    name: str
    uid: int
    home: Path = Path("/nonexistent")


def unpacked(package: str) -> Path:
    """The root below which a package was unpacked.

    Raises ServerMissingError when it was not, or when this machine does not let us make a mount namespace.
    """
    require("unshare")
    root = CELLAR / package
    if not root.is_dir():
        raise ServerMissingError(f"{root} is not there: run scripts/install-mail-servers")
    # Containers without CAP_SYS_ADMIN refuse one or the other.
    options = f"ro,lowerdir={shlex.quote(str(root))}/usr:/usr"
    attempt = ["unshare", "--mount", "mount", "--types", "overlay", "--options", options, "overlay", "/usr"]
    tried = subprocess.run(attempt, capture_output=True, check=False)
    if tried.returncode != 0:
        raise ServerMissingError(
            f"no private mounts on this machine: {tried.stderr.decode(errors='replace').strip()}"
        )
    return root


def inside(
    root: Path, directory: Path, users: list[SystemUser], *, binds: dict[str, Path] | None = None
) -> list[str]:
    """The words to put before a command so that it runs over ``root``, with these users and these directories bound."""
    passwd, group = directory / "passwd", directory / "group"
    passwd.write_text(
        Path("/etc/passwd").read_text()
        + "".join(f"{user.name}:x:{user.uid}:{user.uid}::{user.home}:/usr/sbin/nologin\n" for user in users)
    )
    group.write_text(
        Path("/etc/group").read_text() + "".join(f"{user.name}:x:{user.uid}:\n" for user in users)
    )
    script = _ENTER.format(
        root=shlex.quote(str(root)),
        passwd=passwd,
        group=group,
        mounts="\n".join(f"mount --bind {source} {target}" for target, source in (binds or {}).items()),
    )
    return ["unshare", "--mount", "--propagation", "private", "sh", "-e", "-c", script, "sh"]
