"""Baselines: for whom a condition holds already when its campaign is published."""

import pytest

from portrait.changes import Changes
from portrait.consents import Consent
from portrait.metrics import DAY_MS
from portrait.record import Write
from tests.unit.core.campaigns import a_campaign, a_policy, catalogue_of
from tests.unit.core.clockwork import Clockwork
from tests.unit.core.worlds import NOON, an_event

QUIET = {"not": {"event": "Order Completed", "at_least": 1, "within": "60d"}}
LOYAL = {"event": "Order Completed", "at_least": 1, "within": "90d"}
NOTHING = Changes()


def a_catalogue(becomes, published_at, version=1):
    entry = {"becomes": becomes}
    return catalogue_of(a_campaign(version, published_at, key="c", entry=entry), a_policy())


def an_order(id="o1", at=NOON):
    return an_event(id, name="Order Completed", at=at)


def a_page(id, at):
    return an_event(id, name="Page", at=at)


def a_world(catalogue) -> Clockwork:
    """A customer who ordered at noon, seen by functions that knew of the series alone."""
    world = Clockwork(catalogue, NOON)
    world.feed(an_order())
    world.settle()
    return world


def unwatched(becomes):
    """The catalogue before the campaign was active, which keeps its series already."""
    entry = {"becomes": becomes}
    return catalogue_of(a_campaign(1, 0, key="c", entry=entry, status="paused"), a_policy())


def write_without_looking(world: Clockwork, at: int) -> None:
    """Write the portrait as dispatch does, which judges no segment."""
    (record,) = [one for one in world.table.items.values() if one.state]
    portrait = record.portrait
    portrait.strand(record.home).set_consent("email:x", Consent("granted", at, "web", b"m"))
    world.write(Write(record, portrait.encode(), None, due_at=record.due_at), now=at)


def test_for_whom_it_holds_at_publication_is_not_let_in():
    world = a_world(unwatched(LOYAL))
    world.catalogue = a_catalogue(LOYAL, NOON + DAY_MS)
    world.now = NOON + 2 * DAY_MS
    world.tell(a_page("p1", NOON + 2 * DAY_MS))

    assert world.entries() == []


def test_a_write_that_judges_no_segment_does_not_make_old_news_of_the_new_campaign():
    world = a_world(unwatched(LOYAL))
    world.catalogue = a_catalogue(LOYAL, NOON + DAY_MS)
    write_without_looking(world, NOON + DAY_MS + 1)
    world.now = NOON + 2 * DAY_MS
    world.tell(a_page("p1", NOON + 2 * DAY_MS))

    assert world.entries() == []


@pytest.mark.parametrize("version", [1, 2])
def test_for_whom_it_begins_to_hold_after_publication_is_let_in_though_only_time_passed(version):
    """Also with a new version, which must not swallow who crosses the line the day after."""
    world = a_world(unwatched(QUIET) if version == 1 else a_catalogue(QUIET, 0))
    world.catalogue = a_catalogue(QUIET, NOON + 59 * DAY_MS, version)
    world.pass_time(NOON + 61 * DAY_MS)
    world.tell(a_page("p1", NOON + 61 * DAY_MS))

    assert [one.campaign for one in world.entries()] == ["c"]
