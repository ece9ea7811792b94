"""How an instance stands, as a picture of its diagram shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.author.process.instance import PassageKind

if TYPE_CHECKING:
    from eilbote.author.process.instance import Passage

_NO_MAILS: Final[Mapping[MailMark, int]] = MappingProxyType({})


class MailMark(StrEnum):
    """What became of a message, as coarsely as a picture tells it."""

    ACCEPTED = "accepted"
    """Every recipient was accepted."""
    UNDER_WAY = "under way"
    """Queued, deferred or held: nobody has decided yet."""
    FAILED = "failed"
    """At least one recipient was refused for good, or the message was called back."""
    IN_DOUBT = "in doubt"
    """Perhaps sent, and nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementState:
    """How it stands at one element.

    Attributes:
        tokens: How many tokens stand there.
        done: How many have passed.
        cancelled: How many were taken away there.
        incident: What went wrong there and waits for a decision; empty when nothing did.
        mails: How many messages were sent from there, by what became of them.
    """

    tokens: int = 0
    done: int = 0
    cancelled: int = 0
    incident: str = ""
    mails: Mapping[MailMark, int] = field(default_factory=lambda: _NO_MAILS)

    def merged(self, other: ElementState) -> ElementState:
        """Give both as one: a sub-process that is drawn closed shows what is in it."""
        return ElementState(
            tokens=max(self.tokens, other.tokens),
            done=self.done,
            cancelled=self.cancelled,
            incident=self.incident or other.incident,
            mails=dict(Counter(self.mails) + Counter(other.mails)),
        )

    def in_words(self) -> str:
        """Say it in one line, for people who do not see the picture."""
        said: list[str] = []
        if self.incident:
            said.append(f"incident: {self.incident}")
        if self.tokens:
            said.append(f"{self.tokens} here")
        if self.done:
            said.append(f"{self.done} done")
        if self.cancelled:
            said.append(f"{self.cancelled} cancelled")
        said += [f"{count} e-mail {mark.value}" for mark, count in self.mails.items() if count]
        return ", ".join(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceState:
    """How an instance stands.

    Attributes:
        elements: By their ids; those that no token came to are missing.
        taken: Sequence flows that were followed, with how often.
    """

    elements: Mapping[str, ElementState]
    taken: Mapping[str, int]


def state_of(
    passages: Iterable[Passage],
    *,
    taken: Mapping[str, int],
    incidents: Iterable[tuple[str, str]] = (),
    mails: Iterable[tuple[str, MailMark]] = (),
    tokens: Iterable[str] | None = None,
) -> InstanceState:
    """Add up what happened to an instance.

    Args:
        passages: Where its tokens were and are.
        taken: Sequence flows that were followed, with how often.
        incidents: Elements, with what went wrong there.
        mails: Elements, with what became of a message that was sent there.
        tokens: Where tokens stand now; ``None`` takes it from the passages.
    """
    last = {(passage.element, passage.iteration): passage.kind for passage in passages}
    here = Counter(element for (element, _), kind in last.items() if kind is PassageKind.ENTERED)
    if tokens is not None:
        here = Counter(tokens)
    done = Counter(element for (element, _), kind in last.items() if kind is PassageKind.LEFT)
    cancelled = Counter(element for (element, _), kind in last.items() if kind is PassageKind.CANCELLED)
    wrong: dict[str, str] = {}
    for element, what in incidents:
        wrong.setdefault(element, what or "it failed")
    sent: dict[str, Counter[MailMark]] = {}
    for element, mark in mails:
        sent.setdefault(element, Counter())[mark] += 1
    return InstanceState(
        elements={
            element: ElementState(
                tokens=here[element],
                done=done[element],
                cancelled=cancelled[element],
                incident=wrong.get(element, ""),
                mails=dict(sent.get(element, {})),
            )
            for element in dict.fromkeys((*here, *done, *cancelled, *wrong, *sent))
        },
        taken=dict(taken),
    )
