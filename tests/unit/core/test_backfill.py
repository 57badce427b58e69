"""Backfill: each event exactly once, whatever is folded, delivered again or erased meanwhile."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.archive import archive_row
from portrait.backfill import Outcome, arm, fill, samples
from portrait.backfill.run import Backfill
from portrait.catalogue import Catalogue
from portrait.faults import Conflict
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.profile import apply, sight
from portrait.record import Record
from portrait.seen import SEEN_DAYS
from portrait.series import SHADOW
from tests.unit.core.histories import a_trait
from tests.unit.core.worlds import NOON, RULES, SECRET, Table, an_event

TRAIT = a_trait("sum", property="revenue", window="30d", exact=True)
CATALOGUE = Catalogue.compile([TRAIT])
((METRIC,),) = CATALOGUE.metrics.values()
KNOWING, UNKNOWING = replace(RULES, metrics=CATALOGUE.metrics), replace(RULES, metrics={})
NAMES = ("Order Completed", "Product Viewed")


def order(number, at=NOON, received_at=NOON, name="Order Completed", user="u1"):
    return an_event(
        f"m{number}", name=name, at=at, received_at=received_at, who={"user_id": user},
        properties={"revenue": number + 0.25},
    )  # fmt: skip


class Objects:
    """The archive in memory: an object for each batch."""

    def __init__(self):
        self.objects = {}

    def write(self, events):
        rows = [archive_row(each, f"r:{each.index}") for each in sight(events, SECRET)]
        self.objects[f"events/{len(self.objects):04}"] = [msgspec.json.decode(r) for r in rows]

    def names(self) -> Iterator[str]:
        return iter(list(self.objects))

    def rows(self, name):
        return self.objects[name]


class Busy(Table):
    """A table at which somebody else folds events just before some of the backfill's writes."""

    def __init__(self, archive):
        super().__init__()
        self.archive, self.waiting = archive, []

    def roots(self):
        return [record for record in self.items.values() if not record.merged_into]

    def write(self, work, *, now):
        if self.waiting and now == BACKFILLING and (events := self.waiting.pop(0)):
            take(events, self, self.archive, KNOWING)
        super().write(work, now=now)


BACKFILLING = NOON + 1


def take(events, table, archive, rules, *, archived=True):
    if archived:
        archive.write(events)
    outcome = apply(sight(events, SECRET), table, rules=rules, now=NOON, pause=lambda _: None)
    assert outcome.failed == []
    assert outcome.faults == []


def backfill(table, archive, **fields):
    run = {"metric": METRIC, "token": "run"} | fields
    return Backfill(
        secret=SECRET, portraits=table, archive=archive, catalogue=lambda: CATALOGUE,
        now=lambda: BACKFILLING,
        tell=lambda _: None, pause=lambda _: None, **run,
    )  # fmt: skip


def series_of(table):
    return {
        (home, key): strand.series
        for home, portrait in table.portraits().items()
        for key, strand in portrait.strands.items()
    }


numbers = st.lists(st.integers(0, 30), max_size=8)
batches = st.lists(numbers, max_size=4)


def the(number):
    """Return the event of a number: always the same one, of one of three customers."""
    age = number * 37 % 45
    received = NOON - number % 20 * DAY_MS
    name, user = NAMES[number % 4 == 3], f"u{number % 3}"
    return order(number, received - age * DAY_MS, received, name, user)


@settings(max_examples=150, deadline=None)
@given(before=batches, between=batches, racing=batches, stray=numbers)
def test_a_trait_that_comes_late_is_what_it_would_be_had_it_always_been_there(
    before, between, racing, stray
):
    """Some events came before it, some before it was filled, some while; some twice, some never."""
    archive, plain = Objects(), Objects()
    late, always = Busy(archive), Busy(plain)
    for batch in before:
        take(list(map(the, batch)), late, archive, UNKNOWING)
    for batch in between:
        take(list(map(the, batch)), late, archive, KNOWING)
    archive.write(list(map(the, stray)))  # archived and not applied yet: it is still in a queue
    late.waiting = [list(map(the, batch)) for batch in racing]
    backfill(late, archive).run()
    take(list(map(the, stray)), late, archive, KNOWING)
    rest, late.waiting = late.waiting, []
    for batch in rest:
        take(batch, late, archive, KNOWING)

    for batch in (*before, *between, *racing, stray):
        take(list(map(the, batch)), always, plain, KNOWING)

    assert series_of(late) == series_of(always)


