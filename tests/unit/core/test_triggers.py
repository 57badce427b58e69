"""Entry rules: which campaigns a write starts, whom they let in, once each, in which arm."""

import msgspec
import pytest

from portrait import changes
from portrait.effects import Entered, Noted, Say
from portrait.enrolment import PROGRAMME
from portrait.facts import is_told
from portrait.message import encode_message, message_id
from portrait.metrics import DAY_MS
from portrait.reaction import Queues, StreamRecord, react, read_stream_record
from portrait.record import Record
from portrait.stimulus import Stimulus, decode_stimulus, encode_stimulus
from portrait.strand import Contact
from portrait.triggers import stimulus
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of, say, wait
from tests.unit.core.clockwork import Clockwork, Dossiers
from tests.unit.core.worlds import NOON, an_event


def an_order(id="o1", revenue=150, *, at=NOON, **fields):
    return an_event(id, name="Order Completed", at=at, properties={"revenue": revenue}, **fields)


def a_world(*documents) -> Clockwork:
    return Clockwork(catalogue_of(*documents), NOON)


def stimuli(*events, world: Clockwork | None = None) -> list[Stimulus]:
    """Return what the writes of these events, one each, mean to dialogues."""
    world = world or a_world()
    for event in events:
        world.feed(event)
    written, world.stream = world.stream, []
    found = (stimulus(w.record, w.changes, world.catalogue, now=w.written_at) for w in written)
    return [one for one in found if one is not None]


def entered(*events, world: Clockwork | None = None) -> list[Entered]:
    """Return who enters when the events are heard one after the other."""
    world = world or a_world()
    for event in events:
        world.feed(event)
        world.settle()
    return world.entries()


def test_an_event_that_meets_the_condition_starts_the_campaign():
    (found,) = stimuli(an_order(revenue=150))

    assert [(start.campaign, start.version) for start in found.starts] == [("thanks", 3)]
    assert stimuli(an_order(revenue=99)) == []


def test_what_the_stream_says_again_means_the_same_again():
    world = a_world()
    world.feed(an_order())
    (one,) = world.stream

    first, again = (
        stimulus(one.record, one.changes, world.catalogue, now=one.written_at) for _ in range(2)
    )

    assert first == again
    assert decode_stimulus(encode_stimulus(first)) == first


def test_every_occurrence_enters_once_under_a_key_of_its_own():
    entries = entered(an_order("o1"), an_order("o2"), an_order("o1"))

    assert len({entry.journey for entry in entries}) == len(entries) == 2


def test_once_means_once_per_customer():
    world = a_world(a_campaign(reentry="once"), a_policy())

    assert len(entered(an_order("o1"), an_order("o2"), world=world)) == 1


def test_two_occurrences_in_one_batch_enter_once_where_once_is_asked():
    world = a_world(a_campaign(reentry="once"), a_policy())
    world.feed(an_order("o1"), an_order("o2"))
    world.settle()

    assert len(world.entries()) == 1


def test_once_stays_once_when_an_older_visitor_turns_out_to_be_the_same():
    world = a_world(a_campaign(reentry="once"), a_policy())
    older = an_event("v", at=NOON - DAY_MS, who={"anonymous_id": "a1"})
    tied = an_order("o2", who={"user_id": "u1", "anonymous_id": "a1"})

    assert len(entered(an_order("o1"), older, tied, world=world)) == 1


def test_an_event_that_is_noticed_too_late_starts_nothing():
    late = an_order(at=NOON - 3 * DAY_MS - 1, received_at=NOON)

    assert stimuli(late) == []
    assert stimuli(an_order(at=NOON - 3 * DAY_MS, received_at=NOON)) != []


def test_a_start_that_was_on_its_way_for_too_long_lets_nobody_in():
    world = a_world()
    world.feed(an_order())
    world.trigger()
    world.now += 3 * DAY_MS + 1
    world.settle()

    assert world.entries() == []
    assert world.dialogues == {}


def test_the_message_says_who_what_why_and_until_when():
    world = a_world()
    (entry,) = entered(an_order(at=NOON - 500, received_at=NOON), world=world)
    (message,) = world.said

    assert message.journey == entry.journey
    assert (message.campaign, message.version, message.template) == ("thanks", 3, "thanks")
    assert message.expires_at == NOON - 500 + 3 * DAY_MS
    assert message.occurred_at == NOON - 500
    assert message.happening["properties"] == {"revenue": 150}


def test_a_message_long_after_the_entry_still_knows_what_let_the_customer_in():
    world = a_world(a_campaign(steps=[wait(**{"for": "2d"}), say("thanks")]), a_policy())
    world.tell(an_order())
    world.pass_time(NOON + 2 * DAY_MS)

    (message,) = world.said
    assert message.happening["properties"] == {"revenue": 150}


