"""Gets a person's consent once, so that tokens can be renewed for years without anybody (RFC 8252, RFC 8628)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from eilbote.errors import Durability, EilboteError, SettingsError, TokenError
from eilbote.model.moment import moment_of
from eilbote.model.oauth2 import RefreshTokenGrant
from eilbote.model.redactor import Redactor
from eilbote.model.secret import Secret
from eilbote.net.loopback_page import LoopbackPage
from eilbote.oauth2.answer import Answer, object_in, read_answer
from eilbote.oauth2.consent import (
    SLOW_DOWN_SECONDS,
    code_question,
    code_request,
    device_question,
    read_device_code,
    read_return,
    refusal,
)
from eilbote.oauth2.grants import TokenRequest
from eilbote.oauth2.known import ClientAuthentication

if TYPE_CHECKING:
    from eilbote.model.clock import Clock
    from eilbote.model.ids import IdSource
    from eilbote.net.http import HttpDoor
    from eilbote.oauth2.consent import Application, CodeRequest, DeviceCode
    from eilbote.oauth2.token import Token


class Pending(Enum):
    """Nobody has consented yet (RFC 8628 section 3.5)."""

    AS_BEFORE = auto()
    SLOWER = auto()
    """And it is to be asked less often from now on."""


class Consent:
    """One consent to be had.

    Args:
        application: Who asks.
        http: The way to its endpoints.
        clock: Tells the time.
        ids: Makes what nobody can guess.
    """

    def __init__(self, application: Application, *, http: HttpDoor, clock: Clock, ids: IdSource) -> None:
        self._application = application
        self._http = http
        self._clock = clock
        self._ids = ids
        self._redactor = Redactor([application.client_secret.reveal()])

    async def in_browser(self, show: Callable[[str], None], *, port: int = 0) -> Token:
        """Let a person consent in a browser on this machine.

        Args:
            show: Told the page to open.
            port: Where the browser is to come back to, if the registration names a port.

        Raises:
            TokenError: There is no consent, or no refresh token came of it.
            ConnectError: The port is taken.
            SettingsError: No page is known to send the person to.
        """
        self._check_page()
        async with LoopbackPage(port=port) as page:
            request = self.begin(page.url)
            page.expect(request.state)
            show(request.url)
            target = await page.visited()
        return await self.finish(request, target)

    def begin(self, redirect_uri: str) -> CodeRequest:
        """Say where to send a person who has a browser.

        Args:
            redirect_uri: Where the browser is to come back to.

        Raises:
            SettingsError: No page is known to send the person to.
        """
        self._check_page()
        application = self._application
        return code_request(
            application.authorize_url,
            client_id=application.client_id,
            scope=application.scope,
            redirect_uri=redirect_uri,
            user=application.user,
            token=self._ids.token,
            parameters=application.parameters,
        )

    async def finish(self, request: CodeRequest, target: str) -> Token:
        """Get the token that somebody has consented to.

        Args:
            request: What the browser was sent away with.
            target: Path and query that it has come back to.

        Raises:
            TokenError: There is no consent, or no refresh token came of it.
        """
        code = read_return(request, target)
        self._redactor.learn(code.reveal())
        application = self._application
        question = code_question(
            request, code, client_id=application.client_id, client_secret=application.client_secret
        )
        return self._checked(*await self._asked(application.token_url, question, "access_url"))

    def _check_page(self) -> None:
        if not self._application.authorize_url:
            raise _unknown("authorize_url", "the page on which a person consents is not known")

    async def by_device(
        self,
        show: Callable[[DeviceCode], None],
        *,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> Token:
        """Let a person consent on another machine.

        Args:
            show: Told which code is to be typed in, and where.
            pause: Waits for some seconds between two questions.

        Raises:
            TokenError: There is no consent, or no refresh token came of it.
            SettingsError: The server's device authorization endpoint is not known.
        """
        device = await self.begin_by_device()
        show(device)
        interval, until = device.interval, self._clock.monotonic() + device.seconds
        while self._clock.monotonic() < until:
            await pause(interval)
            match await self.ask_about(device.device_code):
                case Pending.AS_BEFORE:
                    continue
                case Pending.SLOWER:
                    interval += SLOW_DOWN_SECONDS
                case token:
                    return token
        raise refusal("expired_token", "")

    async def begin_by_device(self) -> DeviceCode:
        """Say what a person types in on another machine, and where.

        Raises:
            TokenError: The server gives no code.
            SettingsError: Its device authorization endpoint is not known.
        """
        application = self._application
        if not application.device_url:
            raise _unknown("device_url", "it is not known where to ask for a device code")
        question = TokenRequest(
            fields=(("scope", application.scope),) if application.scope else (),
            client_id=application.client_id,
            client_secret=application.client_secret,
        )
        _, said = await self._asked(application.device_url, question, "device_url")
        return read_device_code(said or {})

    async def ask_about(self, device_code: Secret) -> Token | Pending:
        """Ask once whether somebody has consented by now (RFC 8628 section 3.4).

        Args:
            device_code: That of :meth:`begin_by_device`.

        Raises:
            TokenError: There is no consent, or no refresh token came of it.
        """
        self._redactor.learn(device_code.reveal())
        application = self._application
        question = device_question(
            device_code, client_id=application.client_id, client_secret=application.client_secret
        )
        answer, said = await self._asked(application.token_url, question, "access_url")
        match (said or {}).get("error"):
            case "authorization_pending":
                return Pending.AS_BEFORE
            case "slow_down":
                return Pending.SLOWER
            case _:
                return self._checked(answer, said)

    # -- asking ------------------------------------------------------------------------------------------------

    async def _asked(
        self, url: str, question: TokenRequest, named: str
    ) -> tuple[Answer, dict[str, object] | None]:
        """Ask an endpoint, by the header first and then by the form where nobody knows which it wants."""
        answer, said = Answer(status=0), None
        for way in question.ways(url):
            answer = await self._post(url, question, way, named)
            said = object_in(answer.body)
            if (said or {}).get("error") != "invalid_client":
                break
        return answer, said

    async def _post(self, url: str, question: TokenRequest, way: ClientAuthentication, named: str) -> Answer:
        try:
            async with self._http.client(field=named) as client:
                response = await client.post(
                    url, content=question.body(way), headers=question.header_fields(way)
                )
        except EilboteError as fault:
            fault.field = fault.field or named
            raise
        return Answer(
            status=response.status_code, kind=response.headers.get("Content-Type", ""), body=response.content
        )

    def _checked(self, answer: Answer, said: dict[str, object] | None) -> Token:
        error = (said or {}).get("error")
        if isinstance(error, str) and error:
            raise refusal(error, self._redactor.presentable(str((said or {}).get("error_description") or "")))
        application = self._application
        token = read_answer(
            answer,
            grant=RefreshTokenGrant(client_id=application.client_id, refresh_token=Secret("")),
            asked=moment_of(self._clock.now()),
            server=urlsplit(application.token_url).netloc,
            redactor=self._redactor,
        )
        if token.refresh_token is None:
            raise TokenError(
                "the server gave an access token and no refresh token",
                field="scope",
                stage="consent",
                durability=Durability.PERMANENT,
                cause="It would be valid for an hour, and then a person would have to consent again",
                remedy="Ask for the scope offline_access; at Google, remove the application's access in the account first",
            )
        return token


def _unknown(named: str, what: str) -> SettingsError:
    return SettingsError(
        what,
        field=named,
        remedy="Give its address, or a service whose ways are known: Gmail or Outlook365",
    )
