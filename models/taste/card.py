"""The card of taste, in words and figures."""

from collections.abc import Iterable, Mapping

from models import plots
from models.page_parts import figure, number
from models.words import Card, Words

KINDS: Mapping[str, str] = {"new": "New items", "repeat": "Repeats allowed"}


def head(card: Card) -> str:
    """Return what its recommendations are worth, beside what sells."""
    told = card["metrics"].get("recall_new", {}).get("value")
    sells = card["candidates"].get("new", {}).get("popularity")
    if told is None or sells is None or card["winner"] == "popularity":
        return str(card["reason"])
    return (
        f"Ten recommendations held {told:.1%} of the items new to them that customers bought in "
        f"the window that it was tested on; the ten best sellers would have held {sells:.1%}."
    )


def figures(card: Card) -> Iterable[str]:
    """Yield what each candidate foretold, and what is told most."""
    for kind, title in KINDS.items():
        found = sorted(card["candidates"].get(kind, {}).items(), key=lambda one: -one[1])
        if any(recall for _, recall in found):
            caption = "The share of what customers bought in the window that each candidate had "
            caption += "among its ten."
            rows = [(name, f"{recall:.1%}") for name, recall in found]
            yield figure(title, plots.bars(found, title), caption, ("candidate", "recall"), rows)
    foremost = [(one["item"], one["share"]) for one in card["recommended"]]
    if foremost:
        caption = f"The share of customers who are told an item new to them; of {card['items']:,} "
        caption += f"items {card['coverage']:.0%} are told to one of {card['asked']:,} or more."
        rows = [(name, number(share)) for name, share in foremost]
        drawn = plots.bars(foremost, "Told most")
        yield figure("Told most", drawn, caption, ("item", "customers"), rows)


WORDS = Words(
    title="Taste",
    what="Which items a customer will buy within {horizon} days: new to them, or again.",
    happens="",
    total="",
    score="",
    figure="recall_new",
    metrics={
        "recall_new": "New items (recall@10): share of what was bought that was among ten told",
        "recall_repeat": "Repeats allowed (recall@10): the same, of all that was bought",
    },
    feature=str,
    rows="lines",
    head=head,
    figures=figures,
)
