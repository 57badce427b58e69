"""Checks between documents: what each can only say together with the others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from portrait.campaigns import placed_trees
from portrait.computed_traits import ComputedTrait
from portrait.definitions.documents import KINDS, canonical
from portrait.definitions.lines import located
from portrait.definitions.problems import DefinitionError
from portrait.definitions.reading import Draft
from portrait.definitions.soundness import faults_of
from portrait.learning.document import OUTPUTS, learning_metrics
from portrait.metrics import Metric
from portrait.requirements import nodes, referenced_segments, required_metrics
from portrait.shelves import find_circle
from portrait.steps import placed_steps

PartCheck = Callable[[Mapping[str, Any]], Sequence[str]]
"""Says what is wrong with the parts of a canonical `template` document, one sentence each."""

RESERVED_TRAITS = frozenset(
    {"address", "age", "avatar", "birthday", "company", "created_at", "description", "email"}
    | {"first_name", "gender", "id", "last_name", "name", "phone", "title", "username", "website"}
)
"""Traits that clients send. Source: Segment's reserved user traits, wire.md section 1."""

Shelf = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Where it was read, and the canonical document, by key."""


def check(drafts: Sequence[Draft], part_check: PartCheck) -> None:
    """Check documents against each other, as one complete programme.

    Raises:
        DefinitionError: one line for everything that is wrong.
    """
    problems: list[str] = []
    shelves = _shelves(drafts, problems)
    conditions = list(_conditions(shelves))
    for rule in (
        _segments_exist(conditions, shelves["segment"]),
        _segments_end(shelves["segment"]),
        _audiences_have_segments(shelves["audience"], shelves["segment"]),
        _segments_are_about_customers(shelves["segment"]),
        _templates_fit(shelves["campaign"], shelves["template"]),
        _templates_parse(shelves["template"], part_check),
        _dialogues_are_sound(shelves["campaign"]),
        _traits_shadow_nothing(shelves["trait"]),
        _series_are_apart(conditions, shelves["trait"], shelves["learning"]),
        _scores_are_given(conditions, shelves["learning"]),
        _policy_is_there(shelves),
        _write_keys_are_apart(shelves["source"]),
    ):
        problems += rule
    if problems:
        raise DefinitionError(located(problems, {one.where: one.line for one in drafts}))


def _shelves(drafts: Sequence[Draft], problems: list[str]) -> dict[str, dict[str, Any]]:
    shelves: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    for draft in drafts:
        document = canonical(draft.definition)
        shelf, key = shelves[document["kind"]], document["key"]
        if key in shelf:
            problems.append(f"{draft.where}: key: {key!r} is taken by {shelf[key][0]}")
        shelf.setdefault(key, (draft.where, document))
    return shelves


Placed = tuple[str, Mapping[str, Any] | None]
"""`where: field` of a condition, and the condition."""


def _conditions(shelves: Mapping[str, Shelf]) -> Iterator[Placed]:
    for where, document in shelves["segment"].values():
        yield f"{where}: where", document["where"]
    for where, document in shelves["campaign"].values():
        for path, tree in placed_trees(document):
            yield f"{where}: {path}", tree


def _segments_exist(conditions: Iterable[Placed], segments: Shelf) -> Iterator[str]:
    for place, tree in conditions:
        for key in referenced_segments(tree):
            if key not in segments:
                yield f"{place}: there is no segment {key!r}{_known(segments)}"


def _segments_end(segments: Shelf) -> Iterator[str]:
    references = {
        key: set(referenced_segments(document["where"])) for key, (_, document) in segments.items()
    }
    if circle := find_circle(references):
        where = segments[circle[0]][0]
        yield f"{where}: where: segments refer to each other in a circle: {' > '.join(circle)}"


def _segments_are_about_customers(segments: Shelf) -> Iterator[str]:
    for where, document in segments.values():
        if any("property" in node or "first_time" in node for node in nodes(document["where"])):
            yield (
                f"{where}: where: a segment is about the customer at any time; "
                "`property` and `first_time` ask about the event at an entry"
            )


def _audiences_have_segments(audiences: Shelf, segments: Shelf) -> Iterator[str]:
    for where, audience in audiences.values():
        if audience["segment"] not in segments:
            yield f"{where}: segment: there is no segment {audience['segment']!r}{_known(segments)}"


def _templates_fit(campaigns: Shelf, templates: Shelf) -> Iterator[str]:
    for where, campaign in campaigns.values():
        for path, step in placed_steps(campaign["steps"], "steps"):
            kind = next((each for each in ("send", "offer", "task") if each in step), None)
            if kind is None:
                continue
            send, place = step[kind], f"{where}: {path}.{kind}"
            key, channel = send["template"], send.get("channel", "inbox")
            _, template = templates.get(key, ("", None))
            if template is None:
                yield f"{place}.template: there is no template {key!r}{_known(templates)}"
            elif template["channel"] != channel:
                fits = template["channel"]
                yield f"{place}.channel: {channel!r}, but template {key!r} is for {fits!r}"


def _templates_parse(templates: Shelf, part_check: PartCheck) -> Iterator[str]:
    for where, template in templates.values():
        yield from (f"{where}: {problem}" for problem in part_check(template))


def _dialogues_are_sound(campaigns: Shelf) -> Iterator[str]:
    for where, campaign in campaigns.values():
        yield from (f"{where}: {problem}" for problem in faults_of(campaign))


def _traits_shadow_nothing(traits: Shelf) -> Iterator[str]:
    for key in sorted(RESERVED_TRAITS & traits.keys()):
        yield f"{traits[key][0]}: key: {key!r} is a trait that clients send; choose another name"


def _series_are_apart(
    conditions: Iterable[Placed], traits: Shelf, learning: Shelf
) -> Iterator[str]:
    """Two metrics must not share a series: `A.b` counted, and property `b` of event `A`."""
    asked = [
        (f"{where}: event", ComputedTrait.from_document(trait).metric)
        for where, trait in traits.values()
    ]
    asked += [(place, metric) for place, tree in conditions for metric in required_metrics(tree)]
    asked += [
        (f"{where}: {path}", metric)
        for where, document in learning.values()
        for path, metric in learning_metrics(document)
    ]
    first: dict[str, Metric] = {}
    for place, metric in asked:
        other = first.setdefault(metric.key, metric)
        if _what(other) != _what(metric):
            yield f"{place}: {metric.key!r} already stands for something of event {other.event!r}"


def _scores_are_given(conditions: Iterable[Placed], learning: Shelf) -> Iterator[str]:
    """A score that the product knows and that no model here gives would hold for nobody, ever.

    Others are a company's own, which it sends as traits, `score.` and a name.
    """
    asked = {
        (place, node["score"], OUTPUTS[node["score"]])
        for place, tree in conditions
        for node in nodes(tree)
        if node.get("score") in OUTPUTS
    }
    for where, document in learning.values():
        for place, score, model in sorted(asked):
            if model not in document["models"]:
                yield f"{where}: models: {model} is missing, whose score {score!r} {place} asks for"


def _what(metric: Metric) -> tuple[Any, ...]:
    return (metric.event, metric.property, metric.keeps, metric.zone, metric.where)


def _policy_is_there(shelves: Mapping[str, Shelf]) -> Iterator[str]:
    if shelves["campaign"] and not shelves["policy"]:
        yield "policy: campaigns need a policy; expected a document with kind: policy, key: default"


def _write_keys_are_apart(sources: Shelf) -> Iterator[str]:
    owners: dict[str, str] = {}
    for where, source in sources.values():
        for key in source["write_keys"]:
            owner = owners.setdefault(key["sha256"], source["key"])
            if owner != source["key"]:
                yield f"{where}: write_keys: …{key['last4']} opens source {owner!r} already"


def _known(shelf: Shelf) -> str:
    return f"; expected one of {', '.join(sorted(shelf))}" if shelf else ""
