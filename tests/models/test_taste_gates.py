"""What the gates of taste stop, what they let through, and what its card tells."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from models.card_page import written
from models.study import Known
from models.taste.export_gates import SIZE
from models.taste.gates import GATES
from models.taste.study import FromLines
from models.taste.train import train
from tests.models.matrix import Incumbent
from tests.models.taste_corruptions import CORRUPTIONS, HONEST, TODAY, incumbent, judged, opened

SEED = 1


@cache
def first() -> tuple[FromLines, Known]:
    """Return the first challenger of a shop, the same for all tests."""
    return HONEST(np.random.default_rng([SEED, 1]), opened(SEED)[0], TODAY)


def gates(
    learned: FromLines, beside: Incumbent | None = None, today: int = TODAY, **known: Any
) -> set[str]:
    """Return which gates refuse a challenger, each of which the card can name."""
    told = Known(today, first()[1].purchases)
    refusals = learned.judged(beside, told, accepted=known.get("accepted", ()))
    assert {one.gate for one in refusals} <= {gate.__name__ for gate in GATES}
    assert all(one.sentence.endswith(".") for one in refusals)
    return {one.gate for one in refusals}


def changed(**parts: Any) -> FromLines:
    """Return the first challenger with something of its training changed."""
    return replace(first()[0], trained=replace(first()[0].trained, **parts))


def few(customers: int) -> FromLines:
    """Return what is learned from some customers alone."""
    lines = first()[0].lines
    some = lines.where(np.isin(lines.customer, np.unique(lines.customer)[:customers]))
    return FromLines(train(some, TODAY, seed=0), some)


@pytest.mark.parametrize("later", [7, 35])
def test_an_honest_retraining_passes(later):
    assert judged(SEED, HONEST, later=later) == []


CAUGHT = {
    "items of other customers": "worth",
    "names dealt out anew": "agreement",
    "half of the items renamed": "remembered",
    "all items renamed 3 weeks ago": "catalogue",
    "a placeholder for a half": "everywhere",
    "a third lost for 8 weeks": "sold",
    "purchases that stopped": "volume",
    "events thrice": "rewritten",
    "a twentieth of the sample": "rows",
    "a clock 45 days ahead": "closed",
}


@pytest.mark.parametrize(("kind", "gate"), CAUGHT.items(), ids=CAUGHT)
def test_what_is_corrupted_is_refused_by_the_gate_that_is_there_for_it(kind, gate):
    assert gate in {one.gate for one in judged(SEED, CORRUPTIONS[kind])}


def test_the_first_model_of_a_company_passes_without_a_champion():
    assert first()[0].trained.winner != "popularity"
    assert gates(first()[0]) == set()


def test_an_export_that_is_not_the_blend_is_refused():
    export = first()[0].trained.export
    turned = {**export, "items": export["items"][::-1]}
    foreign = {**export, "items": [f"{name}!" for name in export["items"]]}
    for one in (turned, foreign):
        assert "golden" in gates(changed(export=one))


def test_a_model_that_tells_everybody_the_same_is_refused():
    simple = {"own": 0.0, "similar": 0.0, "popular": 1.0}
    export = {**first()[0].trained.export, "new": simple}
    assert gates(changed(export=export)) == {"golden", "spread"}


def test_a_model_that_foretells_less_than_what_sells_or_the_champion_is_refused():
    rehearsal = first()[0].trained.rehearsal
    blind = {**rehearsal, "similar": rehearsal["similar"][::-1]}
    assert gates(changed(rehearsal=blind), opened(SEED)[1]) == {"sells", "duel"}


def test_an_export_too_large_to_be_kept_in_memory_is_refused():
    export = first()[0].trained.export
    assert "size" in gates(changed(export={**export, "more": "x" * SIZE}))


def test_a_window_that_is_still_open_is_refused_unless_a_person_accepts_it():
    assert gates(first()[0], today=TODAY - 1) == {"closed"}
    assert gates(first()[0], today=TODAY - 1, accepted=("closed",)) == set()


def test_too_little_gets_what_sells_but_not_in_the_place_of_a_champion():
    little = few(5)
    assert little.trained.winner == "popularity"
    assert "learning begins at" in little.trained.reason
    assert gates(little) == set()
    assert "rows" in gates(little, opened(SEED)[1])


def test_what_sells_gives_way_to_what_was_learned():
    simple = {kind: {"own": 0.0, "similar": 0.0, "popular": 1.0} for kind in ("new", "repeat")}
    export, rehearsal = first()[0].trained.export, first()[0].trained.rehearsal
    selling = changed(
        export={**export, **simple}, rehearsal={**rehearsal, **simple}, winner="popularity",
        learned=False,
    )  # fmt: skip

    assert gates(first()[0], incumbent(selling, first()[1])) == set()


def told(learned: FromLines, **said: Any) -> dict[str, Any]:
    """Return a card."""
    given = {"version": "v2", "refusals": (), "trained_at": "2026-11-28T03:30:00Z", "revision": ""}
    return learned.card(opened(SEED)[1], first()[1], **{**given, **said})


def test_a_card_is_json_and_tells_what_is_recommended():
    card = told(first()[0])

    assert json.loads(json.dumps(card, allow_nan=False)) == card
    assert card["metrics"]["recall_new"]["value"] > card["candidates"]["new"]["popularity"]
    assert [one["version"] for one in card["history"]] == ["v1"]
    assert 0 < card["coverage"] <= 1
    assert all(0 < one["share"] <= 1 for one in card["recommended"])


def test_a_page_tells_people_what_ten_recommendations_are_worth():
    page = written(told(first()[0]))

    assert "Ten recommendations held" in page
    assert page.count("<svg") == 4  # new, repeats, told most, champions
    assert "Told most" in page


def test_the_page_of_what_sells_says_that_it_is_no_more():
    assert "What sells alone" in written(told(few(5)))
    refused = told(few(5), refusals=few(5).judged(opened(SEED)[1], first()[1], accepted=()))
    assert "Refused: the champion stays" in written(refused)
