"""The use case of the retrain function: a sample of the customers becomes models, or does not."""

import io
import platform
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

import joblib
import msgspec
import numpy as np
import scipy
import sklearn
from threadpoolctl import threadpool_limits

from models import card
from models.roster import LEARNERS, Learner, Windows, days_known
from models.tables import Gathering, Table
from models.trained import Trained
from models.trial import Champion, Refusal
from models.windows import cut_offs, horizon_of
from portrait.faults import Conflict, Rejected, Unavailable
from portrait.learning.behaviour import purchase_days
from portrait.learning.learning import Learning
from portrait.learning.objection import objects
from portrait.learning.registry import (
    ARTEFACT,
    CARD,
    CARD_PAGE,
    EXPORT,
    REHEARSAL,
    Model,
    Pointer,
    promoted,
    version_of,
)
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.record import Record

FIRST_LOOK = 2_000
"""Customers by whom the company's rhythm is told, before windows can be laid."""

MAX_ATTEMPTS = 3


class Shelf(Protocol):
    """Where models are published."""

    def publish(
        self, name: str, files: Mapping[str, bytes], *, now: int, libraries: Mapping[str, str],
        revision: str = "",
    ) -> str: ...  # fmt: skip

    def pointer(self, name: str) -> tuple[Pointer | None, str]: ...

    def point(self, to: Pointer, *, tag: str) -> None: ...

    def load(self, name: str, version: str) -> Model: ...


class Judge(Protocol):
    """Says what speaks against a challenger."""

    def __call__(
        self,
        challenger: Trained,
        champion: Champion | None,
        table: Table,
        *,
        today: int | None,
        purchases: Mapping[int, int] | None,
        accepted: Collection[str],
    ) -> Sequence[Refusal]: ...


class Outcome(NamedTuple):
    """What became of a model in a training.

    `what` is `promoted`, `refused` (the champion stays) or `nothing_to_learn_from`; `version` is
    that of the challenger, whose card says the same. `suspect` is why the model in force was not
    taken for one: somebody changed it.
    """

    model: str
    what: str
    version: str = ""
    reason: str = ""
    rows: int = 0
    refusals: tuple[Refusal, ...] = ()
    seconds: float = 0.0
    suspect: str = ""


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


