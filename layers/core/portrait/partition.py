"""Who is who: identifiers divided into customers by the evidence there is and the rules."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from portrait.evidence import Cut, ExternalId, Link
from portrait.identity import NAME_PHONE, STRENGTH, rank
from portrait.identity_rules import IdentityRules
from portrait.names import bearers, contradict, leading

DEVICE = STRENGTH["anonymous_id"]

FLOOD = 5
"""People of different names at one phone number, which is more than a household."""


class Partition(msgspec.Struct):
    """Identifiers (homes) divided into customers.

    Attributes:
        owner: home of each identifier to the root of its customer: the strongest of them.
        refused: home of an identifier that was not linked to all it was seen with, to the kind of
            reason (`shared`, `over_limit`, `cut`) and the homes it was refused to.
    """

    owner: dict[str, str] = {}
    refused: dict[str, tuple[str, tuple[str, ...]]] = {}

    def is_shared(self, home: str) -> bool:
        """Tell whether the identifier belongs to several people, and so to none."""
        refused = self.refused.get(home)
        return refused is not None and refused[0] == "shared"


def partition(
    ids: Mapping[str, ExternalId],
    rules: IdentityRules,
    *,
    cuts: Sequence[Cut] = (),
    held: Mapping[str, str] | None = None,
) -> Partition:
    """Divide identifiers into customers by the evidence, whatever order it came in.

    The strongest identifiers are placed first and each weaker one joins the customers it was seen
    with. Where joining them would put too many identifiers of a kind into one customer, contradict
    what they are called, or undo a cut, it stays with whom it is while nearly all of the evidence
    points to them, or else is shared: it joins nobody, and what is shared goes to nobody again.
    Only in that dispute does it matter whose it was, and so who came first.

    Args:
        held: root of each identifier's customer until now, where it had one.
    """
    return _Placement(ids, rules, cuts, held or {}).run()


class _Placement:
    def __init__(
        self,
        ids: Mapping[str, ExternalId],
        rules: IdentityRules,
        cuts: Sequence[Cut],
        held: Mapping[str, str],
    ) -> None:
        self.ids, self.rules, self.cuts, self.held = ids, rules, cuts, held
        self.members: dict[str, list[str]] = {}
        self.peers = _peers(ids)
        self.found = Partition()

    def run(self) -> Partition:
        for home in sorted(self.ids, key=lambda h: (h[0], self.ids[h].first, h)):
            self._place(home)
        return self.found

    def _place(self, home: str) -> None:
        self.members[home] = [home]
        self.found.owner[home] = home
        if self._is_crowded(home):
            self.found.refused[home] = ("shared", tuple(sorted(self.ids[home].links)))
            return
        links = self._links(home)
        if not links:
            return
        groups: dict[str, list[Link]] = {}
        for target, link in links.items():
            groups.setdefault(self.found.owner[target], []).append(link)
        reason = self._objection(home, groups, links)
        if reason is None:
            self._join(home, groups)
            return
        top = self._dominant(home, groups)
        if top != self._incumbent(home, links):
            top = None
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
        owner, refused = self.found.owner, self.found.refused
        links = {t: link for t, link in self.ids[home].links.items() if link.count and t in owner}
        for target, link in self.peers.get(home, ()):
            if link.count and target in owner:
                links[target] = link
        if not refused or refused.keys().isdisjoint(links):
            return links
        links = {t: one for t, one in links.items() if t not in refused or self._links_to(home, t)}
        # One that is itself in dispute says little beside one that is not.
        return {t: link for t, link in links.items() if t not in refused} or links

    def _is_crowded(self, home: str) -> bool:
        """Tell whether what is known of an identifier alone says that several people use it."""
        one = self.ids[home]
        rule = self.rules.namespace(one.namespace)
        if one.is_crowded or (one.namespace == NAME_PHONE and self._is_flooded(home)):
            return True
        if len(one.names) <= rule.bearers:
            return False
        called = bearers(one.names)
        dominant = rule.dominance and called and called[0] >= rule.dominance * sum(called[1:])
        return len(called) > rule.bearers and not dominant

    def _is_flooded(self, home: str) -> bool:
        """Tell whether a name is at a number that people give who have none: two of them may well
        be called the same."""
        return any(
            other.namespace == "phone"
            and home in other.links
            and len(other.names) >= FLOOD
            and len(bearers(other.names)) >= FLOOD
            for other in self.ids.values()
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
        return "shared" if self._names_contradict(home, groups) else None

    def _is_cut(self, home: str, groups: list[str], links: Mapping[str, Link]) -> bool:
        tied, owner = {home, *groups}, self.found.owner
        for cut in self.cuts:
            sides = {owner.get(cut.one), owner.get(cut.other)}
            if len(sides) == 2 and None not in sides and sides <= tied:
                lifted = rank(home) < cut.strength and all(
                    any(owner[t] == side and link.heard > cut.at for t, link in links.items())
                    for side in sides - {home}
                )
                if not lifted:
                    return True
        return False

    def _exceeds(self, home: str, groups: list[str]) -> bool:
        together = [home]
        for group in groups:
            together += self.members[group]
        kinds = {self.ids[member].namespace for member in together}
        if len(kinds) == len(together):  # most have one of each, and no limit is lower
            return False
        return any(self._is_over_limit(kind, together) for kind in kinds)

    def _is_over_limit(self, namespace: str, homes: list[str]) -> bool:
        rule = self.rules.namespace(namespace)
        seen = [self.ids[home].last for home in homes if self.ids[home].namespace == namespace]
        if len(seen) <= rule.limit:
            return False
        since = -1 if rule.window_ms is None else max(seen) - rule.window_ms
        return sum(last > since for last in seen) > rule.limit

    def _names_contradict(self, home: str, groups: list[str]) -> bool:
        """Tell whether people of different names would become one: a family's mailbox, under which
        one orders now and then, is called after whoever else it is."""
        called = [{n for m in self.members[g] for n in self.ids[m].names} for g in groups]
        if own := self.ids[home].names:
            called.append(leading(own))
        return any(contradict(called[0], other) for other in called[1:])

    def _dominant(self, home: str, groups: Mapping[str, list[Link]]) -> str | None:
        times = self.rules.namespace(self.ids[home].namespace).dominance
        weights = {group: sum(link.count for link in links) for group, links in groups.items()}
        top = max(weights, key=lambda group: (weights[group], group))
        others = sum(weights.values()) - weights[top]
        return top if times and weights[top] >= times * others else None

    def _incumbent(self, home: str, links: Mapping[str, Link]) -> str | None:
        """Return whose the identifier is: as it was, or of whom it was seen with first."""
        first = min(links, key=lambda t: (links[t].first, links[t].message, t))
        return self.found.owner.get(self.held.get(home, first))

    def _join(self, home: str, groups: Iterable[str]) -> None:
        # A group goes by its strongest member, so it keeps its members but where it is not that.
        strong = min((*groups, home))
        joined = self.members[strong]
        for group in (*groups, home):
            if group != strong:
                weaker = self.members.pop(group)
                joined += weaker
                self.found.owner.update(dict.fromkeys(weaker, strong))


def _peers(ids: Mapping[str, ExternalId]) -> dict[str, list[tuple[str, Link]]]:
    """Return the links between identifiers of equal strength from their other end."""
    peers: dict[str, list[tuple[str, Link]]] = {}
    for home, one in ids.items():
        for target, link in one.links.items():
            if target[0] == home[0]:  # the rank, as a letter
                peers.setdefault(target, []).append((home, link))
    return peers
