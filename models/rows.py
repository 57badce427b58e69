"""Rows: what each model that scores wants to know of a customer; the standard library alone."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from models.churn import features as churn
from models.response import features as response
from models.value import features as value
from portrait.learning.behaviour import Behaviour
from portrait.learning.learning import Learning


class Rows(NamedTuple):
    """How a model looks at a customer.

    Attributes:
        names: returns what its features are called.
        row: returns the features of a behaviour; None of whom it cannot say anything.
    """

    names: Callable[[Learning], tuple[str, ...]]
    row: Callable[[Behaviour], list[float] | None]


ROWS: Mapping[str, Rows] = {
    "churn": Rows(churn.names, churn.row),
    "value": Rows(value.names, value.row),
    "response": Rows(response.names, response.row),
}
"""Those that give a score to every customer; what others say depends on more than the customer."""
