"""The card: what it keeps for the next judgement, and that its page is whole and harmless."""

import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from models import plots
from models.card import card, page
from models.trial import Refusal
from tests.models.test_gates import first, opened, small


@cache
def told() -> dict[str, Any]:
    """Return the card of a second champion."""
    champion = opened().champion
    return card(
        first(), small(), version="v2", champion=champion, today=600, purchases={599: 3},
        trained_at="2026-11-28T03:30:00Z", revision="abc",
    )  # fmt: skip


def test_a_card_is_json_and_the_same_after_it():
    assert json.loads(json.dumps(told(), allow_nan=False)) == json.loads(json.dumps(told()))


def test_a_card_tells_what_the_issue_asks_for():
    for key in ("window", "rows", "features", "metrics", "calibration", "importance", "gain",
                "scores", "libraries", "revision", "gates", "history", "reference"):  # fmt: skip
        assert told()[key], key
    figure = told()["metrics"]["auc"]
    assert figure["low"] < figure["value"] < figure["high"]
    assert {"python", "numpy", "scikit-learn"} <= set(told()["libraries"])
    assert [one["version"] for one in told()["history"]] == ["v1"]


def test_gains_rise_from_none_to_all():
    shares = [share for _, share in told()["gain"]]
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)
    assert shares == sorted(shares)


class Page(HTMLParser):
    """The tags and attributes of a page, every tag closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_page_asks_for_nothing_and_runs_nothing():
    read = Page(page(told()))
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert not {"src", "href", "onload"} & {name for name, _ in read.attributes}
    assert "url(" not in page(told())


def test_a_page_has_every_plot_with_words_for_those_who_do_not_see_it():
    read = Page(page(told()))
    assert read.tags.count("svg") == read.tags.count("figure") == read.tags.count("details") == 5
    labels = [value for name, value in read.attributes if name == "aria-label"]
    assert len(labels) == 5
    assert all(labels)


def test_whatever_a_card_holds_is_text_on_its_page():
    evil = "<script>alert('x')</script>\"><svg onload=x>"
    trained = replace(
        first(), name=evil, reason=evil, winner=evil, features=(evil,),
        importance={evil: 1.0}, candidates={evil: {evil: 1.0}}, metrics={},
    )  # fmt: skip
    made = card(trained, small(), version=evil, trained_at=evil, revision=evil)
    written = page({**made, "gates": [
        {"gate": evil, "asks": evil, "passed": False,
         "refusals": [Refusal(evil, 1.0, 0.0, evil)._asdict()]},
    ]})  # fmt: skip
    read = Page(written)
    assert "script" not in read.tags
    assert "onload" not in {name for name, _ in read.attributes}


def test_a_refused_challenger_says_why_and_that_the_champion_stays():
    refusals = [Refusal("drift", 7.67, 0.25, "average_order has drifted: PSI 7.67.")]
    written = page(card(first(), small(), version="v3", refusals=refusals))
    assert "Refused: the champion stays" in written
    assert "average_order has drifted: PSI 7.67." in written
    assert "Passed every gate" not in written


def test_a_rule_that_nothing_is_known_of_still_has_a_page():
    bare = replace(
        first(), holdout=None, metrics={}, candidates={}, calibration=(), importance={},
        reason="The calibrated rule alone: 3 customers have bought; learning begins at 500.",
    )  # fmt: skip
    none = small().where(np.zeros(len(small()), dtype=bool))
    for table in (small(), none):
        assert "3 customers have bought" in page(card(bare, table, version="v1"))


DRAWN = {
    "calibration": plots.calibration([(0.1, 0.2, 5), (0.9, 1.0, 5)], x_name="x", y_name="y"),
    "amounts": plots.calibration([(0.0, 0.0, 5), (870.0, 1200.0, 5)], x_name="x", y_name="y"),
    "gain": plots.gain([(0.0, 0.0), (0.1, 0.3), (1.0, 1.0)], x_name="x", y_name="y"),
    "histogram": plots.histogram([0.0, 0.5, 1.0], [0.2, 0.8], x_name="x", y_name="y"),
    "nothing": plots.histogram([0.0, 0.0], [0.0], x_name="x", y_name="y"),
    "bars": plots.bars([("a very long name of a feature, longer than that", 2.0), ("b", 0.0)]),
    "history": plots.history([("one", 0.7, 0.6, 0.8)] * 52, y_name="y"),
    "one champion": plots.history([("one", 0.7, 0.7, 0.7)], y_name="y"),
}


@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN)
def test_plots_stay_on_their_paper(drawn):
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn)
    assert box
    wide, high = map(float, box.groups())
    across = [float(x) for x in re.findall(r'\b(?:x|x1|x2|cx)="(-?[\d.]+)"', drawn)]
    down = [float(y) for y in re.findall(r'\b(?:y|y1|y2|cy)="(-?[\d.]+)"', drawn)]
    for pair in re.findall(r"(-?[\d.]+),(-?[\d.]+)(?=[ \"])", "".join(
        re.findall(r'points="[^"]*"', drawn)
    )):  # fmt: skip
        across.append(float(pair[0]))
        down.append(float(pair[1]))
    assert across
    assert 0 <= min(across) <= max(across) <= wide
    assert 0 <= min(down) <= max(down) <= high


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0.81, 0.87, [0.82, 0.84, 0.86]), (-1, 1, None)],
    ids=["whole", "near", "around zero"],
)
def test_ticks_are_round_and_inside(low, high, expected):
    found = plots.ticks(low, high)
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in found)
    assert 3 <= len(found) <= 7
    assert expected is None or found == pytest.approx(expected)
