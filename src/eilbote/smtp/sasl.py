"""SASL for SMTP (RFC 4422, RFC 4954): which mechanism to use, and the simple ones.

The order of preference is a table with a reason in each line. Two rules stand above it: a mechanism that
shows the password or the token to whoever listens is used in TLS only, unless a connection allows it in as
many words or the server is on this machine; and what was pinned is used or refused, never replaced.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, cast

from eilbote.errors import AuthenticationError
from eilbote.model.credentials import AccessToken, Password
from eilbote.smtp.ntlm import Ntlm
from eilbote.smtp.scram import Scram

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.smtp.scram import ChannelBinding


class Mechanism(Protocol):
    """One authentication in progress."""

    @property
    def name(self) -> str:
        """The name AUTH takes."""
        ...

    def initial(self) -> bytes | None:
        """Give the initial response; ``None`` when the server speaks first."""
        ...

    def step(self, challenge: bytes) -> bytes:
        """Answer a challenge.

        Raises:
            AuthenticationError: The challenge makes no sense, or the server failed to prove itself.
        """
        ...

    def succeeded(self) -> None:
        """Hear that the server accepts.

        Raises:
            AuthenticationError: It did so without proving itself as this mechanism demands.
        """
        ...

    def explanation(self) -> str | None:
        """Tell what the server said about a failure in its challenges, if anything."""
        ...


class _Simple:
    """What mechanisms without a proof by the server have in common."""

    def succeeded(self) -> None:
        """Accept: the mechanism asks nothing of the server."""

    def explanation(self) -> str | None:
        """Tell nothing: the reply says all there is."""
        return None


class Plain(_Simple):
    """PLAIN (RFC 4616): user and password as they are."""

    name = "PLAIN"

    def __init__(self, user: str, password: str) -> None:
        self._message = f"\0{user}\0{password}".encode()

    def initial(self) -> bytes:
        """Give everything at once."""
        return self._message

    def step(self, challenge: bytes) -> bytes:
        """Give it now, to a server that asks although it was told."""
        del challenge
        return self._message


class Login(_Simple):
    """LOGIN, never standardised: the server asks for each; in which order and words is its own choice."""

    name = "LOGIN"

    def __init__(self, user: str, password: str) -> None:
        self._user = user.encode()
        self._password = password.encode()
        self._asked = 0

    def initial(self) -> None:
        """Wait: some servers do not understand a user name in the command."""

    def step(self, challenge: bytes) -> bytes:
        """Give what the prompt asks for; prompts in unknown words mean user first, then password."""
        self._asked += 1
        prompt = challenge.lower()
        if b"pass" in prompt:
            return self._password
        if b"user" in prompt or b"name" in prompt or b"login" in prompt:
            return self._user
        return self._user if self._asked == 1 else self._password


class CramMd5(_Simple):
    """CRAM-MD5 (RFC 2195): a keyed digest of the server's challenge."""

    name = "CRAM-MD5"

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._key = password.encode()

    def initial(self) -> None:
        """Wait for the challenge."""

    def step(self, challenge: bytes) -> bytes:
        """Give the user and the digest."""
        return f"{self._user} {hmac.new(self._key, challenge, 'md5').hexdigest()}".encode()


class _Bearer(_Simple):
    """A token; a refusal comes as a challenge in JSON, which wants an answer before the server says 535."""

    refusal_answer = b""

    def __init__(self, message: str) -> None:
        self._message = message.encode()
        self._asked = False
        self._refusal: str | None = None

    def initial(self) -> bytes:
        """Give the token."""
        self._asked = True
        return self._message

    def step(self, challenge: bytes) -> bytes:
        """Give the token to an empty challenge; answer an error so that the server can finish."""
        if not challenge.strip():
            return self._message
        self._refusal = _status_in(challenge)
        return self.refusal_answer

    def explanation(self) -> str | None:
        """Tell the status the server gave."""
        return self._refusal


class XOAuth2(_Bearer):
    """XOAUTH2, the form of Google and Microsoft before RFC 7628."""

    name = "XOAUTH2"

    def __init__(self, user: str, token: str) -> None:
        super().__init__(f"user={user}\x01auth=Bearer {token}\x01\x01")


