"""Checks between documents: what each can only say together with the others."""

import pytest

from portrait import rendering
from portrait.definitions.checking import RESERVED_TRAITS, check
from portrait.definitions.problems import DefinitionError
from tests.unit.definitions.programmes import (
    POLICY,
    a_campaign,
    a_segment,
    a_source,
    a_template,
    a_trait,
    an_audience,
    drafts,
)

PROGRAMME = (a_campaign(), {**a_template(), "key": "thanks"}, POLICY)
KEY = {"sha256": "ab" * 32, "last4": "abcd"}


def problems_of(*raws):
    with pytest.raises(DefinitionError) as refusal:
        check(drafts(*raws), rendering.check)
    return list(refusal.value.problems)


def test_a_programme_that_holds_together_passes():
    vip, guests = a_segment("vip"), a_segment("guests", {"not": {"segment": "vip"}})
    traits = (a_trait(), a_trait(key="spend", operation="sum", property="revenue"))

    check(drafts(*PROGRAMME, vip, guests, *traits, a_source()), rendering.check)


@pytest.mark.parametrize(
    ("raws", "expected"),
    [
        (
            [a_segment("a", {"segment": "gone"}), a_segment("vip")],
            "a.yaml: where: there is no segment 'gone'; expected one of a, vip",
        ),
        (
            [*PROGRAMME[1:], a_campaign(entry={"event": "A", "where": {"segment": "gone"}})],
            "thanks.yaml: entry.where: there is no segment 'gone'",
        ),
        (
            [an_audience(segment="gone"), a_segment("vip")],
            "vips.yaml: segment: there is no segment 'gone'; expected one of vip",
        ),
        (
            [
                a_segment("a", {"any": [{"segment": "b"}]}),
                a_segment("b", {"not": {"segment": "a"}}),
            ],
            "a.yaml: where: segments refer to each other in a circle: a > b > a",
        ),
        (
            [a_segment("a", {"not": {"property": "revenue", "above": 1}})],
            "a.yaml: where: a segment is about the customer at any time; "
            "`property` and `first_time` ask about the event at an entry",
        ),
        (
            [a_campaign(), a_template(key="welcome"), POLICY],
            "thanks.yaml: steps.0.send.template: there is no template 'thanks'; "
            "expected one of welcome",
        ),
        (
            [
                a_campaign(steps=[{"send": {"channel": "webhook", "template": "thanks"}}]),
                *PROGRAMME[1:],
            ],
            "thanks.yaml: steps.0.send.channel: 'webhook', but template 'thanks' is for 'email'",
        ),
        (
            [a_trait(key="first_name")],
            "first_name.yaml: key: 'first_name' is a trait that clients send; choose another name",
        ),
        (
            [
                a_trait(key="a", event="Order.total"),
                a_trait(key="b", operation="sum", event="Order", property="total"),
            ],
            "b.yaml: event: 'Order.total' already stands for something of event 'Order.total'",
        ),
        (
            [
                a_trait(key="a", operation="max", property="total"),
                a_trait(key="b", operation="sum", property="total:range"),
            ],
            "b.yaml: event: 'Order Completed.total:range' already stands for something of event "
            "'Order Completed'",
        ),
        (
            PROGRAMME[:2],
            "policy: campaigns need a policy; expected a document with kind: policy, key: default",
        ),
        (
            [a_source("web", write_keys=[KEY]), a_source("app", write_keys=[KEY])],
            "app.yaml: write_keys: …abcd opens source 'web' already",
        ),
        ([a_trait(), a_trait()], "orders.yaml: key: 'orders' is taken by orders.yaml"),
    ],
)
def test_what_does_not_hold_together_is_named(raws, expected):
    assert problems_of(*raws) == [expected]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"subject": "{% if customer.x %}"}, "thanks.yaml: subject: "),
        ({"text": "{{ costumer.email }}"}, "thanks.yaml: text: there is no variable 'costumer'"),
        ({"html": "<script>{{ customer.x }}</script>"}, "thanks.yaml: html: "),
        ({"text": "{{ customer.x | shout }}"}, "thanks.yaml: text: there is no filter 'shout'"),
    ],
)
def test_a_template_that_could_not_be_rendered_is_refused_with_its_part(fields, named):
    problems = problems_of(a_template(**fields))

    assert problems
    assert all(problem.startswith(named.split(": ")[0]) for problem in problems)
    assert problems[0].startswith(named)


def test_all_problems_are_said_at_once():
    problems = problems_of(a_segment("a", {"segment": "x"}), a_trait(key="email"), a_campaign())

    assert len(problems) == 4


def test_reserved_traits_are_valid_keys_so_that_the_rule_bites():
    for name in RESERVED_TRAITS:
        drafts(a_trait(key=name))
