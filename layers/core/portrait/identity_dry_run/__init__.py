"""A dry run of identity rules: who would be taken for whom, on the evidence in the archive.

The evidence is what events were archived under: hashes of identifiers, their types, and when they
were seen together. It holds no value and no name, so what rules make of values (`blocked`,
`country`, `plus_tags`) and of names (`bearers`) cannot be seen in it, and neither can merges that a
person undid. Both sets of rules are held against the same evidence, by the code that does it live.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from portrait.evidence import ExternalId
from portrait.identity_rules import IdentityRules
from portrait.partition import Partition, partition

UNSEEN = ("country", "plus_tags", "blocked")
UNSEEN_OF_NAMESPACES = {"blocked": "blocked", "bearers": "bearers", "follow": "follow_ms"}
"""What of the rules an archive says nothing about: fields of documents, and of the rules."""

Homes = tuple[str, ...]


class Change(NamedTuple):
    """Customers who would be others: the identifiers of each before, and of each after."""

    before: tuple[Homes, ...]
    after: tuple[Homes, ...]

    @property
    def size(self) -> int:
        """How many identifiers it concerns."""
        return sum(map(len, self.before))


class Comparison(NamedTuple):
    """What other rules would change.

    Attributes:
        customers: how many there are, before and after; an identifier alone is one.
        merged: customers that would become one, the largest first.
        split: customers that would become several, the largest first. Where customers exchange
            identifiers, they are among both.
        refused: by reason, the identifiers that would newly not be linked to all they were seen
            with, and those that would be again.
    """

    customers: tuple[int, int]
    merged: tuple[Change, ...]
    split: tuple[Change, ...]
    refused: Mapping[str, tuple[Homes, Homes]]


def compare(
    ids: Mapping[str, ExternalId], present: IdentityRules, other: IdentityRules
) -> Comparison:
    """Divide the identifiers by both sets of rules, and return what differs."""
    before, after = divided(ids, present), divided(ids, other)
    old, new = _customers(before), _customers(after)
    merged = _changes(new, before.owner, old, lambda one, others: Change(others, (one,)))
    split = _changes(old, after.owner, new, lambda one, others: Change((one,), others))
    return Comparison((len(old), len(new)), merged, split, _refused(before, after))


def divided(ids: Mapping[str, ExternalId], rules: IdentityRules) -> Partition:
    """Divide identifiers into customers, those that nothing ties together apart from each other."""
    found = Partition()
    for component in _components(ids):
        part = _divided({home: ids[home] for home in component}, rules)
        found.owner.update(part.owner)
        found.refused.update(part.refused)
    return found


def _divided(ids: Mapping[str, ExternalId], rules: IdentityRules) -> Partition:
    """Divide twice: too many refusals crowd an identifier, which is known only once it refused."""
    found = partition(ids, rules)
    over = Counter(
        target
        for kind, targets in found.refused.values()
        if kind == "over_limit"
        for target in targets
    )
    if not over:
        return found
    counted = {
        home: msgspec.structs.replace(one, refused=over[home]) if home in over else one
        for home, one in ids.items()
    }
    return partition(counted, rules)


def _components(ids: Mapping[str, ExternalId]) -> Iterable[list[str]]:
    above = {home: home for home in ids}

    def top(home: str) -> str:
        while above[home] != home:
            above[home] = home = above[above[home]]
        return home

    for home, one in ids.items():
        for target in one.links:
            above[top(home)] = top(target)
    members: dict[str, list[str]] = defaultdict(list)
    for home in ids:
        members[top(home)].append(home)
    return members.values()


def unseen(present: IdentityRules, other: IdentityRules) -> list[str]:
    """Return the fields in which rules differ and of which the archive says nothing."""
    found = [name for name in UNSEEN if getattr(present, name) != getattr(other, name)]
    for namespace in sorted(present.namespaces.keys() | other.namespaces.keys()):
        old, new = present.namespace(namespace), other.namespace(namespace)
        for name, attribute in UNSEEN_OF_NAMESPACES.items():
            if getattr(old, attribute) != getattr(new, attribute):
                found.append(f"namespaces.{namespace}.{name}")
    return found


def _customers(found: Partition) -> dict[str, Homes]:
    members: dict[str, list[str]] = defaultdict(list)
    for home, root in found.owner.items():
        members[root].append(home)
    return {root: tuple(sorted(homes)) for root, homes in members.items()}


def _changes(
    customers: Mapping[str, Homes],
    owner: Mapping[str, str],
    counterparts: Mapping[str, Homes],
    change: Callable[[Homes, tuple[Homes, ...]], Change],
) -> tuple[Change, ...]:
    """Return those customers whose identifiers belong to several of their counterparts."""
    found = []
    for homes in customers.values():
        roots = sorted({owner[home] for home in homes})
        if len(roots) > 1:
            found.append(change(homes, tuple(counterparts[root] for root in roots)))
    return tuple(sorted(found, key=lambda one: (-one.size, one)))


def _refused(before: Partition, after: Partition) -> dict[str, tuple[Homes, Homes]]:
    old, new = _by_reason(before), _by_reason(after)
    return {
        reason: (_sorted(new[reason] - old[reason]), _sorted(old[reason] - new[reason]))
        for reason in sorted(old.keys() | new.keys())
    }


def _by_reason(found: Partition) -> dict[str, set[str]]:
    reasons: dict[str, set[str]] = defaultdict(set)
    for home, (reason, _) in found.refused.items():
        reasons[reason].add(home)
    return reasons


def _sorted(homes: Iterable[str]) -> Homes:
    return tuple(sorted(homes))
