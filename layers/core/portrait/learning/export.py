"""Exports: models as data, which score one customer without scikit-learn, scipy or numpy.

An export is JSON: `{"format": 1, "features": [names], "outputs": {name: output}}`. An output is a
form, which turns a row into a number, and its `calibration`, which turns that number into what is
said. Features are told by their places in the row; NaN is a feature that is not known.

Forms:
    feature: the value of one `feature`, or `missing`: the one-line rule.
    linear: `offset` and the `weights` times the `features`, each cut off at `low` and `high`, or
        the term of `missing`.
    sum: `offset` and `terms`, each a weight and an output of its own.
    trees: `baseline` and, of each of the `trees`, the leaf that the row comes to. A node is
        [feature, threshold, left, right, whether unknown goes left], a leaf a number.

Calibrations:
    none: the number itself.
    logistic: the probability of the log-odds `slope` x + `offset`.
    knots: straight lines between the `values` `at` places, level beyond.
    exp: e to the power of `slope` x, times `scale`, at `most` so much.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from math import exp, isnan
from typing import Any

from portrait.faults import Rejected
from portrait.learning.trees import Row, total

FORMAT = 1

Scorer = Callable[[Row], dict[str, float]]
Form = Callable[[Row], float]
Finish = Callable[[float], float]
Output = Mapping[str, Any]


def load(export: Mapping[str, Any]) -> Scorer:
    """Return a function from a row of the export's features to its outputs by name.

    Raises:
        Rejected: `unknown_model_format`: written by a later version of the product, or by nobody.
    """
    try:
        if export["format"] != FORMAT:
            raise ValueError(f"format {export['format']!r}")  # noqa: TRY301
        outputs = {name: _output(one) for name, one in export["outputs"].items()}
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Rejected("unknown_model_format", f"an export cannot be read: {error!r}") from error

    def score(row: Row) -> dict[str, float]:
        return {name: output(row) for name, output in outputs.items()}

    return score


def _output(output: Output) -> Form:
    form = FORMS[output["form"]](output)
    finish = CALIBRATIONS[output["calibration"]["form"]](output["calibration"])
    return lambda row: finish(form(row))


def _feature(output: Output) -> Form:
    place, missing = int(output["feature"]), float(output["missing"])

    def value(row: Row) -> float:
        return missing if isnan(row[place]) else float(row[place])

    return value


def _linear(output: Output) -> Form:
    columns = ("features", "weights", "low", "high", "missing")
    terms = list(zip(*(output[name] for name in columns), strict=True))
    offset = float(output["offset"])

    def value(row: Row) -> float:
        total = offset
        for place, weight, low, high, missing in terms:
            x = row[place]
            if x != x:
                total += missing
            else:
                total += weight * (low if x < low else high if x > high else x)
        return total

    return value


def _trees(output: Output) -> Form:
    return total(output["trees"], float(output["baseline"]))


def logistic(x: float) -> float:
    """Return the probability of log-odds."""
    if x >= 0:
        return 1 / (1 + exp(-x))
    small = exp(x)
    return small / (1 + small)


def _none(calibration: Output) -> Finish:
    return float


def _logistic(calibration: Output) -> Finish:
    slope, offset = float(calibration["slope"]), float(calibration["offset"])
    return lambda x: logistic(slope * x + offset)


def _knots(calibration: Output) -> Finish:
    at, values = list(map(float, calibration["at"])), list(map(float, calibration["values"]))
    if len(at) != len(values) or not at:
        raise ValueError("knots without values")

    def value(x: float) -> float:
        place = bisect_right(at, x)
        if place == 0:
            return values[0]
        if place == len(at):
            return values[-1]
        low, high = at[place - 1], at[place]
        rise = (values[place] - values[place - 1]) / (high - low)
        return values[place - 1] + rise * (x - low)

    return value


def _exp(calibration: Output) -> Finish:
    scale, slope = float(calibration["scale"]), float(calibration["slope"])
    most = float(calibration["most"])
    return lambda x: min(scale * exp(min(slope * x, 700.0)), most)


def _sum(output: Output) -> Form:
    terms = [(float(weight), _output(one)) for weight, one in output["terms"]]
    offset = float(output["offset"])
    return lambda row: offset + sum(weight * term(row) for weight, term in terms)


FORMS: Mapping[str, Callable[[Output], Form]] = {
    "sum": _sum,
    "feature": _feature, "linear": _linear, "trees": _trees
}  # fmt: skip
CALIBRATIONS: Mapping[str, Callable[[Output], Finish]] = {
    "none": _none, "logistic": _logistic, "knots": _knots, "exp": _exp
}  # fmt: skip
