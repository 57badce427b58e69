"""Hostile worlds: shops with every trap of real life, from a seed."""

from random import Random

from tests.identity.habits import ordinary
from tests.identity.hostile import intrude, mistype, spoil
from tests.identity.people import Registers, populate
from tests.identity.shares import Shares
from tests.identity.world import World, told

PEOPLE = 20_000


def world(
    seed: int, people: int = PEOPLE, shares: Shares | None = None, *, late_ms: int = 0
) -> World:
    """Return a world of `people`, about four sightings each over eighteen months.

    Six in ten have an account and sign in on one or two devices, on which they also browse without
    signing in, and throw cookies away; a fifth only ever gave an e-mail address; a fifth is known
    at the till by a number or a card (`people.KINDS`, `habits`). Everything is typed as people
    type: any case, plus-tags, four ways to write a number. What is hostile, and how much of it,
    is said in `shares`. Truth is who acted, never who the identifier belongs to.

    Args:
        late_ms: some events arrive up to so much after they happened, and so out of order.
    """
    shares = shares or Shares()
    random = Random(seed)
    registers = Registers(random)
    everybody = populate(people, random, registers)
    spoil(everybody, shares, random, registers)
    acts = [act for person in everybody for act in ordinary(person, random)]
    acts += intrude(everybody, shares, random)
    mistype(acts, shares, random, registers.taken)
    return told(acts, people, random, typed, late_ms=late_ms)


def typed(namespace: str, value: str, random: Random) -> str:
    """Return an identifier in a form that somebody would type."""
    if namespace == "email" and "@" in value:
        return _typed_mail(value, random)
    if namespace == "phone" and value.startswith("+467"):
        return _typed_phone(value[3:], random)
    return value


def _typed_mail(address: str, random: Random) -> str:
    place = random.random()
    if place < 0.08:
        return address.title()
    if place < 0.12:
        return address.upper()
    if place < 0.15:
        return f" {address} "
    if place < 0.18:
        return address.replace("@", f"+{random.choice(('shop', 'news', 'rea'))}@")
    return address


def _typed_phone(number: str, random: Random) -> str:
    one, two, three, four = number[:2], number[2:5], number[5:7], number[7:]
    forms = (
        f"0{one}-{two} {three} {four}",
        f"+46 {one} {two} {three} {four}",
        f"0046{number}",
        f"0{number}",
    )
    return random.choice(forms)
