"""What a dry run found, for people: counts, and the largest examples by hash and type."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from portrait.evidence import ExternalId
from portrait.identity_dry_run import Change, Comparison, Homes
from portrait.identity_dry_run.archived import Evidence

EXAMPLES = 5
_WORDS = {"shared": "shared", "over_limit": "over the limit", "cut": "kept apart by a person"}


def report(evidence: Evidence, found: Comparison) -> Iterator[str]:
    """Yield the lines of a report."""
    ids = evidence.ids
    yield f"{evidence.events:,} events, {len(ids):,} identifiers ({_kinds(ids, ids)})"
    now, then = found.customers
    yield f"customers        {now:,} now, {then:,} by the new rules"
    yield f"would be merged  {_number(found.merged, 'before')} into {len(found.merged):,}"
    yield f"would be split   {len(found.split):,} into {_number(found.split, 'after')}"
    for reason, (more, fewer) in found.refused.items():
        word = _WORDS.get(reason, reason)
        yield f"identifiers {word}: {len(more):,} more{_of(more, ids)}, {len(fewer):,} no longer"
    for title, changes in (("merges", found.merged), ("splits", found.split)):
        if changes:
            yield f"\nlargest {title}"
        for change in changes[:EXAMPLES]:
            yield from _example(change, ids)


def _example(change: Change, ids: Mapping[str, ExternalId]) -> Iterator[str]:
    yield f"  {_parts(change.before, ids)}"
    yield f"    -> {_parts(change.after, ids)}"


def _parts(customers: Sequence[Homes], ids: Mapping[str, ExternalId]) -> str:
    largest = sorted(customers, key=lambda homes: (-len(homes), homes))
    shown = [f"{min(homes)} ({_kinds(homes, ids)})" for homes in largest[:EXAMPLES]]
    rest = len(largest) - len(shown)
    return " + ".join(shown) + (f" + {rest:,} more" if rest else "")


def _kinds(homes: Homes | Mapping[str, ExternalId], ids: Mapping[str, ExternalId]) -> str:
    counts = Counter(ids[home].namespace for home in homes)
    return ", ".join(f"{kind} {number:,}" for kind, number in sorted(counts.items()))


def _of(homes: Homes, ids: Mapping[str, ExternalId]) -> str:
    return f" ({_kinds(homes, ids)}; such as {', '.join(homes[:EXAMPLES])})" if homes else ""


def _number(changes: Sequence[Change], side: str) -> str:
    return f"{sum(len(getattr(change, side)) for change in changes):,}"
