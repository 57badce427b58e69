"""What people do on ordinary days: browse, sign in, order, read the newsletter, buy at the till."""

from collections.abc import Iterator
from random import Random

from tests.identity.people import Person
from tests.identity.world import Act

DAY_MS = 86_400_000
SPAN_MS = 540 * DAY_MS
START_MS = 19_700 * DAY_MS
MINUTE_MS = 60_000

VISITS = {"account": 2.6, "newsletter": 2.6, "till": 3.2}
"""Mean number of visits; each is drawn as 1 + an exponential, so that a few people come often."""

RESET_COOKIE = 0.08
SECOND_DEVICE = 0.4
ANONYMOUS_VISIT = 0.35
LOOKS_BEFORE_LOGIN = 0.4
SAYS_NAME = 0.6


def ordinary(person: Person, random: Random) -> Iterator[Act]:
    """Yield what a person does in the whole time, visit by visit."""
    visits = 1 + int(random.expovariate(1 / (VISITS[person.kind] - 0.5)))
    times = sorted(START_MS + random.randrange(SPAN_MS) for _ in range(visits))
    cookies = Cookies(person, random)
    for at in times:
        for act in _visit(person, at, cookies, random):
            act.part = act.part or next(
                (person.shared[name] for name in act.ids if name in person.shared), ""
            )
            yield act


class Cookies:
    """The devices of a person; one may be bought, and its cookies may be thrown away."""

    def __init__(self, person: Person, random: Random) -> None:
        self._person, self._random, self._made = person.number, random, 0
        self._current = [self._new()]

    def _new(self) -> str:
        self._made += 1
        return f"c-{self._person}-{self._made}"

    def pick(self) -> str:
        """Return the cookie of the device that is at hand."""
        if len(self._current) == 1 and self._random.random() < SECOND_DEVICE / 2:
            self._current.append(self._new())
        place = self._random.randrange(len(self._current))
        if self._random.random() < RESET_COOKIE:
            self._current[place] = self._new()
        return self._current[place]


def named(person: Person, random: Random) -> dict[str, str]:
    """Return the name as a form or a clerk takes it, or nothing where nobody asked."""
    if random.random() >= SAYS_NAME:
        return {}
    return {"first_name": person.first, "last_name": person.last}


def _visit(person: Person, at: int, cookies: Cookies, random: Random) -> Iterator[Act]:
    if person.kind == "till":
        yield from _till(person, at, random)
    elif person.kind == "newsletter":
        yield from _newsletter(person, at, cookies, random)
    else:
        place = random.random()
        if place < 0.15 and (person.loyalty or person.has_phone(at)):
            yield from _till(person, at, random)
        elif place < 0.25:
            yield from _newsletter(person, at, cookies, random)
        else:
            yield from _site(person, at, cookies.pick(), random)


def _site(person: Person, at: int, cookie: str, random: Random) -> Iterator[Act]:
    if random.random() < ANONYMOUS_VISIT:
        yield Act(at, person.number, {"anonymous_id": cookie})
        return
    yield from signed_in(person, at, cookie, random, looks=random.random() < LOOKS_BEFORE_LOGIN)


def signed_in(
    person: Person, at: int, cookie: str, random: Random, *, looks: bool
) -> Iterator[Act]:
    """Yield a visit with a login: perhaps a look before it, the login, and a page or an order."""
    if looks:
        yield Act(at - 2 * MINUTE_MS, person.number, {"anonymous_id": cookie})
    user = {"user_id": person.user_id or "", "anonymous_id": cookie}
    login = {**user, "email": random.choice(person.emails)}
    yield Act(at, person.number, login, named(person, random))
    if random.random() < 0.5:
        if person.has_phone(at) and random.random() < 0.3:
            user["phone"] = person.phone or ""
        yield Act(at + MINUTE_MS, person.number, user)


def _newsletter(person: Person, at: int, cookies: Cookies, random: Random) -> Iterator[Act]:
    address = random.choice(person.emails)
    yield Act(at, person.number, {"email": address}, named(person, random))
    if random.random() < 0.35:
        link = {"email": address, "anonymous_id": cookies.pick()}
        yield Act(at + MINUTE_MS, person.number, link)


def _till(person: Person, at: int, random: Random) -> Iterator[Act]:
    phone = person.phone if person.has_phone(at) else None
    said = {"phone": phone, "loyalty_id": person.loyalty}
    ids = {name: value for name, value in said.items() if value is not None}
    if len(ids) == 2 and random.random() < 0.6:
        del ids[random.choice(list(ids))]
    if ids:
        yield Act(at, person.number, ids, named(person, random))
