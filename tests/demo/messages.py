"""Campaign entries and messages against the oracle: to the right person, once, and nobody else."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.demo.expectations import Entry
from tests.demo.measure import Email, Found
from tests.demo.receiver import Delivery, signing_key
from tests.demo.verdict import Expected

WEBHOOK = "high_value_order"
SUBJECTS = {
    "welcome": "Welcome{name}. Good to have you here",
    "abandoned_basket": "Your basket is waiting{name}",
    "post_purchase": "Thank you{name}: how was it to shop with us?",
}
_REFERENCE = re.compile(r"Its reference is (\S+);")

Letter = tuple[str, str, str]
"""(address, subject, order id that the text names)"""


def journeys(expected: Expected, found: Found) -> Iterator[str]:
    """Yield entries that are missing or too many, and arms and outcomes that are not right."""
    due: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in expected.entries:
        due[entry.customer.root, entry.campaign].append(entry)
    roots = {home: one.root for one in expected.customers for home in one.homes}
    had: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for item in found.journeys:
        home = roots.get(item["home"], item["home"])
        outcome = item.get("outcome", "no outcome")
        shown = item.get("reason", "") if outcome == "held" else outcome
        had[home, item["campaign"]].append((item["arm"], shown))
    final = {customer.root: customer for customer in expected.customers}
    renamed = _by_final_root(due, roots)
    for key in sorted(renamed.keys() | had.keys()):
        wrong = _unmatched(renamed.get(key, []), had.get(key, []))
        if wrong:
            customer = final.get(key[0])
            yield f"{customer.name if customer else key[0]}, {key[1]}: {wrong}"


def _by_final_root(
    due: dict[tuple[str, str], list[Entry]], roots: dict[str, str]
) -> dict[tuple[str, str], list[Entry]]:
    """Return the entries by where their customers live at the end of the day."""
    found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for (home, campaign), some in due.items():
        found[roots[home], campaign] += some
    return found


def _unmatched(due: Sequence[Entry], had: Sequence[tuple[str, str]]) -> str:
    """Pair each entry with one that was recorded, narrow ones first; say it if one is left."""
    left = list(had)
    for entry in sorted(due, key=lambda entry: len(entry.outcomes)):
        match = next((h for h in left if h[0] == entry.arm and h[1] in entry.outcomes), None)
        if match is None:
            expected = " or ".join(sorted(entry.outcomes))
            return f"expected {entry.arm}, {expected}; found {list(had) or 'no entry'}"
        left.remove(match)
    return f"{len(left)} entries too many: {left}" if left else ""


def emails(expected: Expected, found: Found) -> Iterator[str]:
    """Yield e-mails that are missing, and those that nobody should have got."""
    sure: Counter[Letter] = Counter()
    allowed: Counter[Letter] = Counter()
    for entry in expected.entries:
        if "sent" in entry.outcomes and entry.campaign in SUBJECTS:
            letter = _letter(entry)
            allowed[letter] += 1
            sure[letter] += len(entry.outcomes) == 1
    sent = Counter(_read(email) for email in found.emails)
    for letter, count in (sure - sent).items():
        yield f"{count} e-mail to {letter[0]} is missing: {letter[1]} {letter[2]}"
    for letter, count in (sent - allowed).items():
        yield f"{count} e-mail to {letter[0]} should not have been sent: {letter[1]} {letter[2]}"


def _letter(entry: Entry) -> Letter:
    traits = entry.customer.traits()
    name = f", {traits['firstName']}" if traits.get("firstName") else ""
    order = entry.cause.properties["order_id"] if entry.campaign == "post_purchase" else ""
    return traits["email"], SUBJECTS[entry.campaign].format(name=name), order


def _read(email: Email) -> Letter:
    reference = _REFERENCE.search(email.text)
    return email.to, email.subject, reference[1] if reference else ""


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


def waits(expected: Expected, found: Found, deliveries: Sequence[Delivery]) -> Iterator[int]:
    """Yield how long each message took, from the sending of its event to its own, in milliseconds.

    A message arrives when SES or the webhook's receiver has it.
    """
    causes: dict[Letter | str, list[int]] = defaultdict(list)
    arrived: dict[Letter | str, list[int]] = defaultdict(list)
    for entry in expected.entries:
        if "sent" in entry.outcomes:
            webhook = entry.campaign == WEBHOOK
            name = str(entry.cause.properties["order_id"]) if webhook else _letter(entry)
            causes[name].append(entry.cause.sent_at)
    for email in found.emails:
        arrived[_read(email)].append(email.at)
    for delivery in deliveries:
        arrived[str(delivery.content()["order"]["id"])].append(delivery.at)
    for name, instants in arrived.items():
        pairs = zip(sorted(causes.get(name, ())), sorted(instants), strict=False)
        yield from (to - since for since, to in pairs)
