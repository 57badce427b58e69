"""Scores in a portrait: traits that models gave, each with the version that gave it."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from math import isfinite
from typing import NamedTuple

from portrait.comparisons import Test
from portrait.learning.document import OUTPUTS
from portrait.portrait import Portrait
from portrait.strand import Trait, newest

CHANCES = frozenset({"churn", "response", "uplift"})
"""Scores from 0 to 1 (`uplift` from -1). All others are amounts or days, 0 or more."""

AMOUNT_STEPS = 4.0
"""Steps of a chance that make one of an amount, as a share of it. A quarter's spend of 800 is told
to 564 in the mean, and moves with every day: at a twentieth, 70 to 80 of 1,000 customers of Online
Retail were written each night, nearly all of them for that; at a fifth, 5 to 7 are."""

_SCORE, _VERSION = "score.", "score_model."
_OURS = frozenset(
    {_SCORE + output for output in OUTPUTS} | {_VERSION + model for model in OUTPUTS.values()}
)


class Score(NamedTuple):
    """What a model says of a customer, and which version of it."""

    value: float
    version: str


Scores = Mapping[str, Score]
"""By what they are called, such as `churn`."""


def rounded(output: str, value: float) -> float | None:
    """Return a score as it is kept: no more of it than anybody can know; None for no number."""
    if not isfinite(value):
        return None
    return round(value, 4) if output in CHANCES else float(f"{value:.4g}")


def held(portrait: Portrait) -> dict[str, float]:
    """Return the scores that are in force."""
    found: dict[str, Trait] = {}
    for strand in portrait.strands.values():
        for name, trait in strand.traits.items():
            if name.startswith(_SCORE) and name in _OURS:
                found[name] = newest(found.get(name), trait)
    return {
        name.removeprefix(_SCORE): float(trait.value)
        for name, trait in found.items()
        if isinstance(trait.value, int | float)
    }


def has_any(portrait: Portrait) -> bool:
    """Tell whether models ever gave the customer a score that is still kept."""
    return any(name in _OURS for strand in portrait.strands.values() for name in strand.traits)


def have_moved(
    was: Mapping[str, float],
    scores: Scores,
    lines: Mapping[str, Iterable[Test]],
    *,
    step: float,
    outputs: Iterable[str],
) -> bool:
    """Tell whether the scores are to be written: one crossed a line, or moved by a step or more.

    Args:
        lines: what conditions ask of each score.
        step: of chances; of amounts `AMOUNT_STEPS` as much, as a share of the larger.
        outputs: of the models in force. What other models said stays.
    """
    for output in outputs:
        old, new = was.get(output), scores[output].value if output in scores else None
        if old == new:
            continue
        if old is None or new is None:
            return True
        if any(test(old) != test(new) for test in lines.get(output, ())):
            return True
        unit = 1.0 if output in CHANCES else AMOUNT_STEPS * max(abs(old), abs(new))
        if abs(new - old) >= step * unit:
            return True
    return False


def put(portrait: Portrait, scores: Scores, outputs: Iterable[str], now: int) -> None:
    """Put the scores at the portrait's own home, in the place of all that these models said."""
    gone = {_SCORE + output for output in outputs}
    gone |= {_VERSION + OUTPUTS[output] for output in outputs}
    remove(portrait, gone)
    strand = portrait.strand(portrait.home)
    for output, score in sorted(scores.items()):
        said = {_SCORE + output: score.value, _VERSION + OUTPUTS[output]: score.version}
        for name, value in said.items():
            message = blake2b(f"{score.version}\0{name}".encode(), digest_size=6).digest()
            strand.set_trait(name, Trait(value, now, message))


def remove(portrait: Portrait, names: Iterable[str] = _OURS) -> None:
    """Take these traits of models out of every strand; all of them, unless told."""
    for name in names:
        for strand in portrait.strands.values():
            strand.traits.pop(name, None)
