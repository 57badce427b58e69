"""Exports: models as data, which score one customer without scikit-learn, scipy or numpy.

An export is JSON: `{"format": 1, "features": [names], "outputs": {name: output}}`. An output is
`{"form": ..., "calibration": ...}`: a form turns a row into a number, a calibration that number
into what is said. Forms: `feature` (the one-line rule: a feature's own value) …
"""

from collections.abc import Callable, Mapping, Sequence
from math import exp, isnan, log
from typing import Any

from portrait.faults import Rejected

FORMAT = 1

Row = Sequence[float]
Scorer = Callable[[Row], dict[str, float]]
Form = Callable[[Row], float]


def load(export: Mapping[str, Any]) -> Scorer:
    """Return a function from a row of the export's features (NaN: unknown) to its outputs by name.

    Raises:
        Rejected: `unknown_model_format`: written by a later version of the product, or by nobody.
    """
    try:
        if export["format"] != FORMAT:
            raise ValueError(f"format {export['format']!r}")
        outputs = {name: _output(one) for name, one in export["outputs"].items()}
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Rejected("unknown_model_format", f"an export cannot be read: {error!r}") from error

    def score(row: Row) -> dict[str, float]:
        return {name: output(row) for name, output in outputs.items()}

    return score


def _output(output: Mapping[str, Any]) -> Form:
    form = _FORMS[output["form"]](output)
    finish = _CALIBRATIONS[output["calibration"]["form"]](output["calibration"])
    return lambda row: finish(form(row))


def _feature(output: Mapping[str, Any]) -> Form:
    place, missing = int(output["feature"]), float(output["missing"])

    def value(row: Row) -> float:
        return missing if isnan(row[place]) else row[place]

    return value


def _logistic_map(calibration: Mapping[str, Any]) -> Callable[[float], float]:
    """A line through the logarithm of the value (`log`: true) or the value, as log-odds."""
    slope, offset = float(calibration["slope"]), float(calibration["offset"])
    if calibration["log"]:
        return lambda value: logistic(slope * log(max(value, TINY)) + offset)
    return lambda value: logistic(slope * value + offset)


TINY = 1e-9
"""What a logarithm is taken of instead of 0."""


def logistic(x: float) -> float:
    """Return the probability of log-odds."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


_FORMS: dict[str, Callable[[Mapping[str, Any]], Form]] = {"feature": _feature}
_CALIBRATIONS: dict[str, Callable[[Mapping[str, Any]], Callable[[float], float]]] = {
    "logistic": _logistic_map,
}
