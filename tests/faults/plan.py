"""Which proofs there are, at which size, and with which seeds."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from tests.faults.account import Reach
from tests.faults.proofs.crashes import crashes
from tests.faults.proofs.deliveries import deliveries
from tests.faults.proofs.erasures import erasures
from tests.faults.proofs.noticing import noticing
from tests.faults.proofs.permutations import permutations
from tests.faults.proofs.replays import replays
from tests.faults.proofs.result import Result
from tests.faults.proofs.sends import sends
from tests.faults.proofs.steps import steps
from tests.faults.proofs.ties import ties
from tests.faults.proofs.undoing import undoing
from tests.faults.sending.mutants import MUTANTS, OF_SENDING

CRASH_SHARES = 8


@dataclass(frozen=True)
class Proof:
    """How to prove one thing for one seed; `seeds` is how many make the whole proof."""

    prove: Callable[..., Result]
    seeds: int
    of: str
    sizes: dict[str, Any] = field(default_factory=dict)


PROOFS = {
    "sends": Proof(
        sends, 28, "attempts to send, of dialogues that compete", {"people": 30, "events": 1500}
    ),
    "deliveries": Proof(deliveries, 70, "deliveries to the profile function"),
    "steps": Proof(steps, 100, "events that show who is who, at once"),
    "permutations": Proof(
        lambda reach, **sizes: permutations(**sizes), 10, "orders of events, by bytes"
    ),
    "crashes": Proof(crashes, 1, "single faults, one per call and kind"),
    "undoing": Proof(undoing, 50, "wrong merges undone amid live traffic"),
    "erasures": Proof(erasures, 50, "people erased amid live traffic"),
    "replays": Proof(replays, 6, "deliveries, again 29 d 23 h later"),
    "ties": Proof(ties, 1, "orders of two or three words on consent"),
}


@dataclass(frozen=True)
class Task:
    """One seed of one proof, with its sizes."""

    proof: str
    seed: int
    of: str
    sizes: tuple[tuple[str, Any], ...] = ()


def plan(scale: float, *, seed: int | None = None, only: str = "") -> list[Task]:
    """Return what is to be done, the longest first.

    Args:
        seed: one seed of each proof.
        only: one proof; all that is of portraits where it is empty, and with `sends`, the bugs
            of sending too.
    """
    tasks: list[Task] = []
    for name, proof in PROOFS.items():
        count = max(1, round(proof.seeds * scale))
        seeds = range(1, count + 1) if seed is None else [seed]
        tasks += [Task(name, each, proof.of) for each in seeds]
    tasks = [shared for task in tasks for shared in _shares(task)]
    names = sorted(_seeded(only))
    names = names if scale >= 1 else names[:: round(1 / scale)]
    # A bug that keeps a world from coming to an end takes the longest to be noticed.
    tasks = [
        Task("noticing", seed or 1, "seeded bugs, each of them noticed", (("mutant", name),))
        for name in names
    ] + tasks
    return [task for task in tasks if task.proof in _asked(only)]


def _seeded(only: str) -> Collection[str]:
    if only == "noticing":
        return MUTANTS.keys()
    return OF_SENDING if only == "sends" else MUTANTS.keys() - OF_SENDING


def _asked(only: str) -> Collection[str]:
    if not only:
        return {*PROOFS, "noticing"} - {"sends"}
    return {only, "noticing"} if only == "sends" else {only}


def carry_out(task: Task, reach: Reach) -> Result:
    """Do one of them."""
    sizes = dict(task.sizes)
    if task.proof == "noticing":
        return noticing(reach, seed=task.seed, **sizes)
    proof = PROOFS[task.proof]
    try:
        return proof.prove(reach, seed=task.seed, **{**proof.sizes, **sizes})
    except Exception as fault:
        return Result(task.proof, task.seed, 0, [f"it ended by {fault!r}"])


def _shares(task: Task) -> list[Task]:
    """Return a task in parts that several processes can take."""
    if task.proof != "crashes":
        return [task]
    return [
        Task(task.proof, task.seed, task.of, (("share", n + 1), ("shares", CRASH_SHARES)))
        for n in range(CRASH_SHARES)
    ]
