"""Raw documents as their authors would write them, and drafts made of them."""

from portrait.definitions.documents import parse
from portrait.definitions.reading import Draft


def a_campaign(**fields):
    """Return a raw campaign that thanks for orders, as its author would write it."""
    return {
        "kind": "campaign",
        "key": "thanks",
        "name": "Thanks",
        "purpose": "marketing",
        "entry": {"event": "Order Completed"},
        "steps": [{"send": {"channel": "email", "template": "thanks"}}],
        **fields,
    }


def a_template(**fields):
    return {
        "kind": "template",
        "key": "thanks",
        "channel": "email",
        "subject": "Thank you",
        "text": "We will be in touch.",
        **fields,
    }


def a_segment(key="vip", where=None):
    where = where or {"trait": "spend_ever", "at_least": 500}
    return {"kind": "segment", "key": key, "name": key, "where": where}


def a_trait(**fields):
    return {
        "kind": "trait",
        "key": "orders",
        "operation": "count",
        "event": "Order Completed",
    } | fields


def a_source(key="web", **fields):
    return {"kind": "source", "key": key, "name": key, "type": "browser", **fields}


def an_audience(key="vips", segment="vip", **destination):
    to = {"platform": "meta", "audience_id": "23850001"}
    return {
        "kind": "audience", "key": key, "name": key, "segment": segment,
        "destination": destination or to,
    }  # fmt: skip


POLICY = {"kind": "policy", "key": "default"}


def drafts(*raws):
    """Return the raw documents as if each had been read from `<key>.yaml`."""
    return [Draft(f"{raw['key']}.yaml", parse(raw, f"{raw['key']}.yaml")) for raw in raws]
