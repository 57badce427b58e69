"""The people of a hostile world: households, names, accounts, mailboxes, telephones, cards."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.identity.names import FIRST_NAMES, LAST_NAMES

HOUSEHOLDS = {1: 0.55, 2: 0.30, 3: 0.10, 4: 0.05}
"""Customers of one shop in a household: more than half of them are the only one at home."""

KINDS = {"account": 0.62, "newsletter": 0.18, "till": 0.20}
"""What a person is to the shop: signs in; gives an address only; is known at the till only."""

SECOND_MAILBOX = 0.15
LOYALTY = {"account": 0.30, "newsletter": 0.0, "till": 0.60}

DOMAINS = ("gmail.example", "hotmail.example", "telia.example", "icloud.example", "mail.example")
_ASCII = str.maketrans("åäöÅÄÖ", "aaoAAO")


@dataclass(slots=True)
class Person:
    """A person and what they answer to. `shared` names the hostile part behind an identifier.

    `phone_until` and `phone_from` bound the time in which the number was theirs (UTC ms).
    """

    number: int
    household: int
    first: str
    last: str
    kind: str
    user_id: str | None
    emails: list[str]
    phone: str | None
    loyalty: str | None
    phone_from: int = 0
    phone_until: int = 1 << 62
    shared: dict[str, str] = field(default_factory=dict)

    def has_phone(self, at: int) -> bool:
        """Return whether a number was theirs at the time."""
        return self.phone is not None and self.phone_from <= at < self.phone_until


class Registers:
    """Who hands out mailboxes and numbers: nobody is given one that somebody has."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.taken: set[str] = set()

    def mailbox(self, first: str, last: str) -> str:
        """Return an address as people choose them, new."""
        random = self._random
        one, two = first.lower().translate(_ASCII), last.lower().translate(_ASCII)
        forms = (f"{one}.{two}", f"{one[0]}{two}", f"{one}{random.randrange(50, 100)}", two + one)
        name, domain = random.choice(forms), random.choice(DOMAINS)
        address, tries = f"{name}@{domain}", 0
        while address in self.taken:
            tries += 1
            address = f"{name}{random.randrange(10 ** (1 + tries))}@{domain}"
        self.taken.add(address)
        return address

    def number(self) -> str:
        """Return a mobile number in E.164, new."""
        while True:
            operator = self._random.choice(("70", "72", "73", "76", "79"))
            number = f"+46{operator}{self._random.randrange(1_000_000, 10_000_000)}"
            if number not in self.taken:
                self.taken.add(number)
                return number


def populate(count: int, random: Random, registers: Registers) -> list[Person]:
    """Return `count` people, household after household."""
    people: list[Person] = []
    for household, size in enumerate(_sizes(count, random)):
        last = random.choice(LAST_NAMES)
        for _ in range(size):
            own = last if random.random() < 0.8 else random.choice(LAST_NAMES)
            people.append(_person(len(people), household, own, random, registers))
    return people


def _sizes(count: int, random: Random) -> Iterator[int]:
    left = count
    while left:
        size = min(left, random.choices(list(HOUSEHOLDS), list(HOUSEHOLDS.values()))[0])
        left -= size
        yield size


def _person(number: int, household: int, last: str, random: Random, registers: Registers) -> Person:
    first = random.choice(FIRST_NAMES)
    kind = random.choices(list(KINDS), list(KINDS.values()))[0]
    mailboxes = {"account": 1, "newsletter": 1, "till": 0}[kind]
    if mailboxes and random.random() < SECOND_MAILBOX:
        mailboxes += 1
    carries_card = random.random() < LOYALTY[kind]
    telephone = kind == "till" or (kind == "account" and random.random() < 0.7)
    return Person(
        number=number,
        household=household,
        first=first,
        last=last,
        kind=kind,
        user_id=f"u-{number}" if kind == "account" else None,
        emails=[registers.mailbox(first, last) for _ in range(mailboxes)],
        phone=registers.number() if telephone else None,
        loyalty=f"L{100_000 + number}" if carries_card else None,
    )
