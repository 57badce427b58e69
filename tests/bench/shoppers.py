"""Who shops, and what their browser says: events as analytics.js writes them, about 1.1 KB each."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

Call = dict[str, Any]

AGENT = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36"
)
CATEGORIES = ("Home textiles", "Lighting", "Furniture", "Kitchen", "Garden")

MIX: Mapping[str, float] = {
    "Product Viewed": 0.42,
    "$page": 0.26,
    "Product List Viewed": 0.16,
    "Products Searched": 0.05,
    "Product Added": 0.035,
    "$identify": 0.03,
    "Cart Viewed": 0.025,
    "Checkout Started": 0.009,
    "Consent Granted": 0.004,
    "Order Completed": 0.006,
    "Consent Withdrawn": 0.001,
}
"""How often a shop hears what. One visit in forty ends in an order, 2 % of events matter."""


@dataclass(frozen=True)
class Shopper:
    """One customer: a visitor is known by a cookie alone, a member logged in on that browser."""

    number: int
    member: bool
    device: str

    @property
    def user_id(self) -> str:
        return f"C-{100_000 + self.number}"


def shoppers(count: int, random: Random) -> list[Shopper]:
    """Draw customers, six in ten of them members."""
    return [Shopper(n, random.random() < 0.6, uuid(random)) for n in range(count)]


def uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


SIGN_UPS = 0.25
"""Share of the identify calls that visitors make too: one in fifteen signs up in ten events."""


def what(shopper: Shopper, random: Random) -> str:
    """Draw what the customer does next."""
    event = random.choices(list(MIX), list(MIX.values()))[0]
    if event == "$identify" and not shopper.member and random.random() > SIGN_UPS:
        return "$page"
    return event


def call(shopper: Shopper, event: str, random: Random, *, signed_in: bool | None = None) -> Call:
    """Return one call without its times; `event` is a key of MIX.

    A visitor who identifies becomes a member in that moment: the cookie and the account meet.
    """
    product = random.randrange(2000)
    url = f"https://shop.example.com/products/{product}-linen-towel-soft"
    told: Call = {
        "anonymousId": shopper.device,
        "messageId": f"ajs-next-17612345{random.randrange(10**5):05d}-{uuid(random)}",
        "context": _context(url, random),
        "integrations": {},
    }
    if event == "$identify" or (shopper.member if signed_in is None else signed_in):
        told["userId"] = shopper.user_id
    if event == "$identify":
        return {"type": "identify", "traits": traits(shopper, random), **told}
    if event == "$page":
        path = url.removeprefix("https://shop.example.com")
        properties = {**told["context"]["page"], "path": path}
        return {"type": "page", "name": "Product", "properties": properties, **told}
    properties = _properties(event, product, random)
    return {"type": "track", "event": event, "properties": properties, **told}


def traits(shopper: Shopper, random: Random) -> Call:
    """Return what a member tells about themselves."""
    return {
        "email": f"astrid.{shopper.number}@example.com",
        "firstName": "Astrid",
        "lastName": "Lindqvist",
        "city": random.choice(("Göteborg", "Malmö", "Oslo", "Helsinki")),
        "createdAt": "2025-03-09T10:12:44.120Z",
        "loyaltyTier": random.choice(("bronze", "silver", "gold")),
    }


def _properties(event: str, product: int, random: Random) -> Call:
    if event.startswith("Consent"):
        return {"channel": "email", "purpose": "marketing"}
    price = round(random.uniform(5, 120), 2)
    item = {
        "product_id": f"P-{product}",
        "sku": f"SKU-{product}-NAT",
        "name": "Linen towel, soft",
        "category": random.choice(CATEGORIES),
        "brand": "Ekelund & Söner",
        "price": price,
        "quantity": 1,
    }
    if event in ("Product Viewed", "Product Added"):
        return {**item, "currency": "SEK", "position": random.randrange(24)}
    if event == "Products Searched":
        return {"query": "linen towel soft", "results": random.randrange(200)}
    if event == "Product List Viewed":
        return {"list_id": "spring", "category": item["category"], "page": random.randrange(9)}
    order = {"products": [item], "value": price, "currency": "SEK"}
    if event == "Order Completed":
        order |= {"order_id": f"W-{random.getrandbits(40):x}", "revenue": price, "shipping": 4.9}
    return order


def _context(url: str, random: Random) -> Call:
    return {
        "page": {
            "path": url.removeprefix("https://shop.example.com"),
            "referrer": "https://www.google.com/",
            "search": "?utm_source=newsletter&utm_medium=email",
            "title": "Linen towel, soft | Shop",
            "url": f"{url}?utm_source=newsletter&utm_medium=email",
        },
        "campaign": {"source": "newsletter", "medium": "email", "name": "spring-in-the-garden"},
        "userAgent": AGENT,
        "locale": "sv-SE",
        "timezone": "Europe/Stockholm",
        "library": {"name": "analytics.js", "version": "npm:next-1.81.0"},
    }
