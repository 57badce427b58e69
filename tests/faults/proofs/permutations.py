"""In any order, any number of times, in any batches: the same events leave the same bytes."""

import hashlib
from collections.abc import Sequence
from random import Random

from portrait.event import Event
from portrait.faults import Fault
from portrait.identity import strongest_first
from tests.faults.ages import HOUR_MS
from tests.faults.aws import Clock
from tests.faults.oracle import Heard, people
from tests.faults.proofs.result import Result
from tests.faults.said import Said, script
from tests.faults.shrink import shrunk
from tests.unit.core.worlds import Table, feed


def permutations(
    *, seed: int, sets: int = 10, orders: int = 100, events: int = 16, least: bool = True
) -> Result:
    """Apply `sets` sets of events in `orders` orders each."""
    result = Result("permutations", seed)
    for number in range(sets):
        random = Random(f"{seed} {number}")
        said = [
            one
            for one in script(random, people=2, events=events, start=Clock().now_ms, days=4)
            if one.good
        ]
        told = [_event(one, random) for one in said]
        told += random.sample(told, len(told) // 5)  # some of it twice
        result.problems += _against_oracle(told, said)
        expected = _hash(told, told)
        for _ in range(orders):
            shuffled = random.sample(told, len(told))
            result.size += 1
            if _hash(shuffled, told, random) != expected:
                result.problems.append(f"set {number}: another order leaves other bytes")
                if least:
                    result.smallest = shrunk(told, lambda few: _differs(few, seed), tries=200)
                return result
    return result


def _differs(told: Sequence[Event], seed: int) -> bool:
    random = Random(seed)
    expected = _hash(told, told)
    return any(_hash(random.sample(told, len(told)), told, random) != expected for _ in range(12))


def _event(said: Said, random: Random) -> Event:
    kind = {"$identify": "identify", "$page": "page"}.get(said.name, "track")
    ties = said.at // HOUR_MS * HOUR_MS if random.random() < 0.3 else said.at
    return Event(
        id=said.id,
        source=said.source,
        kind=kind,  # type: ignore[arg-type]  # one of the three
        name=said.name if kind == "track" else "",
        identifiers=strongest_first(said.who),
        timestamp=ties,
        received_at=said.told_at,
        properties=dict(said.properties),
        traits=dict(said.traits),
    )


def _play(told: Sequence[Event], random: Random | None = None) -> Table:
    table = Table()
    start = 0
    while start < len(told):
        size = random.choice((1, 1, 2, 5, 40)) if random else 1
        outcome = feed(told[start : start + size], table)
        if outcome.failed or outcome.rejected:
            raise Fault(f"{outcome.failed} failed, {outcome.rejected} were rejected")
        start += size
    return table


def _hash(told: Sequence[Event], every: Sequence[Event], random: Random | None = None) -> str:
    """Return one hash of all portraits, and of whose home leads where once it was followed."""
    table = _play(told, random)
    digest = hashlib.sha256()
    for home, record in sorted(table.items.items()):
        root = home
        while table.items[root].merged_into:
            root = str(table.items[root].merged_into)
        digest.update(f"{home} {root}\n".encode())
        digest.update(record.state if root == home else b"")
    return digest.hexdigest()


def _against_oracle(told: Sequence[Event], said: Sequence[Said]) -> list[str]:
    counted = sorted(
        sum(strand.events for strand in portrait.strands.values())
        for portrait in _play(told).portraits().values()
    )
    expected = sorted(one.events for one in people(Heard(one, 0, 0) for one in said))
    return [] if counted == expected else [f"{counted} events are counted, not {expected}"]
