"""Unmerging: taking out of a portrait what never was about this customer."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from portrait.consents import Consent, latest_consent
from portrait.evidence import Cut, ExternalId, Link
from portrait.faults import Conflict, Unavailable
from portrait.identity import rank
from portrait.identity_rules import IdentityRules
from portrait.merges import Step, side, step_of, steps
from portrait.neighbourhood import Neighbourhood
from portrait.portrait import Portrait
from portrait.record import Record, Write
from portrait.resolution import resolve
from portrait.segments import adopt
from portrait.settlement import Told, settle

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue

MAX_ATTEMPTS = 6
SOURCE = "unmerge"
"""What consents that stay withdrawn on both sides name as their source."""


class Portraits(Protocol):
    """Where portraits are kept."""

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""

    def write(self, work: Write, *, now: int) -> None:
        """Write all of it or nothing, or raise Conflict or Unavailable."""


class Unmerged(NamedTuple):
    """What was undone: the merge and when (UTC ms), the two roots, and the withdrawals kept.

    `kept` are the consents (channel:purpose) that stay withdrawn on both sides, since one of the
    two had withdrawn them and nobody can say any more which of the two meant it.
    """

    merge: str
    at: int
    stayed: str
    left: str
    kept: tuple[str, ...]


def unmerge(
    home: str,
    target: str,
    portraits: Portraits,
    *,
    catalogue: "Catalogue",
    clock: Callable[[], int],
    pause: Callable[[int], None],
    reason: str = "",
) -> Unmerged | None:
    """Make two portraits of one, each as if the merge had never happened; None: nothing to undo.

    Strands are taken out whole, so nothing is recomputed: counts, traits, consents and contacts go
    with the identifier that they were heard through. The evidence that joined the two is void, and
    a cut keeps them apart until they are seen together through a stronger identifier. Neither
    enters or leaves a segment by it.

    Args:
        home: any home of the customer.
        target: the home, or the id of the merge, to take out.
        pause: waits before the n-th retry; called with n = 1, 2, ….
        reason: why, in the words of who judged it; the history shows them.

    Raises:
        Rejected: `too_entangled`: more identifiers change hands than one transaction holds.
        Unavailable: the table did not answer, or others kept writing first.
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        records = portraits.load_resolved([home], consistent=True)
        root = records.get(resolve(home, records))
        if root is None or not root.state:
            return None
        now, portrait = clock(), root.portrait
        records = {**portraits.load_resolved(portrait.ids, consistent=True), root.home: root}
        undone = undo(portrait, target, rules=catalogue.identity, at=now, reason=reason)
        if undone is None:
            return None
        near, done = undone
        for one, was in near.parted:  # what either side is in by this, it did not just come into
            adopt(one, was.segments, catalogue, now, due_at=root.due_at)
        try:
            portraits.write(_write(near, records, now), now=now)
        except Conflict:
            pause(attempt)
        else:
            return done
    raise Unavailable("others kept writing this portrait first")


def undo(
    portrait: Portrait, target: str, *, rules: IdentityRules, at: int, reason: str = ""
) -> tuple[Neighbourhood, Unmerged] | None:
    """Divide a portrait at a merge; None where it knows no such merge, or cannot be divided."""
    step = step_of(portrait.ids, target)
    if step is None:
        return None
    left = _leaving(portrait.ids, step)
    stays = portrait.ids.keys() - left
    strength = _void(portrait.ids, left, at)
    portrait.cuts.append(Cut(min(stays), min(left), at, strength, step.id, reason))
    near = Neighbourhood([portrait])
    near.divide(rules)
    owner = near.division.owner
    sides = near.portraits[owner[min(stays)]], near.portraits[owner[min(left)]]
    if sides[0] is sides[1]:
        return None
    for one, other in (sides, sides[::-1]):
        _disown(one, other, rules)
    kept = _keep(*sides, at)
    return near, Unmerged(step.id, at, sides[0].home, sides[1].home, kept)


def _leaving(ids: Mapping[str, ExternalId], step: Step) -> frozenset[str]:
    """Return the side of a merge that leaves: the one without the strongest identifier."""
    made = steps(ids)
    one = side(made, step, step.weaker)
    return side(made, step, step.stronger) if min(ids) in one else one


def _void(ids: Mapping[str, ExternalId], left: frozenset[str], at: int) -> int:
    """Let no evidence count that ties the two sides; return the strength of the strongest."""
    strengths = []
    for home, one in ids.items():
        for target in one.links:
            if target in ids and (home in left) != (target in left):
                one.links[target] = Link(void=at)
                strengths.append(rank(home))
    return min(strengths)


def _disown(one: Portrait, other: Portrait, rules: IdentityRules) -> None:
    """Take the other's addresses out of what was told of this one: nobody may write there."""
    theirs = {(known.namespace, known.value) for known in other.ids.values()}
    for strand in one.strands.values():
        for name in ("email", "phone", "loyalty_id"):
            told = strand.traits.get(name)
            if told is not None and (name, rules.normalise(name, told.value)) in theirs:
                del strand.traits[name]


def _keep(one: Portrait, other: Portrait, at: int) -> tuple[str, ...]:
    """Let what either has withdrawn stay withdrawn for both."""
    keys = {k for p in (one, other) for s in p.strands.values() for k in s.consents}
    keys |= one.kept.keys() | other.kept.keys()
    kept = []
    for key in sorted(keys):
        standing = {p.home: _standing(p, key) for p in (one, other)}
        if "withdrawn" in standing.values() and len(set(standing.values())) > 1:
            kept.append(key)
            for portrait in (one, other):
                if standing[portrait.home] != "withdrawn":
                    portrait.kept[key] = Consent("withdrawn", at, SOURCE, b"")
    return tuple(kept)


def _standing(portrait: Portrait, key: str) -> str | None:
    said = [s.consents[key] for s in portrait.strands.values() if key in s.consents]
    said += [portrait.kept[key]] if key in portrait.kept else []
    standing = latest_consent(said)
    return standing.status if standing else None


def _write(near: Neighbourhood, records: Mapping[str, Record], now: int) -> Write:
    # The segments of both are to be reviewed at once, so the timer is due now.
    work = settle(
        near, records, named=near.ids, cause=SOURCE, tell=lambda *_: Told(None, due_at=now)
    )
    if work is None:
        raise Conflict("somebody else undid it just now")
    return work
