"""Training of taste: what is bought next, blended by what won on the latest closed window."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.tables import Floats
from models.taste.features import Lines
from models.taste.similarity import cosine, ease, strongest
from models.trained import Figure, Trained
from portrait.learning.taste import FORMAT, KIND

WINDOW = 30
"""Days that recent popularity looks back, and that the next items are looked for in."""
AT = 10
MOST_ITEMS = 4000
"""Items that are learned about, those of the most customers: the work grows with their cube."""
MOST_JUDGED = 4000
LEAST_LINES, LEAST_REPEATERS = 1000, 25
"""Source: Amazon Personalize, which begins at 1,000 interactions and 25 users with two or more."""
POPULAR = 500
LEAST_POPULAR = 1e-3

Similarities = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Blend:
    """How the parts are weighed; `similarity` names the matrix, "" for none."""

    own: float
    similarity: str
    similar: float
    popular: float

    def scores(self, known: "Known", similarities: Similarities, customers: Any) -> Floats:
        """Return scores (customers, items)."""
        scores = np.tile(self.popular * known.popular, (len(customers), 1))
        if self.similar:
            owned = known.owned[customers]
            scores += self.similar * (owned @ similarities[self.similarity]).toarray()
        if self.own:
            scores += self.own * known.times[customers].toarray()
        return scores


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a day.

    Attributes:
        items: the numbers of the items that are learned about.
        owned: sparse (customers, items), 1 where bought.
        times: sparse, how often.
        popular: (items,) share of customers in the last 30 days, the most popular having 1.
    """

    items: NDArray[np.int64]
    owned: Any
    times: Any
    popular: Floats

    @classmethod
    def before(cls, lines: Lines, day: int) -> "Known":
        """Return what the lines before a day tell."""
        past = lines.where(lines.day < day)
        times = _matrix(past, len(lines.items))
        owned = (times > 0).astype(np.float64)
        buyers = np.asarray(owned.sum(axis=0)).ravel()
        items = np.sort(np.argsort(-buyers, kind="stable")[:MOST_ITEMS])
        items = items[buyers[items] > 0]
        recent = _matrix(past.where(past.day >= day - WINDOW), len(lines.items)) > 0
        popular = np.asarray(recent.sum(axis=0), dtype=np.float64).ravel()[items]
        most = popular.max(initial=0.0)
        return cls(items, owned[:, items], times[:, items], popular / most if most else popular)


def _matrix(lines: Lines, items: int) -> Any:
    shape = (lines.customers, items)
    flat = sparse.coo_matrix((lines.times, (lines.customer, lines.item)), shape=shape)
    return flat.tocsr().astype(np.float64)


NEW = {
    "popularity": [Blend(0, "", 0, 1)],
    "cosine": [Blend(0, "cosine", 1, weight) for weight in (0.0, 0.5, 2.0)],
    "ease": [
        Blend(0, name, 1, weight)
        for name, weight in product(("ease_300", "ease_1000"), (0.0, 0.05, 0.1, 0.2))
    ],
}
REPEAT = {
    "popularity": [Blend(0, "", 0, 1)],
    "own": [Blend(1, "", 0, LEAST_POPULAR), Blend(1, "", 0, 1)],
    "own and ease": [Blend(1, "ease_300", weight, LEAST_POPULAR) for weight in (1.0, 3.0)],
}


def train(lines: Lines, today: int, *, seed: int) -> Trained:
    """Return the blends that foretold the last 30 days best, learned from all days before `today`.

    Where there is too little to learn from, what sells, and a reason that says so.
    """
    lines = lines.where(lines.day < today)
    lack = shortage(lines)
    cut = today - WINDOW
    before = Known.before(lines, cut)
    after = lines.where(lines.day >= cut)
    judged = {"new": NEW, "repeat": REPEAT}
    if lack or not len(after.item) or not before.owned.nnz:
        judged = {kind: {"popularity": menu["popularity"]} for kind, menu in judged.items()}
    similarities = _similarities(before, judged)
    told = {
        kind: _contest(before, after, similarities, menu, new=kind == "new", seed=seed)
        for kind, menu in judged.items()
    }
    lack = lack or ("" if len(after.item) else "nothing was bought in the last 30 days")
    return _handed_over(lines, today, told, lack, seed=seed)


def shortage(lines: Lines) -> str:
    """Return what there is too little of, as a sentence for people; nothing where it is enough."""
    if len(lines.item) < LEAST_LINES:
        return f"{len(lines.item)} items were bought; learning begins at {LEAST_LINES}"
    repeaters = int((np.bincount(lines.customer) > 1).sum())
    if repeaters < LEAST_REPEATERS:
        return f"{repeaters} customers bought twice; learning begins at {LEAST_REPEATERS}"
    return ""


def _similarities(known: Known, judged: Mapping[str, Mapping[str, list[Blend]]]) -> Similarities:
    asked = {
        blend.similarity
        for menu in judged.values()
        for blends in menu.values()
        for blend in blends
        if blend.similar
    }
    return {name: _similarity(known, name) for name in sorted(asked)}


