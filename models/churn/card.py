"""The card of churn, in words."""

from collections.abc import Mapping

from models.words import Words

FEATURES: Mapping[str, str] = {
    "pace": "purchases per day since the last",
    "recency": "days since the last purchase",
    "orders_30": "purchases, last 30 days",
    "orders_90": "purchases, last 90 days",
    "orders_180": "purchases, last 180 days",
    "trend": "purchases, more or fewer of late",
    "rate": "purchases per day known",
    "mean_gap": "usual time between purchases",
    "gap_spread": "irregularity of purchases",
    "last_gap": "time between the last two",
    "longest_gap": "longest time between two",
    "lateness": "lateness, by the usual time",
    "lateness_longest": "lateness, by the longest time",
    "position": "share of their time since the last",
    "average_order": "worth of a purchase",
    "last_order": "worth of the last purchase",
    "spend_90": "spend, last 90 days",
    "lines": "items in a purchase",
    "breadth": "different items",
    "repeated": "share of items bought again",
    "categories": "different categories",
    "returned": "share of purchases returned",
    "returned_worth": "worth of returns",
    "services_90": "service contacts, last 90 days",
    "service_recency": "days since a service contact",
    "season": "bought at this time last year",
}


def feature(name: str) -> str:
    """Return what a feature is called; those of a channel say which."""
    channel, _, what = name.rpartition("_")
    if name in FEATURES or what not in CHANNEL:
        return FEATURES.get(name, name)
    return CHANNEL[what].format(channel=channel)


CHANNEL: Mapping[str, str] = {
    "30": "{channel}, last 30 days",
    "90": "{channel}, last 90 days",
    "recency": "days since {channel} was used",
}

METRICS: Mapping[str, str] = {
    "auc": "Order (AUC): how often one who leaves is put above one who stays; .5 is chance",
    "log_loss": "Surprise (log loss): what its chances cost where they were wrong; less is better",
    "calibration_error": "Calibration error (ECE): by how much its chances are off in the mean",
}

WORDS = Words(
    title="Churn",
    what="The chance that a customer buys nothing within the next {horizon} days.",
    happens="bought nothing",
    total="of all customers who bought nothing",
    score="chance of churn",
    figure="auc",
    metrics=METRICS,
    feature=feature,
)
