"""The use case of the retrain function: a sample of the customers becomes models, or does not."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from threadpoolctl import threadpool_limits

from models.publication import Outcome, Publication
from models.roster import LEARNERS
from models.study import Company, Known, Study
from portrait.faults import Unavailable
from portrait.learning.behaviour import purchase_days
from portrait.learning.exposures import Lot
from portrait.learning.learning import Learning
from portrait.learning.objection import objects
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.record import Record

FIRST_LOOK = 2_000
"""Customers by whom the company's rhythm is told, before windows can be laid."""


class Customers:
    """The customers of a sample who may be learned from, no more of them at once than a look.

    Args:
        slices: portraits by slice of the table, in a random order of slices, read lazily.
        enough: how many portraits are a sample.
        in_time: tells whether there is time for more.
    """

    def __init__(
        self, slices: Iterable[Iterable[Record]], *, enough: int, in_time: Callable[[], bool]
    ) -> None:
        self._slices, self._enough, self._in_time = slices, enough, in_time
        self.read = self.objectors = self.unreadable = 0

    def __iter__(self) -> Iterator[Portrait]:
        for each in self._slices:
            for record in each:
                if self.read >= self._enough or not self._in_time():
                    return
                self.read += 1
                try:
                    portrait = record.portrait
                except Unavailable:  # a newer version of this code wrote it
                    self.unreadable += 1
                    continue
                if objects(portrait):
                    self.objectors += 1
                else:
                    yield portrait


@dataclass(frozen=True, slots=True)
class Retraining:
    """One training of every model.

    Attributes:
        publication: what becomes of challengers.
        clock: returns UTC milliseconds.
        seed: of whatever is drawn.
        lots: how campaigns draw whom they leave alone.
    """

    learning: Learning
    models: Sequence[str]
    publication: Publication
    clock: Callable[[], int]
    seed: int = 0
    lots: Mapping[str, Lot] = field(default_factory=dict)

    def run(self, customers: Iterable[Portrait]) -> list[Outcome]:
        """Train, judge and publish each model; return what became of each, refused or not.

        Memory is that of what the models learn from, whatever the table holds.

        Raises:
            Unavailable: something did not answer; models that were published by then stay so.
        """
        source, today = iter(customers), self.clock() // DAY_MS
        first = list(islice(source, FIRST_LOOK))
        company = Company.seen(first, self.learning, today, self.lots)
        studies = {name: LEARNERS[name](company) for name in self.models if name in LEARNERS}
        purchases: Counter[int] = Counter()
        for number, portrait in enumerate(chain(first, source)):
            for one in purchase_days(portrait, self.learning, today):
                purchases[one.day] += one.times
            for study in studies.values():
                study.take(portrait, number)
        known = Known(today, purchases)
        return [self._model(name, study, known) for name, study in studies.items()]

    def _model(self, name: str, study: Study, known: Known) -> Outcome:
        began = self.clock()
        with threadpool_limits(1):  # on a share of a processor, threads wait for each other
            learned = study.learned(seed=self.seed)
        if isinstance(learned, str):
            return Outcome(name, "nothing_to_learn_from", reason=learned)
        outcome = self.publication.publish(learned, known)
        return outcome._replace(seconds=(self.clock() - began) / 1000)
