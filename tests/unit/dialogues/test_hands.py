"""Dialogues whose strand changed hands: where their messages go, and where starts must not."""

from portrait import identity
from portrait.portrait import BORROWED, Portrait
from portrait.record import Record
from portrait.stimulus import Start, Stimulus, encode_stimulus
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of, say, wait
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, SECRET, an_event

HOUR = 3_600_000
COOKIE = identity.home(SECRET, "anonymous_id", "c1")


def an_order(**fields):
    return an_event("o1", name="Order Completed", properties={"revenue": 150}, **fields)


def a_world() -> tuple[Clockwork, str]:
    """Anna, known by her login and a cookie."""
    world = Clockwork(
        catalogue_of(a_campaign(steps=[wait(**{"for": "1h"}), say()]), a_policy()), NOON
    )
    world.tell(an_event("p1", who={"user_id": "anna", "anonymous_id": "c1"}))
    return world, next(home for home, one in world.table.items.items() if one.state)


def lend(world: Clockwork, anna: str) -> Portrait:
    """Let another customer have the cookie; what was heard through it stays with Anna."""
    record = world.table.items[anna]
    portrait = record.portrait
    heard = portrait.strands.pop(COOKIE, portrait.strand("x"))
    portrait.strands[f"{anna}{BORROWED}{COOKIE}"] = heard
    portrait.strands.pop("x", None)
    portrait.ids.pop(COOKIE, None)
    world.table.items[anna] = Record(anna, record.version, portrait.encode(), due_at=record.due_at)
    other = Portrait("other")
    other.strand(COOKIE)
    world.table.items["other"] = Record("other", 1, other.encode())
    world.table.items[COOKIE] = Record(COOKIE, 9, b"", "other")
    return portrait


def test_what_a_dialogue_says_is_addressed_to_whoever_it_stayed_with():
    world, anna = a_world()
    world.tell(an_order(who={"anonymous_id": "c1"}))
    lend(world, anna)
    world.pass_time(NOON + 2 * HOUR)

    (said,) = world.said
    assert said.strand == anna
    assert world.table.follow(said.strand).home == anna
    (one,) = world.dialogues.values()
    assert (one.state, one.reason) == ("ended", "done")


def test_a_start_does_not_make_a_strand_of_an_identifier_that_is_anothers_by_now():
    world, anna = a_world()
    lend(world, anna)
    start = Start("thanks", 3, "o", NOON, NOON, COOKIE)
    world.queue.append(encode_stimulus(Stimulus(anna, NOON, (start,))))
    world.settle()

    strands = world.table.items[anna].portrait.strands
    assert COOKIE not in strands
    assert [key for key, one in strands.items() if one.dialogues] == [anna]
