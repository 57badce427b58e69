"""The starter templates, for customers of whom much, little or nonsense is known."""

from dataclasses import asdict
from typing import Any

import pytest

from portrait.compiled import Template
from portrait.definitions.documents import canonical
from portrait.definitions.reading import STARTERS, read_folder
from portrait.rendering import check, render_email, render_offer, render_webhook
from tests.unit.dispatch.desks import NOW

TEMPLATES = [
    Template.from_document(canonical(draft.definition))
    for draft in read_folder(STARTERS)
    if draft.definition.kind == "template"
]
LINK = "https://api.example.se/unsubscribe/t"
BASKET = [{"name": "Lamp", "product_id": "p1", "price": 20}, {"product_id": "p2"}, {}]
CUSTOMERS: dict[str, dict[str, Any]] = {
    "well known": {
        "firstName": "Anna",
        "email": "a@b.se",
        "orders_ever": 3,
        "spend_30d": 99.5,
        "spend_ever": 900,
    },
    "unknown": {"orders_ever": 0, "orders_30d": 0, "spend_30d": 0, "spend_ever": 0},  # computed
    "hostile": {"firstName": "<b>{{ 1 }}", "orders_ever": 1, "spend_30d": 0, "spend_ever": 0},
}
EVENTS: dict[str, dict[str, Any]] = {
    "full": {"order_id": "o1", "revenue": 250, "currency": "SEK", "products": BASKET},
    "empty": {},
    "odd": {"products": "none", "revenue": None, "order_id": 7},
}


def known(customer: str, event: str) -> dict[str, Any]:
    happening = {"name": "x", "at": NOW, "properties": EVENTS[event], "traits": {}}
    return {
        "customer": CUSTOMERS[customer], "event": happening, "campaign": "c", "message_id": "m",
        "unsubscribe_url": LINK, "trap_url": LINK, "now": NOW, "time_zone": "Europe/Stockholm",
    }  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_every_part_is_fit(template: Template):
    assert check(asdict(template)) == []


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("customer", CUSTOMERS)
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_every_template_can_be_written_to_everybody(template, customer, event):
    if template.channel == "inbox":
        assert render_offer(template, known(customer, event))["title"]
        return
    if template.channel == "webhook":
        assert render_webhook(template, known(customer, event))
        return

    email = render_email(template, known(customer, event))

    assert email.subject
    assert LINK in email.text
    assert LINK in email.html
    assert "<b>{{" not in email.html
