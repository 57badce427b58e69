"""Forthcoming: what is said to be to come is what comes, if nothing but time happens."""

from hypothesis import given, settings

from portrait.advance import Tick
from portrait.catalogue import Catalogue
from portrait.dialogue import Dialogue
from portrait.effects import Say
from portrait.forthcoming import MAX_STEPS, rivals
from portrait.message import message_id
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.strand import Contact
from portrait.waiting import Waiting
from tests.unit.dialogues.campaigns import (
    HOME,
    NOW,
    Customer,
    a_campaign,
    came_out,
    catalogue,
    definition,
    documents,
)
from tests.unit.dialogues.shop import HOUR, letter
from tests.unit.dialogues.test_advance import moves, plans, play

UNTIL = NOW + 400 * DAY_MS


def foretold(
    customer: Customer, until: int, known: Catalogue, own: str = ""
) -> list[tuple[str, int]]:
    """Return the messages that are to come, and when, for a customer in this dialogue alone.

    Args:
        own: the message that is asked about.
    """
    portrait = Portrait.decode(HOME, customer.portrait.encode())
    portrait.strand(HOME).dialogues["j" * 32] = customer.state
    view = portrait.view(known, customer.now)
    return [(one.id, one.not_before) for one in rivals(view, known, own, until)]


def what_comes(customer: Customer, until: int) -> list[tuple[str, int]]:
    """Let time pass and every message go at once; return what is asked for, and when."""
    found: list[tuple[str, int]] = []
    lasts_until = customer.state.entered_at + customer.definition.lasts_ms
    for _ in range(200):
        state = customer.state
        waits = customer.asked and customer.asked[-1].step == state.step
        if waits:
            done = customer.hear(came_out(customer.asked[-1], "sent", customer.now))
        elif state.state == "running":
            customer.now = max(customer.now, min(state.due_at, lasts_until))
            if customer.now > until:
                return found
            done = customer.hear(Tick())
        else:
            return found
        said = (one for one in done.effects if isinstance(one, Say) and one.channel != "inbox")
        found += ((one.message, customer.now) for one in said)
    raise AssertionError("it does not come to an end")


@settings(max_examples=400, deadline=None)
@given(document=documents, plan=plans, steps=moves)
def test_what_is_foretold_is_what_comes_and_when(document, plan, steps):
    known = catalogue(document)
    customer = Customer(known.newest["c"], plan=plan)
    play(customer, steps)
    under_way = [one for one in customer.asked if one.step == customer.state.step]
    own = under_way[-1].message if under_way else ""
    foreseen = foretold(customer, UNTIL, known, own)

    assert foreseen == what_comes(customer, UNTIL)[:MAX_STEPS]


def test_nothing_is_foretold_beyond_the_instant_that_was_asked_for():
    document = a_campaign([{"wait": {"for": "1d"}}, letter(), {"wait": {"for": "3d"}}, letter()])
    known = catalogue(document)
    customer = Customer(known.newest["c"])

    assert len(foretold(customer, NOW + DAY_MS, known)) == 1
    assert len(foretold(customer, NOW + 4 * DAY_MS, known)) == 2
    assert foretold(customer, NOW + DAY_MS - 1, known) == []


def test_who_is_only_held_is_foretold_to_enter():
    absent = {"event": "Ordered", "within": "1h"}
    document = a_campaign([letter()], entry={"event": "Started", "absent": absent})
    known = catalogue(document)
    customer = Customer(definition(document))
    customer.state = Dialogue("c", 1, "held", "treated", NOW, NOW, since=NOW, due_at=NOW + HOUR)

    assert [at for _, at in foretold(customer, UNTIL, known)] == [NOW + HOUR]


def test_what_waits_is_foretold_once_and_what_was_said_or_is_asked_about_not_at_all():
    known = catalogue(a_campaign([letter(), {"wait": {"for": "1d"}}, {"name": "b", **letter()}]))
    customer = Customer(known.newest["c"])
    (said,) = customer.asked
    later = message_id("j" * 32, "b")
    strand = customer.portrait.strand(HOME)
    strand.waiting[said.message] = Waiting(
        "j" * 32, "c", 1, "0", "email", "t", "marketing", 1.0, NOW, NOW, NOW + DAY_MS, NOW,
        NOW + HOUR, "quiet_hours",
    )  # fmt: skip

    assert foretold(customer, UNTIL, known) == [(said.message, NOW + HOUR), (later, NOW + DAY_MS)]
    strand.contacts[later] = Contact(later, "email", "marketing", "c", NOW, "sent")
    assert foretold(customer, UNTIL, known) == [(said.message, NOW + HOUR)]
