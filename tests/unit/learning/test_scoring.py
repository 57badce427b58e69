"""Scores: written where they moved, in one conditional write, whatever comes meanwhile."""

import random

import pytest

from portrait.calendar_pages import Content
from portrait.catalogue import Catalogue
from portrait.consents import Consent, consent_key
from portrait.definitions.documents import canonical, parse
from portrait.faults import Rejected, Unavailable
from portrait.learning.objection import objects
from portrait.learning.scores import Score, have_moved, held, put, rounded
from portrait.learning.scoring import Homes, InForce, Scoring, Slice, decode_call, encode_call
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.record import Record
from portrait.strand import Trait
from tests.unit.core.worlds import NOON, Table, an_event

LEARNING = {
    "kind": "learning", "key": "default", "purchase": {"event": "Order Completed"},
    "returns": [{"event": "Order Refunded", "amount": "total"}],
}  # fmt: skip
LEAVING = {
    "kind": "campaign", "key": "leaving", "name": "Leaving", "purpose": "marketing",
    "entry": {
        "becomes": {"score": "churn", "at_least": 0.7}, "until": {"score": "churn", "below": 0.5},
    },
    "control": 0, "steps": [{"emit": {"fact": "Call Them"}}],
}  # fmt: skip
CATALOGUE = Catalogue.compile(
    [{**canonical(parse(one)), "version": 1} for one in (LEARNING, LEAVING)]
)


class Pages(Table):
    """The table, with pages of a few portraits; some writes lose a race with somebody else."""

    def __init__(self, races: int = 0) -> None:
        super().__init__()
        self.races = races

    def page(self, chain, chains, *, cursor, moved_since):
        homes = sorted(home for home in self.items if home > cursor)[:3]
        last = homes[-1] if len(homes) == 3 else ""
        return Content([self.items[home] for home in homes], last)

    def write(self, work, *, now):
        if self.races:  # somebody else counts an order first
            self.races -= 1
            record = self.items[work.root.home]
            portrait = record.portrait
            fold(portrait, f"race-{self.races}", record.updated_at)
            self.items[record.home] = Record(
                record.home, record.version + 1, portrait.encode(), due_at=record.due_at,
                updated_at=record.updated_at,
            )  # fmt: skip
        super().write(work, now=now)


def fold(portrait: Portrait, id: str, at: int, name: str = "Order Completed", **said):
    properties = {"revenue": 10.0, **said}
    event = an_event(id, name=name, at=at, properties=properties)
    portrait.strand(portrait.home).fold(event, random.Random(id).randbytes(6), CATALOGUE.metrics)


def kept(table: Table, home: str, *days_ago: int) -> None:
    portrait = Portrait(home)
    for ago in days_ago:
        fold(portrait, f"{home}-{ago}", NOON - ago * DAY_MS)
    if not days_ago:
        fold(portrait, home, NOON, "Product Viewed")
    table.items[home] = Record(home, 1, portrait.encode(), updated_at=NOON)


def a_model(chance=lambda recency: min(1.0, recency / 100)) -> InForce:
    """Return a model that goes by the days since the last purchase."""
    return InForce(
        "v1", ("churn",),
        lambda behaviour: (
            [float(behaviour.cut - behaviour.purchases[-1].day)] if behaviour.purchases else None
        ),
        lambda rows: {"churn": [chance(row[0]) for row in rows]},
    )  # fmt: skip


def scoring(table: Table, *models: InForce, now: int = NOON, pauses: list[int] | None = None):
    pause = (pauses if pauses is not None else []).append
    return Scoring(models or (a_model(),), table, CATALOGUE, CATALOGUE.learning, 0.05, lambda: now,
                   pause)  # fmt: skip


def test_everybody_who_ever_bought_is_scored_and_a_line_that_is_crossed_is_told():
    table = Pages()
    for n in range(10):
        kept(table, f"h{n}", 10 * n + 5)
    kept(table, "visitor")

    night = scoring(table)
    night.slice(Slice(0, 1))

    found = {home: held(portrait) for home, portrait in table.portraits().items()}
    assert found == {f"h{n}": {"churn": (10 * n + 6) / 100} for n in range(10)} | {"visitor": {}}
    inside = [h for h, portrait in table.portraits().items() if "~leaving" in portrait.segments]
    assert inside == ["h7", "h8", "h9"]
    assert night.counts["crossings"] == 3
    assert night.counts["portraits"] == 11
    version = table.portraits()["h3"].strands["h3"].traits["score_model.churn"].value
    assert version == "v1"


