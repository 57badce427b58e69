"""Who is who, worked out by several invocations at once that meet at every call."""

from collections.abc import Sequence
from random import Random

from tests.faults.account import Account, Reach
from tests.faults.aws import Clock, Faults
from tests.faults.oracle import Heard, people
from tests.faults.proofs.lanes import apply, records
from tests.faults.proofs.result import Result
from tests.faults.said import Said
from tests.faults.shrink import shrunk
from tests.faults.stores import MAX_HOPS, Stores

WIDTH = 4
DEPTH = 8
"""Pointers that may be followed from an identifier to its portrait, at most."""

RATES = {"stale_read": 0.05, "conflict": 0.01, "reply_lost": 0.01, "crash_after": 0.005,
         "crash_before": 0.005, "throttled": 0.005}  # fmt: skip


def steps(
    reach: Reach, *, seed: int, events: int = 1000, people: int = 12, least: bool = True
) -> Result:
    """Let events that show who is who be applied by `WIDTH` invocations at once."""
    random = Random(seed)
    said = [_sighting(f"m-{number}", people, random) for number in range(events)]
    result = _play(reach, said, seed)
    if least and result.problems:
        result.smallest = shrunk(
            said, lambda fewer: bool(_play(reach, fewer, seed).problems), tries=150
        )
    return result


def _sighting(id: str, people: int, random: Random) -> Said:
    """Draw one or two or three of the many identifiers of somebody, no two of one kind.

    More would leave the limits within which the rules take them for one person's.
    """
    who = random.randrange(people)
    every: dict[str, list[str]] = {
        "user_id": [f"C-{who}"],
        "email": [f"p{who}.{n}@shop.example.se" for n in range(3)],
        "phone": [f"+46701{740_000 + 10 * who + n}" for n in range(2)],
        "anonymous_id": [f"dev-{who}-{n}" for n in range(6)],
    }
    kinds = random.sample(list(every), random.choice((1, 2, 2, 2, 3)))
    chosen = [(kind, random.choice(every[kind])) for kind in every if kind in kinds]
    at = Clock().now_ms - random.randrange(3_600_000)
    return Said(id, "till", "Product Viewed", tuple(chosen), at, at)


def _play(reach: Reach, said: Sequence[Said], seed: int) -> Result:
    random = Random(seed)
    account = reach.open(Random(seed + 1), Faults(seed, rates=RATES))
    waiting = records(said, again=0.05, random=random)
    apply(account, waiting, random, width=WIDTH, sizes=(10, 25, 50))
    return Result("steps", seed, len(said), _problems(account, said))


def _problems(account: Account, said: Sequence[Said]) -> list[str]:
    stores, found = Stores(account), []
    for home in stores.above:
        hops, place = 0, home
        while place in stores.above and hops <= MAX_HOPS:
            if stores.above[place] >= place:
                found.append("a pointer leads from a stronger home to a weaker one")
            hops, place = hops + 1, stores.above[place]
        if hops > MAX_HOPS:
            found.append("pointers lead in a circle")
        elif hops > DEPTH:
            found.append(f"{hops} pointers lead from one identifier to its portrait")
        elif place not in stores.roots:
            found.append("a pointer leads to nothing")
    for person in people(Heard(one, 0, 0) for one in said):
        roots = {stores.trail(one)[-1] for one in person.identifiers} & stores.roots.keys()
        counted = sum(
            strand.events for root in roots for strand in stores.roots[root].strands.values()
        )
        if (len(roots), counted) != (1, person.events):
            found.append(
                f"{person.name}: {person.events} events, {counted} in {len(roots)} portraits"
            )
    return found
