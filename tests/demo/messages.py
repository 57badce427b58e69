"""Messages against the oracle: to the right person, once, and nobody else."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.demo.expectations import Entry
from tests.demo.fates import SENT
from tests.demo.measure import Email, Found
from tests.demo.receiver import Delivery, signing_key
from tests.demo.starters import MEANINGS
from tests.demo.verdict import Expected

WEBHOOK = "high_value_order"
LETTERS = {meaning.key: meaning for meaning in MEANINGS if meaning.subject}
_REFERENCE = re.compile(r"Its reference is (\S+);")

Letter = tuple[str, str, str]
"""(address, subject, order id that the text names)"""


def emails(expected: Expected, found: Found) -> Iterator[str]:
    """Yield e-mails that are missing, and those that nobody should have got."""
    sure: Counter[Letter] = Counter()
    allowed: Counter[Letter] = Counter()
    for entry in expected.entries:
        words = _words(entry)
        if "sent" in words and entry.campaign in LETTERS:
            letter = _letter(entry)
            allowed[letter] += 1
            sure[letter] += words == SENT
    sent = Counter(_read(email) for email in found.emails)
    for letter, count in (sure - sent).items():
        yield f"{count} e-mail to {letter[0]} is missing: {letter[1]} {letter[2]}"
    for letter, count in (sent - allowed).items():
        yield f"{count} e-mail to {letter[0]} should not have been sent: {letter[1]} {letter[2]}"


def _words(entry: Entry) -> frozenset[str]:
    """Return what may have become of what an entry says first."""
    step = LETTERS[entry.campaign].letter if entry.campaign in LETTERS else "desk"
    return entry.path.get(step, frozenset())


def _letter(entry: Entry) -> Letter:
    traits = entry.customer.traits()
    name = f", {traits['firstName']}" if traits.get("firstName") else ""
    order = entry.cause.properties["order_id"] if entry.campaign == "post_purchase" else ""
    return traits["email"], LETTERS[entry.campaign].subject.format(name=name), order


def campaign(email: Email) -> str:
    """Return which campaign an e-mail is of, by its subject."""
    beginnings = {key: one.subject.partition("{")[0] for key, one in LETTERS.items()}
    return next((key for key, said in beginnings.items() if email.subject.startswith(said)), "")


def _read(email: Email) -> Letter:
    reference = _REFERENCE.search(email.text)
    return email.to, email.subject, reference[1] if reference else ""


def offers(expected: Expected, found: Found, now: int) -> Iterator[str]:
    """Yield inboxes in which something else waits than what the customers were offered."""
    due: dict[str, Counter[str]] = defaultdict(Counter)
    roots = {home: one.root for one in expected.customers for home in one.homes}
    for entry in expected.entries:
        for step in ("first_order", "call"):
            if step in entry.path and entry.left != "goal":
                due[roots[entry.customer.root]][f"{entry.campaign}/{step}"] += 1
    for home, portrait in found.portraits.items():
        view = portrait.view(found.catalogue, now)
        lies = Counter(f"{one.campaign}/{one.step}" for one in view.offers.values())
        if lies != due[home]:
            yield f"{home}: {dict(lies)} in the inbox, expected {dict(due[home])}"


def webhooks(expected: Expected, deliveries: Sequence[Delivery], secret: bytes) -> Iterator[str]:
    """Yield large orders that were not told, told twice or told wrongly, and bad signatures."""
    due = {
        entry.cause.properties["order_id"]: entry
        for entry in expected.entries
        if entry.campaign == WEBHOOK
    }
    told = Counter(str(delivery.content()["order"]["id"]) for delivery in deliveries)
    for order in sorted(due.keys() | told.keys()):
        if told[order] != (order in due):
            yield f"order {order}: the webhook came {told[order]} times, not {int(order in due)}"
    key = signing_key(secret, WEBHOOK)
    for delivery in deliveries:
        order = delivery.content()["order"]
        if not delivery.is_signed_with(key):
            yield f"order {order['id']}: the webhook's signature is wrong"
        entry = due.get(order["id"])
        if entry and entry.cause.properties["revenue"] != order["revenue"]:
            yield f"order {order['id']}: the webhook says {order['revenue']}"


def lost(letters: Mapping[str, int]) -> Iterator[str]:
    """Yield the dead-letter queues in which something lies."""
    for queue, count in letters.items():
        if count:
            yield f"{count} messages lie in {queue}"


def waits(expected: Expected, found: Found, deliveries: Sequence[Delivery]) -> Iterator[int]:
    """Yield how long each message took, in milliseconds: from the sending of its event, or from
    the moment at which its time came, to when SES or the webhook's receiver had it."""
    causes: dict[Letter | str, list[int]] = defaultdict(list)
    arrived: dict[Letter | str, list[int]] = defaultdict(list)
    for entry in expected.entries:
        if "sent" in _words(entry):
            webhook = entry.campaign == WEBHOOK
            name = str(entry.cause.properties["order_id"]) if webhook else _letter(entry)
            causes[name].append(entry.since)
    for email in found.emails:
        arrived[_read(email)].append(email.at)
    for delivery in deliveries:
        arrived[str(delivery.content()["order"]["id"])].append(delivery.at)
    for name, instants in arrived.items():
        pairs = zip(sorted(causes.get(name, ())), sorted(instants), strict=False)
        yield from (to - since for since, to in pairs)
