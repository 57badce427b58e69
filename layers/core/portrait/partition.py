"""Who is who: identifiers divided into customers by the evidence there is and the rules."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portrait.evidence import Cut, ExternalId, Link
from portrait.identity import NAME_PHONE, STRENGTH, rank
from portrait.identity_rules import IdentityRules
from portrait.names import bearers, contradict

DEVICE = STRENGTH["anonymous_id"]

FLOOD = 5
"""People of different names at one phone number, which is more than a household."""


@dataclass(slots=True)
class Partition:
    """Identifiers (homes) divided into customers.

    Attributes:
        owner: home of each identifier to the root of its customer: the strongest of them.
        refused: home of an identifier that was not linked to all it was seen with, to the kind of
            reason (`shared`, `over_limit`, `cut`) and the homes it was refused to.
    """

    owner: dict[str, str] = field(default_factory=dict)
    refused: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def is_shared(self, home: str) -> bool:
        """Tell whether the identifier belongs to several people, and so to none."""
        return home in self.refused and self.refused[home][0] == "shared"


def partition(
    ids: Mapping[str, ExternalId],
    rules: IdentityRules,
    *,
    cuts: Sequence[Cut] = (),
) -> Partition:
    """Divide identifiers into customers: a function of the evidence, whatever order it came in.

    The strongest identifiers are placed first and each weaker one joins the customers it was seen
    with. Where joining them would put too many identifiers of a kind into one customer, contradict
    what they are called, or undo a cut, it stays with whom nearly all of the evidence points to,
    or else is shared: it joins nobody.
    """
    return _Placement(ids, rules, cuts).run()


class _Placement:
    def __init__(
        self, ids: Mapping[str, ExternalId], rules: IdentityRules, cuts: Sequence[Cut]
    ) -> None:
        self.ids, self.rules, self.cuts = ids, rules, cuts
        self.members: dict[str, list[str]] = {}
        self.peers = _peers(ids)
        self.found = Partition()

    def run(self) -> Partition:
        for home in sorted(self.ids, key=lambda h: (rank(h), self.ids[h].first, h)):
            self._place(home)
        for members in self.members.values():
            root = min(members)
            self.found.owner.update(dict.fromkeys(members, root))
        return self.found

    def _place(self, home: str) -> None:
        self.members[home] = [home]
        self.found.owner[home] = home
        if self._is_crowded(home):
            self.found.refused[home] = ("shared", tuple(sorted(self.ids[home].links)))
            return
        links = self._links(home)
        groups: dict[str, list[Link]] = {}
        for target, link in links.items():
            groups.setdefault(self.found.owner[target], []).append(link)
        if not groups:
            return
        reason = self._objection(home, groups, links)
        if reason is None:
            self._join(home, groups)
            return
        top = self._dominant(home, groups)
        kept = [] if top is None or self._objection(home, [top], links) else [top]
        if kept:
            self._join(home, kept)
        refused = tuple(sorted(t for t in links if self.found.owner[t] not in map(self._of, kept)))
        kind = "shared" if len(groups) > 1 and not kept else reason
        if refused:
            self.found.refused[home] = (kind, refused)

    def _of(self, group: str) -> str:
        return self.found.owner[group]

    def _links(self, home: str) -> dict[str, Link]:
        links = {
            target: link
            for target, link in (*self.ids[home].links.items(), *self.peers.get(home, ()))
            if link.count and target in self.found.owner and self._links_to(home, target)
        }
        # One that is itself in dispute says little beside one that is not.
        plain = {t: link for t, link in links.items() if t not in self.found.refused}
        return plain or links

    def _is_crowded(self, home: str) -> bool:
        """Tell whether what is known of an identifier alone says that several people use it."""
        one = self.ids[home]
        rule = self.rules.namespace(one.namespace)
        if one.is_crowded or self._is_flooded(home):
            return True
        called = bearers(one.names) if len(one.names) > rule.bearers else []
        dominant = rule.dominance and called and called[0] >= rule.dominance * sum(called[1:])
        return len(called) > rule.bearers and not dominant

    def _is_flooded(self, home: str) -> bool:
        """Tell whether a name is at a number that people give who have none: two of them may well
        be called the same."""
        return self.ids[home].namespace == NAME_PHONE and any(
            len(bearers(other.names)) >= FLOOD
            for other in self.ids.values()
            if other.namespace == "phone" and home in other.links
        )

    def _links_to(self, home: str, target: str) -> bool:
        """Tell whether being seen with `target` says anything: a staff account has devices too."""
        if not self.found.is_shared(target):
            return True
        return not self.ids[target].crowd and rank(home) >= DEVICE

    def _objection(
        self,
        home: str,
        groups: Iterable[str],
        links: Mapping[str, Link],
    ) -> str | None:
        """Return why the identifier may not tie these customers together, or None."""
        groups = list(groups)
        if len(groups) > self.rules.namespace(self.ids[home].namespace).people:
            return "shared"
        if self._is_cut(home, groups, links):
            return "cut"
        if self._exceeds(home, groups):
            return "over_limit"
        return "shared" if self._names_contradict(groups) else None

    def _is_cut(self, home: str, groups: list[str], links: Mapping[str, Link]) -> bool:
        tied = {home, *groups}
        owner, strength = self.found.owner, rank(home)
        latest = max((link.last for link in links.values()), default=0)
        return any(
            cut.one in owner
            and cut.other in owner
            and owner[cut.one] != owner[cut.other]
            and {owner[cut.one], owner[cut.other]} <= tied
            and not (strength < cut.strength and latest > cut.at)
            for cut in self.cuts
        )

    def _exceeds(self, home: str, groups: list[str]) -> bool:
        joined = [home, *(member for group in groups for member in self.members[group])]
        counts: Counter[str] = Counter()
        for namespace in {self.ids[member].namespace for member in joined}:
            rule = self.rules.namespace(namespace)
            seen = [self.ids[m].last for m in joined if self.ids[m].namespace == namespace]
            since = -1 if rule.window_ms is None else max(seen) - rule.window_ms
            counts[namespace] = sum(last > since for last in seen) - rule.limit
        return any(surplus > 0 for surplus in counts.values())

    def _names_contradict(self, groups: list[str]) -> bool:
        if len(groups) < 2:
            return False
        called = [{n for m in self.members[g] for n in self.ids[m].names} for g in groups]
        return any(contradict(called[0], other) for other in called[1:])

    def _dominant(self, home: str, groups: Mapping[str, list[Link]]) -> str | None:
        times = self.rules.namespace(self.ids[home].namespace).dominance
        weights = {group: sum(link.count for link in links) for group, links in groups.items()}
        top = max(weights, key=lambda group: (weights[group], group))
        others = sum(weights.values()) - weights[top]
        return top if times and weights[top] >= times * others else None

    def _join(self, home: str, groups: Iterable[str]) -> None:
        strong = min((*groups, home))
        joined = [*(m for group in groups for m in self.members.pop(group)), home]
        self.members.pop(home, None)
        self.members[strong] = joined
        self.found.owner.update(dict.fromkeys(joined, strong))


def _peers(ids: Mapping[str, ExternalId]) -> dict[str, list[tuple[str, Link]]]:
    """Return the links between identifiers of equal strength from their other end."""
    peers: dict[str, list[tuple[str, Link]]] = {}
    for home, one in ids.items():
        for target, link in one.links.items():
            if rank(target) == rank(home):
                peers.setdefault(target, []).append((home, link))
    return peers
