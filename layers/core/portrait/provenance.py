"""Provenance: where the value of a trait comes from, for people and for the Profile API."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from portrait.strand import Trait

if TYPE_CHECKING:
    from portrait.computed_traits import ComputedTrait
    from portrait.conditions import CustomerView


@dataclass(frozen=True, slots=True)
class Provenance:
    """A trait's value and what it rests on. Instants are UTC ms.

    Attributes:
        at: when it was said, or the last instant that was considered; None where nothing was.
        source: hash of the message that said it, in hex, or the key of the series it comes from.
        strands: homes of the strands that said it or contributed to it.
        events: how many values were considered, where the series still knows.
        first_at: the first instant that was considered, as far back as instants are kept.
        exact: to the millisecond, rather than to the calendar day.
        version: of the definition; 0 where it is stored with none.
    """

    value: Any
    at: int | None
    kind: Literal["stored", "computed"]
    source: str
    strands: tuple[str, ...]
    operation: str | None = None
    window: str | None = None
    events: int | None = None
    first_at: int | None = None
    exact: bool = True
    version: int = 0

    @property
    def strand(self) -> str | None:
        """The first of the strands, which is the one of a trait that was said once."""
        return self.strands[0] if self.strands else None


def stored(trait: Trait, homes: tuple[str, ...]) -> Provenance:
    """Return the provenance of a trait that was sent."""
    return Provenance(trait.value, trait.at, "stored", trait.message.hex(), homes)


def explained(trait: "ComputedTrait", view: "CustomerView") -> Provenance:
    """Return the provenance of a computed trait at the view's instant."""
    question, metric = trait.question(view), trait.metric
    strands = view.series(metric.key)
    events: int | None = None
    if metric.keeps == "sums":
        events = (question.tally() or (0, 0))[0]
    elif metric.exact:
        events = sum(len(series.within(question.span)) for series in question.series)
    elif question.span.after is None:
        events = sum(series.fed for series in question.series)
    earliest, latest = question.earliest(), question.latest()
    return Provenance(
        value=trait.value(view),
        at=latest[0] if latest else None,
        kind="computed",
        source=metric.key,
        strands=tuple(sorted(strands)),
        operation=trait.operation,
        window=trait.span,
        events=events,
        first_at=earliest[0] if earliest else None,
        exact=metric.exact or metric.keeps == "unique" or trait.window is None,
        version=trait.version,
    )
