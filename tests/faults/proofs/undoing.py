"""Two people who were taken for one are taken apart amid traffic: as if it had never been."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from tests.faults.account import Account, Reach
from tests.faults.ages import HOUR_MS
from tests.faults.aws import Clock, Faults
from tests.faults.proofs.lanes import apply, pause, records
from tests.faults.proofs.result import Result
from tests.faults.said import Identifier, Said
from tests.faults.stores import Stores

RATES = {"stale_read": 0.05, "conflict": 0.02, "reply_lost": 0.02, "crash_after": 0.02,
         "crash_before": 0.02, "throttled": 0.01}  # fmt: skip
LATER = Clock().now_ms + 24 * HOUR_MS
NAMES = ("Order Completed", "Product Viewed", "$identify", "Consent Granted")
ONE: list[Identifier] = [("user_id", "C-1"), ("anonymous_id", "dev-1"), ("anonymous_id", "dev-2")]
OTHER: list[Identifier] = [("email", "b@shop.example.se"), ("anonymous_id", "dev-3")]


def undoing(reach: Reach, *, seed: int, cases: int = 20) -> Result:
    """Undo `cases` wrong merges, each in a world of its own beside one in which it never was."""
    result = Result("undoing", seed)
    for case in range(cases):
        found = list(_case(reach, Random(f"{seed} {case}"), seed * 1000 + case))
        result.size += 1
        result.problems += [f"case {case}: {one}" for one in found]
    return result


def _case(reach: Reach, random: Random, seed: int) -> Iterator[str]:
    wrong = (random.choice(ONE[:1]), random.choice(OTHER))
    before = [
        _said("a0", (ONE[0], ONE[1]), random), _said("a1", (ONE[0], ONE[2]), random),
        _said("b0", tuple(OTHER), random),
        *_some("x", random, random.randint(0, 8)),
        *(_said(f"w{n}", wrong, random, "Product Viewed") for n in range(random.randint(1, 2))),
    ]  # fmt: skip
    random.shuffle(before)
    after = _some("y", random, random.randint(1, 8))
    never = [one._replace(who=wrong[:1]) if one.who == wrong else one for one in before]
    twin = _strands(_played(reach, [*never, *after], random.random(), seed))

    account = _played(reach, before, random.random(), seed)
    joined = set(Stores(account).roots)
    if len(joined) != 1:
        yield f"the two are {len(joined)} before anything is undone"
        return
    account.faults.active = True
    undo = partial(_undo, account, ONE[0], wrong[1])
    apply(account, records(after, again=0.2, random=random), random,
          width=2, sizes=(1, 2), beside=[undo])  # fmt: skip
    apply(account, records(before, random=random), random, width=2, sizes=(1, 5))
    found = _strands(account)
    if found.keys() != twin.keys():
        yield f"there are {len(found)} portraits, not {len(twin)}"
    for home in found.keys() & twin.keys():
        if found[home] != twin[home]:
            yield f"the portrait of {'one' if home == min(twin) else 'the other'} has other bytes"
    # The same evidence once more does not join them again.
    account.faults.active = False
    account.clock.advance_to(LATER)
    later = _said("l0", wrong, random, "Product Viewed")._replace(told_at=LATER)
    apply(account, records([later], random=random), random, width=1, sizes=(1,))
    if len({Stores(account).trail(one)[-1] for one in (ONE[0], OTHER[0])}) != 2:
        yield "the two are one again"


def _said(id: str, who: tuple[Identifier, ...], random: Random, name: str = "") -> Said:
    at = Clock().now_ms - random.randrange(3_600_000)
    name = name or random.choice(NAMES)
    properties: dict[str, Any] = {
        "Order Completed": {"revenue": random.randrange(100)},
        "Consent Granted": {"channel": "email", "purpose": "marketing"},
    }.get(name, {})
    traits = {"plan": random.choice("abc")} if name == "$identify" else {}
    return Said(id, "till", name, who, at, Clock().now_ms, properties, traits)


def _some(kind: str, random: Random, count: int) -> list[Said]:
    people = (ONE, OTHER)
    return [
        _said(f"{kind}{n}", _subset(random.choice(people), random), random) for n in range(count)
    ]


def _subset(who: list[Identifier], random: Random) -> tuple[Identifier, ...]:
    """Return one identifier, or the strongest with one that is weaker."""
    weaker = random.choice(who[1:])
    return random.choice(((who[0],), (weaker,), (who[0], weaker)))


def _played(reach: Reach, said: list[Said], order: float, seed: int) -> Account:
    account = reach.open(Random(seed), Faults(seed, rates=RATES))
    account.faults.active = False
    random = Random(order)
    apply(account, records(said, random=random), random, width=1, sizes=(1, 2, 5))
    return account


def _undo(account: Account, who: Identifier, target: Identifier) -> Any:
    from time import time_ns

    from portrait.store import definitions, portraits
    from portrait.unmerging import unmerge

    account.stage.act_as("identity")
    account.take_over("identity")
    now = time_ns() // 10**6
    stores = Stores(account)
    return unmerge(
        stores.home(who), stores.home(target), portraits,
        catalogue=definitions.catalogue(now),
        clock=lambda: time_ns() // 10**6, pause=pause(account),
    )  # fmt: skip


def _strands(account: Account) -> dict[str, bytes]:
    """Return by home what each portrait holds, without how its identifiers came together."""
    return {
        home: replace(portrait, cuts=[], kept={}, ids={}).encode()
        for home, portrait in Stores(account).roots.items()
    }