def test_a_second_run_leaves_everything_as_it_is():
    archive = Objects()
    table = Busy(archive)
    take([order(n, NOON - n * DAY_MS) for n in range(9)], table, archive, UNKNOWING)
    assert backfill(table, archive).run() == {Outcome.FILLED: 1}
    once = series_of(table)

    assert backfill(table, archive, token="again").run() == {Outcome.FILLED: 1}
    assert series_of(table) == once


def test_a_run_that_broke_off_leaves_the_trait_as_it_was_and_the_next_one_fills_it():
    archive = Objects()
    table = Busy(archive)
    take([order(1)], table, archive, UNKNOWING)
    take([order(2)], table, archive, KNOWING)
    broken = backfill(table, archive)
    broken._take_archive()
    broken._arm_all()
    ((_, series),) = series_of(table).items()
    assert series[METRIC.key].number == 1
    assert SHADOW + METRIC.key in series

    backfill(table, archive, token="next").run()

    ((_, series),) = series_of(table).items()
    assert series[METRIC.key].number == 2
    assert SHADOW + METRIC.key not in series


def test_a_run_that_another_took_over_from_fills_nothing():
    portrait = Portrait("h")
    portrait.strand("h")
    noted = arm(portrait, METRIC, "first", {"h"})
    arm(portrait, METRIC, "second", {"h"})

    strand = portrait.strands["h"]
    assert fill(strand, noted["h"], METRIC, "first", [], erased_at=-1) is Outcome.GONE
    assert fill(strand, noted["h"], METRIC, "second", [], erased_at=-1) is Outcome.FILLED


def test_what_was_received_before_an_erasure_does_not_come_back():
    archive = Objects()
    table = Busy(archive)
    take([order(1, received_at=NOON - 5), order(2, received_at=NOON)], table, archive, UNKNOWING)
    ((home, record),) = table.items.items()
    table.items[home] = replace(record, erased_at=NOON - 5)

    backfill(table, archive).run()

    assert [s[METRIC.key].number for s in series_of(table).values()] == [1]


def test_the_erased_are_not_made_anew():
    archive = Objects()
    table = Busy(archive)
    take([order(1)], table, archive, UNKNOWING)
    run = backfill(table, archive)
    run._take_archive()
    noted = run._arm_all()
    ((home, record),) = table.items.items()
    table.items[home] = Record(home, record.version + 1, erased_at=NOON)

    assert [run._fill(key, counted) for key, counted in noted.items()] == [Outcome.GONE]
    assert table.items[home].state == b""


def test_history_that_is_older_than_memory_is_counted_and_what_the_archive_lost_is_kept():
    archive = Objects()
    table = Busy(archive)
    long_ago = NOON - (SEEN_DAYS + 10) * DAY_MS
    take([order(1, long_ago, long_ago)], table, archive, UNKNOWING)
    take([order(2)], table, archive, UNKNOWING)
    assert backfill(table, archive).run() == {Outcome.FILLED: 1}
    ((_, series),) = series_of(table).items()
    assert series[METRIC.key].number == 2

    archive.objects.pop("events/0000")
    assert backfill(table, archive, token="poorer").run() == {Outcome.KEPT: 1}
    assert series_of(table) == {next(iter(series_of(table))): series}


def test_a_portrait_that_keeps_changing_stops_the_run_rather_than_lose_an_event():
    archive = Objects()
    table = Busy(archive)
    take([order(1)], table, archive, UNKNOWING)
    table.waiting = [[order(100 + n)] for n in range(40)]

    try:
        backfill(table, archive).run()
    except Conflict:
        return
    raise AssertionError("twenty lost races in a row must be reported")


def test_rows_say_nothing_to_a_metric_of_another_event():
    (view,) = sight([order(3, name="Product Viewed")], SECRET)

    assert list(samples(msgspec.json.decode(archive_row(view, "r")), METRIC, SECRET)) == []
