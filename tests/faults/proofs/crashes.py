"""A fault at every call of every handler, one at a time: each time the same world comes out."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from tests.faults.account import Reach
from tests.faults.ages import HOUR_MS
from tests.faults.aws import Clock, Script
from tests.faults.proofs.result import Result
from tests.faults.said import Said
from tests.faults.shrink import shrunk
from tests.faults.verdict import problems
from tests.faults.world import World

KINDS = ("before", "after", "reply_lost", "reply_lost_retried", "throttled")
NEVER = 10**9


def story() -> list[Said]:
    """Return a day on which everything happens once: merges, consents, orders, bad events.

    What is told in one hour has been dealt with by the next, also after a fault.
    """
    start = Clock().now_ms
    device, user = ("anonymous_id", "dev-1"), ("user_id", "C-1")
    email, other = ("email", "anna@shop.example.se"), ("anonymous_id", "dev-2")
    mail = {"channel": "email", "purpose": "marketing"}
    told = [
        ("shop", "Product Viewed", (device,), {}, {}),
        ("shop", "Product Viewed", (other,), {}, {}),
        ("web", "$identify", (email, device), {}, {"plan": "free", "email": email[1]}),
        ("web", "Consent Granted", (device,), mail, {}),
        ("web", "", (device,), {}, {}),
        ("till", "Order Completed", (user,), {"revenue": 12.5}, {}),
        ("shop", "Checkout Started", (user, email), {}, {}),
        ("shop", "Order Completed", (user, other), {"revenue": 99.01}, {}),
        ("web", "$identify", (user, device), {}, {"plan": "plus"}),
        ("web", "Consent Withdrawn", (device,), {**mail, "purpose": "tips"}, {}),
    ]
    return [
        Said(f"m-{n}", source, name, who, start + n * HOUR_MS, start + n * HOUR_MS,
             properties, traits, good=bool(name))
        for n, (source, name, who, properties, traits) in enumerate(told)
    ]  # fmt: skip


def crashes(
    reach: Reach, *, seed: int, share: int = 1, shares: int = 1, least: bool = True
) -> Result:
    """Play the story once per call and kind of fault; this share takes every `shares`-th call."""
    result = Result("crashes", seed)
    said = story()
    calm = _play(reach, said, seed, Script(NEVER, "before", seed=seed), result)
    calls = [name for *_, name in calm.account.log]
    usual = {mail.message for mail in calm.account.mails}
    reached = _faulty_calls(calm)
    for at in range(share - 1, reached, shares):
        for kind in KINDS:
            script = Script(at, kind, seed=seed)
            before = len(result.problems)
            world = _play(reach, said, seed, script, result)
            result.problems += _sent(world, usual, may_lose=calls[at] == "dispatch")
            result.size += 1
            result.facts[calls[at]] += 1
            if len(result.problems) > before:
                result.problems.append(f"… with {kind} at call {at}, of {calls[at]}")
                if least:
                    fails = partial(_fails, reach, seed=seed, at=at, kind=kind)
                    result.smallest = shrunk(said, fails, tries=60)
                return result
    return result


def _sent(world: World, usual: set[str], *, may_lose: bool) -> list[str]:
    """Compare with what is sent in calm; only a fault of dispatch may cost a message, and one."""
    sent = {mail.message for mail in world.account.mails}
    if sent - usual or len(usual - sent) > may_lose:
        return [f"{len(sent - usual)} messages too many and {len(usual - sent)} too few were sent"]
    return []


def _fails(reach: Reach, said: Sequence[Said], *, seed: int, at: int, kind: str) -> bool:
    found = Result("crashes", seed)
    _play(reach, said, seed, Script(at, kind, seed=seed), found)
    return bool(found.problems)


def _play(reach: Reach, said: Sequence[Said], seed: int, script: Script, result: Result) -> World:
    world = World(reach, seed=seed, faults=script)
    world.play(said)
    result.problems += problems(world)
    mails = Counter(world.sends.marketing())
    world.play([], clicks=len(mails))
    result.problems += problems(world)
    return world


def _faulty_calls(world: World) -> int:
    """Return how many calls there were while faults could happen."""
    faults = world.account.faults
    assert isinstance(faults, Script)
    return faults.calls
