"""The card of value, in words."""

from collections.abc import Mapping

from models.churn import card as churn
from models.words import Words

FEATURES: Mapping[str, str] = {
    "order_rate": "purchases per day, 60 days more",
    "spend_rate": "spend per day, 60 days more",
    "spend_180": "spend, last 180 days",
    "typical_order": "worth of the usual purchase",
}

_METRICS: Mapping[str, str] = {
    "mean_absolute_error": "by how much it is off for a customer, in the mean",
    "bias": "by what share all that it says together is too much",
    "top_tenth": "share of everything that its highest tenth of customers brought",
}

WORDS = Words(
    title="Value",
    what="What a customer is expected to buy and to spend within {horizon} days and a year.",
    happens="",
    total="of all that was spent",
    score="expected spend",
    figure="value_90.top_tenth",
    metrics={
        f"{output}.{metric}": f"{name}: {what}"
        for output, name in (("value_90", "Spend"), ("orders_90", "Orders"))
        for metric, what in _METRICS.items()
    },
    feature=lambda name: FEATURES.get(name) or churn.feature(name),
)