@dataclass(slots=True)
class Retraining:
    """One training of every model.

    Attributes:
        judge: returns by which gates a challenger is refused.
        clock: returns UTC milliseconds.
        seed: of whatever is drawn.
        accepted: gates that a person lets the challengers pass, this once.
        revision: of the code, by git; empty where it is not known.
    """

    learning: Learning
    models: Sequence[str]
    shelf: Shelf
    judge: Judge
    clock: Callable[[], int]
    seed: int = 0
    accepted: Collection[str] = ()
    revision: str = ""

    def run(self, customers: Iterable[Portrait]) -> list[Outcome]:
        """Train, judge and publish each model; return what became of each, refused or not.

        Memory is that of the rows of the sample, whatever the table holds.

        Raises:
            Unavailable: something did not answer; models that were published by then stay so.
        """
        source = iter(customers)
        first = list(islice(source, FIRST_LOOK))
        today = self.clock() // DAY_MS
        bought = [self._bought(portrait, today) for portrait in first]
        days = days_known(bought, today)
        gathered = {
            name: self._windows(LEARNERS[name], bought, today)
            for name in self.models
            if name in LEARNERS
        }
        purchases: Counter[int] = Counter()
        for number, portrait in enumerate(chain(first, source)):
            for one in purchase_days(portrait, self.learning, today):
                purchases[one.day] += one.times
            for learner, windows, rows in gathered.values():
                for cut, row, outcomes in learner.examples(portrait, self.learning, windows):
                    rows.add(row, outcomes, cut=cut, customer=number)
        return [
            self._model(name, *each, days=days, purchases=purchases)
            for name, each in gathered.items()
        ]

    def _bought(self, portrait: Portrait, today: int) -> list[int]:
        return [one.day for one in purchase_days(portrait, self.learning, today)]

    def _windows(
        self, learner: Learner, bought: Sequence[Sequence[int]], today: int
    ) -> tuple[Learner, Windows, Gathering]:
        horizon = learner.horizon or self.learning.horizon or horizon_of(bought, today=today)
        first = today - days_known(bought, today)
        cuts = cut_offs(today, horizon, first=first, lookback=self.learning.lookback)
        rows = Gathering(learner.names(self.learning), learner.outcomes)
        return learner, Windows(cuts, horizon, today), rows

    def _model(
        self, name: str, learner: Learner, windows: Windows, rows: Gathering, *, days: int,
        purchases: Mapping[int, int],
    ) -> Outcome:  # fmt: skip
        began, table = self.clock(), rows.table(windows.horizon)
        if not len(table):
            reason = (
                f"no customer bought before a window of {windows.horizon} days that has closed; "
                f"purchases reach {days} days back"
            )
            return Outcome(name, "nothing_to_learn_from", reason=reason)
        with threadpool_limits(1):  # on a share of a processor, threads wait for each other
            trained = learner.train(table, self.seed, days)
        try:
            pointer, tag = self.shelf.pointer(name)
        except Rejected as fault:  # rather no new model than one in the place of who knows what
            return Outcome(name, "refused", rows=len(table), suspect=str(fault))
        champion, suspect = self._champion(name, pointer)
        known: dict[str, Any] = {"today": windows.today, "purchases": purchases}
        refusals = tuple(self.judge(trained, champion, table, **known, accepted=self.accepted))
        now, export = self.clock(), msgspec.json.encode(trained.export)
        told = card.card(
            trained, table, version=version_of(export, now), refusals=refusals,
            champion=champion, trained_at=f"{_moment(now):%Y-%m-%dT%H:%M:%SZ}",
            revision=self.revision, **known,
        )  # fmt: skip
        version = self.shelf.publish(
            name, files_of(trained, export, told), now=now, libraries=libraries(),
            revision=self.revision,
        )  # fmt: skip
        if not refusals:
            self._promote(name, version, pointer, tag)
        what, spent = "refused" if refusals else "promoted", (self.clock() - began) / 1000
        return Outcome(name, what, version, trained.reason, len(table), refusals, spent, suspect)

    def _champion(self, name: str, pointer: Pointer | None) -> tuple[Model | None, str]:
        """Return the model in force; one that nobody would use is none, and why it is not."""
        if pointer is None:
            return None, ""
        try:
            return self.shelf.load(name, pointer.champion), ""
        except Rejected as fault:
            return None, str(fault)

    def _promote(self, name: str, version: str, pointer: Pointer | None, tag: str) -> None:
        for _ in range(MAX_ATTEMPTS):
            try:
                return self.shelf.point(promoted(pointer, name, version, self.clock()), tag=tag)
            except Conflict:  # somebody went back to another version meanwhile
                pointer, tag = self.shelf.pointer(name)
        raise Unavailable(f"others kept replacing the pointer of {name}")


def files_of(trained: Trained, export: bytes, told: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of a version, by their names."""
    artefact = io.BytesIO()
    joblib.dump(trained.estimator, artefact, compress=3)
    return {
        EXPORT: export,
        REHEARSAL: msgspec.json.encode(trained.rehearsal),
        CARD: msgspec.json.encode(
            {"winner": trained.winner, "reason": trained.reason, **told, "libraries": libraries()}
        ),
        CARD_PAGE: card.page(told).encode(),
        ARTEFACT: artefact.getvalue(),
    }


def _moment(now: int) -> datetime:
    return datetime.fromtimestamp(now / 1000, UTC)


def libraries() -> dict[str, str]:
    """Return the versions of what a model is trained with."""
    modules = {"joblib": joblib, "numpy": np, "scikit-learn": sklearn, "scipy": scipy}
    return {"python": platform.python_version()} | {
        name: module.__version__ for name, module in modules.items()
    }
