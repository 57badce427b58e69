"""What the starter campaigns are for, by what their documents say: whom they let in, and when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median

from tests.demo.oracle import DAY_MS, Customer
from tests.demo.told import Heard

ORDER = "Order Completed"
NEWSLETTER = ("email", "marketing")
VALID_MS = 3 * DAY_MS
"""What happened longer ago starts nothing any more."""

LAPSED_MS = 180 * DAY_MS
LARGE_ORDER = Decimal(200)
RHYTHM, FEWEST_ORDERS = 1.2, 3
RISKY = 0.7

LetsIn = Callable[[Customer, int], Iterator[Heard]]
"""Yield what of a phase lets a customer in, who is as they are at the end of the phase."""


@dataclass(frozen=True)
class Meaning:
    """A starter campaign: whom it lets in, and what it says first.

    Attributes:
        letter: the step that says it.
        subject: of the e-mail, with `{name}` for the greeting; empty for the webhook.
        shows_later: they enter when it shows from what is heard, and not when something happened.
    """

    key: str
    letter: str
    subject: str
    lets_in: LetsIn
    control: float = 0.1
    once: bool = False
    service: bool = False
    goal: bool = True
    shows_later: bool = False


def _of_phase(customer: Customer, phase: int, event: str) -> Iterator[Heard]:
    for one in sorted(customer.heard, key=lambda one: one.order):
        if one.phase == phase and one.counts and one.name == event and one.age <= VALID_MS:
            yield one


def asked_for_newsletter(customer: Customer, phase: int) -> Iterator[Heard]:
    for one in _of_phase(customer, phase, "Consent Granted"):
        about = (one.properties["channel"], one.properties["purpose"])
        if about == NEWSLETTER and "email" in customer.traits():
            yield one


def went_to_the_checkout(customer: Customer, phase: int) -> Iterator[Heard]:
    return _of_phase(customer, phase, "Checkout Started")


def ordered(customer: Customer, phase: int) -> Iterator[Heard]:
    return _of_phase(customer, phase, ORDER)


def ordered_for_much(customer: Customer, phase: int) -> Iterator[Heard]:
    orders = _of_phase(customer, phase, ORDER)
    return (one for one in orders if Decimal(str(one.properties["revenue"])) >= LARGE_ORDER)


def has_lapsed(customer: Customer, phase: int) -> Iterator[Heard]:
    """Yield the last event of the phase in which it first shows that they bought long ago."""
    return _since(customer, phase, lambda orders, now: orders[-1] < now - LAPSED_MS)


def is_overdue(customer: Customer, phase: int) -> Iterator[Heard]:
    """Yield the last event of the phase in which it first shows that they are later than usual."""
    return _since(customer, phase, _overdue)


def _overdue(orders: list[int], now: int) -> bool:
    if len(orders) < FEWEST_ORDERS:
        return False
    usual = median(later - one for one, later in pairwise(orders))
    return now - orders[-1] > RHYTHM * usual


def _since(
    customer: Customer, phase: int, holds: Callable[[list[int], int], bool]
) -> Iterator[Heard]:
    """Yield what last happened in a phase, if it holds by then and did not before."""
    new = [one for one in customer.heard if one.phase == phase and one.name == ORDER]
    if not new:
        return
    now = max(one.sent_at for one in new)
    known = [one for one in customer.heard if one.name == ORDER and one.phase < phase]
    after = holds(sorted(one.at for one in (*known, *new)), now)
    if after and not (known and holds(sorted(one.at for one in known), now)):
        yield max(new, key=lambda one: one.order)


def may_leave(customer: Customer, phase: int) -> Iterator[Heard]:
    scored = [one for one in customer.heard if "score.churn" in one.traits]
    new = [one for one in scored if one.phase == phase and one.traits["score.churn"] >= RISKY]
    known = [one for one in scored if one.phase < phase and one.traits["score.churn"] >= RISKY]
    if new and not known:
        yield new[0]


ONBOARDING = Meaning(
    "onboarding", "welcome", "Welcome{name}. Good to have you here", asked_for_newsletter, once=True
)
BASKET = Meaning(
    "abandoned_basket", "reminder", "Your basket is waiting{name}", went_to_the_checkout
)
MEANINGS = (
    ONBOARDING,
    BASKET,
    Meaning("win_back", "we_miss_you", "It has been a while{name}", has_lapsed, once=True,
            shows_later=True),
    Meaning("replenishment", "reminder", "Running low?{name}", is_overdue, once=True,
            shows_later=True),
    Meaning("churn_risk", "letter", "Are we still good for you?{name}", may_leave, once=True,
            shows_later=True),
    Meaning("post_purchase", "thanks", "Thank you{name}: how was it to shop with us?", ordered,
            goal=False),
    Meaning("high_value_order", "desk", "", ordered_for_much, control=0, service=True, goal=False),
)  # fmt: skip
"""Win-back, replenishment and churn risk let nobody in again for weeks: here that is never."""
