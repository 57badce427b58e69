"""Campaign entries against the oracle: who entered what, in which arm, and what became of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.demo.expectations import Entry
from tests.demo.measure import Found
from tests.demo.starters import BASKET
from tests.demo.verdict import Expected


class Recorded(NamedTuple):
    """One entry as its dossier has it."""

    arm: str
    path: Mapping[str, str]
    goal: bool
    left: str

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Recorded":
        """Read an item of the journeys table."""
        return cls(
            item["arm"], item.get("path") or {}, "goal_at" in item, item.get("left_by") or ""
        )


def journeys(expected: Expected, found: Found) -> Iterator[str]:
    """Yield entries that are missing or too many, and those of which something else became."""
    roots = {home: one.root for one in expected.customers for home in one.homes}
    names = {one.root: one.name for one in expected.customers}
    due: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in expected.entries:
        due[roots[entry.customer.root], entry.campaign].append(entry)
    had: dict[tuple[str, str], list[Recorded]] = defaultdict(list)
    for item in found.entries:
        had[roots.get(item["home"], item["home"]), item["campaign"]].append(Recorded.of(item))
    for key in sorted(due.keys() | had.keys()):
        wrong = _unmatched(due.get(key, []), had.get(key, []))
        if wrong:
            yield f"{names.get(key[0], key[0])}, {key[1]}: {wrong}"


def _unmatched(due: Sequence[Entry], had: Sequence[Recorded]) -> str:
    """Pair each entry with one that was recorded, narrow ones first; say it if one is left."""
    left = list(had)
    for entry in sorted(due, key=lambda entry: max(map(len, entry.path.values()), default=0)):
        match = next((one for one in left if _fits(entry, one)), None)
        if match is None:
            path = {step: " or ".join(sorted(words)) for step, words in entry.path.items()}
            wanted = Recorded(entry.arm, path, entry.goal, entry.left)
            return f"expected {_shown(wanted)}; found {[*map(_shown, had)] or 'no entry'}"
        left.remove(match)
    return f"{len(left)} entries too many: {[*map(_shown, left)]}" if left else ""


def _fits(entry: Entry, one: Recorded) -> bool:
    if (entry.arm, entry.goal, entry.path.keys()) != (one.arm, one.goal, one.path.keys()):
        return False
    if any(one.path[step] not in words for step, words in entry.path.items()):
        return False
    may_wait = any(word.startswith("waiting") for words in entry.path.values() for word in words)
    return entry.left == one.left or (may_wait and one.left in ("", "done"))


def _shown(one: Recorded) -> str:
    path = ", ".join(f"{step} {word}" for step, word in one.path.items()) or "no step"
    goal = ", goal" if one.goal else ""
    return f"{one.arm} ({path}{goal}; {one.left or 'in it'})"


def baskets(expected: Expected, found: Found, now: int) -> Iterator[str]:
    """Yield customers of whom it is not known whether they order, and those who should be."""
    roots = {home: one.root for one in expected.customers for home in one.homes}
    subjects = {one.subject: one for one in expected.customers if one.strands}
    due = {roots[subjects[subject].root] for subject in expected.baskets if subject in subjects}
    held = {
        home
        for home, portrait in found.portraits.items()
        for one in portrait.view(found.catalogue, now).dialogues.values()
        if one.campaign == BASKET.key and one.state == "held"
    }
    for home in sorted(due - held):
        yield f"{home}: nobody waits whether the basket is ordered"
    for home in sorted(held - due):
        yield f"{home}: a basket is waited for that is over"
