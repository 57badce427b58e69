"""What the starter campaigns must do on such a day, told from what they say they are for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from tests.demo.arms import arm
from tests.demo.diary import PHASES
from tests.demo.oracle import CONSENT_WORDS, DAY_MS, Customer, customers
from tests.demo.told import Heard

NEWSLETTER = ("email", "marketing")
CAP = 3
"""Marketing e-mails to one customer in 7 days; the day is shorter than that."""

VALID_DAYS = 3
LARGE_ORDER = Decimal(200)


class Entry(NamedTuple):
    """A customer enters a campaign because of an event; any of `outcomes` is right, mostly one."""

    campaign: str
    customer: Customer
    cause: Heard
    arm: str
    outcomes: frozenset[str]


@dataclass(frozen=True)
class Meaning:
    """A starter campaign: what it listens to, whom it lets in, and what it sends."""

    key: str
    event: str
    lets_in: Callable[[Customer, Heard], bool]
    control: float = 0.1
    once: bool = False
    service: bool = False


def _asked_for_newsletter(customer: Customer, cause: Heard) -> bool:
    about = cause.properties
    return (about["channel"], about["purpose"]) == NEWSLETTER and "email" in customer.traits()


def _ordered_nothing(customer: Customer, cause: Heard) -> bool:
    return not any(at > cause.at - DAY_MS for at, _ in customer.amounts("Order Completed"))


def _is_large(_: Customer, cause: Heard) -> bool:
    return Decimal(str(cause.properties["revenue"])) >= LARGE_ORDER


MEANINGS = (
    Meaning("welcome", "Consent Granted", _asked_for_newsletter, once=True),
    Meaning("abandoned_basket", "Checkout Started", _ordered_nothing),
    Meaning("post_purchase", "Order Completed", lambda *_: True),
    Meaning("high_value_order", "Order Completed", _is_large, control=0, service=True),
)


@dataclass
class _Ledger:
    """What happened so far, by strand home: who was welcomed, and who was sent how much."""

    entered: set[tuple[str, str]] = field(default_factory=set)
    sent: dict[str, int] = field(default_factory=dict)


def entries(heard: Sequence[Heard], secret: bytes) -> list[Entry]:
    """Return every campaign entry of the day, phase by phase, as its quiet points order it."""
    ledger, found = _Ledger(), []
    for phase in range(len(PHASES)):
        for customer in customers([one for one in heard if one.phase <= phase], secret):
            found += _of_phase(customer, phase, ledger)
    return found


def _of_phase(customer: Customer, phase: int, ledger: _Ledger) -> Iterator[Entry]:
    for cause in sorted(customer.heard, key=lambda one: one.order):
        if cause.phase != phase or not cause.counts:
            continue
        for meaning in MEANINGS:
            if cause.name == meaning.event and _starts(meaning, customer, cause, ledger):
                side = arm(meaning.key, customer.subject, meaning.control, service=meaning.service)
                outcomes = _outcomes(meaning, customer, cause, side, ledger)
                yield Entry(meaning.key, customer, cause, side, frozenset(outcomes))


def _starts(meaning: Meaning, customer: Customer, cause: Heard, ledger: _Ledger) -> bool:
    if cause.age > VALID_DAYS * DAY_MS or not meaning.lets_in(customer, cause):
        return False
    occasion = (meaning.key, customer.subject)
    if meaning.once and occasion in ledger.entered:
        return False
    ledger.entered.add(occasion)
    return True


def _outcomes(
    meaning: Meaning, customer: Customer, cause: Heard, side: str, ledger: _Ledger
) -> set[str]:
    """Return what may become of the message, asked in the order in which it is decided."""
    if side == "control":
        return {"control_group"}
    if meaning.service:
        return {"sent"}
    if "email" not in customer.traits():
        return {"no_address"}
    if _is_suppressed(customer, cause.phase):
        return {"suppressed"}
    return {_said(word, customer, ledger) for word in _words(customer, cause)}


def _said(word: str | None, customer: Customer, ledger: _Ledger) -> str:
    if word != "granted":
        return "no_consent"
    if ledger.sent.get(customer.subject, 0) >= CAP:
        return "cap"
    ledger.sent[customer.subject] = ledger.sent.get(customer.subject, 0) + 1
    return "sent"


def _words(customer: Customer, cause: Heard) -> set[str | None]:
    """Return what consent may say when the message is judged.

    That is the last word before the cause's phase ended; where the customer changes their mind
    within the phase, also what stood right after the cause.
    """
    after = [
        one.order
        for one in customer.heard
        if one.name in CONSENT_WORDS and one.phase == cause.phase and one.order > cause.order
    ]
    return {customer.consents(until=order).get(NEWSLETTER) for order in (cause.order, *after)}


def _is_suppressed(customer: Customer, phase: int) -> bool:
    """Tell whether an earlier phase brought a hard bounce or a complaint."""
    return any(one.phase < phase and one.closes_address for one in customer.heard)
