"""The learning document: what it asks to be kept, and what is refused with its line."""

import pytest

from portrait.catalogue import Catalogue
from portrait.definitions.checking import check
from portrait.definitions.documents import canonical, parse
from portrait.definitions.problems import DefinitionError
from portrait.definitions.reading import STARTERS, read_folder
from portrait.learning.document import learning_of, series_of
from portrait.learning.learning import Learning

LEARNING = {
    "kind": "learning", "key": "default",
    "purchase": {"event": "Order Completed", "items": "products.sku"},
    "returns": [{"event": "Order Refunded", "amount": "total"}],
    "engagement": {"email": [{"event": "Email Opened"}]},
}  # fmt: skip


def compiled(**changes) -> Catalogue:
    return Catalogue.compile([{**canonical(parse({**LEARNING, **changes})), "version": 3}])


def test_it_says_which_series_are_what():
    assert compiled().learning == Learning(
        purchases="Order Completed.revenue",
        returns=("Order Refunded.total",),
        engagement={"email": ("Email Opened",)},
        items="Order Completed.products.sku:counts",
        version=3,
    )


def test_its_series_are_kept_for_twice_the_lookback():
    catalogue = compiled(lookback="90d")
    kept = {metric.key: metric.days for some in catalogue.metrics.values() for metric in some}
    assert kept == dict.fromkeys(series_of(catalogue.learning), 180)


def test_a_series_that_a_trait_asks_for_too_is_kept_once():
    documents = [canonical(draft.definition) for draft in read_folder(STARTERS)]
    (learning,) = [one for one in documents if one["kind"] == "learning"]
    metrics = Catalogue.compile(documents).metrics["Order Completed"]

    purchases = learning_of(learning).purchases
    (metric,) = [one for one in metrics if one.key == purchases]
    assert (metric.days, metric.exact, metric.ever) == (730, True, True)


def test_a_purchase_and_a_return_wake_trigger():
    assert compiled().interests >= {"Order Completed", "Order Refunded", "Consent Withdrawn"}
    assert Catalogue.compile([]).learning is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"horizon": "3d"}, "horizon: expected whole days from 7d to 365d"),
        ({"horizon": "often"}, "horizon: expected auto, or days such as 90d"),
        ({"lookback": "36h"}, "lookback: expected whole days from 60d to 730d"),
        (
            {"returns": [{"event": "Order Completed"}]},
            "returns.0.event: 'Order Completed' is what a purchase is already",
        ),
        ({"models": []}, "models: "),
        ({"key": "other"}, "key: "),
    ],
)
def test_what_is_wrong_is_said_with_its_field(changes, problem):
    with pytest.raises(DefinitionError) as refusal:
        parse({**LEARNING, **changes}, "file.yaml")
    assert refusal.value.problems[0].startswith(f"file.yaml: {problem}")


def problems_of(tmp_path, learning: str) -> str:
    (tmp_path / "learning.yaml").write_text(learning)
    for kind in ("campaigns", "policies", "templates", "segments"):
        for path in (STARTERS / kind).glob("*.yaml"):
            (tmp_path / f"{kind}-{path.name}").write_text(path.read_text())
    with pytest.raises(DefinitionError) as refusal:
        check(read_folder(tmp_path), lambda template: ())
    return "\n".join(refusal.value.problems)


def test_a_score_that_no_model_here_gives_is_refused_with_the_line(tmp_path):
    said = problems_of(
        tmp_path,
        "kind: learning\nkey: default\npurchase: {event: Order Completed}\nmodels: [value]\n",
    )
    assert "learning.yaml:4" in said
    assert "churn is missing, whose score 'churn'" in said


def test_a_series_that_stands_for_something_else_is_refused_with_the_line(tmp_path):
    said = problems_of(
        tmp_path,
        "kind: learning\nkey: default\npurchase: {event: Order, amount: a}\n"
        "returns:\n  - {event: Order.a}\n",
    )
    assert "learning.yaml:5" in said
    assert "already stands for something" in said
