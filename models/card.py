"""Cards: what is told of a model, to programs (`card.json`) and to people (`card.html`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.drift import reference
from models.tables import Table
from models.trained import Trained
from models.trial import Champion, Refusal
from models.volume_gates import past


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
    return {
        "format": 1,
        "name": trained.name,
        "version": version,
        "metrics": {n: f._asdict() for n, f in trained.metrics.items()},
        "reference": reference(trained, table) | {"past": past(purchases, today)},
    }


def page(card: Mapping[str, Any]) -> str:
    """Return the card as one HTML file that asks for nothing else."""
    return f"<!doctype html><title>{card['name']}</title>"