def _similarity(known: Known, name: str) -> Any:
    if name == "cosine":
        return strongest(cosine(known.owned))
    return strongest(ease(known.owned, float(name.removeprefix("ease_"))))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The winner of a contest of blends: what it reached, and what each kind of blend did."""

    name: str
    blend: Blend
    recalls: Floats
    candidates: Mapping[str, float]


def _contest(
    known: Known, after: Lines, similarities: Similarities,
    menu: Mapping[str, list[Blend]], *, new: bool, seed: int,
) -> Outcome:  # fmt: skip
    customers, wanted = _targets(known, after, new=new, seed=seed)
    found: dict[str, tuple[float, Blend, Floats]] = {}
    for name, blends in menu.items():
        for blend in blends:
            recalls = _recalls(known, similarities, blend, customers, wanted, new=new)
            mean = float(recalls.mean()) if len(recalls) else 0.0
            if name not in found or mean > found[name][0]:
                found[name] = (mean, blend, recalls)
    best = max(found, key=lambda name: found[name][0])
    return Outcome(best, *found[best][1:], {name: one[0] for name, one in found.items()})


def _targets(
    known: Known, after: Lines, *, new: bool, seed: int
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """Return customers who were known and bought, a sample of them, and the places of the items."""
    bought = _matrix(after, len(after.items))[:, known.items] > 0
    if new:
        bought = bought > (known.owned > 0)
    had = np.asarray(known.owned.sum(axis=1)).ravel() > 0
    got = np.asarray(bought.sum(axis=1)).ravel() > 0
    customers = np.flatnonzero(had & got)
    customers = np.sort(np.random.default_rng(seed).permutation(customers)[:MOST_JUDGED])
    return customers, [bought[one].indices for one in customers]


def _recalls(
    known: Known, similarities: Similarities, blend: Blend,
    customers: NDArray[np.int64], wanted: list[NDArray[np.int64]], *, new: bool,
) -> Floats:  # fmt: skip
    """Return of each customer the share of what they bought that was among the ten best."""
    found = np.empty(len(customers))
    for start in range(0, len(customers), 256):
        block = customers[start : start + 256]
        scores = blend.scores(known, similarities, block)
        if new:
            scores[known.owned[block].nonzero()] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :AT]
        for place, top in enumerate(best):
            goal = wanted[start + place]
            found[start + place] = np.isin(goal, top).sum() / min(AT, len(goal))
    return found


def _handed_over(
    lines: Lines, today: int, told: Mapping[str, Outcome], lack: str, *, seed: int
) -> Trained:
    known = Known.before(lines, today)
    blends = {kind: one.blend for kind, one in told.items()}
    names = {blend.similarity for blend in blends.values() if blend.similar}
    # One matrix is shipped: that of new items, which nothing else can tell.
    name = blends["new"].similarity or next(iter(names), "")
    matrix = _similarity(known, name) if name else None
    export = _export(lines, known, matrix, blends)
    reason = f"What sells alone: {lack}." if lack else _reason(told)
    metrics = {f"recall_{kind}": _figure(one.recalls, seed=seed) for kind, one in told.items()}
    return Trained(
        name="taste",
        outputs=("new", "repeat"),
        features=(),
        export=export,
        rehearsal=export,
        estimator=export,
        winner=told["new"].name,
        reason=reason,
        metrics=metrics,
        candidates={kind: one.candidates for kind, one in told.items()},
        calibration=(),
        importance={},
        holdout=None,
        golden=np.empty((0, 0)),
        expected=np.empty((0, 0)),
        rows=len(lines.item),
        cuts=(today - WINDOW,),
        horizon=WINDOW,
        seed=seed,
    )


def _export(
    lines: Lines, known: Known, matrix: Any, blends: Mapping[str, Blend]
) -> Mapping[str, Any]:
    best = np.argsort(-known.popular, kind="stable")[:POPULAR]
    popular = [(int(place), known.popular[place]) for place in best if known.popular[place] > 0]
    weights = {
        kind: {"own": one.own, "similar": one.similar, "popular": one.popular}
        for kind, one in blends.items()
    }
    return {
        "format": FORMAT,
        "kind": KIND,
        "items": [lines.items[place] for place in known.items],
        "popular": list(_flat(popular)),
        "similar": [list(_flat(_row(matrix, place))) for place in range(len(known.items))],
        **weights,
    }


def _row(matrix: Any, place: int) -> list[tuple[int, float]]:
    if matrix is None:
        return []
    row = slice(matrix.indptr[place], matrix.indptr[place + 1])
    return list(zip(matrix.indices[row].tolist(), matrix.data[row].tolist(), strict=True))


def _flat(pairs: list[tuple[int, float]]) -> Iterator[float]:
    for place, weight in pairs:
        yield place
        yield round(float(weight), 6)


def _figure(recalls: Floats, *, seed: int) -> Figure:
    if not len(recalls):
        return Figure(float("nan"), float("nan"), float("nan"))
    drawn = np.random.default_rng(seed).choice(recalls, (200, len(recalls))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Figure(float(recalls.mean()), float(low), float(high))


def _reason(told: Mapping[str, Outcome]) -> str:
    parts = []
    for kind, one in told.items():
        each = ", ".join(f"{name} {recall:.4f}" for name, recall in one.candidates.items())
        parts.append(f"for {kind} items {one.name} ({each})")
    return f"Recall at {AT} over the last {WINDOW} days, foretold from before: {'; '.join(parts)}."
