"""Segments: named conditions that other documents refer to."""

from typing import Literal

from portrait.definitions.conditions import Condition
from portrait.definitions.fields import Key, Line
from portrait.definitions.parts import Part


class Segment(Part):
    """Customers who have something in common."""

    kind: Literal["segment"]
    """Which kind of document this is."""
    key: Key
    """Name by which conditions refer to the segment."""
    name: Line
    """What people call it."""
    where: Condition
    """Who belongs to it."""
