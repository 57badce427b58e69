"""Folding: what a batch does to the customers it may be about, as one write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portrait import changes, state
from portrait.changes import Merge, Refused, happening
from portrait.event import label
from portrait.evidence import Refusal, refuse
from portrait.faults import Conflict, Rejected
from portrait.identity_rules import IdentityRules
from portrait.metrics import Metric
from portrait.neighbourhood import Neighbourhood, followed, guard_message
from portrait.portrait import BORROWED, Portrait
from portrait.record import Record, Write
from portrait.resolution import Group, Sighting, pointers, resolve
from portrait.segments import Membership, unwatched

Metrics = Mapping[str, tuple[Metric, ...]]

MAX_ITEMS = 100
"""Items that DynamoDB writes in one transaction."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the definitions ask of folding.

    Attributes:
        review: brings the segments of a portrait that is about to be written up to date, given when
            its timer is to fire.
    """

    metrics: Metrics
    interests: frozenset[str]
    identity: IdentityRules = field(default_factory=IdentityRules)
    review: Callable[[Portrait, int | None], Membership] = unwatched


@dataclass(slots=True)
class Fold:
    """A write to be made, None where all was known already, and what became of each event.

    `wanted` are homes of which records must be read first; then nothing else was decided.
    """

    write: Write | None
    applied: list[Sighting]
    duplicates: list[Sighting]
    erased: list[Sighting]
    rejected: list[tuple[Sighting, Rejected]]
    wanted: frozenset[str] = frozenset()


def fold_group(
    group: Group, records: Mapping[str, Record], rules: Rules, *, consistent: bool = True
) -> Fold:
    """Fold a group's sightings into the portraits of those they are about.

    Identifiers that meet are tied together as far as the identity rules allow, and customers with
    them; what that changes is written with the events, or not at all.

    Args:
        consistent: whether the records were read so; else what does not fit together is old news.

    Raises:
        Conflict: the records do not fit together: read them again, consistently.
        Rejected: `portrait_full`: an item would pass 300 KB; `too_entangled`: more items would have
            to change at once than a transaction holds.
    """
    folding = _Folding(group, records, rules)
    if not consistent and folding.is_stale():
        raise Conflict("a pointer leads to a portrait that does not know it yet")
    return folding.run()


class _Folding:
    def __init__(self, group: Group, records: Mapping[str, Record], rules: Rules) -> None:
        self.group, self.records, self.rules = group, records, rules
        lying = (records[root] for root in (*group.roots, *group.beside) if root in records)
        self.near = Neighbourhood(record.portrait for record in lying if record.state)
        self.fold = Fold(None, [], [], [], [])
        self.divided = False
        self.happenings: dict[str, list[changes.Happening]] = {}
        self.refused: dict[str, list[Refused]] = {}

    def run(self) -> Fold:
        fresh = self._fresh()
        evidence = {sighting.message: self.near.see(sighting) for sighting in fresh}
        ties = any(news for _, news in evidence.values())
        self.divided = ties or (bool(fresh) and self._is_disputed())
        if self.divided:
            self.near.divide(self.rules.identity)
        for sighting in fresh:
            self._fold(sighting, evidence[sighting.message][0])
        if self.divided:
            self._refuse(fresh)
        if fresh or self._is_astray():
            self._write()
        return self.fold

    def is_stale(self) -> bool:
        """Tell whether a pointer leads to a portrait that does not know the identifier (yet)."""
        homes = {home for sighting in self.group.sightings for home in sighting.homes}
        led = (home for home in homes if home in self.records and self.records[home].merged_into)
        return any(home not in self.near.was for home in led)

    def _fresh(self) -> list[Sighting]:
        """Sort out what was counted or erased before; return the others."""
        fresh: dict[bytes, Sighting] = {}
        for sighting in self.group.sightings:
            if sighting.event.received_at <= self._erased_at(sighting):
                self.fold.erased.append(sighting)
            elif sighting.message in fresh or self.near.knows(sighting):
                self.fold.duplicates.append(sighting)
            else:
                try:
                    self.near.check_age(sighting)
                except Rejected as fault:
                    self.fold.rejected.append((sighting, fault))
                else:
                    fresh[sighting.message] = sighting
        return list(fresh.values())

    def _erased_at(self, sighting: Sighting) -> int:
        """Return when an identifier of the event was last erased, or a time before all time."""
        homes = {h for home in sighting.homes for h in (home, resolve(home, self.records))}
        near = (self.records[home].erased_at for home in homes if home in self.records)
        return max((at for at in near if at is not None), default=-1)

    def _is_disputed(self) -> bool:
        """Tell whether some identifier here belongs, or may belong, to several customers."""
        return len(self.near.portraits) > 1 or any(
            portrait.beyond or any(one.is_crowded for one in portrait.ids.values())
            for portrait in self.near.portraits.values()
        )

    def _fold(self, sighting: Sighting, homes: tuple[str, ...]) -> None:
        home = self._home(sighting, homes)
        portrait = self.near.portraits[self.near.division.owner[home.partition(BORROWED)[0]]]
        portrait.strand(home).fold(sighting.event, sighting.message, self.rules.metrics)
        self.fold.applied.append(sighting)
        if label(sighting.event.kind, sighting.event.name) in self.rules.interests:
            told = happening(sighting.event, sighting.message, home.partition(BORROWED)[0])
            self.happenings.setdefault(portrait.home, []).append(told)

    def _home(self, sighting: Sighting, homes: tuple[str, ...]) -> str:
        """Return the key of the strand that the event is folded into.

        That of its strongest identifier that is somebody's own. On a shared one, whoever was signed
        in at the time is who it is about; where nobody was, nobody.
        """
        division = self.near.division
        own = next((home for home in homes if not division.is_shared(home)), None)
        if own is not None:
            return own
        shared, at = homes[0], sighting.event.timestamp
        target = followed(shared, at, self.near.ids, division, self.rules.identity)
        if target is None:
            return shared
        guard_message(self.near.portraits[division.owner[shared]], shared, sighting)
        return f"{target}{BORROWED}{shared}"

    def _refuse(self, fresh: list[Sighting]) -> None:
        """Record which identifiers were seen with whom and not linked, once each."""
        division, ids = self.near.division, self.near.ids
        latest = {home: s for s in fresh for home in s.homes}
        for home, (kind, targets) in division.refused.items():
            for target in targets:
                if target not in division.owner or home not in latest:
                    continue
                cause, link = latest[home], ids[home].links.get(target)
                portrait = self.near.portraits[division.owner[target]]
                at = link.first if link else cause.event.received_at
                message = link.message if link else cause.message
                if refuse(portrait.refusals, home, Refusal(kind, at, message)):
                    news = Refused(cause.event.received_at, home, kind, cause.message.hex())
                    self.refused.setdefault(portrait.home, []).append(news)
                    if kind == "over_limit":
                        ids[target].refused += 1

    def _is_astray(self) -> bool:
        """Tell whether a pointer that the batch met must be put right though nothing is new."""
        return bool(self.fold.duplicates) and bool(self._pointers())

    def _pointers(self) -> dict[str, str]:
        named = {home for sighting in self.group.sightings for home in sighting.homes}
        owner = self.near.division.owner
        if not self.divided:
            owner = {home: owner[home] for home in named if home in owner}
        return pointers(owner, named, self.records)

    def _write(self) -> None:
        owner, records = self.near.division.owner, self.records
        moved = {home for home, was in self.near.was.items() if owner[was] != owner[home]}
        split = {self.near.was[home] for home in moved}
        unread = {h for h, was in self.near.was.items() if was in split} - records.keys()
        if unread:
            self.fold = Fold(None, [], [], [], [], frozenset(unread))
            return
        writes = self._parts(self._astray(moved))
        if not writes:
            return
        first, *others = writes
        self.fold.write = Write(
            first.root, first.state, first.changes, first.pointers, first.cause, first.beyond,
            tuple(others), first.due_at,
        )  # fmt: skip
        if self.fold.write.items > MAX_ITEMS:
            raise Rejected("too_entangled", f"more than {MAX_ITEMS} identifiers change hands")

    def _astray(self, moved: set[str]) -> dict[str, list[Record]]:
        """Return what lies at the homes that must become pointers, by the root they point to."""
        astray: dict[str, list[Record]] = {}
        for home, root in self._pointers().items():
            if home in self.records or home not in self.near.was:
                astray.setdefault(root, []).append(self.records.get(home) or Record(home))
        return astray

    def _parts(self, astray: Mapping[str, list[Record]]) -> list[Write]:
        cause = self.group.sightings[-1]
        parts = []
        for root, portrait in self.near.portraits.items():
            packed = _packed(portrait)
            record = self.records.get(root) or Record(root)
            weaker = tuple(astray.get(root, ()))
            if packed == record.state and not weaker:
                continue
            membership = self.rules.review(portrait, record.due_at)
            if membership.crossings:
                packed = _packed(portrait)
            told = changes.encode(
                self.happenings.get(root, ()),
                merges=[
                    Merge(cause.event.received_at, r.home, root, cause.message.hex())
                    for r in weaker
                    if r.state
                ],
                refused=self.refused.get(root, ()),
                segments=membership.crossings,
            )
            part = Write(
                record, packed, told, weaker, cause.message.hex(), portrait.beyond,
                due_at=membership.due_at,
            )  # fmt: skip
            parts.append(part)
        return parts


def _packed(portrait: Portrait) -> bytes:
    packed = portrait.encode()
    if len(packed) > state.MAX_STATE_BYTES:
        raise Rejected("portrait_full", f"a portrait may not pass {state.MAX_STATE_BYTES} bytes")
    return packed
