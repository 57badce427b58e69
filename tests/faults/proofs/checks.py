"""Small sizes of every proof: together they must notice any bug, and be quick about it."""

from collections.abc import Callable

from tests.faults.account import Reach
from tests.faults.proofs.crashes import crashes
from tests.faults.proofs.deliveries import deliveries
from tests.faults.proofs.erasures import erasures
from tests.faults.proofs.permutations import permutations
from tests.faults.proofs.replays import replays
from tests.faults.proofs.result import Result
from tests.faults.proofs.sends import sends
from tests.faults.proofs.steps import steps
from tests.faults.proofs.ties import ties
from tests.faults.proofs.undoing import undoing
from tests.faults.world import STORM, Weather

ROUGH = Weather(
    tuple((kind, 5 * rate) for kind, rate in STORM.rates), again=0.15, cold=0.05, width=4
)

Check = Callable[[Reach, int], Result]
CHECKS: dict[str, Check] = {
    "storm": lambda reach, seed: deliveries(
        reach, seed=seed, events=240, people=4, weather=ROUGH, least=False
    ),
    "steps": lambda reach, seed: steps(reach, seed=seed, events=150, people=2, least=False),
    "crowd": lambda reach, seed: steps(reach, seed=seed, events=300, people=12, least=False),
    "crashes": lambda reach, seed: crashes(
        reach, seed=seed, share=seed % 6 + 1, shares=6, least=False
    ),
    "permutations": lambda reach, seed: permutations(seed=seed, sets=6, orders=6, least=False),
    "replays": lambda reach, seed: replays(reach, seed=seed, events=60, people=2),
    "undoing": lambda reach, seed: undoing(reach, seed=seed, cases=12),
    "erasures": lambda reach, seed: erasures(reach, seed=seed, cases=12),
    "ties": lambda reach, seed: ties(reach, seed=seed),
    "sends": lambda reach, seed: deliveries(
        reach, seed=seed, events=240, people=2, weather=ROUGH, least=False
    ),
    "dialogues": lambda reach, seed: sends(reach, seed=seed, people=10, events=420, days=4),
}
