"""The card of response, in words, with what contact changed and for whom."""

from collections.abc import Iterable

from models import plots
from models.churn import card as churn
from models.page_parts import figure, number
from models.row_figures import row_figures
from models.words import Card, Words


def head(card: Card) -> str:
    """Return what contact changed, and what is believed of whom it changes most."""
    effect = card["metrics"]["effect"]
    if None in effect.values():
        return str(card["reason"])
    told = (
        f"Of the customers who were contacted {_points(effect['value'])} bought than of those left "
        f"alone by lot [{_share(effect['low'])}, {_share(effect['high'])}]. "
    )
    believed = card.get("effects", {}).get("belief", 0.0)
    if not believed:
        return told + "Whom contact moves more than others is not known: all have the same uplift."
    first = card["effects"]["tenths"][0]["value"]
    return told + (
        f"Of the tenth that it ranks first, unseen before, it was {_points(first)}; {believed:.0%} "
        "of what the arms' models tell apart is believed."
    )


def _points(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{abs(100 * value):.1f} percentage points {'more' if value >= 0 else 'less'}"


def _share(value: float) -> str:
    return f"{100 * value:+.1f}"


def figures(card: Card) -> Iterable[str]:
    """Yield the figures of every model of rows, the Qini curve, and what each tenth gained."""
    yield from row_figures(card, WORDS)
    curve = [(at, gain) for at, gain in card.get("effects", {}).get("curve", ())]
    if len(curve) > 1:
        drawn = plots.curve(curve, title="Qini", x_name="customers contacted, highest uplift first",
                            y_name="purchases more a customer")  # fmt: skip
        rows = [(f"{at:.0%}", number(gain)) for at, gain in curve[::2]]
        caption = "What contacting so many gains, of customers not seen before. The dashed line is "
        caption += "contacting as many at random."
        yield figure("Qini", drawn, caption, ("customers", "gain"), rows)
    tenths = card.get("effects", {}).get("tenths", ())
    told = [(f"{place}.", one["value"], one["low"], one["high"])
            for place, one in enumerate(tenths, 1) if None not in one.values()]  # fmt: skip
    if told:
        about = f"The first gains {number(told[0][1])}, the last {number(told[-1][1])}."
        drawn = plots.intervals(told, title="Uplift", about=about, y_name="uplift that came")
        caption = "How many more of the contacted bought, by tenths of customers not seen before, "
        caption += "the highest uplift first, with 95 % intervals."
        numbers = [(name, *map(number, found)) for name, *found in told]
        yield figure("Uplift", drawn, caption, ("tenth", "uplift", "low", "high"), numbers)


WORDS = Words(
    title="Response",
    what="The chance that a customer buys within {horizon} days of being contacted, and by how "
    "much contact raises it.",
    happens="bought",
    total="of all customers who bought",
    score="chance to buy",
    figure="effect",
    metrics={
        **churn.METRICS,
        "effect": "What contact changed: the share who bought, contacted less left alone, by lot",
        "qini": "Ranking (Qini): what contacting the highest uplift first gains above chance",
        "belief": "Belief: how much of the uplift it tells apart came; 1 is all, 0 nothing",
    },
    feature=churn.feature,
    head=head,
    figures=figures,
)
