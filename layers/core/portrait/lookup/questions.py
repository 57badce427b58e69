"""How much of a section is asked for: the query of a request."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from portrait.faults import Rejected

LIMIT, MAX_LIMIT = 10, 200
"""Source: Segment's Profile API."""

TraitClass = Literal["computed_trait", "audience"]
_CLASSES: dict[str, TraitClass | None] = {
    "": None,
    "computed_trait": "computed_trait",
    "audience": "audience",
}


class Question(NamedTuple):
    """What of a section is asked for.

    Attributes:
        limit: how many of it at most.
        include: only what goes by one of these names; None for all.
        verbose: with where each value comes from.
        kind: of traits; None for those that were sent or computed.
        after: the cursor of the page before, as it was handed out.
    """

    limit: int = LIMIT
    include: frozenset[str] | None = None
    verbose: bool = False
    kind: TraitClass | None = None
    after: str = ""

    def asks_for(self, name: str) -> bool:
        """Tell whether something that goes by this name is asked for."""
        return self.include is None or name in self.include


def read_question(query: Mapping[str, str]) -> Question:
    """Read a query; parameters that mean nothing here are ignored.

    Raises:
        Rejected: the limit is none, or there is no such class of traits.
    """
    if (kind := query.get("class", "")) not in _CLASSES:
        raise Rejected("invalid_class", "`class` must be computed_trait or audience")
    names = frozenset(filter(None, query.get("include", "").split(",")))
    return Question(
        limit=_limit(query.get("limit", "")),
        include=names or None,
        verbose=query.get("verbose") == "true",
        kind=_CLASSES[kind],
        after=query.get("next", ""),
    )


def _limit(text: str) -> int:
    if not text:
        return LIMIT
    if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    raise Rejected("invalid_limit", f"`limit` must be a whole number from 1 to {MAX_LIMIT}")