class OAuthBearer(_Bearer):
    """OAUTHBEARER (RFC 7628)."""

    name = "OAUTHBEARER"
    refusal_answer = b"\x01"  # RFC 7628 §3.2.3

    def __init__(self, user: str, token: str, *, host: str, port: int) -> None:
        name = user.replace("=", "=3D").replace(",", "=2C")
        super().__init__(f"n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01")


def _status_in(challenge: bytes) -> str:
    try:
        said: object = json.loads(challenge)
    except ValueError:
        return challenge[:200].decode("utf-8", "replace")
    if isinstance(said, dict):
        members = cast("dict[str, object]", said)
        return ", ".join(f"{key}: {value}" for key, value in members.items())[:200]
    return str(said)[:200]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Under which conditions an authentication happens.

    Attributes:
        offered: The mechanisms the server announces.
        secure: The session is in TLS.
        allow_clear: A connection allows, in as many words, to show secrets without TLS.
        is_loopback: The server is on this machine, so nobody listens in between.
        pinned: The one mechanism to use, if a connection names one.
        excluded: Mechanisms the server announced and then did not know.
        host: The server's name, for mechanisms that state it.
        port: Its port.
        nonce: Random text for mechanisms that need some; at least 96 bits of it.
        channel_binding: What ties an authentication to this TLS session.
    """

    offered: frozenset[str]
    secure: bool
    allow_clear: bool = False
    is_loopback: bool = False
    pinned: str | None = None
    excluded: frozenset[str] = frozenset()
    host: str = "localhost"
    port: int = 25
    nonce: str = ""
    channel_binding: ChannelBinding | None = None


@dataclass(frozen=True, slots=True)
class _Rank:
    name: str
    shows_secret: bool
    make: Callable[[Password, Circumstances], Mechanism]
    reason: str


@dataclass(frozen=True, slots=True)
class _TokenRank:
    name: str
    make: Callable[[AccessToken, Circumstances], Mechanism]
    reason: str


def _scram(name: str) -> Callable[[Password, Circumstances], Mechanism]:
    def make(credentials: Password, at: Circumstances) -> Mechanism:
        return Scram(
            name,
            user=login_name(credentials),
            password=credentials.password.reveal(),
            nonce=at.nonce,
            binding=at.channel_binding,
            server_offers_binding=any(offered.endswith("-PLUS") for offered in at.offered),
        )

    return make


# fmt: off
_PASSWORD_RANKING: Final = (
    _Rank("SCRAM-SHA-256-PLUS", False, _scram("SCRAM-SHA-256-PLUS"),  # noqa: FBT003 - a table reads by columns
          "shows nothing, the server proves itself, and nobody can stand in between (RFC 7677)"),
    _Rank("SCRAM-SHA-256", False, _scram("SCRAM-SHA-256"),  # noqa: FBT003
          "shows nothing, and the server proves itself"),
    _Rank("SCRAM-SHA-1-PLUS", False, _scram("SCRAM-SHA-1-PLUS"),  # noqa: FBT003
          "the same with an older hash, still sound in HMAC (RFC 5802)"),
    _Rank("SCRAM-SHA-1", False, _scram("SCRAM-SHA-1"),  # noqa: FBT003
          "the same without the binding to TLS"),
    _Rank("PLAIN", True, lambda who, _: Plain(login_name(who), who.password.reveal()),  # noqa: FBT003
          "in TLS as good as the TLS; every server has it, and it works with hashed passwords"),
    _Rank("LOGIN", True, lambda who, _: Login(login_name(who), who.password.reveal()),  # noqa: FBT003
          "what PLAIN is, in two round trips more, for servers that do not have PLAIN"),
    _Rank("CRAM-MD5", False, lambda who, _: CramMd5(login_name(who), who.password.reveal()),  # noqa: FBT003
          "shows no password, but makes the server keep it readable; many announce it and cannot do it"),
    _Rank("NTLM", False, lambda who, at: Ntlm(who, host=at.host),  # noqa: FBT003
          "for servers of a Windows domain that offer nothing else; weak, and needs an extra"),
)

_TOKEN_RANKING: Final = (
    _TokenRank("OAUTHBEARER", lambda who, at: OAuthBearer(who.user, who.token.reveal(), host=at.host, port=at.port),
               "the standard (RFC 7628)"),
    _TokenRank("XOAUTH2", lambda who, _: XOAuth2(who.user, who.token.reveal()),
               "what came before it, and the only one at some large providers"),
)
# fmt: on


def login_name(credentials: Password) -> str:
    r"""Give the name to log in with: with a domain it is ``DOMAIN\user``, unless the user has one already."""
    if credentials.domain and "\\" not in credentials.user and "@" not in credentials.user:
        return f"{credentials.domain}\\{credentials.user}"
    return credentials.user


def choose(credentials: Password | AccessToken, at: Circumstances) -> Mechanism:
    """Choose the best mechanism that both sides know and the circumstances allow.

    Raises:
        AuthenticationError: There is none, or the credentials cannot be sent by any; nothing was sent.
    """
    _check_text(credentials)
    if isinstance(credentials, AccessToken):
        return _choose_for_token(credentials, at)
    names = [rank.name for rank in _PASSWORD_RANKING]
    usable = [rank for rank in _PASSWORD_RANKING if _is_wanted(rank.name, at)]
    if at.channel_binding is None:
        usable = [rank for rank in usable if not rank.name.endswith("-PLUS")]
    if not usable:
        raise _nothing_in_common(names, at)
    if not _may_show_secret(at):
        safe = [rank for rank in usable if not rank.shows_secret]
        if not safe:
            raise _only_in_clear([rank.name for rank in usable])
        usable = safe
    return usable[0].make(credentials, at)


def _choose_for_token(credentials: AccessToken, at: Circumstances) -> Mechanism:
    usable = [rank for rank in _TOKEN_RANKING if _is_wanted(rank.name, at)]
    if not usable:
        raise _nothing_in_common([rank.name for rank in _TOKEN_RANKING], at)
    if not _may_show_secret(at):
        raise _only_in_clear([rank.name for rank in usable])
    return usable[0].make(credentials, at)


def _is_wanted(name: str, at: Circumstances) -> bool:
    return name in at.offered and name not in at.excluded and (at.pinned is None or name == at.pinned.upper())


def _may_show_secret(at: Circumstances) -> bool:
    return at.secure or at.allow_clear or at.is_loopback


def _nothing_in_common(known: list[str], at: Circumstances) -> AuthenticationError:
    offered = ", ".join(sorted(at.offered)) or "none"
    if at.pinned is not None:
        return AuthenticationError(
            f"the server does not offer the mechanism {at.pinned} that this connection asks for",
            field="mechanism",
            stage="auth",
            cause=f"offered: {offered}; usable with these credentials: {', '.join(known)}",
            remedy="Remove the mechanism from the connection, so that the best common one is used",
        )
    if not at.offered:
        return AuthenticationError(
            "the server offers no authentication",
            field="user",
            stage="auth",
            cause="its reply to EHLO has no AUTH line" + ("" if at.secure else "; many offer it in TLS only"),
            remedy="Leave user and password empty for this server"
            + ("" if at.secure else ", or set security to 'starttls' or 'tls'"),
        )
    return AuthenticationError(
        "the server offers no mechanism that works with these credentials",
        field="user",
        stage="auth",
        cause=f"offered: {offered}; usable with these credentials: {', '.join(known)}",
        remedy="Use a password where a password is wanted, and an access token where XOAUTH2 or OAUTHBEARER is",
    )


def _only_in_clear(names: list[str]) -> AuthenticationError:
    return AuthenticationError(
        "the credentials would travel in clear, so they were not sent",
        field="security",
        stage="auth",
        cause=f"the session is not in TLS, and the usable mechanisms ({', '.join(names)}) show the secret",
        remedy="Set security to 'tls' or 'starttls'; only if the network is trusted, allow clear authentication",
    )


def _check_text(credentials: Password | AccessToken) -> None:
    fields = {"user": credentials.user}
    match credentials:
        case Password(password=password, domain=domain):
            fields |= {"password": password.reveal(), "domain": domain}
        case AccessToken(token=token):
            fields["token"] = token.reveal()
    for name, text in fields.items():
        for position, character in enumerate(text):
            if character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff":
                raise AuthenticationError(
                    f"the {name} holds a control character",
                    field=name,
                    position=position,
                    stage="auth",
                    cause="it would end the field early at the server",
                    remedy="Look for a line end that was copied along",
                )
