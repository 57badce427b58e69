"""The catalogue: every current definition, compiled for the functions that act on it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Self

from portrait.audiences import Audience
from portrait.campaigns import Campaign, campaign_trees
from portrait.causes import causes
from portrait.comparisons import Test
from portrait.compiled import Cap, Document, Policy, QuietHours, Source, Template
from portrait.computed_traits import ComputedTrait
from portrait.conditions import Predicate, compile_condition
from portrait.faults import Rejected
from portrait.feedback import FOLLOWED
from portrait.identity_rules import IdentityRules
from portrait.learning.document import learning_of, telling_events
from portrait.learning.learning import Learning
from portrait.metrics import Metric
from portrait.requirements import Tree, nodes
from portrait.segment_clock import Watch
from portrait.shelves import (
    Shelves,
    all_trees,
    implicit,
    metrics_by_event,
    score_lines,
    segment_trees,
    shelved,
)

__all__ = [
    "Audience",
    "Campaign",
    "Cap",
    "Catalogue",
    "ComputedTrait",
    "Policy",
    "QuietHours",
    "Source",
    "Template",
]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every current definition. Without documents it knows no source and starts nothing.

    Attributes:
        metrics: by event, the series that traits and conditions ask for, paused campaigns too, so
            that resuming one finds its history.
        segments: who is in, by key; those of campaigns, `~` and the campaign's key, and of
            audiences among them.
        trees: the conditions of the segments.
        stays: of segments that are not left as they are entered, who stays in.
        since: since when the segments of campaigns are watched (UTC ms).
        watch: which conditions of the segments the clock may change.
        campaigns: the active ones.
        newest: every campaign by key, paused ones too.
        versions: every campaign, and the versions before that dialogues may still run on.
        listens: by campaign and version, the events after which a dialogue of it may go on.
        dated: the active ones that a date of the customer's lets in.
        active_since: since when each of the active ones is so without a pause (UTC ms), as far back
            as versions are kept.
        interests: the events that some campaign starts or goes on with, as `strand.label` names
            them, those in `telling`, and links that were followed.
        learning: what models learn from; None where nothing is learned.
        models: which ones.
        telling: the events after which scores are not what they were.
        lines: by score, what conditions ask of it: the lines that it may cross.
    """

    sources: Mapping[str, Source] = field(default_factory=dict)
    metrics: Mapping[str, tuple[Metric, ...]] = field(default_factory=dict)
    traits: Mapping[str, ComputedTrait] = field(default_factory=dict)
    segments: Mapping[str, Predicate] = field(default_factory=dict)
    trees: Mapping[str, Tree] = field(default_factory=dict)
    stays: Mapping[str, Predicate] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)
    watch: Watch = field(default_factory=Watch)
    campaigns: tuple[Campaign, ...] = ()
    newest: Mapping[str, Campaign] = field(default_factory=dict)
    versions: Mapping[tuple[str, int], Campaign] = field(default_factory=dict)
    listens: Mapping[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    identity: IdentityRules = field(default_factory=IdentityRules)
    interests: frozenset[str] = frozenset()
    dated: tuple[Campaign, ...] = ()
    active_since: Mapping[str, int] = field(default_factory=dict)
    learning: Learning | None = None
    models: tuple[str, ...] = ()
    telling: frozenset[str] = frozenset()
    lines: Mapping[str, tuple[Test, ...]] = field(default_factory=dict)
    _by_write_key: Mapping[str, Source] = field(default_factory=dict)

    @classmethod
    def compile(cls, documents: Iterable[Document], running: Iterable[Document] = ()) -> Self:
        """Compile canonical documents, each with the `version` it is stored under.

        Args:
            running: campaigns of versions before that dialogues may still run on.

        Kinds that a later version of the product brings are left alone.

        Raises:
            Rejected: a document is not in canonical form, or segments refer to each other in a
                circle or are referred to and do not exist.
        """
        try:
            return cls._from_shelves(shelved(documents), tuple(running))
        except (KeyError, TypeError, ValueError) as error:
            raise Rejected(
                "invalid_definition", f"a stored document is not canonical: {error!r}"
            ) from error

    @classmethod
    def _from_shelves(cls, shelves: Shelves, running: tuple[Document, ...]) -> Self:
        sources = tuple(map(Source.from_document, shelves["source"]))
        policy = next(map(Policy.from_document, shelves["policy"]), Policy())
        traits = tuple(
            ComputedTrait.from_document(one, policy.time_zone) for one in shelves["trait"]
        )
        named = {trait.name: trait for trait in traits}
        becoming = [one for one in shelves["campaign"] if "becomes" in one["entry"]]
        audiences = tuple(map(Audience.from_document, shelves["audience"]))
        trees = segment_trees(shelves, becoming)
        trees |= {audience.segment: audience.where for audience in audiences}
        segments = {key: compile_condition(tree) for key, tree in trees.items()}
        untils = {implicit(one): one["entry"]["until"] for one in becoming if _hysteresis(one)}
        known = [*running, *shelves["campaign"]]
        versions = {
            (one["key"], one.get("version", 0)): Campaign.from_document(one, segments)
            for one in known
        }
        listens = {name: _listens(one, named, trees) for name, one in versions.items()}
        learning = next(iter(shelves["learning"]), None)
        telling = telling_events(learning) if learning else frozenset()
        campaigns = tuple(
            versions[one["key"], one.get("version", 0)]
            for one in shelves["campaign"]
            if one["status"] == "active"
        )
        return cls(
            sources={source.key: source for source in sources},
            metrics=metrics_by_event(shelves, traits, running),
            traits=named,
            segments=segments,
            trees=trees,
            stays={key: _unless(tree) for key, tree in untils.items()},
            since={implicit(one): one.get("published_at", 0) for one in becoming},
            watch=Watch.compile([*trees.values(), *untils.values()]),
            campaigns=campaigns,
            newest={
                one["key"]: versions[one["key"], one.get("version", 0)]
                for one in shelves["campaign"]
            },
            versions=versions,
            listens=listens,
            dated=tuple(one for one in campaigns if one.entry.kind == "date"),
            active_since={one.key: _active_since(one, versions) for one in campaigns},
            templates={
                document["key"]: Template.from_document(document)
                for document in shelves["template"]
            },
            audiences={audience.key: audience for audience in audiences},
            policy=policy,
            identity=next(map(IdentityRules.from_document, shelves["identity"]), IdentityRules()),
            interests=frozenset(event for one in campaigns for event in one.entry.events).union(
                telling, FOLLOWED, *listens.values()
            ),
            learning=learning_of(learning) if learning else None,
            models=tuple(learning["models"]) if learning else (),
            telling=telling,
            lines=score_lines(chain(all_trees(shelves), *map(campaign_trees, running))),
            _by_write_key={digest: source for source in sources for digest in source.write_keys},
        )

    def source_by_write_key(self, write_key: str) -> Source | None:
        """Return the source that `write_key` opens, enabled or not, or None.

        The key is hashed before it is looked up, so the time a lookup takes tells nothing of it.
        """
        return self._by_write_key.get(
            hashlib.sha256(write_key.encode(errors="surrogatepass")).hexdigest()
        )


def _hysteresis(campaign: Document) -> bool:
    return campaign["status"] == "active" and "until" in campaign["entry"]


def _unless(tree: Tree) -> Predicate:
    """Return who stays in: for whom it does not hold, and who still has the scores it asks for."""
    scores = {node["score"] for node in nodes(tree) if "score" in node}
    there = [{"score": score, "exists": True} for score in sorted(scores)]
    return compile_condition({"all": [{"not": tree}, *there]})


def _active_since(campaign: Campaign, versions: Mapping[tuple[str, int], Campaign]) -> int:
    since = campaign.published_at
    before = versions.get((campaign.key, campaign.version - 1))
    while before is not None and before.is_active:
        since = min(since, before.published_at)
        before = versions.get((before.key, before.version - 1))
    return since


def _listens(
    campaign: Campaign, traits: Mapping[str, ComputedTrait], trees: Mapping[str, Tree]
) -> frozenset[str]:
    """Return the events after which a dialogue of the campaign may have to go on."""
    names: set[str] = set()
    for happens in campaign.asked():
        names.update(happens.events or causes(happens.when, traits, trees))
    return frozenset(names)
