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
    """A step; `then` is the name of the one after it, None where the campaign ends.

    `id` is what it says goes by: its own name, the same in every version, or else its place in this
    version.
    """

    name: str
    then: str | None
    id: str


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
Base = tuple[str, str | None, str]
"""Name, what follows, and id of a step."""


class Layout:
    """Lays the steps of one campaign out, names those that have no name, and joins them up."""

    def __init__(self, campaign: str, version: int, value: float) -> None:
        self._campaign, self._version, self._value = campaign, version, value
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
        id_ = step.get("name") or f"{place}@{self._version}"
        kind = next(each for each in _BUILDERS if each in step)
        base = (name, then, id_)
        self.steps[name] = _BUILDERS[kind](self, base, step[kind], place)
        return name

    def send(self, base: Base, send: Document, place: str) -> Step:
        return Send(
            *base,
            send["channel"],
            send["template"],
            milliseconds(send["valid_for"]),
            float(send.get("value", self._value)),
        )

    def offer(self, base: Base, offer: Document, place: str, *, is_task: bool = False) -> Step:
        valid_for = milliseconds(offer["valid_for"])
        value = float(offer.get("value", self._value))
        pull = tuple(offer["channels"])
        return Send(*base, "inbox", offer["template"], valid_for, value, pull, is_task)

    def task(self, base: Base, task: Document, place: str) -> Step:
        return self.offer(base, task, place, is_task=True)

    def wait(self, base: Base, wait: Document, place: str) -> Step:
        length = milliseconds(wait["for"]) if "for" in wait else None
        date = wait.get("until_date")
        clock = wait.get("until", "09:00" if date else None)
        days, offset = tuple(wait.get("on", ())), offset_ms(wait.get("offset", "0d"))
        return Wait(*base, length, clock, days, date, offset)

    def wait_for(self, base: Base, part: Document, place: str) -> Step:
        name, then, id_ = base
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
        return WaitFor(name, otherwise, id_, branches, milliseconds(part["timeout"]))

    def split(self, base: Base, part: Document, place: str) -> Step:
        name, then, id_ = base
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
        return Split(name, otherwise, id_, branches, seed, by_lot)

    def update(self, base: Base, part: Document, place: str) -> Step:
        return Update(*base, {**part["traits"], **dict.fromkeys(part["remove"])})

    def emit(self, base: Base, part: Document, place: str) -> Step:
        return Emit(*base, part["fact"], part["detail"])

    def goal(self, base: Base, part: Document, place: str) -> Step:
        return Goal(*base)

    def exit(self, base: Base, part: Document, place: str) -> Step:
        name, _, id_ = base
        return Exit(name, None, id_, part["reason"])


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
