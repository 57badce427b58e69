"""Campaigns as the functions hold them: one version, read once into frozen values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portrait.conditions import Predicate, compile_condition
from portrait.durations import milliseconds, offset_ms
from portrait.metrics import Metric
from portrait.requirements import Tree, metric_for
from portrait.steps import Happens, Layout, Send, Step, WaitFor, placed_branches

Document = Mapping[str, Any]
EntryKind = Literal["event", "becomes", "segment", "date", "schedule"]

IMPLICIT = "~"
"""Before a campaign's key: the segment of those for whom its `becomes` holds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """When a customer enters.

    Attributes:
        events: what may let in, of the kind `event`.
        crossing: the segment that is entered or left, of the kinds `segment` and `becomes`.
        absent: what must not follow, for how long, and the series that show whether it did.
        date: the trait, whether each year, how long after it, and at what time of day.
        schedule: the canonical document of a schedule.
    """

    kind: EntryKind
    where: Predicate
    late_ms: int
    events: tuple[str, ...] = ()
    crossing: tuple[str, bool] | None = None
    absent: Happens | None = None
    absent_ms: int = 0
    absent_metrics: tuple[Metric, ...] = ()
    date: str = ""
    yearly: bool = False
    offset_ms: int = 0
    clock: str = "09:00"
    schedule: Document | None = None

    @classmethod
    def from_document(cls, campaign: str, entry: Document) -> "Entry":
        """Read the entry of a canonical `campaign` document."""
        kind = next(each for each in _KINDS if each in entry)
        where = compile_condition(entry.get("where"))
        late = milliseconds(entry.get("late_at_most", "3d"))
        if kind == "event":
            absent = entry.get("absent")
            return cls(
                kind, where, late, tuple(entry["event"]),
                absent=Happens.from_document(_asked(absent)) if absent else None,
                absent_ms=milliseconds(absent["within"]) if absent else 0,
                absent_metrics=tuple(absence_metrics(entry)),
            )  # fmt: skip
        if kind == "becomes":
            return cls(kind, where, late, crossing=(f"{IMPLICIT}{campaign}", True))
        if kind == "segment":
            crossing = (entry["segment"], entry["crossing"] == "entered")
            return cls(kind, where, late, crossing=crossing)
        if kind == "schedule":
            return cls(kind, where, late, schedule=entry["schedule"])
        return cls(
            "date", where, late, date=entry["date"], yearly=entry.get("every") == "year",
            offset_ms=offset_ms(entry["offset"]), clock=entry["at"],
        )  # fmt: skip


_KINDS: tuple[EntryKind, ...] = ("event", "becomes", "segment", "date", "schedule")


def absence_metrics(entry: Document) -> Iterator[Metric]:
    """Yield the series that tell whether what is to be absent happened, of a canonical entry.

    They reach back as far as what lets in may be late: the one may arrive before the other.
    """
    absent = entry.get("absent")
    if absent is None:
        return
    reach = milliseconds(absent["within"]) + milliseconds(entry["late_at_most"])
    for event in absent["event"]:
        yield metric_for(event, None, reach, exact=True, where=absent.get("where"))


def _asked(absent: Document) -> Document:
    return {name: value for name, value in absent.items() if name != "within"}


@dataclass(frozen=True, slots=True)
class Aim:
    """What a campaign is to bring about, within how long of entering it."""

    happens: Happens
    within_ms: int
    ends: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """What makes a customer leave at once, and how that is called."""

    happens: Happens
    reason: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """One version of a campaign: who enters, what is done with them, and what it is for.

    Attributes:
        control: share of customers held out, 0 to 1.
        seed: what `experiments.arm` hashes with the customer.
        every_ms: how long after an entry the next one may be; 0 is at once, None is never.
        key_property: enter once for each value of it.
        running: `keep`, `restart`, or where each step of the version before goes on.
        first: name of the first step.
        published_at: when this version was published (UTC ms).
    """

    key: str
    version: int
    name: str
    purpose: str
    is_active: bool
    entry: Entry
    value: float
    control: float
    seed: str
    every_ms: int | None
    key_property: str | None
    at_most: int
    aim: Aim | None
    exits: tuple[Leave, ...]
    lasts_ms: int
    running: str | Mapping[str, str]
    steps: Mapping[str, Step]
    first: str | None
    published_at: int = 0
    segments: Mapping[str, Predicate] = field(default_factory=dict, repr=False)

    @classmethod
    def from_document(
        cls, document: Document, segments: Mapping[str, Predicate] | None = None
    ) -> "Campaign":
        """Read a canonical `campaign` document.

        Args:
            segments: every segment, for the conditions that ask about them.
        """
        document = {**_BEFORE, **document}
        layout = Layout(document["key"], document.get("version", 0), float(document["value"]))
        first = layout.lay(document["steps"], "", None)
        goal, running = document.get("goal"), document["running"]
        return cls(
            key=document["key"],
            version=document.get("version", 0),
            name=document["name"],
            purpose=document["purpose"],
            is_active=document["status"] == "active",
            entry=Entry.from_document(document["key"], document["entry"]),
            value=float(document["value"]),
            control=document["control"],
            seed=document.get("seed", document["key"]),
            every_ms=_every(document["reentry"]),
            key_property=document.get("key_property"),
            at_most=document["at_most"],
            aim=_aim(goal) if goal else None,
            exits=tuple(Leave(Happens.from_document(o), o["reason"]) for o in document["exits"]),
            lasts_ms=milliseconds(document["lasts_at_most"]),
            running=running if isinstance(running, str) else running["move"],
            steps=layout.steps,
            first=first,
            published_at=document.get("published_at", 0),
            segments=segments or {},
        )

    @property
    def once(self) -> bool:
        """Whether nobody may enter twice."""
        return self.every_ms is None

    def asked(self) -> Iterator[Happens]:
        """Yield everything that a dialogue of it may wait or listen for, in any step."""
        if self.entry.absent:
            yield self.entry.absent
        if self.aim:
            yield self.aim.happens
        yield from (one.happens for one in self.exits)
        for step in self.steps.values():
            if isinstance(step, WaitFor):
                yield from (branch.happens for branch in step.branches if branch.happens)

    @property
    def sends(self) -> Iterator[Send]:
        """The steps that say something."""
        return (step for step in self.steps.values() if isinstance(step, Send))


_BEFORE: Document = {
    "value": 1, "at_most": 25, "exits": (), "lasts_at_most": "91d", "running": "keep",
}  # fmt: skip
"""What a document that was stored before there were dialogues does not say."""


def _every(reentry: Any) -> int | None:
    if reentry == "once":
        return None
    return 0 if reentry == "every_occurrence" else milliseconds(reentry["after"])


def _aim(goal: Document) -> Aim:
    return Aim(Happens.from_document(goal), milliseconds(goal["within"]), goal["ends"])


def placed_trees(document: Document) -> Iterator[tuple[str, Tree | None]]:
    """Yield every condition of a canonical `campaign` document, with its path."""
    entry = document["entry"]
    for name in ("where", "becomes", "until"):
        yield f"entry.{name}", entry.get(name)
    asking = [("entry.absent", entry.get("absent", {})), ("goal", document.get("goal") or {})]
    asking += [(f"exits.{number}", one) for number, one in enumerate(document.get("exits", ()))]
    for place, part in (*asking, *placed_branches(document["steps"], "steps")):
        yield f"{place}.where", part.get("where")
        yield f"{place}.when", part.get("when")


def campaign_trees(document: Document) -> Iterator[Tree | None]:
    """Yield every condition of a canonical `campaign` document."""
    return (tree for _, tree in placed_trees(document))
