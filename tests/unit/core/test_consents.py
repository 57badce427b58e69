"""Consent: doubt is read against sending, and no old yes undoes a newer no."""

import pytest

from portrait.catalogue import Catalogue
from portrait.metrics import DAY_MS
from portrait.strand import MAX_CONSENTS
from tests.unit.core.worlds import NOON, an_event, play


def consent(*events, channel="email", purpose="marketing"):
    (portrait,) = play(events).portraits().values()
    return portrait.view(Catalogue(), NOON).consent(channel, purpose)


def said(id, name, properties, **fields):
    return an_event(id, name=name, properties=properties, **fields)


YES = said("y", "Consent Granted", {"channel": "email", "purpose": "marketing"}, at=NOON - 9)


@pytest.mark.parametrize(
    "properties",
    [
        {"channel": "Email", "purpose": " Marketing "},
        {"channel": "email"},
        {"channel": None, "purpose": None},
        {"channel": "email", "purpose": ["marketing"]},
        {"purpose": "marketing"},
        {"channel": "*", "purpose": "*"},
        {},
    ],
)
def test_a_no_that_is_written_carelessly_is_still_a_no(properties):
    assert consent(YES, said("n", "Consent Withdrawn", properties)) == "withdrawn"


def test_unsubscribed_without_more_is_about_everything_by_e_mail_alone():
    sms = said("s", "Consent Granted", {"channel": "sms", "purpose": "marketing"}, at=NOON - 9)
    out = said("n", "Unsubscribed", {})

    assert consent(YES, sms, out) == "withdrawn"
    assert consent(YES, sms, out, channel="sms") == "granted"


@pytest.mark.parametrize(
    "properties",
    [{}, {"channel": "email"}, {"channel": "email", "purpose": "*"}, {"channel": 1, "purpose": 2}],
)
def test_a_yes_must_say_to_what(properties):
    assert consent(said("y", "Consent Granted", properties)) is None


def test_a_yes_of_long_ago_that_comes_late_does_not_undo_a_no():
    old = {"at": NOON - 900 * DAY_MS, "received_at": NOON}
    late = said("y", "Consent Granted", {"channel": "email", "purpose": "marketing"}, **old)
    no = said("n", "Consent Withdrawn", {"channel": "email", "purpose": "marketing"}, at=NOON - 9)

    assert consent(no, late) == consent(late, no) == "withdrawn"


def test_purposes_without_end_do_not_grow_the_portrait_and_push_out_no_refusal():
    no = said("n", "Consent Withdrawn", {"channel": "email", "purpose": "marketing"}, at=NOON - 9)
    flood = [
        said(f"m{i}", "Consent Granted", {"channel": "email", "purpose": f"p{i}"})
        for i in range(2 * MAX_CONSENTS)
    ]
    (portrait,) = play([no, *flood]).portraits().values()
    (strand,) = portrait.strands.values()

    assert len(strand.consents) == MAX_CONSENTS
    assert strand.consents["email:marketing"].status == "withdrawn"
