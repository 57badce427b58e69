"""The word on a message: told late, twice or out of order, and what the dossier says in the end."""

from portrait.dispatch import Fate, send_message
from portrait.effects import Outcome
from portrait.message import message_id
from portrait.stimulus import Stimulus, encode_stimulus
from portrait.waiting import Waiting
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of, say, wait
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, an_event
from tests.unit.dispatch.desks import HOME, NOW, World, a_contact, a_message, a_portrait
from tests.unit.dispatch.test_rivals import a_world

HOUR = 3_600_000


def test_that_a_message_waits_is_no_news_once_it_is_known_what_became_of_it():
    steps = [say(), wait(**{"for": "1h"}), say()]
    world = Clockwork(catalogue_of(a_campaign(steps=steps), a_policy()), NOON)
    world.tell(an_event("o1", name="Order Completed", properties={"revenue": 150}))
    (journey,) = world.dialogues
    (home,) = world.table.items
    late = Outcome(journey, "0", "m", "waiting", NOON, home, "cap")
    world.queue.append(encode_stimulus(Stimulus(home, NOON, outcomes=(late,))))
    world.settle()

    said = [one.value for one in world.dossiers.notes[journey] if one.what == "message"]
    assert said == ["sent"]


def test_a_message_that_went_though_its_sender_crashed_lets_the_dialogue_go_on():
    """Feedback says that it was delivered; whoever claimed it never came to say so."""
    world = a_world({"a": 1})
    id_ = message_id("a", "0")
    world.table.amend(
        lambda portrait: portrait.strand(HOME).set_contact(
            a_contact(id_, state="delivered", campaign="a")
        )
    )

    fate = send_message(a_message(id_, journey="a", campaign="a"), world.desk)

    assert fate == Fate("sent")
    assert world.table.outcomes() == [("a", "0", "sent", "")]
    assert world.ses.requests == []


def test_a_message_whose_fate_the_dialogue_knows_is_written_down_no_more():
    world = World(a_portrait(contacts=[a_contact("a" * 24)]))

    assert send_message(a_message(), world.desk) == Fate("sent")
    assert world.table.changes == []


def test_a_message_that_went_does_not_wait_any_more():
    """A receiver said that it has it, after its sender was told to try again."""
    id_ = "a" * 24
    world = World(a_portrait(contacts=[a_contact(id_, state="delivered", campaign="")]))

    def keep(portrait):
        portrait.strand(HOME).waiting[id_] = Waiting(
            f"journey-{id_}", "welcome", 1, "0", "email", "welcome", "marketing", 1.0, NOW, NOW,
            NOW + HOUR, NOW, NOW, "status_503",
        )  # fmt: skip

    world.table.amend(keep)

    assert send_message(a_message(), world.desk) == Fate("sent")
    assert world.table.waiting() == {}
    assert [state for _, _, state, _ in world.table.outcomes()] == ["sent"]


def test_a_last_message_that_was_lost_keeps_nobody_out_for_ever():
    """No timer is set for what time only ends, so nobody had noted yet that it was over."""
    steps = [say(valid_for="1h")]
    world = Clockwork(catalogue_of(a_campaign(steps=steps, at_most=1), a_policy()), NOON)
    world.fate = lambda _: None
    world.tell(an_event("o1", name="Order Completed", properties={"revenue": 150}))
    world.now = later = NOON + 100 * HOUR
    world.tell(an_event("o2", name="Order Completed", at=later, properties={"revenue": 150}))

    assert [one.occurred_at for one in world.entries()] == [NOON, later]
