"""The same again, 29 days and 23 hours later: nothing happens."""

from random import Random

from tests.faults.account import Reach
from tests.faults.ages import DAY_MS, HOUR_MS
from tests.faults.aws import Clock
from tests.faults.proofs.result import Result
from tests.faults.said import Said, script
from tests.faults.stores import Stores
from tests.faults.verdict import problems
from tests.faults.world import Weather, World

LATER_MS = 29 * DAY_MS + 23 * HOUR_MS
AGAIN = Weather(again=0.08, width=3)


def replays(reach: Reach, *, seed: int, events: int = 400, people: int = 6) -> Result:
    """Tell all of it, wait, and let clients and queues bring all of it once more."""
    start = Clock().now_ms
    said = script(Random(seed), people=people, events=events, start=start, days=0.01)
    world = World(reach, seed=seed, weather=AGAIN)
    world.play(said)
    result = Result("replays", seed, 0, problems(world))
    bodies = sorted(world.events.handed)
    world.account.clock.advance_to(min(one.told_at for one in said) + LATER_MS)
    world.play([_fresh(one, world.now) for one in said if one.good])
    heard = world.clients.heard
    before, mails = _states(world), len(world.account.mails)
    for body in bodies:
        world.account.queues["events"].send(body)
    world.play([one._replace(told_at=world.now) for one in said])
    result.size = world.events.deliveries
    if _states(world) != before:
        result.problems.append("what came again changed a portrait")
    if len(world.account.mails) != mails:
        result.problems.append("what came again was answered again")
    counted = sum(one.said.good for one in heard)
    if Stores(world.account).applied != counted:
        result.problems.append(f"{Stores(world.account).applied} are counted of {counted}")
    return result


def _fresh(said: Said, now: int) -> Said:
    """Return something new by the same identifiers: memories grow old by what comes after."""
    return Said(f"new-{said.id}", said.source, "$page", said.who, now, now)


def _states(world: World) -> dict[str, bytes]:
    return {home: one.encode() for home, one in Stores(world.account).roots.items()}
