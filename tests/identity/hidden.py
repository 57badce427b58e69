"""People whom nothing tells apart: they share an identifier, and no account or name beside it."""

from collections import defaultdict
from itertools import combinations

from tests.identity.world import Token, World

Marks = dict[str, set[str]]
"""`account` and `name`, to what was seen of it."""


def hidden_sharers(world: World) -> set[int]:
    """Return the people who used an identifier with another while nothing told the two apart.

    Two users of one identifier are told apart by two accounts, or by two names: those that either
    gave beside it, or that an account which they used beside it ever gave. Until then two people at
    one mailbox look like one person with two devices, to any rule and to any reader.
    """
    called = _names_of_accounts(world)
    users: dict[Token, dict[int, Marks]] = defaultdict(dict)
    for event in world.events:
        person = world.truth[event.id]
        for token in world.tokens[event.id]:
            marks = users[token].setdefault(person, {"account": set(), "name": set()})
            for kind, value in event.identifiers:
                if kind == "user_id":
                    marks["account"].add(value)
                    marks["name"] |= called.get(value, set())
            if "first_name" in event.traits:
                marks["name"].add(_name(event.traits))
    return {
        person
        for several in users.values()
        for (one, ones), (other, others) in combinations(several.items(), 2)
        if not _told_apart(ones, others)
        for person in (one, other)
    }


def _told_apart(ones: Marks, others: Marks) -> bool:
    return any(
        ones[kind] and others[kind] and ones[kind] != others[kind] for kind in ("account", "name")
    )


def _names_of_accounts(world: World) -> dict[str, set[str]]:
    called: dict[str, set[str]] = defaultdict(set)
    for event in world.events:
        if "first_name" in event.traits:
            for kind, value in event.identifiers:
                if kind == "user_id":
                    called[value].add(_name(event.traits))
    return called


def _name(traits: dict[str, str]) -> str:
    return f"{traits['first_name']} {traits.get('last_name')}"
