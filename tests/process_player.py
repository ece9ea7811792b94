"""Plays a process to its end in memory: does what it wants done, and lets happen to it what a test says.

The player knows the interpreter by its functions alone, and looks after each step whether what must always hold does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eilbote.author.process.definition import Definition
from eilbote.author.process.instance import (
    CallHttp,
    DeedDone,
    Instance,
    InstanceStatus,
    MessageArrived,
    RunFlow,
    SendOverRoute,
    TaskCompleted,
    Trigger,
    Wanted,
)
from eilbote.author.process.interpret.instance_state import instance_data, read_instance
from eilbote.author.process.interpret.interpret import begin, give, go_on, settle
from eilbote.author.process.interpret.trigger_text import read_trigger, trigger_data
from eilbote.model.data import Data
from eilbote.model.moment import Moment

NOON = Moment(1_795_348_800_000)
"""2026-11-22T12:00Z."""
_MOST_ROUNDS = 5_000
_NOTHING: Mapping[str, Data] = {}


@dataclass
class Player:
    """One instance that is played.

    Args:
        definition: Its process.
        answers: What comes of deeds that are no messages, by the element's id: in turn, and then from the beginning.
        fails: Elements whose messages are not delivered, with the code of the error.
        keeps: Whether the instance is written and read again after each step, as it is between two workers.

    Attributes:
        now: The time.
        wanted: Every deed that was wanted, once, in order.
    """

    definition: Definition
    answers: Mapping[str, Sequence[Mapping[str, Data]]] = field(default_factory=dict)
    fails: Mapping[str, str] = field(default_factory=dict)
    keeps: bool = True
    now: Moment = NOON
    wanted: list[Wanted] = field(default_factory=list)
    _instance: Instance | None = None
    _asked: Counter[str] = field(default_factory=Counter)

    @property
    def instance(self) -> Instance:
        assert self._instance is not None, "it has not begun"
        return self._instance

    @property
    def sent(self) -> Counter[str]:
        """How many messages each element has wanted to go to people."""
        return Counter(each.element for each in self.wanted if isinstance(each.deed, SendOverRoute))

    def begin(self, data: Mapping[str, Data], *, element: str = "", message: str = "") -> None:
        self._take(
            begin(self.definition, data, instance_id="i-1", now=self.now, element=element, message=message)
        )
        self.play()

    def play(self) -> None:
        """Go on, and settle what is wanted, until nothing moves."""
        for _ in range(_MOST_ROUNDS):
            self._take(go_on(self.definition, self.instance, now=self.now))
            if not self.instance.wanted:
                return
            for each in self.instance.wanted:
                self._take(settle(self.definition, self.instance, each.key, self._done(each), now=self.now))
        raise AssertionError("it wants something for ever")

    def complete(
        self, element: str, *, answer: str = "", text: str = "", data: Mapping[str, Data] = _NOTHING
    ) -> None:
        """Do the first open task of an element."""
        task = next(each for each in self.instance.waits.tasks if each.element == element)
        self._give(TaskCompleted(key=task.key, by="anna@example.org", answer=answer, text=text, data=data))

    def message(self, name: str, *, correlation: str, data: Mapping[str, Data] = _NOTHING) -> None:
        """Give it a message that it waits for."""
        self._give(MessageArrived(name=name, correlation=correlation, data=data))

    def let_time_pass(self) -> None:
        """Let the next timer fire."""
        assert self.instance.waits.due is not None, "no timer is set"
        self.now = self.instance.waits.due
        self.play()

    def _give(self, trigger: Trigger) -> None:
        if self.keeps:
            assert read_trigger(trigger_data(trigger)) == trigger
        self._take(give(self.definition, self.instance, trigger, now=self.now))
        self.play()

    def _done(self, wanted: Wanted) -> DeedDone:
        if (code := self.fails.get(wanted.element)) is not None:
            return DeedDone(error={"code": code, "message": "not delivered"}, catchable=True)
        if isinstance(wanted.deed, CallHttp | RunFlow):
            answers = self.answers[wanted.element]
            self._asked[wanted.element] += 1
            return DeedDone(result=answers[(self._asked[wanted.element] - 1) % len(answers)])
        return DeedDone(entry="01jd0000000qq")

    def _take(self, instance: Instance) -> None:
        known = {each.key for each in self.wanted}
        self.wanted += [each for each in instance.wanted if each.key not in known]
        assert instance.mails == sum(1 for each in self.wanted if isinstance(each.deed, SendOverRoute))
        if instance.status is not InstanceStatus.RUNNING:
            assert not instance.waits.tasks
            assert not instance.waits.messages
            assert instance.waits.due is None
        if self.keeps:
            kept = read_instance(self.definition, instance_data(instance))
            assert kept == instance, "an instance that was kept is another one"
        self._instance = instance
