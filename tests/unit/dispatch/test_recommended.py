"""Recommendations in messages: found where a template asks, and never in the way of the message."""

import re
from dataclasses import replace

import pytest

from portrait.compiled import Template
from portrait.dispatch import send_message
from portrait.faults import Unavailable
from portrait.learning import taste
from portrait.learning.learning import Learning
from portrait.learning.recommending import SILENCE_MS, Recommended, Recommender
from portrait.rendering import asks_for, check
from portrait.strand import Consent
from tests.unit.dispatch import desks
from tests.unit.dispatch.desks import NOW, World, a_message, a_portrait

ASKING = Template(
    "asking", 1, "email", subject="For you",
    text="{% for item in recommended.new %}{{ item }} {% else %}nothing {% endfor %}"
    "{{ unsubscribe_url }}",
)  # fmt: skip
EXPORT = {
    "format": taste.FORMAT, "kind": taste.KIND, "items": ["lamp", "rug"], "similar": [[], []],
    "popular": [0, 1.0, 1, 0.5],
    "new": {"own": 0, "similar": 0, "popular": 1}, "repeat": {"own": 1, "similar": 0, "popular": 1},
}  # fmt: skip


class Champion:
    """A model in force, or a bucket that does not answer."""

    def __init__(self, answer):
        self.answer, self.asked = answer, 0

    def at(self, now):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def sent(monkeypatch, template, recommend, portrait=None):
    """Return the text of a mail from a template."""
    monkeypatch.setitem(desks.TEMPLATES, template.key, template)
    world = World(portrait)
    composer = replace(world.desk.composer, recommend=recommend)
    composer = replace(composer, catalogue=replace(composer.catalogue, learning=Learning()))
    desk = replace(world.desk, composer=composer)
    assert send_message(a_message(template=template.key), desk).state == "sent"
    (request,) = world.ses.requests
    return request["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_a_message_shows_what_the_customer_is_recommended(monkeypatch):
    recommender = Recommender(Champion(taste.load(EXPORT)))

    assert sent(monkeypatch, ASKING, recommender).startswith("lamp rug http")


def test_a_template_that_shows_none_loads_no_model(monkeypatch):
    champion = Champion(taste.load(EXPORT))
    silent = replace(desks.WELCOME, key="silent", text="recommended! {{ unsubscribe_url }}")

    sent(monkeypatch, silent, Recommender(champion))

    assert champion.asked == 0


@pytest.mark.parametrize("answer", [None, Unavailable("no answer")], ids=["no model", "no answer"])
def test_without_a_model_the_message_goes_without_recommendations(monkeypatch, answer):
    assert sent(monkeypatch, ASKING, Recommender(Champion(answer))).startswith("nothing http")


def test_who_objects_to_profiling_is_recommended_nothing_and_costs_no_model(monkeypatch):
    portrait, champion = a_portrait(), Champion(taste.load(EXPORT))
    (strand,) = portrait.strands.values()
    strand.set_consent("email:profiling", Consent("withdrawn", NOW - 1, "web", b"m"))

    text = sent(monkeypatch, ASKING, Recommender(champion), portrait)

    assert (re.match("nothing http", text) is not None, champion.asked) == (True, 0)


def test_a_bucket_that_does_not_answer_is_left_alone_for_a_minute():
    champion = Champion(Unavailable("no answer"))
    recommender = Recommender(champion)
    for later in (0, 1, SILENCE_MS - 1):
        assert recommender(a_portrait(), Learning(), NOW + later) == Recommended()
    assert champion.asked == 1

    champion.answer = taste.load(EXPORT)
    assert recommender(a_portrait(), Learning(), NOW + SILENCE_MS).new == ("lamp", "rug")


def test_only_a_part_that_reads_the_variable_asks_for_it():
    assert asks_for(ASKING, "recommended")
    assert not asks_for(replace(ASKING, text="{{ customer.recommended }}"), "recommended")
    assert check({"channel": "email", "subject": "s", "text": ASKING.text}) == []
