"""What the commonest refusals mean, and what to do about them.

Servers answer in their own words; people ask what to change. The answers stand in ``refusals.toml``, where the columns
are explained to those who add one: each says for which reply it is, by what was answered, since one code means
different things to different commands, by code and enhanced status code, by words the large providers use, and by the
provider itself where its words are everybody's. The first that fits is taken. No explanation is better than a wrong one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from eilbote.smtp.authentication_facts import AUTHENTICATION_FACTS

if TYPE_CHECKING:
    from eilbote.smtp.replies import Reply

Login: TypeAlias = Literal["", "password", "token"]
"""How a session signed in; empty when it did not, or nobody says."""

_TRANSACTION: Final = ("mail", "rcpt", "data", "content")
_GROUPS: Final = {
    "transaction": _TRANSACTION,
    "signing-in": ("auth", *_TRANSACTION),
    "door": ("greeting", "ehlo", "mail", "rcpt"),
}


class Explanation(NamedTuple):
    """Why a server refused, and what to change.

    Attributes:
        cause: Why.
        remedy: What to do.
        field: The setting to look at; empty when none is at fault.
    """

    cause: str
    remedy: str
    field: str = ""


class Refusal(NamedTuple):
    """One entry of the table; what is empty matches anything, and ``-`` the absence of an enhanced status code.

    Attributes:
        stages: After which commands.
        codes: Reply codes.
        enhanced: Enhanced status codes.
        words: Of which the text holds one, in small letters.
        servers: Domains of the server.
        login: How the session signed in.
        explanation: What it means.
        seen: Texts of real servers.
        source: Where it is written.
    """

    stages: frozenset[str]
    codes: frozenset[int]
    enhanced: frozenset[str]
    words: tuple[str, ...]
    servers: tuple[str, ...]
    login: Login
    explanation: Explanation
    seen: tuple[str, ...]
    source: str


def explain(reply: Reply, *, stage: str, server: str = "", login: Login = "") -> Explanation | None:
    """Find the explanation of a refusal; ``None`` when the table knows none, or the reply is positive.

    Args:
        reply: What the server said.
        stage: Which command it answers: greeting, ehlo, starttls, auth, mail, rcpt, data, or content for the
            final dot and the last BDAT. At any other word, for a server that speaks unasked, only such entries fit
            that hold at every stage.
        server: The host as it was configured, with or without its port. Entries about one provider's server fit
            only when it is said.
        login: How the session signed in. Entries about one of the two ways fit only when it is said.
    """
    found = refusal_of(reply, stage=stage, server=server, login=login)
    return None if found is None else found.explanation


def refusal_of(reply: Reply, *, stage: str, server: str = "", login: Login = "") -> Refusal | None:
    """Find the entry of the table that fits; see :func:`explain`."""
    if reply.code < 400:  # noqa: PLR2004 - RFC 5321 §4.2.1
        return None
    enhanced = str(reply.enhanced) if reply.enhanced is not None else "-"
    text = reply.text.lower()
    host = server.partition(":")[0].rstrip(".").lower()
    for entry in _by_code().get(reply.code, ()):
        if entry.stages and stage not in entry.stages:
            continue
        if entry.enhanced and enhanced not in entry.enhanced:
            continue
        if entry.login and login != entry.login:
            continue
        if entry.servers and not any(host == name or host.endswith(f".{name}") for name in entry.servers):
            continue
        if entry.words and not any(word in text for word in entry.words):
            continue
        return entry
    return None


@cache
def refusals() -> tuple[Refusal, ...]:
    """Give the table, in its order; read once, when the first refusal is to be explained."""
    import tomllib
    from importlib.resources import files

    text = files("eilbote.smtp").joinpath("refusals.toml").read_text("utf-8")
    return tuple(_read(entry) for entry in tomllib.loads(text)["refusal"])


@cache
def _by_code() -> dict[int, tuple[Refusal, ...]]:
    table: dict[int, tuple[Refusal, ...]] = {}
    for entry in refusals():
        for code in entry.codes:
            table[code] = (*table.get(code, ()), entry)
    return table


def _read(entry: dict[str, Any]) -> Refusal:
    stages = frozenset(stage for name in entry.get("at", "").split() for stage in _GROUPS.get(name, (name,)))
    if "fact" in entry:
        fact = AUTHENTICATION_FACTS[entry["fact"]]
        explanation = Explanation(fact.cause, fact.remedy, fact.field)
    else:
        explanation = Explanation(entry["cause"], entry["remedy"], entry.get("field", ""))
    return Refusal(
        stages,
        frozenset(entry["codes"]),
        frozenset(entry.get("enhanced", ())),
        tuple(entry.get("words", ())),
        tuple(entry.get("servers", ())),
        entry.get("login", ""),
        explanation,
        tuple(entry["seen"]),
        entry["source"],
    )