def test_a_quiet_night_writes_nothing():
    table = Pages()
    for n in range(10):
        kept(table, f"h{n}", 10 * n + 5)
    scoring(table).slice(Slice(0, 1))
    writes = table.writes

    scoring(table).slice(Slice(0, 1))
    scoring(table, now=NOON + 4 * DAY_MS).slice(Slice(0, 1))

    # Four days move a score by 0.04: only who came over a line, 0.5 or 0.7, is written.
    crossed = [home for home, one in table.portraits().items() if one.segments]
    assert (writes, table.writes, crossed) == (10, 12, ["h6", "h7", "h8", "h9"])


def test_a_race_loses_neither_the_order_nor_the_score():
    table, pauses = Pages(races=2), []
    kept(table, "h1", 90)

    scoring(table, pauses=pauses).homes(["h1"])

    (portrait,) = table.portraits().values()
    assert held(portrait) == {"churn": 0.01}  # scored with the order that came in between
    assert portrait.strands["h1"].events == 3
    assert pauses == [1, 2]


def test_who_is_always_outrun_gives_the_message_back():
    table = Pages(races=10**6)
    kept(table, "h1", 90)

    with pytest.raises(Unavailable):
        scoring(table).homes(["h1"])


def withdrawn(purpose: str, at: int, status: str = "withdrawn", channel: str = "*"):
    return {consent_key(channel, purpose): Consent(status, at, "web", b"")}


def test_who_objects_has_no_scores_left_in_any_strand():
    table = Pages()
    kept(table, "h1", 90)
    scoring(table).homes(["h1"])
    record = table.items["h1"]
    portrait = record.portrait
    portrait.strand("h2").traits["score.churn"] = Trait(0.4, 1, b"")
    portrait.strand("h2").consents = withdrawn("profiling", NOON)
    table.items["h1"] = Record("h1", 9, portrait.encode())

    night = scoring(table)
    night.homes(["h1"])
    night.homes(["h1"])

    (portrait,) = table.portraits().values()
    assert [n for s in portrait.strands.values() for n in s.traits if n.startswith("score")] == []
    assert portrait.segments == {}
    assert night.counts["removed"] == 1


@pytest.mark.parametrize(
    ("consents", "expected"),
    [
        ({}, False),
        (withdrawn("profiling", 1), True),
        (withdrawn("profiling", 1, channel="email"), True),
        (withdrawn("*", 1), True),
        (withdrawn("*", 1, channel="email"), False),
        (withdrawn("marketing", 1), False),
        (withdrawn("profiling", 1) | withdrawn("profiling", 2, "granted", "web"), False),
        (withdrawn("profiling", 2) | withdrawn("profiling", 1, "granted", "web"), True),
        (withdrawn("profiling", 1) | withdrawn("profiling", 1, "granted", "web"), True),
    ],
)
def test_the_last_word_about_profiling_counts(consents, expected):
    portrait = Portrait("h")
    portrait.strand("h").consents = consents
    assert objects(portrait) is expected


def test_a_score_that_another_model_gave_stays_and_a_company_s_own_too():
    portrait = Portrait("h")
    for name, value in (("score.response", 0.2), ("score.credit", 7), ("score.churn", 0.9)):
        portrait.strand("elsewhere").traits[name] = Trait(value, 1, b"")

    put(portrait, {"churn": Score(0.3, "v2")}, ("churn",), 2)

    assert held(portrait) == {"response": 0.2, "churn": 0.3}
    assert portrait.strands["elsewhere"].traits.keys() == {"score.response", "score.credit"}


@pytest.mark.parametrize(
    ("output", "was", "now", "expected"),
    [
        ("churn", 0.60, 0.62, False),
        ("churn", 0.60, 0.65, True),
        ("churn", 0.69, 0.70, True),
        ("churn", 0.50, 0.4999, True),
        ("churn", None, 0.1, True),
        ("churn", 0.1, None, True),
        ("churn", None, None, False),
        ("value_90", 100.0, 119.0, False),
        ("value_90", 100.0, 126.0, True),
        ("value_90", 126.0, 100.0, True),
        ("value_90", 0.0, 0.0, False),
        ("value_90", 0.0, 0.001, True),
    ],
)
def test_a_score_is_written_when_it_crosses_a_line_or_moves_by_a_step(output, was, now, expected):
    moved = have_moved(
        {} if was is None else {output: was},
        {} if now is None else {output: Score(now, "v")},
        CATALOGUE.lines, step=0.05, outputs=(output,),
    )  # fmt: skip
    assert moved is expected


def test_what_is_no_number_is_no_score():
    assert rounded("churn", float("nan")) is None
    assert rounded("value_90", float("inf")) is None
    assert (rounded("churn", 0.123456), rounded("value_90", 1234.56)) == (0.1235, 1235.0)


def test_calls_are_read_as_they_were_written():
    for call in (Slice(3, 8), Homes(("a", "b"))):
        assert decode_call(encode_call(call)) == call
    with pytest.raises(Rejected, match="malformed_call"):
        decode_call('{"score": "everything"}')