@pytest.mark.parametrize(
    ("campaign_share", "programme_share", "purpose", "arm"),
    [
        (0, 0, "marketing", "treated"),
        (1, 0, "marketing", "control"),
        (0, 1, "marketing", "control"),
        (0, 1, "service", "treated"),
    ],
)
def test_both_control_groups_hold_out_but_service_knows_no_programme(
    campaign_share, programme_share, purpose, arm
):
    world = a_world(
        a_campaign(control=campaign_share, purpose=purpose), a_policy(control=programme_share)
    )

    (entry,) = entered(an_order(), world=world)

    assert entry.arm == arm
    assert len(world.said) == (arm == "treated")
    (portrait,) = world.roots.values()
    arms = portrait.view(world.catalogue, NOON).arms
    assert arms.keys() == ({"thanks", PROGRAMME} if purpose == "marketing" else {"thanks"})
    assert "control" not in arms.values() if arm == "treated" else "control" in arms.values()


@pytest.mark.parametrize("held_out_of", ["thanks", "*"])
def test_ever_held_out_stays_held_out(held_out_of):
    world = a_world()
    world.feed(an_event("v"))
    (home,) = world.table.items
    record = world.table.items[home]
    portrait = record.portrait
    (strand,) = portrait.strands.values()
    for arm in ("control", "treated"):
        strand.set_arm(held_out_of, arm)
    world.table.items[home] = Record(home, record.version, portrait.encode())

    (entry,) = entered(an_order(), world=world)

    assert entry.arm == "control"
    assert world.said == []


def test_the_arm_stays_when_a_visitor_becomes_a_customer():
    world = a_world(a_campaign(control=0.5), a_policy())
    for number in range(20):
        visitor = {"anonymous_id": f"a{number}"}
        known = {"anonymous_id": f"a{number}", "user_id": f"u{number}"}
        world.effects.clear()

        before, after = entered(
            an_order(f"v{number}", who=visitor), an_order(f"k{number}", who=known), world=world
        )

        assert before.arm == after.arm
        assert before.strand != after.strand


def test_a_repeated_stream_record_repeats_messages_and_facts_under_the_same_ids():
    world = a_world()
    world.fate = lambda _: None
    world.feed(an_order())
    world.trigger(times=2)
    assert len(world.queue) == 2
    world.journey()
    world.trigger(times=2)

    assert len(world.dossiers.entered) == 1
    first, again = world.messages
    assert encode_message(first) == encode_message(again)
    told = {(fact.kind, fact.detail["id"]) for fact in world.facts}
    assert told == {("Campaign Entered", next(iter(world.dossiers.entered)))}


def test_a_login_that_merges_is_told_to_the_bus_without_identifiers():
    world = a_world()
    world.feed(an_event("m1", who={"anonymous_id": "a1"}))
    world.feed(an_event("m2", who={"anonymous_id": "a1", "user_id": "u1"}))
    world.trigger()

    (fact,) = world.facts
    assert fact.kind == "Portraits Merged"
    assert "u1" not in fact.detail.values()


def test_a_stream_image_without_changes_asks_for_nothing():
    assert read_stream_record({"home": {"S": "a"}, "version": {"N": "1"}}) is None


def test_happenings_survive_the_wire_with_their_properties():
    happening = changes.happening(an_order(), b"123456", "a-home")
    packed = changes.encode([happening])

    assert changes.decode(packed).happenings == (happening,)
    assert msgspec.structs.asdict(happening)["properties"] == {"revenue": 150}


def test_whom_nothing_concerns_is_told_nothing():
    world = a_world()
    world.feed(an_event("v1"))
    record = next(iter(world.table.items.values()))
    one = StreamRecord(record, changes.Changes(), NOON)

    assert stimulus(one.record, one.changes, world.catalogue, now=NOON) is None


def test_the_bus_is_told_once_of_a_message_with_its_step_and_why():
    world = a_world()
    world.fate = lambda _: ("held", "no_consent")
    world.feed(an_order())
    world.settle()

    kinds = [fact.kind for fact in world.facts]
    (held,) = (fact.detail for fact in world.facts if fact.kind == "Message Held")
    assert (held["step"], held["reason"]) == ("0", "no_consent")
    assert "Message Decided" not in kinds


def test_what_a_dialogue_notes_of_a_message_is_a_fact_where_no_contact_tells_it():
    journey = "j" * 32
    note = Noted(journey, "thanks", "treated", "message", NOON, "0", "sent")
    sent = Contact(message_id(journey, "0"), "email", "marketing", "thanks", NOON, "sent")

    assert is_told(note, [sent])
    assert not is_told(note, [])
    assert not is_told(note, [sent._replace(id=message_id("k" * 32, "0"))])
    assert not is_told(msgspec.structs.replace(note, value="waiting"), [sent])
    assert not is_told(msgspec.structs.replace(note, what="goal"), [sent])


@pytest.mark.parametrize(
    ("entry", "reads"),
    [({"date": "birthday", "every": "year"}, 0), ({"event": "Order Completed"}, 1)],
)
def test_dossiers_are_read_only_for_what_may_quote_an_event(entry, reads):
    asked = []

    class Asked(Dossiers):
        def happenings(self, journeys):
            asked.append(set(journeys))
            return {}

    known = catalogue_of(a_campaign(entry=entry), a_policy())
    say = Say("m" * 24, "j" * 32, "thanks", 3, "0", "h", "email", "thanks", "marketing", 1, 1, 1, 9)
    one = StreamRecord(Record("h", 1), changes.Changes(effects=(say,)), NOON)
    sent = []
    react([one], Asked(), Queues(sent.extend, print, print, print), catalogue=known)

    assert len(asked) == reads
    assert len(sent) == 1
