"""The catalogue: every current definition, compiled for the functions that act on it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Self

from portrait.audiences import Audience
from portrait.compiled import (
    Campaign,
    Cap,
    Document,
    Policy,
    QuietHours,
    Send,
    Source,
    Template,
)
from portrait.computed_traits import ComputedTrait
from portrait.conditions import Predicate, compile_condition
from portrait.faults import Rejected
from portrait.identity_rules import IdentityRules
from portrait.metrics import Metric
from portrait.requirements import Tree, referenced_segments, required_metrics
from portrait.segment_clock import Watch

__all__ = [
    "Audience",
    "Campaign",
    "Cap",
    "Catalogue",
    "ComputedTrait",
    "Policy",
    "QuietHours",
    "Send",
    "Source",
    "Template",
]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every current definition. Without documents it knows no source and starts nothing.

    Attributes:
        metrics: by event, the series that traits and conditions ask for, paused campaigns too, so
            that resuming one finds its history.
        watch: which conditions of the segments the clock may change.
        segments: those of audiences too, which no document names.
        campaigns: the active ones.
        interests: the events that some active campaign starts on, as `strand.label` names them.
    """

    sources: Mapping[str, Source] = field(default_factory=dict)
    metrics: Mapping[str, tuple[Metric, ...]] = field(default_factory=dict)
    traits: Mapping[str, ComputedTrait] = field(default_factory=dict)
    segments: Mapping[str, Predicate] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    campaigns: tuple[Campaign, ...] = ()
    templates: Mapping[str, Template] = field(default_factory=dict)
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    identity: IdentityRules = field(default_factory=IdentityRules)
    interests: frozenset[str] = frozenset()
    _by_write_key: Mapping[str, Source] = field(default_factory=dict)

    @classmethod
    def compile(cls, documents: Iterable[Document]) -> Self:
        """Compile canonical documents, each with the `version` it is stored under.

        Kinds that a later version of the product brings are left alone.

        Raises:
            Rejected: a document is not in canonical form, or segments refer to each other in a
                circle or are referred to and do not exist.
        """
        shelves: dict[str, list[Document]] = {kind: [] for kind in _KINDS}
        try:
            for document in documents:
                shelves.get(document["kind"], []).append(document)
            _check_segments(shelves)
            return cls._from_shelves(shelves)
        except (KeyError, TypeError, ValueError) as error:
            raise Rejected(
                "invalid_definition", f"a stored document is not canonical: {error!r}"
            ) from error

    @classmethod
    def _from_shelves(cls, shelves: Mapping[str, list[Document]]) -> Self:
        sources = tuple(map(Source.from_document, shelves["source"]))
        policy = next(map(Policy.from_document, shelves["policy"]), Policy())
        zone = policy.quiet_hours.time_zone if policy.quiet_hours else "UTC"
        traits = tuple(ComputedTrait.from_document(document, zone) for document in shelves["trait"])
        active = [document for document in shelves["campaign"] if document["status"] == "active"]
        campaigns = tuple(map(Campaign.from_document, active))
        audiences = tuple(map(Audience.from_document, shelves["audience"]))
        segments = {document["key"]: document["where"] for document in shelves["segment"]}
        segments.update((audience.segment, audience.where) for audience in audiences)
        return cls(
            sources={source.key: source for source in sources},
            metrics=_by_event(_required(shelves, traits)),
            traits={trait.name: trait for trait in traits},
            segments={key: compile_condition(where) for key, where in segments.items()},
            watch=Watch.compile(segments.values()),
            campaigns=campaigns,
            templates={
                document["key"]: Template.from_document(document)
                for document in shelves["template"]
            },
            audiences={audience.key: audience for audience in audiences},
            policy=policy,
            identity=next(map(IdentityRules.from_document, shelves["identity"]), IdentityRules()),
            interests=frozenset(event for campaign in campaigns for event in campaign.events),
            _by_write_key={digest: source for source in sources for digest in source.write_keys},
        )

    def source_by_write_key(self, write_key: str) -> Source | None:
        """Return the source that `write_key` opens, enabled or not, or None.

        The key is hashed before it is looked up, so the time a lookup takes tells nothing of it.
        """
        return self._by_write_key.get(
            hashlib.sha256(write_key.encode(errors="surrogatepass")).hexdigest()
        )


_KINDS = (
    "source", "trait", "segment", "template", "campaign", "policy", "identity", "audience"
)  # fmt: skip


def _required(
    shelves: Mapping[str, list[Document]], traits: Iterable[ComputedTrait]
) -> Iterator[Metric]:
    yield from (trait.metric for trait in traits)
    for tree in _trees(shelves):
        yield from required_metrics(tree)


def _trees(shelves: Mapping[str, list[Document]]) -> Iterator[Tree | None]:
    yield from (segment["where"] for segment in shelves["segment"])
    yield from (campaign["entry"].get("where") for campaign in shelves["campaign"])
    yield from ({"segment": audience["segment"]} for audience in shelves["audience"])


def _by_event(metrics: Iterable[Metric]) -> dict[str, tuple[Metric, ...]]:
    """Return one metric per series: it keeps the widest window that anybody asked for."""
    united: dict[str, Metric] = {}
    for metric in metrics:
        known = united.setdefault(metric.key, metric)
        united[metric.key] = replace(
            known,
            days=max(known.days or 0, metric.days or 0),
            exact=known.exact or metric.exact,
            ever=known.ever or metric.ever,
        )
    ordered = sorted(united.values(), key=lambda metric: (metric.event, metric.key))
    return {event: tuple(group) for event, group in groupby(ordered, key=lambda one: one.event)}


def _check_segments(shelves: Mapping[str, list[Document]]) -> None:
    references = {
        segment["key"]: set(referenced_segments(segment["where"])) for segment in shelves["segment"]
    }
    asked = {key for tree in _trees(shelves) for key in referenced_segments(tree)}
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
