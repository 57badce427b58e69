"""The hostile parts of a world: identifiers that do not say who acted.

`spoil` changes what people answer to before they live; `intrude` adds what they do together, and
`mistype` changes what was typed. Each act that a part touched carries its name.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random

from tests.identity.habits import DAY_MS, MINUTE_MS, SPAN_MS, START_MS, named, signed_in
from tests.identity.people import Person, Registers
from tests.identity.shares import Shares
from tests.identity.world import Act

LISTED = {
    "phone": ("0000000000", "+4600000000", "000"),
    "email": ("test@test.com", "none@none.com", "noreply@shop.example", "null", "none"),
}
"""What forms are filled with; on every list of blocked values, or on a good one."""

CLERK_PHONE, CLERK_MAIL = "070-2002020", "kund@butiken.example"
"""What one shop's clerks type to get on with it. On no list: it has to be found out."""


def spoil(people: Sequence[Person], shares: Shares, random: Random, new: Registers) -> None:
    """Let families and offices share identifiers, and numbers pass from one person to another."""
    homes: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        homes[person.household].append(person)
    families = [family for family in homes.values() if len(family) > 1]
    for family in families:
        if random.random() < shares.family_phone:
            _share(family, "phone", new.number(), "family phone")
        if random.random() < shares.family_mail:
            _share(family, "emails", new.mailbox("the", f"{family[0].last}s"), "family mail")
        if random.random() < shares.family_card:
            card = next((p.loyalty for p in family if p.loyalty), None)
            _share(family, "loyalty", card, "family card")
    buyers = [person for person in people if person.kind == "account"]
    for office in range(round(shares.offices * len(people))):
        staff = random.sample(buyers, random.randint(3, 8))
        _share(staff, "emails", f"info@office{office}.example", "role mailbox")
    _recycle(people, shares, random)


def _share(people: Sequence[Person], what: str, value: str | None, part: str) -> None:
    namespace = {"emails": "email", "loyalty": "loyalty_id"}.get(what, what)
    for person in people:
        if value is None or namespace in person.shared:
            continue
        if what == "emails" and person.emails:
            # Beside their own, so that some sign up with the one and some with the other.
            person.emails = [value, person.emails[0]]
        elif what == "phone" and person.kind != "newsletter":
            person.phone = value
        elif what == "loyalty" and person.kind != "newsletter":
            person.loyalty = value
        else:
            continue
        person.shared[namespace] = part


