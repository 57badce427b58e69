"""The `learning` document, compiled: its metrics, and which events change what is known of one."""

from collections.abc import Iterator, Mapping
from typing import Any

from portrait.consents import CONSENT_STATUS
from portrait.durations import milliseconds
from portrait.learning.learning import Learning
from portrait.metrics import DAY_MS, Metric
from portrait.requirements import Tree, metric_for

Document = Mapping[str, Any]

OUTPUTS = {
    "churn": "churn",
    "value_90": "value",
    "orders_90": "value",
    "value_365": "value",
    "orders_365": "value",
    "next_order": "value",
    "response": "response",
    "uplift": "response",
}
"""By what a score is called, the model that gives it."""


def learning_of(document: Document) -> Learning:
    """Read a canonical `learning` document."""
    bought, horizon, lookback = _Kept(document), document["horizon"], document["lookback"]
    return Learning(
        purchases=bought.purchases.key,
        returns=tuple(one.key for one in bought.returns),
        services=tuple(one.key for one in bought.services),
        engagement={name: tuple(m.key for m in some) for name, some in bought.engagement.items()},
        items=bought.items.key if bought.items else "",
        categories=bought.categories.key if bought.categories else "",
        horizon=None if horizon == "auto" else milliseconds(horizon) // DAY_MS,
        lookback=milliseconds(lookback) // DAY_MS,
        version=document.get("version", 0),
    )


def learning_metrics(document: Document) -> Iterator[tuple[str, Metric]]:
    """Yield the series that a canonical `learning` document asks for, each with its field."""
    yield from _Kept(document).placed()


def series_of(learning: Learning) -> list[str]:
    """Return the key of every series that is learned from, each once."""
    engagement = (key for keys in learning.engagement.values() for key in keys)
    keys = (learning.purchases, *learning.returns, *learning.services, *engagement)
    return list(dict.fromkeys(key for key in (*keys, learning.items, learning.categories) if key))


def telling_events(document: Document) -> frozenset[str]:
    """Return the events after which a customer who has scores is scored anew: what was bought or
    came back, and what was said of profiling."""
    acts = (document["purchase"], *document["returns"])
    return frozenset(act["event"] for act in acts) | CONSENT_STATUS.keys()


class _Kept:
    """The metrics of a document, by what they are for."""

    def __init__(self, document: Document) -> None:
        window = 2 * milliseconds(document["lookback"])
        purchase = document["purchase"]
        self.purchases = _sums(purchase, purchase["amount"], window)
        self.returns = [_sums(act, act.get("amount"), window) for act in document["returns"]]
        self.services = [_sums(act, None, window) for act in document["services"]]
        self.engagement = {
            channel: [_sums(act, None, window) for act in acts]
            for channel, acts in document["engagement"].items()
        }
        self.items = _names(purchase, "items", window)
        self.categories = _names(purchase, "categories", window)

    def placed(self) -> Iterator[tuple[str, Metric]]:
        yield "purchase", self.purchases
        yield from ((f"returns.{n}", one) for n, one in enumerate(self.returns))
        yield from ((f"services.{n}", one) for n, one in enumerate(self.services))
        for channel, some in self.engagement.items():
            yield from ((f"engagement.{channel}.{n}", one) for n, one in enumerate(some))
        if self.items:
            yield "purchase.items", self.items
        if self.categories:
            yield "purchase.categories", self.categories


def _sums(act: Tree, amount: str | None, window: int) -> Metric:
    return metric_for(act["event"], amount, window, where=act.get("where"))


def _names(purchase: Tree, field: str, window: int) -> Metric | None:
    path = purchase.get(field)
    where = purchase.get("where")
    if path is None:
        return None
    return metric_for(purchase["event"], path, window, keeps="counts", exact=True, where=where)
