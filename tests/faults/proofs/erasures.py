"""Somebody is erased while everything they did is still on its way: not a byte comes back."""

from collections.abc import Iterator
from functools import partial
from gzip import decompress
from random import Random
from typing import Any

from tests.faults.account import Account, Reach
from tests.faults.aws import Clock, Faults
from tests.faults.proofs.lanes import apply, pause, records
from tests.faults.proofs.result import Result
from tests.faults.said import Identifier, Said
from tests.faults.stores import Stores

RATES = {"stale_read": 0.05, "conflict": 0.02, "reply_lost": 0.02, "crash_after": 0.02,
         "crash_before": 0.02, "throttled": 0.01}  # fmt: skip
CANARY = "canary"
"""What stands in every identifier and trait of who is erased."""


def erasures(reach: Reach, *, seed: int, cases: int = 20) -> Result:
    """Erase `cases` people, each in a world of their own."""
    result = Result("erasures", seed)
    for case in range(cases):
        found = list(_case(reach, Random(f"{seed} {case}"), seed * 1000 + case))
        result.size += 1
        result.problems += [f"case {case}: {one}" for one in found]
    return result


def _case(reach: Reach, random: Random, seed: int) -> Iterator[str]:
    account = reach.open(Random(seed), Faults(seed, rates=RATES))
    account.faults.active = False
    gone, stays = _people(random)
    known = [_said("k", 0, gone), _said("k", 1, stays)]
    apply(account, records(known, random=random), random, width=1, sizes=(1,))
    told = [_said("g", n, _some(gone, random)) for n in range(random.randint(2, 12))]
    told += [_said("s", n, _some(stays, random)) for n in range(4)]
    random.shuffle(told)
    early = random.randrange(len(told))
    waiting = records(told, again=0.1, random=random)
    apply(account, waiting[:early], random, width=1, sizes=(1, 3))
    account.faults.active = True
    account.clock.advance(1000)
    erase = partial(_erase, account, random.choice(gone))
    apply(account, waiting[early:], random, width=2, sizes=(1, 2, 4), beside=[erase])
    again = [{**one, "messageId": f"again-{one['messageId']}"} for one in waiting]
    apply(account, again, random, width=2, sizes=(1, 4))  # from a dead-letter queue, or a replay
    account.faults.active = False
    yield from _traces(account, gone)
    account.clock.advance(10_000)
    later = [_said("r", n, _some(gone, random), at=account.clock.now_ms) for n in range(3)]
    apply(account, records(later, random=random), random, width=1, sizes=(1, 2))
    apply(account, again, random, width=1, sizes=(4,))
    yield from _counted(account, gone, len(later), "who returned")
    stayed = 1 + sum(one.id.startswith("s") for one in told)
    yield from _counted(account, stays, stayed, "a bystander")


def _people(random: Random) -> tuple[list[Identifier], list[Identifier]]:
    gone = [
        ("user_id", f"{CANARY}-1"),
        ("email", f"{CANARY}@shop.example.se"),
        ("anonymous_id", f"{CANARY}-device"),
    ]
    if random.random() < 0.5:
        del gone[random.randrange(2)]
    return gone, [("user_id", "C-2"), ("anonymous_id", "dev-2")]


def _some(who: list[Identifier], random: Random) -> list[Identifier]:
    return [one for one in who if random.random() < 0.6] or [random.choice(who)]


def _said(kind: str, number: int, who: list[Identifier], *, at: int | None = None) -> Said:
    at = Clock().now_ms if at is None else at
    name = "$identify" if number % 2 else "Order Completed"
    first = f"{CANARY}na" if CANARY in who[0][1] else "Sten"
    properties = {"revenue": 10} if name == "Order Completed" else {}
    return Said(f"{kind}-{number}", "till", name, tuple(who), at, at, properties,
                {"firstName": first} if name == "$identify" else {})  # fmt: skip


def _erase(account: Account, who: Identifier) -> Any:
    from time import time_ns

    from portrait.erasure import erase
    from portrait.store import portraits

    account.stage.act_as("privacy")
    home = Stores(account).home(who)
    return erase(home, portraits, clock=lambda: time_ns() // 10**6, pause=pause(account))


def _traces(account: Account, gone: list[Identifier]) -> Iterator[str]:
    """Yield every place in which something of the erased person is left."""
    stores = Stores(account)
    for who in gone:
        item = account.tables["portraits"].items.get((stores.home(who),), {})
        if "erased_at" not in item or "state" in item or "merged_into" in item:
            yield f"at the home of {who} lies {sorted(item)}"
    homes = {stores.home(who) for who in gone}
    for portrait in stores.roots.values():
        if homes & {*portrait.strands, *portrait.ids} or CANARY in repr(portrait):
            yield "a portrait knows something of who was erased"
    for name, table in account.tables.items():
        if CANARY in repr(list(table.items.values())):
            yield f"the table {name} knows something of who was erased"
    for name, queue in account.queues.items():
        if name != "messages" and any(CANARY in body for body in queue.all_bodies()):
            yield f"the queue {name} knows something of who was erased"
    for key, body in account.buckets["data"].items():
        if CANARY.encode() in decompress(body):
            yield f"{key.partition('/')[0]}/ in the bucket knows something of who was erased"


def _counted(account: Account, who: list[Identifier], expected: int, name: str) -> Iterator[str]:
    stores = Stores(account)
    roots = {stores.trail(one)[-1] for one in who} & stores.roots.keys()
    found = sum(s.events for root in roots for s in stores.roots[root].strands.values())
    if found != expected:
        yield f"{name} has {found} events, not {expected}"
