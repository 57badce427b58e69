"""What the starter campaigns must do on such a day, told from what they say they are for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.demo.arms import arm
from tests.demo.diary import PHASES
from tests.demo.fates import Post, fates
from tests.demo.oracle import Customer, customers
from tests.demo.starters import BASKET, MEANINGS, ORDER, Meaning
from tests.demo.told import Heard

PATIENCE_MS = 45 * 60_000
"""A basket without an order for so long is abandoned."""

SOON_MS = 20_000
"""A phase is not over before the baskets whose time comes so soon after it was sent."""

VIP_SPENDS = 500


@dataclass
class Entry:
    """A customer entered a campaign because of an event.

    Attributes:
        customer: as they were at the end of the phase in which they entered.
        occurred_at: when that was (UTC ms): what somebody did before it is no answer to it.
        since: when they could be told at the earliest (UTC ms).
        path: what is to stand in the dossier by step; any of the words is right, mostly one.
        goal: whether it is reached.
        left: why they have no steps left; empty for who still has, and for the control group.
    """

    campaign: str
    customer: Customer
    cause: Heard
    phase: int
    arm: str
    occurred_at: int
    since: int
    path: dict[str, frozenset[str]] = field(default_factory=dict)
    goal: bool = False
    left: str = ""

    @property
    def notes(self) -> int:
        """Return how much is written down of it."""
        return 1 + len(self.path) + self.goal + bool(self.left)


@dataclass
class Basket:
    """Somebody is on the way to the checkout, and it is not sure yet whether they order."""

    cause: Heard
    since: int

    @property
    def due_at(self) -> int:
        return self.since + PATIENCE_MS


@dataclass
class Day:
    """What happened so far, by the customer's subject."""

    entries: dict[str, list[Entry]] = field(default_factory=dict)
    baskets: dict[str, Basket] = field(default_factory=dict)


def entries(heard: Sequence[Heard], secret: bytes) -> list[Entry]:
    """Return every campaign entry of the day, phase by phase, as its quiet points order it."""
    return [one for some in play(heard, secret).entries.values() for one in some]


def play(heard: Sequence[Heard], secret: bytes) -> Day:
    """Return what the day came to, phase by phase, as its quiet points order it."""
    day = Day()
    for phase in range(len(PHASES)):
        sent = [one.sent_at for one in heard if one.phase == phase]
        for customer in customers([one for one in heard if one.phase <= phase], secret):
            if sent and customer.strands:
                _of_phase(customer, phase, max(sent), day)
    return day


def _of_phase(customer: Customer, phase: int, ended: int, day: Day) -> None:
    known = day.entries.setdefault(customer.subject, [])
    for entry in known:
        _answered(entry, customer, phase)
    new = [
        entry
        for meaning in MEANINGS
        for entry in _entered(meaning, customer, phase, ended, day)
    ]  # fmt: skip
    for entry in new:
        _ordered_before(entry, customer)
    basket = day.baskets.get(customer.subject)
    posts = [Post(m.key, m.letter, m.service) for m in MEANINGS]
    letters = {post.campaign: post for post in posts}
    treated = [entry for entry in new if entry.arm == "treated" and not entry.left]
    said = [letters[entry.campaign] for entry in treated]
    before = [word for entry in known for word in _words(entry)]
    told = any(entry.campaign == BASKET.key and entry.arm == "control" for entry in known)
    reserved = basket is not None and not told
    causes = [entry.cause for entry in treated]
    for entry, words in zip(
        treated, fates(customer, phase, said, causes, before, reserved=reserved), strict=True
    ):
        _say(entry, customer, letters[entry.campaign].step, words)
    known += new


def _words(entry: Entry) -> Iterator[frozenset[str]]:
    """Yield what became of the marketing e-mails of an entry."""
    for meaning in MEANINGS:
        if meaning.key == entry.campaign and not meaning.service and meaning.letter in entry.path:
            yield entry.path[meaning.letter]


def _entered(
    meaning: Meaning, customer: Customer, phase: int, ended: int, day: Day
) -> Iterator[Entry]:
    causes = meaning.lets_in(customer, phase)
    if meaning is BASKET:
        causes = _abandoned(customer, causes, ended, day)
    for cause in causes:
        known = day.entries[customer.subject]
        if meaning.once and any(entry.campaign == meaning.key for entry in known):
            continue
        side = arm(meaning.key, customer.subject, meaning.control, service=meaning.service)
        since = max(cause.sent_at, cause.at + PATIENCE_MS if meaning is BASKET else 0)
        at = cause.sent_at if meaning.shows_later else cause.at
        yield Entry(meaning.key, customer, cause, phase, side, at, since)


def _abandoned(
    customer: Customer, causes: Iterator[Heard], ended: int, day: Day
) -> Iterator[Heard]:
    """Yield what began a basket whose time is over; forget those that were ordered."""
    for cause in causes:
        known = day.baskets.setdefault(customer.subject, Basket(cause, cause.at))
        known.since = max(known.since, cause.at)
    basket = day.baskets.get(customer.subject)
    if basket is None:
        return
    if any(basket.since <= at <= basket.due_at for at, _ in customer.amounts(ORDER)):
        del day.baskets[customer.subject]
    elif basket.due_at <= ended + SOON_MS:
        del day.baskets[customer.subject]
        yield basket.cause


def _say(entry: Entry, customer: Customer, step: str, words: frozenset[str]) -> None:
    """Note what the first steps come to."""
    if entry.campaign == "churn_risk":
        spent = customer.total(ORDER, "revenue", now=entry.cause.sent_at, days=None)
        way, step, words = (
            ("call", "call", frozenset({"sent"})) if spent >= VIP_SPENDS
            else ("otherwise", step, words)
        )  # fmt: skip
        entry.path["worth_a_call"] = frozenset({way})
    entry.path[step] = words
    if entry.campaign not in ("onboarding", "win_back"):  # they listen for an answer
        entry.left = "" if any(word.startswith("waiting") for word in words) else "done"


def _ordered_before(entry: Entry, customer: Customer) -> None:
    """Let an entry take up that they ordered between its cause and our hearing of that."""
    earlier = [one for one in customer.heard if one.phase < entry.phase]
    if _meaning(entry).goal and _orders_after(entry, earlier):
        _reach_goal(entry)


def _answered(entry: Entry, customer: Customer, phase: int) -> None:
    """Let an entry hear what the customer did in a later phase: they ordered, or clicked."""
    new = [one for one in customer.heard if one.phase == phase]
    meaning = _meaning(entry)
    if meaning.goal and _orders_after(entry, new):
        _reach_goal(entry)
    listens = entry.arm == "treated" and not entry.left
    if listens and any(one.clicks(meaning.subject.partition("{")[0]) for one in new):
        if entry.campaign == "onboarding":
            entry.path |= {"first_look": frozenset({"looked"}), "first_order": frozenset({"sent"})}
        elif entry.campaign == "win_back":
            entry.path["answer"] = frozenset({"clicked"})
            entry.left = "done"


def _orders_after(entry: Entry, heard: Sequence[Heard]) -> bool:
    return any(one.name == ORDER and one.at > entry.occurred_at for one in heard)


def _reach_goal(entry: Entry) -> None:
    entry.goal = True
    if entry.arm == "treated":
        entry.left = entry.left or "goal"


def _meaning(entry: Entry) -> Meaning:
    return next(one for one in MEANINGS if one.key == entry.campaign)
