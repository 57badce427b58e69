"""Scoring of many rows at once from an export, with numpy alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.tables import Floats
from portrait.faults import Rejected
from portrait.learning.export import FORMAT

Output = Mapping[str, Any]
Form = Callable[[Floats], Floats]
"""From columns (features, rows), each of them contiguous, to a number of each row."""

CHUNK = 4096
"""Rows that are scored at a time: their columns stay in the processor's cache."""
MAX_SPLITS = 8


def load_vectorised(export: Mapping[str, Any]) -> Callable[[Floats], dict[str, Floats]]:
    """Return a function from rows (n, features) to each output (n,): what `export.load` gives.

    Raises:
        Rejected: `unknown_model_format`.
    """
    try:
        if export["format"] != FORMAT:
            raise ValueError(f"format {export['format']!r}")  # noqa: TRY301
        outputs = {name: _output(one) for name, one in export["outputs"].items()}
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Rejected("unknown_model_format", f"an export cannot be read: {error!r}") from error

    def score(rows: Floats) -> dict[str, Floats]:
        found = {name: np.empty(len(rows)) for name in outputs}
        for start in range(0, len(rows), CHUNK):
            columns = np.ascontiguousarray(rows[start : start + CHUNK].T)
            for name, output in outputs.items():
                found[name][start : start + CHUNK] = output(columns)
        return found

    return score


def _output(output: Output) -> Form:
    form = _FORMS[output["form"]](output)
    finish = _CALIBRATIONS[output["calibration"]["form"]](output["calibration"])
    return lambda columns: finish(form(columns))


def _feature(output: Output) -> Form:
    place, missing = int(output["feature"]), float(output["missing"])
    return lambda columns: np.where(np.isnan(columns[place]), missing, columns[place])


def _linear(output: Output) -> Form:
    names = ("features", "weights", "low", "high", "missing")
    terms = list(zip(*(output[name] for name in names), strict=True))
    offset = float(output["offset"])

    def value(columns: Floats) -> Floats:
        total = np.full(columns.shape[1], offset)
        for place, weight, low, high, missing in terms:
            x = columns[place]
            total += np.where(np.isnan(x), missing, weight * np.clip(x, low, high))
        return total

    return value


def _trees(output: Output) -> Form:
    grown = [_tree(tree) for tree in output["trees"]]
    baseline = float(output["baseline"])

    def value(columns: Floats) -> Floats:
        total = np.full(columns.shape[1], baseline)
        for tree in grown:
            total += tree(columns)
        return total

    return value


def _tree(tree: Sequence[Any]) -> Form:
    """Return a small tree as a table of its leaves by the answers to all its questions at once."""
    splits = [place for place, node in enumerate(tree) if isinstance(node, list)]
    if not splits:
        leaf = float(tree[0])
        return lambda columns: np.full(columns.shape[1], leaf)
    if len(splits) > MAX_SPLITS:
        return _walked(tree)
    questions = [(int(tree[p][0]), float(tree[p][1]), bool(tree[p][4])) for p in splits]
    leaves = np.array([_leaf(tree, splits, answers) for answers in range(1 << len(splits))])

    def value(columns: Floats) -> Floats:
        answers = np.zeros(columns.shape[1], dtype=np.uint8)
        for bit, (place, threshold, missing_left) in enumerate(questions):
            answers |= _left(columns[place], threshold, missing_left).view(np.uint8) << bit
        return leaves[answers]

    return value


def _left(x: Floats, threshold: float, missing_left: bool) -> NDArray[np.bool_]:
    return ~(x > threshold) if missing_left else x <= threshold


def _leaf(tree: Sequence[Any], splits: Sequence[int], answers: int) -> float:
    at = 0
    while isinstance(tree[at], list):
        at = tree[at][2] if answers >> splits.index(at) & 1 else tree[at][3]
    return float(tree[at])


def _walked(tree: Sequence[Any]) -> Form:
    """Return a tree of many leaves: each node hands its rows on."""

    def value(columns: Floats) -> Floats:
        total = np.empty(columns.shape[1])
        open_: list[tuple[int, NDArray[np.int64]]] = [(0, np.arange(columns.shape[1]))]
        while open_:
            at, rows = open_.pop()
            node = tree[at]
            if not isinstance(node, list):
                total[rows] = node
                continue
            left = _left(columns[int(node[0]), rows], float(node[1]), bool(node[4]))
            open_ += [(int(node[2]), rows[left]), (int(node[3]), rows[~left])]
        return total

    return value


def _logistic(calibration: Output) -> Form:
    slope, offset = float(calibration["slope"]), float(calibration["offset"])

    def value(x: Floats) -> Floats:
        odds = slope * x + offset
        small = np.exp(-np.abs(odds))
        return np.asarray(np.where(odds >= 0, 1, small) / (1 + small))

    return value


def _knots(calibration: Output) -> Form:
    at, values = calibration["at"], calibration["values"]
    return lambda x: np.interp(x, at, values)


def _exp(calibration: Output) -> Form:
    scale, slope = float(calibration["scale"]), float(calibration["slope"])
    most = float(calibration["most"])

    def value(x: Floats) -> Floats:
        with np.errstate(over="ignore"):  # beyond every number is beyond the most
            return np.asarray(np.minimum(scale * np.exp(np.minimum(slope * x, 700.0)), most))

    return value


def _sum(output: Output) -> Form:
    terms = [(float(weight), _output(one)) for weight, one in output["terms"]]
    offset = float(output["offset"])

    def value(columns: Floats) -> Floats:
        total = np.full(columns.shape[1], offset)
        for weight, term in terms:
            total += weight * term(columns)
        return total

    return value


_FORMS: Mapping[str, Callable[[Output], Form]] = {
    "sum": _sum,
    "feature": _feature, "linear": _linear, "trees": _trees
}  # fmt: skip
_CALIBRATIONS: Mapping[str, Callable[[Output], Form]] = {
    "none": lambda calibration: lambda x: x,
    "logistic": _logistic,
    "knots": _knots,
    "exp": _exp,
}
