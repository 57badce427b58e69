"""Hints: what may change a list is told, whoever writes it; of nobody else anything."""

import pytest

from portrait.attending import attend, read_call
from portrait.audiences.hints import decode_hint
from portrait.audiences.identifiers import digest
from portrait.definitions.documents import canonical, parse
from portrait.identity import home
from portrait.metrics import DAY_MS
from portrait.stimulus import Start, Stimulus, encode_stimulus
from tests.unit.audiences.worlds import BUYERS, CONSENT, DOCUMENTS, GOOGLE, IDENTITY, World
from tests.unit.core.worlds import SECRET, an_event
from tests.unit.definitions.programmes import POLICY, a_campaign

ANNA, NEW = "anna@mail.example", "new@mail.example"


def told(world: World) -> dict[str, set[str]]:
    """Return the hashes that were hinted at since the last time, by audience."""
    found: dict[str, set[str]] = {}
    for body in world.take_hints():
        hint = decode_hint(body)
        found.setdefault(hint.audience, set()).update(each.digest for each in hint.identifiers)
    return found


def both(*values: str) -> dict[str, set[str]]:
    return {"buyers_google": set(map(digest, values)), "buyers_meta": set(map(digest, values))}


@pytest.fixture
def member() -> World:
    """Return a world with one member, whose hints are taken."""
    world = World()
    world.join("u1", email=ANNA)
    assert told(world) == both(ANNA)
    world.now += 1
    return world


def test_who_never_was_in_an_audience_is_never_told_of():
    world = World()
    world.identify("u1", email=ANNA)
    world.buy("u1")
    world.hear(who={"anonymous_id": "a1"})
    world.hear(who={"anonymous_id": "a1", "user_id": "u1"})
    world.identify("u1", email=NEW)
    world.consent("u1", "Withdrawn")
    world.erase("u1")

    assert world.table.stream
    assert told(world) == {}


def test_who_has_no_address_is_not_told_of():
    world = World()
    world.join("u1", firstName="Anna")
    assert told(world) == {}


def test_without_audiences_nothing_is_looked_at():
    world = World(BUYERS, IDENTITY)
    world.join("u1", email=ANNA)
    assert told(world) == {}


def test_nothing_is_told_of_what_changes_no_list(member):
    member.hear(who={"user_id": "u1"}, name="Product Viewed")
    member.identify("u1", firstName="Anna")
    member.identify("u1", email=ANNA.upper())
    member.hear(who={"user_id": "u1", "anonymous_id": "a1"})
    assert told(member) == {}


def test_another_address_is_told_with_the_one_before(member):
    member.identify("u1", email=NEW)
    assert told(member) == both(ANNA, NEW)


def test_a_withdrawal_is_told(member):
    member.consent("u1", "Withdrawn")
    assert told(member) == both(ANNA)


def test_a_withdrawal_that_read_no_definition_is_told_once_the_portrait_is_woken(member):
    member.withdraw_by_link("u1")
    member.wake()
    assert told(member) == both(ANNA)


def test_the_passing_of_time_alone_is_told(member):
    member.pass_time(2 * DAY_MS)
    assert told(member) == both(ANNA)


def everybody() -> World:
    """Return a world in which no segment depends on the clock, so that nobody has a timer."""
    return World({**BUYERS, "where": {"trait": "email", "exists": True}}, *DOCUMENTS[1:])


@pytest.mark.parametrize("world", [World(), everybody()], ids=["timed", "untimed"])
def test_an_erasure_is_told_whether_or_not_the_customer_had_a_timer(world):
    world.join("u1", email=ANNA)
    assert told(world) == both(ANNA)
    assert all(record.due_at for record in world.table.items.values() if record.state) or (
        "Order Completed" not in world.catalogue.metrics
    )

    world.erase("u1")

    assert told(world) == both(ANNA)


def a_subscriber(world: World) -> None:
    """Let somebody become a member who is known by nothing but an address."""
    world.hear(who={}, name="", kind="identify", traits={"email": ANNA})
    world.hear(who={"email": ANNA}, name="Consent Granted", properties=CONSENT)
    assert told(world) == both(ANNA)
    world.now += 1


def test_of_two_members_who_become_one_the_address_that_is_not_the_last_is_told():
    world = everybody()
    a_subscriber(world)
    world.join("u1", email=NEW)
    assert told(world) == both(NEW)
    world.now += 1

    world.hear(who={"user_id": "u1", "email": ANNA})

    assert told(world) == both(ANNA, NEW)


def test_a_member_who_becomes_one_with_somebody_who_said_no_is_told():
    world = everybody()
    a_subscriber(world)
    world.consent("u1", "Withdrawn")

    world.hear(who={"user_id": "u1", "email": ANNA})

    assert told(world) == both(ANNA)


def test_an_address_that_is_taken_out_of_a_portrait_is_told(member):
    member.unmerge("u1", "email", ANNA)
    assert told(member) == both(ANNA)


def test_an_address_that_somebody_else_uses_too_is_told(member):
    member.hear(who={"user_id": "u2", "email": ANNA})
    assert told(member) == both(ANNA)


def test_an_address_is_told_once_it_is_known_to_be_theirs():
    world = World()
    world.join("u1", firstName="Anna")
    world.apply(
        an_event("g1", name="", kind="group", at=world.now, traits={"email": ANNA})
    )  # an organisation's traits identify nobody
    assert told(world) == {}
    world.now += 1

    world.hear(who={"user_id": "u1", "email": ANNA})

    assert told(world) == both(ANNA)


def test_an_address_that_a_dialogue_puts_in_place_is_told():
    wait, update = {"wait": {"for": "2h"}}, {"update": {"traits": {"email": NEW}}}
    campaign = canonical(parse(a_campaign(control=0, steps=[wait, update, wait])))
    world = World(*DOCUMENTS, campaign, canonical(parse({**POLICY, "control": 0})))
    world.identify("u1", email=NEW)
    world.now += 1
    world.join("u1", email=ANNA)
    assert told(world) == both(ANNA)
    world.now += 1

    place = home(SECRET, "user_id", "u1")
    start = Start("thanks", 0, "once", world.now, world.now, place)
    stimulus = encode_stimulus(Stimulus(place, world.now, starts=(start,)))
    attend(
        [read_call("1", stimulus)], world.table, catalogue=world.catalogue,
        clock=lambda: world.now, pause=lambda _: None,
    )  # fmt: skip
    assert told(world) == {}

    world.pass_time(7_200_000)

    assert told(world) == both(ANNA, NEW)


def test_when_an_audience_ends_its_members_are_told(member):
    ended = World(BUYERS, {**GOOGLE, "status": "ended"}, IDENTITY)
    member.catalogue = ended.catalogue

    member.buy("u1")

    assert told(member) == {"buyers_google": {digest(ANNA)}}


def test_a_hint_holds_no_value_and_no_name(member):
    member.identify("u1", email=NEW, firstName="Anna")
    said = "".join(member.take_hints())
    assert "anna" not in said.lower()
    assert "mail.example" not in said
