"""Names: whether what two people are called could be one person's name."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

SIMILAR = 0.65
"""Two names of one person differ by a typo or a nickname; above this they are taken for one.
Chosen on the identity stream of the evaluation data, where .6 to .7 give nearly the same joins."""


def full_name(traits: Mapping[str, Any]) -> str | None:
    """Return given and family name in plain letters, as far as traits tell them, or None.

    `given family`, or `given` alone; never a family name alone, which tells nobody apart.
    """
    if not traits:
        return None
    given = _said(traits, "first_name", "firstName")
    family = _said(traits, "last_name", "lastName")
    if not given:
        given, _, family = _said(traits, "name").partition(" ")
    plain = plain_name(given)
    return f"{plain} {plain_name(family)}".strip() if plain else None


def _said(traits: Mapping[str, Any], *names: str) -> str:
    return next((said.strip() for n in names if isinstance(said := traits.get(n), str)), "")


def plain_name(name: str) -> str:
    """Return a name without case, accents, spaces and punctuation."""
    if name.isascii() and name.isalnum():  # most are, and this is six times faster
        return name.lower()
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def contradict(ones: Iterable[str], others: Iterable[str]) -> bool:
    """Tell whether every full name on one side speaks against every one on the other."""
    others = tuple(others)
    compared = False
    for one in ones:
        for other in others:
            if compatible(one, other):
                return False
            compared = True
    return compared


def bearers(names: Mapping[str, int]) -> list[int]:
    """Return how often each of the people was named whom the names tell apart, most first.

    A name counts with the most frequent one that it is compatible with.
    """
    counts: dict[str, int] = {}
    for name in sorted(names, key=lambda n: (-names[n], n)):
        leader = next((known for known in counts if compatible(known, name)), name)
        counts[leader] = counts.get(leader, 0) + names[name]
    return sorted(counts.values(), reverse=True)


def leading(names: Mapping[str, int]) -> set[str]:
    """Return the most frequent name and those that could be the same person's."""
    first = min(names, key=lambda n: (-names[n], n))
    return {name for name in names if compatible(first, name)}


@lru_cache(4096)
def compatible(one: str, other: str) -> bool:
    """Tell whether two full names could be one person's.

    Given names may be initials, short forms or mistyped; so may family names, where both are told.
    Given and family name may also have changed places.
    """
    if one == other:
        return True
    (given, _, family), (given2, _, family2) = one.partition(" "), other.partition(" ")
    if _alike(given, given2) and (not family or not family2 or _alike(family, family2)):
        return True
    return bool(family and family2) and _alike(given, family2) and _alike(family, given2)


def _alike(one: str, other: str) -> bool:
    if one.startswith(other) or other.startswith(one):
        return True
    from difflib import SequenceMatcher  # needed by few, and slow to import

    low, high = sorted((one, other))
    return SequenceMatcher(None, low, high).ratio() >= SIMILAR
