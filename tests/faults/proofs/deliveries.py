"""Everything at once: nothing lost, nothing counted twice, nobody written to who must not be."""

from collections.abc import Sequence
from random import Random

from tests.faults.account import Reach
from tests.faults.aws import Clock
from tests.faults.proofs.result import Result
from tests.faults.said import Said, script
from tests.faults.shrink import shrunk
from tests.faults.verdict import problems
from tests.faults.world import STORM, Weather, World

PHASES = 3
SHRINK_BELOW = 600
"""Larger worlds take too long to be played a hundred times."""


def deliveries(
    reach: Reach,
    *,
    seed: int,
    events: int = 1500,
    people: int = 12,
    weather: Weather = STORM,
    least: bool = True,
) -> Result:
    """Play a world in a storm, and judge it at several quiet points."""
    start = Clock().now_ms
    said = script(Random(seed), people=people, events=events, start=start, days=3)
    result = _play(reach, said, seed, weather)
    if least and result.problems and len(said) <= SHRINK_BELOW:
        result.smallest = shrunk(
            said, lambda fewer: bool(_play(reach, fewer, seed, weather).problems), tries=120
        )
    return result


def _play(reach: Reach, said: Sequence[Said], seed: int, weather: Weather) -> Result:
    world = World(reach, seed=seed, weather=weather)
    result = Result("deliveries", seed)
    phase = -(-len(said) // PHASES)
    for start in range(0, len(said), phase):
        world.play(said[start : start + phase], clicks=3)
        result.problems += problems(world)
        if result.problems:
            break
    result.size = world.events.deliveries
    result.facts.update(world.account.faults.happened)
    result.facts["mails"] = len(world.account.mails)
    return result
