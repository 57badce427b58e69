"""Response from portraits to a version in force: whom contact moves is told from others."""

from collections.abc import Iterable
from itertools import chain
from random import Random

import msgspec
import pytest

from models.in_force import in_force
from models.publication import Publication
from models.retraining import Retraining
from portrait.dialogue import Entries
from portrait.experiments import arm
from portrait.learning.behaviour import behaviour
from portrait.learning.exposures import Lot
from portrait.learning.learning import Learning
from portrait.learning.registry import Model
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.requirements import metric_for
from tests.unit.core.worlds import an_event

TODAY = 20_000
LEARNING = Learning()
METRICS = {"Order Completed": (metric_for("Order Completed", "revenue", 730 * DAY_MS),)}
LOTS = {"letter": Lot(0.5, False)}
MOVED = 60
"""Days of silence from which a letter moves customers; it never moves who has just bought."""


class Shelf:
    """Where versions are published, in memory."""

    def __init__(self) -> None:
        self.files, self.champion = {}, None

    def publish(self, name, files, *, now, libraries, revision=""):
        self.files[name] = files
        return "v1"

    def pointer(self, name):
        return None, ""

    def point(self, to, *, tag):
        self.champion = to.champion

    def load(self, name, version):
        raise AssertionError("nothing was in force before")


def customer(number: int) -> tuple[Portrait, bool]:
    """Return somebody who got the letter or did not, and whether it was to move them."""
    random = Random(number)
    day = TODAY - random.randrange(31, 300)
    silent = random.choice([5, 12, 80, 110])
    days = [day - silent - gap for gap in (0, random.randint(9, 50), random.randint(60, 99))]
    drawn = arm("letter", f"u{number}", 0.5)
    moved = silent >= MOVED and drawn == "treated"
    if random.random() < (0.7 if moved else 0.25):
        days.append(day + random.randrange(1, 29))
    portrait = bought(f"u{number}", days, random)
    strand = portrait.strand(portrait.home)
    strand.entries["letter"] = Entries(1, day * DAY_MS)
    strand.set_arm("letter", drawn)
    return portrait, silent >= MOVED


def bystander(number: int) -> Portrait:
    """Return somebody who buys every few days, and whom no letter is sent."""
    return bought(f"b{number}", range(TODAY - 200 + number % 5, TODAY, 5), Random(number))


def bought(home: str, days: Iterable[int], random: Random) -> Portrait:
    portrait = Portrait(home)
    for day in days:
        event = an_event(name="Order Completed", at=day * DAY_MS, received_at=TODAY * DAY_MS,
                         properties={"revenue": random.randint(5, 90)})  # fmt: skip
        portrait.strand(home).fold(event, random.randbytes(6), METRICS)
    return portrait


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    shelf = Shelf()
    publication = Publication(shelf, lambda: TODAY * DAY_MS)
    training = Retraining(LEARNING, ["response"], publication, lambda: TODAY * DAY_MS, 0, LOTS)
    letters = (customer(n)[0] for n in range(1600))
    (outcome,) = training.run(chain(letters, map(bystander, range(250))))
    assert (outcome.what, outcome.refusals) == ("promoted", ())
    assert "is believed" in outcome.reason
    return shelf


def test_a_letter_is_said_to_move_those_whom_letters_moved(shelf):
    export = msgspec.json.decode(shelf.files["response"]["export.json"])
    scoring = in_force("response", Model("v1", export, {}, {}), LEARNING)

    said = {True: [], False: []}
    for number in range(2000, 2200):
        portrait, easily = customer(number)
        day = portrait.strands[portrait.home].entries["letter"].last // DAY_MS
        row = scoring.row(behaviour(portrait, LEARNING, day))
        (uplift,) = scoring.score([row])["uplift"]
        said[easily].append(uplift)

    assert sum(said[True]) / len(said[True]) == pytest.approx(0.45, abs=0.12)
    assert sum(said[False]) / len(said[False]) == pytest.approx(0.0, abs=0.12)


def test_a_model_is_in_force_under_the_version_that_was_published(shelf):
    assert shelf.champion == "v1"
    assert {"card.json", "card.html", "export.json"} <= shelf.files["response"].keys()
