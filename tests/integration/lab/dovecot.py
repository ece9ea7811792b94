"""Dovecot in two parts: the SASL service that Postfix and Exim ask, and a submission server of its own.

Both know the same accounts and tokens. Tokens are checked by Dovecot itself, by their signature, so that no OAuth server is
needed; where there is one, the SASL service asks it about each token instead (RFC 7662). A refused token is answered by a
challenge that the client must answer before it sees the refusal (RFC 7628 section 3.2.3).
"""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Iterable
from pathlib import Path

from tests.integration.lab.accounts import TOKEN_KEY, USERS, Account
from tests.integration.lab.authorization_server import SERVICE, AuthorizationServer
from tests.integration.lab.certificates import SERVER_NAME, Certificates
from tests.integration.lab.endpoint import Endpoint, Security
from tests.integration.lab.process import (
    PORTS,
    ServerMissingError,
    ServerProcess,
    listens,
    make_directory,
    require,
)

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER")

_AUTHENTICATION = """
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
auth_verbose = yes
auth_mechanisms = {mechanisms}
# Any octet may be in a name; by default Dovecot takes few characters and folds case.
auth_username_chars =
auth_username_format = %u
# A refused login is answered at once, the tenth as well as the first.
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}

passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {directory}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = username_format=%u {directory}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={directory}/home
}}
"""

_SASL_ONLY = """
protocols =
ssl = no
service auth {{
  unix_listener {directory}/auth {{
    mode = 0666
  }}
}}
"""

_SUBMISSION = """
protocols = submission
hostname = {name}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
mail_location = maildir:{directory}/home
# The default first_valid_uid is right for people; nobody is the user of this laboratory.
last_valid_uid = 0
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_trusted = no
service submission-login {{
  chroot =
  inet_listener submission {{
    address = 127.0.0.1
    port = {starttls}
  }}
  inet_listener submissions {{
    address = 127.0.0.1
    port = {tls}
    ssl = yes
  }}
}}
"""

_TOKENS_BY_SIGNATURE = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={directory}/keys/
username_attribute = email
"""

_TOKENS_BY_INTROSPECTION = """
introspection_mode = post
introspection_url = {url}
force_introspection = yes
username_attribute = email
active_attribute = active
active_value = true
tls_ca_cert_file = {ca_file}
"""


def _write_authentication(
    directory: Path, accounts: Iterable[Account], authority: AuthorizationServer | None = None
) -> str:
    """Lay out accounts and keys; returns the part of dovecot.conf that uses them."""
    lines = []
    for account in accounts:
        # Fields end at a colon, hence base64. Names are looked up with quotes and backslashes escaped.
        password = base64.b64encode(account.password.encode("utf-8")).decode("ascii")
        user = re.sub(r"""(["'\\])""", r"\\\1", account.user)
        lines.append(f"{user}:{{PLAIN.b64}}{password}\n")
    (directory / "users").write_text("".join(lines), encoding="utf-8")
    (directory / "oauth2.conf").write_text(
        _TOKENS_BY_SIGNATURE.format(directory=directory)
        if authority is None
        else _TOKENS_BY_INTROSPECTION.format(
            url=authority.introspection_url.replace(
                "://", f"://{SERVICE.client_id}:{SERVICE.client_secret}@"
            ),
            ca_file=authority.ca_file,
        )
    )
    key = directory / "keys/default/HS256/default"
    key.parent.mkdir(parents=True)
    key.write_bytes(base64.b64encode(TOKEN_KEY))
    return _AUTHENTICATION.format(directory=directory, mechanisms=" ".join(MECHANISMS).lower())


def _start(directory: Path, configuration: str) -> ServerProcess:
    program = require("dovecot")
    (directory / "dovecot.conf").write_text(configuration)
    return ServerProcess(directory, [program, "-F", "-c", directory / "dovecot.conf"])


class DovecotSasl:
    """Dovecot's authentication service behind a UNIX socket.

    Args:
        authority: Asked about each token; without one, tokens are judged by their signature.
    """

    def __init__(self, authority: AuthorizationServer | None = None) -> None:
        require("dovecot")
        directory = make_directory("sasl")
        self.socket = directory / "auth"
        configuration = _write_authentication(directory, USERS.values(), authority) + _SASL_ONLY.format(
            directory=directory
        )
        self._process = _start(directory, configuration)
        self._process.wait_ready(self._answers, directory / "dovecot.log")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def stop(self) -> None:
        """End it."""
        self._process.stop()


class DovecotSubmission:
    """Dovecot's submission server: STARTTLS or implicit TLS, always with AUTH; what it takes it relays to Postfix."""

    def __init__(self, certificates: Certificates, *, relay_port: int) -> None:
        require("dovecot")
        if not Path("/usr/lib/dovecot/submission").exists():
            raise ServerMissingError("dovecot-submissiond is not installed: run scripts/install-mail-servers")
        directory = make_directory("submission")
        (directory / "home").mkdir()
        (directory / "home").chmod(0o777)
        starttls, tls = PORTS.take(), PORTS.take()
        self.starttls = Endpoint(port=starttls, security=Security.STARTTLS, ca_file=certificates.ca_file)
        self.tls = Endpoint(port=tls, security=Security.TLS, ca_file=certificates.ca_file)
        configuration = _write_authentication(directory, USERS.values()) + _SUBMISSION.format(
            directory=directory,
            name=SERVER_NAME,
            certificate=certificates.good.chain,
            key=certificates.good.key,
            relay=relay_port,
            starttls=starttls,
            tls=tls,
        )
        self._process = _start(directory, configuration)
        self._process.wait_ready(lambda: listens(starttls) and listens(tls), directory / "dovecot.log")

    def stop(self) -> None:
        """End it."""
        self._process.stop()
