"""Is it right? The oracle's account of what happened beside what the stores hold."""

from collections.abc import Iterator
from itertools import pairwise

from tests.faults.clients import GARBAGE
from tests.faults.oracle import Person, people
from tests.faults.stores import Stores
from tests.faults.world import World


def problems(world: World) -> list[str]:
    """Return everything that is not as it must be, now that nothing is in flight."""
    world.account.take_over("the test")
    stores = Stores(world.account)
    known = people(world.clients.heard)
    return [
        *world.clients.problems,
        *conservation(world),
        *_portraits(stores, known, world.now),
        *world.sends.problems(known),
    ]


def conservation(world: World) -> Iterator[str]:
    """Accepted = applied + duplicate + quarantined + in flight, all from the stores."""
    clients, stores = world.clients, Stores(world.account)
    events = {key for key in clients.accepted if key[0] != "click"}
    archived = stores.archived()
    receipts = {receipt for held in archived.values() for receipt in held}
    flying = {key for key in stores.in_flight() if not stores.counted(*key)}
    aside = {row["receipt"] for row in stores.quarantined() if row["origin"] == "queue"}
    lost = events - archived.keys() - stores.in_flight()
    if lost:
        yield f"{len(lost)} accepted events are in no store: {sorted(lost)[:5]}"
    if foreign := archived.keys() - events:
        yield f"the archive has events nobody was answered for: {sorted(foreign)[:5]}"
    again = len(receipts) - len(archived)
    late = len(receipts & aside)
    difference = len(receipts) - (stores.applied + again + late) - len(flying & archived.keys())
    if difference:
        yield (
            f"conservation: {len(receipts)} received = {stores.applied} applied + {again} again"
            f" + {late} put aside + {len(flying)} in flight leaves {difference}"
        )
    put_aside = {row["receipt"] for row in stores.quarantined() if row["origin"] == "http"}
    if len(put_aside) < len(clients.refused):
        yield f"{len(clients.refused)} were refused, {len(put_aside)} are in quarantine"
    unreadable = sum(row["payload"] == GARBAGE for row in stores.quarantined())
    if unreadable < clients.garbage:
        yield f"{clients.garbage} bodies were no events, {unreadable} are in quarantine"


def _portraits(stores: Stores, expected: list[Person], now: int) -> Iterator[str]:
    found: dict[str, str] = {}
    for person in expected:
        trails = [stores.trail(one) for one in sorted(person.identifiers)]
        roots = {trail[-1] for trail in trails}
        if len(roots) != 1 or not roots <= stores.roots.keys():
            yield f"{person.name} is {len(roots)} people, {len(roots & stores.roots.keys())} known"
            continue
        for trail in trails:
            if any(below <= above for below, above in pairwise(trail)):
                yield f"{person.name}: a pointer leads from a stronger home to a weaker one"
        (root,) = roots
        if root in found:
            yield f"{person.name} and {found[root]} are one"
        found[root] = person.name
        yield from (f"{person.name}: {each}" for each in _person(stores, root, person, now))
    if strangers := stores.roots.keys() - found.keys():
        yield f"{len(strangers)} portraits are nobody's"


def _person(stores: Stores, root: str, person: Person, now: int) -> Iterator[str]:
    from portrait.store.definitions import catalogue

    portrait = stores.roots[root]
    view = portrait.view(catalogue(now), now)
    events = sum(strand.events for strand in portrait.strands.values())
    if events != person.events:
        yield f"{events} events are counted, {person.events} were accepted"
    for name, value in person.values(now).items():
        if view.trait(name) != value:
            yield f"{name} is {view.trait(name)!r}, not {value!r}"
    for name, values in person.traits().items():
        if view.trait(name) not in values:
            yield f"{name} is {view.trait(name)!r}, not {' or '.join(map(repr, values))}"
    for purpose in ("marketing", "tips"):
        stands = view.consent("email", purpose)
        if stands not in person.consent(purpose):
            yield f"consent to {purpose} is {stands}, not {person.consent(purpose)}"
