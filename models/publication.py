"""Publication: a challenger becomes a version beside the others, and the champion if it may."""

import io
import platform
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import joblib
import msgspec
import numpy as np
import scipy
import sklearn

from models import card
from models.study import Known, Learned
from models.trained import Challenger
from models.trial import Refusal
from portrait.faults import Conflict, Rejected, Unavailable
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


@dataclass(frozen=True, slots=True)
class Publication:
    """How the challengers of one training are judged and published.

    Attributes:
        clock: returns UTC milliseconds.
        accepted: gates that a person lets the challengers pass, this once.
        revision: of the code, by git; empty where it is not known.
    """

    shelf: Shelf
    clock: Callable[[], int]
    accepted: Collection[str] = ()
    revision: str = ""

    def publish(self, learned: Learned, known: Known) -> Outcome:
        """Judge a challenger, publish it, refused or not, and put it in force if it may be.

        Raises:
            Unavailable: something did not answer.
        """
        trained = learned.trained
        try:
            pointer, tag = self.shelf.pointer(trained.name)
        except Rejected as fault:  # rather no new model than one in the place of who knows what
            return Outcome(trained.name, "refused", rows=trained.rows, suspect=str(fault))
        champion, suspect = self._champion(trained.name, pointer)
        refusals = tuple(learned.judged(champion, known, accepted=self.accepted))
        now, export = self.clock(), msgspec.json.encode(trained.export)
        told = learned.card(
            champion, known, version=version_of(export, now), refusals=refusals,
            trained_at=f"{_moment(now):%Y-%m-%dT%H:%M:%SZ}", revision=self.revision,
        )  # fmt: skip
        version = self.shelf.publish(
            trained.name, files_of(trained, export, told), now=now, libraries=libraries(),
            revision=self.revision,
        )  # fmt: skip
        if not refusals:
            self._promote(trained.name, version, pointer, tag)
        what = "refused" if refusals else "promoted"
        return Outcome(
            trained.name, what, version, trained.reason, trained.rows, refusals, suspect=suspect
        )

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


def files_of(trained: Challenger, export: bytes, told: Mapping[str, Any]) -> dict[str, bytes]:
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
