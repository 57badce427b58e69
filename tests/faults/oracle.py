"""The plain fold: what the events that were accepted amount to, without a line of the product."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from tests.faults.ages import DAY_MS, HOUR_MS
from tests.faults.said import Identifier, Said, iso

GRANTS = frozenset({"Consent Granted"})
CLICK = "Click"
"""What is told with the link of a mail. It is no event and is counted nowhere."""
WITHDRAWALS = frozenset({"Consent Withdrawn", "Unsubscribed", CLICK})


class Heard(NamedTuple):
    """An event that was accepted, and the first and last instant at which a copy of it was."""

    said: Said
    first: int
    last: int


@dataclass
class Person:
    """Everybody whom the events show to be one."""

    identifiers: set[Identifier] = field(default_factory=set)
    heard: list[Heard] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return what to call them: one of their identifiers."""
        return "{0[0]}:{0[1]}".format(min(self.identifiers))

    @property
    def events(self) -> int:
        return sum(one.said.name != CLICK for one in self.heard)

    def values(self, now: int) -> dict[str, Any]:
        """Return every computed trait of definitions/shop.yaml as it must be at `now`."""
        orders = [one.said for one in self.heard if one.said.name == "Order Completed"]
        views = [one.said.at for one in self.heard if one.said.name == "Product Viewed"]
        instants = sorted(one.at for one in orders)
        # A count by days takes in whole days: also the one in which its window begins.
        first_day = (now - 7 * DAY_MS + 1) // DAY_MS
        return {
            "orders_ever": len(orders),
            "spend_ever": _sum(orders),
            "orders_30d": sum(now - 30 * DAY_MS < at <= now for at in instants),
            "spend_2h": _sum([one for one in orders if now - 2 * HOUR_MS < one.at <= now]),
            "views_7d": sum(first_day <= at // DAY_MS <= now // DAY_MS for at in views),
            "first_order_at": iso(instants[0]) if instants else None,
            "last_order_at": iso(instants[-1]) if instants else None,
        }

    def traits(self) -> dict[str, list[Any]]:
        """Return for each trait that was ever told what it may be: the latest, any of a tie."""
        told: dict[str, list[tuple[int, Any]]] = {}
        for one in self.heard:
            for name, value in one.said.traits.items():
                told.setdefault(name, []).append((one.said.at, value))
        return {
            name: [value for at, value in values if at == max(values, key=lambda v: v[0])[0]]
            for name, values in told.items()
        }

    def consent(self, purpose: str) -> set[str | None]:
        """Return what may stand for e-mail of a purpose.

        A yes counts from when it was given, a no from when it was heard, and a no wins a tie. A no
        that came twice may have been heard at either time, hence a set; nearly always of one.
        """
        said = [one for one in self.heard if _is_about(one.said, purpose)]
        if not said:
            return {None}
        given = max((one.said.at for one in said if one.said.name in GRANTS), default=-1)
        no = [one for one in said if one.said.name in WITHDRAWALS]
        earliest = max((one.first for one in no), default=-2)
        latest = max((one.last for one in no), default=-2)
        return {"withdrawn" if at >= given else "granted" for at in (earliest, latest)}

    @property
    def ever_granted(self) -> bool:
        return any(one.said.name in GRANTS for one in self.heard)


def people(heard: Iterable[Heard]) -> list[Person]:
    """Return the people behind the events: whoever shares an identifier is one of them."""
    above: dict[Identifier, Identifier] = {}

    def find(one: Identifier) -> Identifier:
        while above.setdefault(one, one) != one:
            one = above[one]
        return one

    told = list(heard)
    for one in told:
        for other in one.said.who[1:]:
            above[find(other)] = find(one.said.who[0])
    found: dict[Identifier, Person] = {}
    for one in told:
        person = found.setdefault(find(one.said.who[0]), Person())
        person.identifiers.update(one.said.who)
        person.heard.append(one)
    return list(found.values())


def _is_about(said: Said, purpose: str) -> bool:
    if said.name == "Unsubscribed":  # from all mail
        return True
    if said.name == CLICK:
        return purpose == "marketing"
    return said.name in GRANTS | WITHDRAWALS and said.properties["purpose"] == purpose


def _sum(orders: Sequence[Said]) -> Decimal:
    return sum((Decimal(str(one.properties["revenue"])) for one in orders), Decimal(0))
