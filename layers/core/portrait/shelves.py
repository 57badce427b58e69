"""Shelves: the current documents by kind, and what all of them together ask for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from portrait.audiences import Audience
from portrait.campaigns import IMPLICIT, absence_metrics, campaign_trees
from portrait.comparisons import Test, compile_tests
from portrait.compiled import Document
from portrait.computed_traits import ComputedTrait
from portrait.learning.document import learning_metrics
from portrait.metrics import Metric
from portrait.requirements import Tree, nodes, referenced_segments, required_metrics

Shelves = Mapping[str, list[Document]]

KINDS = (
    "source", "trait", "segment", "template", "campaign", "policy", "identity", "audience",
    "learning",
)  # fmt: skip


def shelved(documents: Iterable[Document]) -> Shelves:
    """Return canonical documents by kind; kinds that a later version brings are left alone.

    Raises:
        KeyError, ValueError: segments refer to each other in a circle, or to one that is not there.
    """
    shelves: dict[str, list[Document]] = {kind: [] for kind in KINDS}
    for document in documents:
        shelves.get(document["kind"], []).append(document)
    _check_segments(shelves)
    return shelves


def metrics_by_event(
    shelves: Shelves, traits: Iterable[ComputedTrait], running: tuple[Document, ...]
) -> dict[str, tuple[Metric, ...]]:
    """Return by event one metric per series: it keeps the widest window that anybody asked for."""
    united: dict[str, Metric] = {}
    for metric in _required(shelves, traits, running):
        known = united.setdefault(metric.key, metric)
        united[metric.key] = replace(
            known,
            days=max(known.days or 0, metric.days or 0),
            exact=known.exact or metric.exact,
            ever=known.ever or metric.ever,
        )
    ordered = sorted(united.values(), key=lambda metric: (metric.event, metric.key))
    return {event: tuple(group) for event, group in groupby(ordered, key=lambda one: one.event)}


def _required(
    shelves: Shelves,
    traits: Iterable[ComputedTrait],
    running: tuple[Document, ...],
) -> Iterator[Metric]:
    yield from (trait.metric for trait in traits)
    earlier = (tree for campaign in running for tree in campaign_trees(campaign))
    for tree in (*all_trees(shelves), *earlier):
        yield from required_metrics(tree)
    for document in shelves["learning"]:
        yield from (metric for _, metric in learning_metrics(document))
    for campaign in (*shelves["campaign"], *running):
        yield from absence_metrics(campaign["entry"])


def score_lines(trees: Iterable[Tree | None]) -> dict[str, tuple[Test, ...]]:
    """Return by score what conditions ask of it, each question once."""
    found: dict[str, dict[str, Test]] = {}
    for tree in trees:
        for node in nodes(tree):
            if "score" in node:
                found.setdefault(node["score"], {}).setdefault(repr(node), compile_tests(node))
    return {score: tuple(tests.values()) for score, tests in found.items()}


def all_trees(shelves: Shelves) -> Iterator[Tree | None]:
    """Yield every condition, None where a document has none."""
    yield from (segment["where"] for segment in shelves["segment"])
    for campaign in shelves["campaign"]:
        yield from campaign_trees(campaign)
    yield from (Audience.from_document(one).where for one in shelves["audience"])


def segment_trees(shelves: Shelves, becoming: Iterable[Document]) -> dict[str, Tree]:
    """Return the conditions of the segments, and of those that campaigns bring along."""
    found: dict[str, Tree] = {one["key"]: one["where"] for one in shelves["segment"]}
    active = (one for one in becoming if one["status"] == "active")
    return found | {implicit(one): one["entry"]["becomes"] for one in active}


def implicit(campaign: Document) -> str:
    """Return the key of the segment that a campaign brings along."""
    return f"{IMPLICIT}{campaign['key']}"


def _check_segments(shelves: Shelves) -> None:
    references = {
        segment["key"]: set(referenced_segments(segment["where"])) for segment in shelves["segment"]
    }
    asked = {key for tree in all_trees(shelves) for key in referenced_segments(tree)}
    if missing := asked - references.keys():
        raise ValueError(f"no segment {', '.join(sorted(missing))}")
    if circle := find_circle(references):
        raise ValueError(f"segments in a circle: {' > '.join(circle)}")


def find_circle(references: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return one path of references that leads back to where it began, or nothing."""
    cleared: set[str] = set()

    def follow(key: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if key in path:
            return (*path[path.index(key) :], key)
        if key in cleared:
            return ()
        for target in sorted(references.get(key, ())):
            if circle := follow(target, (*path, key)):
                return circle
        cleared.add(key)
        return ()

    return next((circle for key in sorted(references) if (circle := follow(key, ()))), ())
