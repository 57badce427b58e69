"""Canonical campaign documents for the core's tests, as the store holds them."""

from typing import Any

from portrait.catalogue import Catalogue
from portrait.definitions.documents import canonical, parse


def a_campaign(version: int = 3, published_at: int = 0, **fields: Any) -> dict[str, Any]:
    """Return a campaign that thanks for orders of 100 or more, with the author's fields."""
    raw = {
        "kind": "campaign",
        "key": "thanks",
        "name": "Thanks",
        "purpose": "marketing",
        "entry": {
            "event": "Order Completed",
            "where": {"property": "revenue", "at_least": 100},
        },
        "control": 0,
        "steps": [say("thanks")],
        **fields,
    }
    return {**canonical(parse(raw)), "version": version, "published_at": published_at}


def say(template: str = "thanks", name: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a step that sends an e-mail."""
    step = {"send": {"channel": "email", "template": template, **fields}}
    return step if name is None else {"name": name, **step}


def wait(**fields: Any) -> dict[str, Any]:
    """Return a step that waits."""
    return {"wait": fields}


def a_policy(**fields: Any) -> dict[str, Any]:
    """Return a policy without hold-out."""
    return {
        "kind": "policy",
        "key": "default",
        "control": 0,
        "seed": "programme",
        "caps": [],
        "service_purposes": ["service"],
        **fields,
    }


def catalogue_of(*documents: dict[str, Any], running: tuple[dict[str, Any], ...] = ()) -> Catalogue:
    """Compile documents; without any, the one campaign and a policy without hold-out."""
    return Catalogue.compile(documents or (a_campaign(), a_policy()), running)
