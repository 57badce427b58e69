"""Where a channel reaches a customer: one address, or every device."""

from portrait.effects import Outcome
from portrait.portrait import Portrait
from portrait.strand import Contact, Trait
from portrait.tickets import Claim, Tickets
from portrait.view import FRESH_MS, PUSH_TOKEN, View
from tests.unit.dispatch.desks import HOME, NOW, Clock, Table, a_portrait


def with_devices(*told: tuple[str, object, int]) -> View:
    """Return a customer whose devices told their tokens: home, token, and how long ago."""
    portrait = Portrait(HOME)
    for home, token, ago in told:
        portrait.strand(home).traits[PUSH_TOKEN] = Trait(token, NOW - ago, b"m")
    return View(portrait, {}, NOW)


def test_every_device_is_reached_the_newest_first_and_none_twice():
    view = with_devices(("a1", "ios:t1", 9), ("a2", "android:t2", 3), ("a3", "ios:t1", 1))

    assert view.addresses("push") == ("ios:t1", "android:t2")


def test_no_more_than_five_devices_are_reached():
    view = with_devices(*((f"a{n}", f"ios:t{n}", n) for n in range(9)))

    assert view.addresses("push") == tuple(f"ios:t{n}" for n in range(5))


def test_what_is_no_token_reaches_nobody():
    view = with_devices(("a1", None, 1), ("a2", "", 1), ("a3", 7, 1))

    assert (view.addresses("push"), view.fresh_addresses("push")) == ((), frozenset())


def test_a_token_that_was_told_within_a_day_is_fresh():
    view = with_devices(("a1", "ios:t1", FRESH_MS), ("a2", "ios:t2", FRESH_MS + 1))

    assert view.fresh_addresses("push") == {"ios:t1"}


def test_other_channels_have_one_address_and_no_notion_of_fresh():
    view = View(a_portrait(traits={"phone": "+46701234567"}), {}, NOW)

    assert view.addresses("email") == ("anna@example.se",)
    assert view.addresses("sms") == ("+46701234567",)
    assert view.addresses("webhook") == ()
    assert view.fresh_addresses("email") == frozenset()


def test_a_token_that_reaches_nobody_any_more_is_forgotten_until_its_device_tells_it_again():
    portrait = a_portrait()
    for home, token in ((HOME, "ios:dead"), ("u2", "ios:alive")):
        portrait.strand(home).set_trait(PUSH_TOKEN, Trait(token, NOW, b"m"))
    contact = Contact("m1", "push", "marketing", "c", NOW, "claimed")
    portrait.strand(HOME).set_contact(contact)
    table, clock = Table(portrait), Clock()
    record = table.follow(HOME)
    outcome = Outcome("j", "0", "m1", "sent", NOW, HOME)

    tickets = Tickets(table, clock, clock.pause)
    tickets.settle(Claim(contact, HOME, record), "sent", outcome, dead=("ios:dead",))

    settled = table.follow(HOME).portrait
    assert View(settled, {}, NOW).addresses("push") == ("ios:alive",)
    settled.strand(HOME).set_trait(PUSH_TOKEN, Trait("ios:dead", NOW + 5, b"n"))
    assert "ios:dead" in View(settled, {}, NOW).addresses("push")
