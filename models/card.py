"""Cards: what is told of a model, to programs (`card.json`) and to people (`card.html`)."""

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from math import isfinite
from typing import Any

import numpy as np

from models.card_page import written
from models.drift import latest, reference
from models.gates import gates_of
from models.scoring import load_vectorised
from models.tables import Floats, Table
from models.trained import Challenger, Holdout, Trained
from models.trial import Champion, Refusal
from models.volume_gates import past

LIBRARIES = ("numpy", "scipy", "scikit-learn", "joblib")
HISTORY = 52
"""Champions that a card remembers: a year of weeks."""
BARS, STEPS = 20, 20
EPOCH = date(1970, 1, 1)


def card(
    trained: Trained,
    table: Table,
    *,
    version: str,
    refusals: Sequence[Refusal] = (),
    champion: Champion | None = None,
    today: int | None = None,
    purchases: Mapping[int, int] | None = None,
    trained_at: str = "",
    revision: str = "",
) -> dict[str, Any]:
    """Return the card as what JSON can hold, with the `reference` for the next judgement.

    Args:
        table: all that the model was trained on.
        version: the model's own.
        refusals: what `gates.judge` said; a card with any is that of a refused challenger.
        champion: the one that it was judged beside; its `history` goes on in this card's.
        today: as `gates.judge` was told, and `purchases` too.
        trained_at: instant in ISO 8601.
        revision: of the source, as git names it.
    """
    told = {
        **about(
            trained, gates_of(trained.name), version=version, refusals=refusals,
            champion=champion, trained_at=trained_at, revision=revision,
        ),
        "customers": len(np.unique(table.customers)),
        "features": list(trained.features),
        "calibration": [list(row) for row in trained.calibration],
        "importance": dict(sorted(trained.importance.items(), key=lambda one: -one[1])),
        "gain": gain(trained.holdout),
        "scores": _scores(trained, table),
        **trained.extra,
        "reference": reference(trained, table) | {"past": past(purchases, today)},
    }  # fmt: skip
    return finite(told)


def about(
    trained: Challenger, gates: Iterable[Callable[..., Any]], *, version: str,
    refusals: Sequence[Refusal], champion: Champion | None, trained_at: str, revision: str,
) -> dict[str, Any]:  # fmt: skip
    """Return what the card of any model tells, whatever it learned from."""
    return {
        "format": 1,
        "name": trained.name,
        "version": version,
        "trained_at": trained_at,
        "verdict": "refused" if refusals else "champion",
        "winner": trained.winner,
        "reason": trained.reason,
        "horizon": trained.horizon,
        "outputs": list(trained.outputs),
        "window": _window(trained),
        "rows": trained.rows,
        "metrics": {name: figure._asdict() for name, figure in trained.metrics.items()},
        "candidates": {name: dict(one) for name, one in trained.candidates.items()},
        "gates": _gates(gates, refusals),
        "seed": trained.seed,
        "libraries": _libraries(),
        "revision": revision,
        "history": _history(champion),
    }


def page(card: Mapping[str, Any]) -> str:
    """Return the card as one HTML file that asks for nothing else."""
    return written(card)


def _window(trained: Challenger) -> dict[str, Any]:
    cuts = [(EPOCH + timedelta(days=cut)).isoformat() for cut in trained.cuts]
    ends = EPOCH + timedelta(days=max(trained.cuts, default=0) + trained.horizon)
    return {"cut_offs": cuts, "closed": ends.isoformat()}


def gain(holdout: Holdout | None) -> list[tuple[float, float]]:
    """Return the share of the outcome that the first so many of all customers have, from 0 to 1.

    Customers are put in order by the last of the outputs that the holdout has: of value, spend.
    Nothing of responses: who has the highest uplift is not who acts the most.
    """
    if holdout is None or not len(holdout.table) or holdout.table.contacted is not None:
        return []
    size = len(holdout.table)
    outcomes = holdout.table.outcomes.reshape(size, -1)[:, -1]
    order = np.argsort(-holdout.predictions.reshape(size, -1)[:, -1], kind="stable")
    heap = np.append(0.0, np.cumsum(outcomes[order])) / (float(outcomes.sum()) or 1.0)
    shares = np.arange(STEPS + 1) / STEPS
    at = np.interp(shares, np.arange(size + 1) / size, heap)
    return list(zip(shares.tolist(), at.tolist(), strict=True))


def _scores(trained: Trained, table: Table) -> dict[str, Any]:
    """Return how the first output is spread over the latest customers (of value: spend)."""
    rows = table.rows[latest(table)]
    if not len(rows):
        return {}
    name = "value_90" if "value_90" in trained.outputs else trained.outputs[0]
    values: Floats = load_vectorised(trained.export)(rows)[name]
    top = 1.0 if values.max() <= 1.0 else float(np.quantile(values, 0.98))
    counts, edges = np.histogram(np.minimum(values, top), bins=BARS, range=(0.0, top or 1.0))
    shares = (counts / len(values)).tolist()
    return {
        "output": name, "edges": edges.tolist(), "shares": shares, "mean": float(values.mean())
    }  # fmt: skip


def _gates(
    gates: Iterable[Callable[..., Any]], refusals: Sequence[Refusal]
) -> list[dict[str, Any]]:
    """Return every gate, what it asks for, and what was said at it."""
    said: dict[str, list[dict[str, Any]]] = {}
    for refusal in refusals:
        said.setdefault(refusal.gate, []).append(refusal._asdict())
    return [
        {
            "gate": gate.__name__,
            "asks": (gate.__doc__ or "").partition("\n")[0],
            "passed": gate.__name__ not in said,
            "refusals": said.get(gate.__name__, []),
        }
        for gate in gates
    ]


def _history(champion: Champion | None) -> list[dict[str, Any]]:
    """Return the champions before this model, the oldest first."""
    if champion is None:
        return []
    before = champion.card
    entry = {
        "version": champion.version,
        "trained_at": before.get("trained_at", ""),
        "winner": before.get("winner", ""),
        "metrics": before.get("metrics", {}),
    }
    return [*before.get("history", ()), entry][-HISTORY:]


def _libraries() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = installed(name)
        except PackageNotFoundError:
            continue  # pruned packages may have lost their metadata
    return found


def finite(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a card with null for what is no number: JSON knows neither NaN nor infinity."""
    return dict(_finite(told))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return value
