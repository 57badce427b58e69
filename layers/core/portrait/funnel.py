"""Funnels: what became of everybody who entered a campaign, step by step, from the dossiers."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from portrait.campaigns import Campaign
from portrait.experiments import Arm
from portrait.steps import Emit, Exit, Goal, Send, Split, Step, Update, Wait, WaitFor


class Dossier(NamedTuple):
    """What is known of one entry. Instants are UTC milliseconds.

    `path` holds, by step, the way taken or what became of the message: `sent`, `held:no_consent`.
    `subject` is the unit that arms are drawn by: entries of one subject are one customer's.
    """

    arm: Arm
    entered_at: int
    path: Mapping[str, str]
    goal_at: int | None = None
    left_by: str | None = None
    subject: str = ""


@dataclass(slots=True)
class Passage:
    """What happened at one step: how often each way was taken, or each fate met a message.

    `reasons` are why messages waited, were held or failed.
    """

    ways: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Funnel:
    """All entries to one campaign, counted.

    Attributes:
        entered: by arm.
        customers: who entered, by arm.
        reached: of them, those who reached the goal in its window after they entered first, by arm.
        left: the treated ones who left, by reason.
        steps: by step, in the order in which a dialogue comes to them.
    """

    entered: Counter[str] = field(default_factory=Counter)
    customers: Counter[str] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    steps: dict[str, Passage] = field(default_factory=dict)

    @property
    def still_in(self) -> int:
        """How many of the treated have steps before them."""
        return self.entered["treated"] - self.left.total()


def funnel(campaign: Campaign, dossiers: Iterable[Dossier]) -> Funnel:
    """Count the dossiers of a campaign; steps of other versions that it lacks come last.

    The arms are compared by customers as they were drawn, each from when they entered first
    (intention to treat). By entries they could not be: the control group is in no step, so no limit
    of how many may run at once keeps it from entering again.
    """
    found = Funnel(steps={step.name: Passage() for step in ordered(campaign) if _shows(step)})
    known = list(dossiers)
    for first in _first(known):
        found.customers[first.arm] += 1
        found.reached[first.arm] += first.goal_at is not None
    for one in known:
        found.entered[one.arm] += 1
        if one.arm == "treated" and one.left_by is not None:
            found.left[one.left_by] += 1
        for step, said in one.path.items():
            way, _, reason = said.partition(":")
            passage = found.steps.setdefault(step, Passage())
            passage.ways[way] += 1
            if reason:
                passage.reasons[f"{way}:{reason}"] += 1
    return found


def _first(dossiers: Iterable[Dossier]) -> Iterable[Dossier]:
    """Return what each customer entered first, and every entry of whom nobody knows who it was."""
    firsts: dict[object, Dossier] = {}
    for place, one in enumerate(sorted(dossiers, key=lambda one: one.entered_at)):
        firsts.setdefault((one.arm, one.subject) if one.subject else place, one)
    return firsts.values()


def ordered(campaign: Campaign) -> Iterator[Step]:
    """Yield the steps as a dialogue may come to them, those before others first."""
    waiting, seen = [campaign.first], set[str]()
    while waiting:
        name = waiting.pop(0)
        if name is None or name in seen:
            continue
        seen.add(name)
        step = campaign.steps[name]
        yield step
        if isinstance(step, WaitFor | Split):
            waiting += [branch.then for branch in step.branches]
        waiting.append(step.then)


def _shows(step: Step) -> bool:
    return not isinstance(step, Wait | Update | Emit | Exit)


def lines(campaign: Campaign, found: Funnel) -> Iterator[str]:
    """Yield the funnel as text, for people."""
    treated, control = found.entered["treated"], found.entered["control"]
    yield f"{campaign.key:18} entered {treated + control:,}, control {control:,}"
    for name, passage in found.steps.items():
        yield f"  {_title(campaign, name):22} {_passage(campaign.steps.get(name), passage)}"
    if campaign.aim:
        shares = [
            f"{arm} {found.reached[arm]:,} of {found.customers[arm]:,}{_percent(found, arm)}"
            for arm in ("treated", "control")
        ]
        yield f"  {'goal':22} {', '.join(shares)}"
    left = _counts(found.left) or "nobody"
    yield f"  {'left':22} {left}; still in {found.still_in:,}"


def _title(campaign: Campaign, name: str) -> str:
    step = campaign.steps.get(name)
    if isinstance(step, Send):
        named = step.template if name[:1].isdigit() else name
        return f"{named} ({step.channel})"
    kinds: Mapping[type, str] = {WaitFor: "listens", Goal: "on the way"}
    return kinds.get(type(step), "splits") if name[:1].isdigit() else name


def _passage(step: Step | None, passage: Passage) -> str:
    if not isinstance(step, Send):
        return _counts(passage.ways) or "nobody yet"
    waited = Counter(
        {reason.partition(":")[2]: n for reason, n in passage.reasons.items() if _went(reason)}
    )
    dropped = Counter(
        {reason.partition(":")[2]: n for reason, n in passage.reasons.items() if not _went(reason)}
    )
    told = [f"sent {passage.ways['sent']:,}"]
    if waiting := passage.ways["waiting"]:
        told.append(f"waiting {waiting:,}")
    if unknown := passage.ways["unknown"]:
        told.append(f"unknown {unknown:,}")
    if waited:
        told.append(f"deferred {waited.total():,} ({_counts(waited)})")
    if dropped:
        told.append(f"dropped {dropped.total():,} ({_counts(dropped)})")
    return ", ".join(told)


def _went(reason: str) -> bool:
    return reason.startswith(("sent:", "waiting:", "unknown:"))


def _percent(found: Funnel, arm: str) -> str:
    customers = found.customers[arm]
    return f" ({100 * found.reached[arm] / customers:.0f} %)" if customers else ""


def _counts(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name} {number:,}" for name, number in ordered if number)
