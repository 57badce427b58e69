"""Definitions that functions have read at different times, and writes that follow at once."""

from portrait.store import definitions
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of, say, wait
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, an_event

SECOND = 1_000
HOUR = 3_600_000
LEAVE = [{"event": "Refunded"}]


def a_versioned(version, **fields):
    return a_campaign(version, steps=[wait(**{"for": "1h"}), say()], **fields)


def an_order(id="o1", at=NOON):
    return an_event(id, name="Order Completed", at=at, properties={"revenue": 150})


def a_refund(at):
    return an_event("r", name="Refunded", at=at)


def test_a_trigger_that_has_not_read_a_version_tells_its_dialogues_of_everything():
    new = catalogue_of(a_versioned(4, exits=LEAVE), a_policy())
    world = Clockwork(new, NOON)
    world.tell(an_order())
    world.feed(a_refund(NOON + SECOND))
    world.catalogue = catalogue_of(a_versioned(3), a_policy())
    world.trigger()
    world.catalogue = new
    world.settle()

    (one,) = world.dialogues.values()
    assert (one.version, one.state, one.reason) == (4, "ended", "exit")


def test_a_version_is_kept_for_as_long_as_somebody_may_only_be_held_before_they_enter_it():
    entry = {"event": "Checkout Started", "absent": {"event": "Order Completed", "within": "120d"}}
    document = a_campaign(3, entry=entry, lasts_at_most="14d")

    kept = definitions._running(document, NOON)

    assert kept.until >= NOON + 134 * 24 * HOUR


def test_versions_before_are_read_as_they_are_once_it_is_known_that_there_is_a_newer_one(
    monkeypatch,
):
    asked = []
    monkeypatch.setattr(
        definitions.DefinitionItem, "query",
        lambda shelf, consistent_read: asked.append((shelf, consistent_read)) or [],
    )  # fmt: skip

    definitions._compile(NOON)

    assert asked == [("current", False), ("running", True)]