def _recycle(people: Sequence[Person], shares: Shares, random: Random) -> None:
    """Let numbers be given up, rest for three months, and belong to somebody else after that."""
    holders = [p for p in people if p.phone and "phone" not in p.shared]
    takers = random.sample(holders, 2 * round(shares.recycled * len(holders)))
    for old, new in zip(takers[::2], takers[1::2], strict=True):
        left = START_MS + random.randrange(SPAN_MS // 4, SPAN_MS // 2)
        old.phone_until, new.phone_from, new.phone = left, left + 90 * DAY_MS, old.phone
        old.shared["phone"] = new.shared["phone"] = "recycled phone"


def intrude(people: Sequence[Person], shares: Shares, random: Random) -> Iterator[Act]:
    """Yield what happens on shared devices, under employees' accounts, and with made-up values."""
    buyers = [person for person in people if person.kind == "account"]
    yield from _kiosks(buyers, len(people), shares, random)
    yield from _family_devices(buyers, shares, random)
    yield from _employees(buyers, people, shares, random)
    yield from _floods(people, shares, random)


def _kiosks(buyers: Sequence[Person], count: int, shares: Shares, random: Random) -> Iterator[Act]:
    for kiosk in range(round(shares.kiosks * count)):
        visitors = random.sample(buyers, random.randint(24, 60))
        times = sorted(START_MS + random.randrange(SPAN_MS) for _ in visitors)
        for person, at in zip(visitors, times, strict=True):
            looks = random.random() < shares.kiosk_looks
            yield from _of("kiosk", signed_in(person, at, f"kiosk-{kiosk}", random, looks=looks))


def _family_devices(buyers: Sequence[Person], shares: Shares, random: Random) -> Iterator[Act]:
    homes: dict[int, list[Person]] = defaultdict(list)
    for person in buyers:
        homes[person.household].append(person)
    for household, family in homes.items():
        if len(family) < 2 or random.random() >= shares.family_device:
            continue
        for _ in range(random.randint(3, 10)):
            person, at = random.choice(family), START_MS + random.randrange(SPAN_MS)
            tablet = f"tablet-{household}"
            if random.random() < 0.3:
                browsing = iter([Act(at, person.number, {"anonymous_id": tablet})])
            else:
                browsing = signed_in(person, at, tablet, random, looks=random.random() < 0.3)
            yield from _of("family device", browsing)


def _employees(
    buyers: Sequence[Person], people: Sequence[Person], shares: Shares, random: Random
) -> Iterator[Act]:
    reachable = [person for person in people if person.emails or person.phone]
    for employee in random.sample(buyers, round(shares.employees * len(people))):
        for customer in random.sample(reachable, random.randint(30, 80)):
            at = START_MS + random.randrange(SPAN_MS)
            ids = {"user_id": employee.user_id or ""}
            if customer.emails:
                ids["email"] = customer.emails[-1]
            elif customer.has_phone(at):
                ids["phone"] = customer.phone or ""
            else:
                continue
            traits = {"first_name": customer.first, "last_name": customer.last}
            yield Act(at, customer.number, ids, traits, part="employee")


def _floods(people: Sequence[Person], shares: Shares, random: Random) -> Iterator[Act]:
    spans = {name: START_MS + random.randrange(SPAN_MS // 2) for name in ("phone", "email")}
    for person in people:
        for namespace, typed in (("phone", CLERK_PHONE), ("email", CLERK_MAIL)):
            at, made_up = START_MS + random.randrange(SPAN_MS), ""
            if random.random() < shares.listed:
                made_up, part = random.choice(LISTED[namespace]), "placeholder"
            elif random.random() < shares.unlisted:
                at = spans[namespace] + random.randrange(SPAN_MS // 2)
                made_up, part = typed, "clerk's value"
            if made_up:
                ids = {**_beside(person, namespace, at), namespace: made_up}
                yield Act(
                    at + MINUTE_MS, person.number, ids, named(person, random),
                    made_up=frozenset({namespace}), part=part,
                )  # fmt: skip


def _beside(person: Person, made_up: str, at: int) -> dict[str, str]:
    """Return one identifier that was given in earnest beside the made-up value, if there is one."""
    options = {
        "user_id": person.user_id,
        "loyalty_id": person.loyalty,
        "email": person.emails[-1] if person.emails else None,
        "phone": person.phone if person.has_phone(at) else None,
    }
    return next(({n: v} for n, v in options.items() if v is not None and n != made_up), {})


def _of(part: str, acts: Iterator[Act]) -> Iterator[Act]:
    for act in acts:
        act.part = part
        yield act


def mistype(acts: Sequence[Act], shares: Shares, random: Random, taken: set[str]) -> None:
    """Let some addresses be mistyped: mostly into nobody's, now and then into somebody's."""
    addresses = sorted(address for address in taken if "@" in address)
    for act in acts:
        if "email" not in act.ids or "email" in act.made_up:
            continue
        place = random.random()
        if place < shares.typo_into_somebody:
            act.ids["email"], act.part = random.choice(addresses), "typo into another's"
        elif place < shares.typo_into_somebody + shares.typo:
            act.ids["email"] = _slip(act.ids["email"], random, taken)
            act.part = act.part or "typo"


def _slip(address: str, random: Random, taken: set[str]) -> str:
    while address in taken:
        name, _, domain = address.partition("@")
        place = random.randrange(len(name))
        slips = (name[:place] + name[place + 1 :], name[:place] + name[place] + name[place:])
        address = f"{random.choice(slips) or name + 'x'}@{domain}"
    return address
