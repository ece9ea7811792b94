"""The secrets that an operator gives to flows: variables that begin with ``EILBOTE_FLOW_SECRET_``, and files of one folder.

Those of an organization's flows carry its name: ``EILBOTE_FLOW_SECRET_ACME__CRM``, or the folder ``acme`` within the folder of
secrets. So no organization reads the secrets of the host or of another organization, whatever its flows say.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eilbote.author.flow.secret_reference import PREFIX, SecretPlace
from eilbote.config.secret_file import read_secret_file
from eilbote.errors import SettingsError
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.flow.secret_reference import SecretReference

FOLDER: Final = "EILBOTE_FLOW_SECRETS_DIR"
_BETWEEN: Final = "__"
_PLAIN_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class FlowSecrets:
    """Reads them, each time anew, so that one that was replaced is used at once.

    Args:
        environ: The variables of the environment.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def read(self, reference: SecretReference, *, organization: str) -> Secret:
        """Give a secret.

        Args:
            reference: Which.
            organization: Whose flow asks for it; empty for the host's.

        Raises:
            SettingsError: There is none of that name, it is empty, or it is not this organization's.
        """
        if organization and not _PLAIN_NAME.fullmatch(organization):
            raise _missing(
                reference,
                f"the name of the organization {organization[:60]!r} cannot stand in a variable or a folder",
                "Use a connection, or an organization whose name has small letters, digits and hyphens",
            )
        match reference.place:
            case SecretPlace.ENV:
                return self._variable(reference, organization)
            case SecretPlace.FILE:
                return self._file(reference, organization)

    def _variable(self, reference: SecretReference, organization: str) -> Secret:
        mine = f"{PREFIX}{organization.upper().replace('-', '_')}{_BETWEEN}" if organization else PREFIX
        rest = reference.name.removeprefix(mine)
        if organization and (rest == reference.name or _BETWEEN in rest or rest.startswith("_")):
            raise _missing(
                reference,
                f"{reference.name} is not a secret of the organization {organization}",
                f"Name one that begins with {mine}",
            )
        if not (found := self._environ.get(reference.name, "")):
            raise _missing(
                reference,
                f"{reference.name} is not set",
                "Ask the operator to set it for the courier's process",
            )
        return Secret(found)

    def _file(self, reference: SecretReference, organization: str) -> Secret:
        if not (folder := self._environ.get(FOLDER, "").strip()):
            raise _missing(
                reference,
                f"{FOLDER} is not set",
                "Ask the operator to name a folder that holds such secrets only",
            )
        return read_secret_file(Path(folder) / organization / reference.name, field=reference.field)


def _missing(reference: SecretReference, cause: str, remedy: str) -> SettingsError:
    return SettingsError("the secret cannot be read", field=reference.field, cause=cause, remedy=remedy)
