"""All that is known of an instance's tokens between two steps: a table as JSON has it, that is written out only when somebody asks.

An instance with a thousand turns that are under way is settled a thousand times; to write and read all of them each time would take most
of the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from eilbote.author.process.instance import MOST_MAILS, MOST_STEPS
from eilbote.author.process.interpret.joins import Scope, read_scope, scope_data
from eilbote.author.process.interpret.stay import listed, number_of, read_stay, stay_data, table

if TYPE_CHECKING:
    from eilbote.author.plain.data_text import Json
    from eilbote.author.process.interpret.plan import Plan
    from eilbote.author.process.interpret.stay import Stay

FORM: Final = 1
"""The form of what is written; one that reads another way gets another number."""


class Standing(Mapping[str, object]):
    """Where tokens are; nobody changes it, whoever goes on takes copies.

    Args:
        scopes: What runs, by number.
        stays: Elements with a token, in the order in which their turn came, or comes, by key.
        counts: How many times a token was at an element.
        last_scope: The number of the scope that was opened last.
        allowed_steps: How many elements tokens may come to.
        allowed_mails: How many messages may be sent.
        version: The version of the process; 0 for none.
    """

    __slots__ = (
        "_data",
        "allowed_mails",
        "allowed_steps",
        "counts",
        "last_scope",
        "scopes",
        "stays",
        "version",
    )

    def __init__(
        self,
        *,
        scopes: dict[int, Scope],
        stays: dict[str, Stay],
        counts: dict[str, int],
        last_scope: int,
        allowed_steps: int = MOST_STEPS,
        allowed_mails: int = MOST_MAILS,
        version: int = 0,
    ) -> None:
        self.scopes = scopes
        self.stays = stays
        self.counts = counts
        self.last_scope = last_scope
        self.allowed_steps = allowed_steps
        self.allowed_mails = allowed_mails
        self.version = version
        self._data: dict[str, Json] | None = None

    def __getitem__(self, name: str) -> object:
        return self.data()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data())

    def __len__(self) -> int:
        return len(self.data())

    def data(self) -> dict[str, Json]:
        """Give it as JSON."""
        if self._data is None:
            self._data = {
                "form": FORM,
                "scopes": [scope_data(scope) for scope in self.scopes.values()],
                "stays": [stay_data(stay) for stay in self.stays.values()],
                "counts": dict(self.counts),
                "last_scope": self.last_scope,
            }
            if self.allowed_steps != MOST_STEPS:
                self._data["steps"] = self.allowed_steps
            if self.allowed_mails != MOST_MAILS:
                self._data["mails"] = self.allowed_mails
            if self.version:
                self._data["version"] = self.version
        return self._data


def standing_of(tokens: Mapping[str, object]) -> Standing:
    """Give the tokens of an instance, read from JSON where they are not at hand.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is of another kind.
        ValueError: Something means nothing, or does not fit together.
    """
    if isinstance(tokens, Standing):
        return tokens
    data = table(tokens)
    if (form := data.get("form")) != FORM:
        raise ValueError(f"it is of form {form!r:.40}, and this eilbote knows form {FORM}")
    scopes = {scope.number: scope for scope in map(read_scope, listed(data["scopes"]))}
    stays = {stay.key: stay for stay in (read_stay(table(each)) for each in listed(data["stays"]))}
    for stay in stays.values():
        if stay.turn < 0:
            scopes[stay.scope].stays += 1
    return Standing(
        scopes=scopes,
        stays=stays,
        counts={name: number_of(count) for name, count in table(data["counts"]).items()},
        last_scope=number_of(data["last_scope"]),
        allowed_steps=number_of(data.get("steps", MOST_STEPS)),
        allowed_mails=number_of(data.get("mails", MOST_MAILS)),
        version=number_of(data.get("version", 0)),
    )


def check_standing(standing: Standing, plan: Plan) -> None:
    """Look whether tokens stand in elements of the process, and in scopes and activities that are there.

    Raises:
        ValueError: They do not.
    """
    for stay in standing.stays.values():
        if stay.element not in plan.elements:
            raise ValueError(f"the process has no element {stay.element[:64]!r}")
        if stay.scope not in standing.scopes:
            raise ValueError(f"there is no scope {stay.scope}")
        body = standing.stays.get(stay.body)
        if stay.turn >= 0 and (body is None or body.turns is None):
            raise ValueError(f"the turn {stay.key[:120]!r} belongs to nothing")
        for arm in stay.arms:
            if arm.event not in plan.elements:
                raise ValueError(f"the process has no element {arm.event[:64]!r}")
    for scope in standing.scopes.values():
        if scope.owner and scope.owner not in standing.stays:
            raise ValueError(f"the scope {scope.number} belongs to nothing")
        for gateway in scope.held:
            if gateway not in plan.elements:
                raise ValueError(f"the process has no element {gateway[:64]!r}")
