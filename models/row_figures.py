"""Figures of models that learn from rows: what each is worth, and its plots."""

from collections.abc import Iterable

from models import plots
from models.page_parts import figure, number
from models.words import Card, Words

MOST_BARS = 12


def headline(card: Card, words: Words) -> str:
    """Return what the model is worth, in one sentence."""
    tenth = next((share for at, share in card["gain"] if at >= 0.1 - 1e-9), None)
    if tenth is None:
        return str(card["reason"])
    if not words.happens:
        return (
            f"The tenth of customers that it expects most of had {tenth:.0%} {words.total} in the "
            "window that it was tested on."
        )
    said, seen, _ = max(card["calibration"], key=lambda row: row[0])
    everybody = sum(row[1] * row[2] for row in card["calibration"])
    rate = everybody / max(1, sum(row[2] for row in card["calibration"]))
    return (
        f"Of the tenth of customers that it is surest of, {seen:.0%} {words.happens} in the window "
        f"that it was tested on; it had said {said:.0%}. Of all customers {rate:.0%} did."
    )


def row_figures(card: Card, words: Words) -> Iterable[str]:
    """Yield gain, calibration, importance and the spread of scores, as far as they are known."""
    if card["gain"]:
        caption = f"All customers in order of their score: the share {words.total} that the first "
        caption += "so many hold. The dashed line is chance."
        drawn = plots.gain(card["gain"], x_name="customers, highest score first", y_name="share")
        steps = [(f"{at:.0%}", f"{share:.1%}") for at, share in card["gain"][::2]]
        yield figure("Gain", drawn, caption, ("customers", "share"), steps)
    if card["calibration"]:
        caption = "Each point is a tenth of the customers. On the dashed line, what was said came "
        caption += "true exactly."
        points = [(row[0], row[1], row[2]) for row in card["calibration"]]
        drawn = plots.calibration(points, x_name=f"said: {words.score}", y_name="came true")
        tenths = [(number(said), number(seen), f"{n:,}") for said, seen, n in points]
        yield figure("Calibration", drawn, caption, ("said", "came true", "customers"), tenths)
    important = [(words.feature(name), more) for name, more in card["importance"].items()]
    important = [one for one in important[:MOST_BARS] if one[1] > 0]
    if important:
        caption = "How much more the model errs when a feature is shuffled among the customers."
        rows = [(name, number(more)) for name, more in important]
        yield figure("Importance", plots.bars(important), caption, ("feature", "loss"), rows)
    if card["scores"]:
        spread = card["scores"]
        edges, shares = spread["edges"], spread["shares"]
        drawn = plots.histogram(edges, shares, x_name=words.score, y_name="share of customers")
        caption = f"Of the customers of today; in the mean {number(spread['mean'])}."
        rows = [
            (f"{number(edges[n])} to {number(edges[n + 1])}", f"{share:.1%}")
            for n, share in enumerate(shares)
        ]
        yield figure("Scores", drawn, caption, ("score", "customers"), rows)
