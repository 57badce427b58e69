"""Steps of a campaign as the functions hold them: laid out flat, each knowing what follows it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portrait.conditions import Predicate, compile_condition
from portrait.durations import milliseconds, offset_ms
from portrait.requirements import Tree

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happens:
    """What goals, exits and branches ask: an event (with a condition), or a condition alone.

    Attributes:
        events: names of the events that it is; empty where a condition alone is asked.
        when: the condition's tree where it is asked alone, else None.
    """

    events: tuple[str, ...]
    holds: Predicate
    when: Tree | None = None
    where: Tree | None = None

    @classmethod
    def from_document(cls, document: Document) -> "Happens":
        """Read it from the part of a canonical document that says it."""
        when = document.get("when")
        where = document.get("where")
        holds = compile_condition(where if when is None else when)
        return cls(tuple(document.get("event") or ()), holds, when, where)


@dataclass(frozen=True, slots=True)
class Branch:
    """One way on, by its name; `to` is the step whose message it must be a reaction to."""

    name: str
    then: str | None
    happens: Happens | None = None
    to: str | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """A step; `then` is the name of the one after it, None where the campaign ends."""

    name: str
    then: str | None


@dataclass(frozen=True, slots=True)
class Send(Step):
    """Says something once; `pull` are the channels that show it, of what waits in the inbox."""

    channel: str = "email"
    template: str = ""
    valid_for_ms: int = 0
    value: float = 1.0
    pull: tuple[str, ...] = ()
    is_task: bool = False


@dataclass(frozen=True, slots=True)
class Wait(Step):
    """Lets time pass: for so long, until a local time, or until a date of the customer's."""

    for_ms: int | None = None
    clock: str | None = None
    weekdays: tuple[str, ...] = ()
    date: str | None = None
    offset_ms: int = 0


@dataclass(frozen=True, slots=True)
class WaitFor(Step):
    """Listens; `then` is what follows when nothing was heard in time."""

    branches: tuple[Branch, ...] = ()
    timeout_ms: int = 0


@dataclass(frozen=True, slots=True)
class Split(Step):
    """Parts ways: by conditions in order, or by a lot drawn with `seed`; `then` for all others."""

    branches: tuple[Branch, ...] = ()
    seed: str = ""
    by_lot: bool = False


@dataclass(frozen=True, slots=True)
class Update(Step):
    """Notes traits of the customer; None forgets one."""

    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Emit(Step):
    """Tells the bus."""

    fact: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Goal(Step):
    """Is the goal."""


@dataclass(frozen=True, slots=True)
class Exit(Step):
    """Leaves."""

    reason: str = "exit"


Steps = dict[str, Step]


class Layout:
    """Lays the steps of one campaign out, names those that have no name, and joins them up."""

    def __init__(self, campaign: str, value: float) -> None:
        self._campaign, self._value = campaign, value
        self.steps: Steps = {}

    def lay(self, steps: Sequence[Document], place: str, then: str | None) -> str | None:
        """Lay out steps that follow each other, and return the name of the first.

        Args:
            place: where in the document they are; it names what has no name of its own.
            then: what follows the last of them.
        """
        for number in range(len(steps) - 1, -1, -1):
            then = self._lay(steps[number], f"{place}{number}", then)
        return then

    def _lay(self, step: Document, place: str, then: str | None) -> str:
        name = step.get("name") or place
        kind = next(each for each in _BUILDERS if each in step)
        self.steps[name] = _BUILDERS[kind](self, name, step[kind], place, then)
        return name

    def send(self, name: str, send: Document, place: str, then: str | None) -> Step:
        return Send(
            name,
            then,
            send["channel"],
            send["template"],
            milliseconds(send["valid_for"]),
            float(send.get("value", self._value)),
        )

    def offer(
        self, name: str, offer: Document, place: str, then: str | None, *, is_task: bool = False
    ) -> Step:
        valid_for = milliseconds(offer["valid_for"])
        value = float(offer.get("value", self._value))
        pull = tuple(offer["channels"])
        return Send(name, then, "inbox", offer["template"], valid_for, value, pull, is_task)

    def task(self, name: str, task: Document, place: str, then: str | None) -> Step:
        return self.offer(name, task, place, then, is_task=True)

    def wait(self, name: str, wait: Document, place: str, then: str | None) -> Step:
        length = milliseconds(wait["for"]) if "for" in wait else None
        date = wait.get("until_date")
        clock = wait.get("until", "09:00" if date else None)
        days, offset = tuple(wait.get("on", ())), offset_ms(wait.get("offset", "0d"))
        return Wait(name, then, length, clock, days, date, offset)

    def wait_for(self, name: str, part: Document, place: str, then: str | None) -> Step:
        branches = tuple(
            Branch(
                one["name"],
                self.lay(one["steps"], f"{place}.{one['name']}.", then),
                Happens.from_document(one),
                one.get("to"),
            )
            for one in part["branches"]
        )
        otherwise = self.lay(part["otherwise"], f"{place}.otherwise.", then)
        return WaitFor(name, otherwise, branches, milliseconds(part["timeout"]))

    def split(self, name: str, part: Document, place: str, then: str | None) -> Step:
        branches = tuple(
            Branch(
                one["name"],
                self.lay(one["steps"], f"{place}.{one['name']}.", then),
                Happens.from_document(one) if "when" in one else None,
                share=one.get("share", 0.0),
            )
            for one in part["branches"]
        )
        otherwise = self.lay(part["otherwise"], f"{place}.otherwise.", then)
        by_lot = any("share" in one for one in part["branches"])
        seed = part.get("experiment") or f"{self._campaign}.{name}"
        return Split(name, otherwise, branches, seed, by_lot)

    def update(self, name: str, part: Document, place: str, then: str | None) -> Step:
        return Update(name, then, {**part["traits"], **dict.fromkeys(part["remove"])})

    def emit(self, name: str, part: Document, place: str, then: str | None) -> Step:
        return Emit(name, then, part["fact"], part["detail"])

    def goal(self, name: str, part: Document, place: str, then: str | None) -> Step:
        return Goal(name, then)

    def exit(self, name: str, part: Document, place: str, then: str | None) -> Step:
        return Exit(name, None, part["reason"])


_BUILDERS: Mapping[str, Callable[..., Step]] = {
    "send": Layout.send,
    "offer": Layout.offer,
    "task": Layout.task,
    "wait_for": Layout.wait_for,
    "wait": Layout.wait,
    "split": Layout.split,
    "update": Layout.update,
    "emit": Layout.emit,
    "goal": Layout.goal,
    "exit": Layout.exit,
}


def placed_steps(steps: Sequence[Document], place: str) -> Iterator[tuple[str, Document]]:
    """Yield the canonical documents of all steps, those inside others too, with their paths."""
    for number, step in enumerate(steps):
        here = f"{place}.{number}"
        yield here, step
        for kind in ("wait_for", "split"):
            part = step.get(kind, {})
            for branch, one in enumerate(part.get("branches", ())):
                yield from placed_steps(one["steps"], f"{here}.{kind}.branches.{branch}.steps")
            yield from placed_steps(part.get("otherwise", ()), f"{here}.{kind}.otherwise")


def placed_branches(steps: Sequence[Document], place: str) -> Iterator[tuple[str, Document]]:
    """Yield the branches of all steps with their paths."""
    for here, step in placed_steps(steps, place):
        for kind in ("wait_for", "split"):
            for number, one in enumerate(step.get(kind, {}).get("branches", ())):
                yield f"{here}.{kind}.branches.{number}", one
