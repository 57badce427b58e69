"""Who comes to the shop on the demo's day: people drawn from a seed, with their identifiers."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

Kind = Literal["passer_by", "subscriber", "customer", "regular", "lapsed", "late", "leaving"]

SHARES: tuple[tuple[Kind, float], ...] = (
    ("customer", 0.43),
    ("subscriber", 0.15),
    ("passer_by", 0.12),
    ("regular", 0.10),
    ("lapsed", 0.07),
    ("late", 0.07),
    ("leaving", 0.06),
)
FIRST_NAMES = (
    "Alma", "Anders", "Astrid", "Birk", "Ebba", "Elin", "Emil", "Frida", "Greta", "Hugo", "Ida",
    "Jonas", "Kaja", "Lars", "Maja", "Nils", "Olga", "Per", "Saga", "Sven", "Tove", "Ulf", "Ylva",
)  # fmt: skip
LAST_NAMES = (
    "Berg", "Dahl", "Ek", "Falk", "Hansen", "Holm", "Lind", "Lund", "Nyberg", "Olsen", "Strand",
    "Sørensen", "Virtanen", "Åberg", "Östlund",
)  # fmt: skip
CITIES = ("Aarhus", "Bergen", "Göteborg", "Helsinki", "Malmö", "Oslo", "Stockholm", "Turku")


@dataclass(frozen=True)
class Person:
    """One human being; nobody shares an identifier with anybody.

    A passer-by stays anonymous, a subscriber leaves an e-mail address, a customer opens an
    account, and a regular is known to the till before (or instead of) opening one. The others are
    known from an import: bought long ago, are later than usual for them, or seem about to leave.
    """

    number: int
    kind: Kind
    first_name: str
    last_name: str
    city: str
    user_id: str
    email: str
    phone: str
    devices: tuple[str, str]
    clock_skew: int
    """Seconds by which the clock of this person's devices is wrong."""

    @property
    def has_account(self) -> bool:
        return self.kind in ("customer", "regular")


def people(random: Random, count: int) -> Iterator[Person]:
    """Draw `count` people; equal seeds draw equal people."""
    kinds, weights = zip(*SHARES, strict=True)
    for number in range(count):
        first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
        yield Person(
            number=number,
            kind=random.choices(kinds, weights)[0],
            first_name=first,
            last_name=last,
            city=random.choice(CITIES),
            user_id=f"C-{10_000 + number}",
            email=f"{first}.{number}@example.com",
            phone=f"+4670{1_000_000 + number}",
            devices=(_uuid(random), _uuid(random)),
            clock_skew=_clock_skew(random),
        )


def _uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _clock_skew(random: Random) -> int:
    """Return 0 for nine people in ten, else anything within two years either way."""
    return random.randint(-63_000_000, 63_000_000) if random.random() < 0.1 else 0
