"""Operators: what conditions and filters compare a value by."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from portrait.definitions.fields import Flag, Number, Scalar
from portrait.definitions.parts import Part


class Asking(Part):
    """A part with operators, of which at least one must be given."""

    operators: ClassVar[tuple[str, ...]]

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set.intersection((*self.operators, "in_")):
            raise PydanticCustomError(
                "operator", "expected one of {names}", {"names": ", ".join(self.operators)}
            )
        return self


class Ordering(Asking):
    """Compare with numbers."""

    operators: ClassVar[tuple[str, ...]] = ("at_least", "at_most", "above", "below")

    at_least: Number = None
    """Holds from this number up."""
    at_most: Number = None
    """Holds up to this number."""
    above: Number = None
    """Holds above this number."""
    below: Number = None
    """Holds below this number."""


class Comparing(Ordering):
    """Compare with values of any kind."""

    operators = ("equals", "not_equals", "in", "contains", "exists", *Ordering.operators)

    equals: Scalar = None
    """Holds for this very value; 1 and 1.0 are the same, 1 and true and "1" are not."""
    not_equals: Scalar = None
    """Holds for any other value, and where there is none."""
    in_: Annotated[tuple[Scalar, ...] | None, Field(alias="in", min_length=1)] = None
    """Holds for any of these values."""
    contains: Scalar = None
    """Holds for a list with this value in it, and for a text with this text in it."""
    exists: Flag | None = None
    """true holds where there is a value, false where there is none."""
