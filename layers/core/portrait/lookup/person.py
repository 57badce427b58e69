"""A customer as the sections of a portrait show them."""

from typing import NamedTuple

from portrait.catalogue import Catalogue
from portrait.operations import iso
from portrait.portrait import Portrait
from portrait.view import View


class Person(NamedTuple):
    """A customer as they stand at the view's instant.

    Attributes:
        shared: homes of this portrait's identifiers that belong to several people, and so to none.
    """

    portrait: Portrait
    view: View
    catalogue: Catalogue
    shared: frozenset[str] = frozenset()


def moment(at: int | None) -> str | None:
    """Return an instant as it is shown, or None where there is none."""
    return None if at is None else iso(at)
