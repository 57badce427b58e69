"""Folding: what a batch does to the customers it may be about, as one write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from portrait import changes
from portrait.audiences import is_pushed
from portrait.changes import Merge, Refused, happening
from portrait.event import label
from portrait.evidence import Refusal, refuse
from portrait.faults import Conflict, Rejected
from portrait.identity import HOME
from portrait.identity_rules import IdentityRules
from portrait.metrics import Metric
from portrait.neighbourhood import Neighbourhood, followed, guard_message
from portrait.portrait import BORROWED, Portrait
from portrait.record import Record, Write
from portrait.resolution import Group, Sighting, erased_at
from portrait.segments import Membership, unadopted, unwatched
from portrait.settlement import Told, is_astray, settle, unread

Metrics = Mapping[str, tuple[Metric, ...]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the definitions ask of folding.

    Attributes:
        review: brings the segments of a portrait that is about to be written up to date, given what
            lay at its home, and says when its timer is to fire.
        adopt: seats a portrait that was parted from another, given that one as it was and what lay
            there, in the segments that hold for it: it crosses into none by that.
    """

    metrics: Metrics
    interests: frozenset[str]
    identity: IdentityRules = field(default_factory=IdentityRules)
    review: Callable[[Portrait, Record], Membership] = unwatched
    adopt: Callable[[Portrait, Portrait, Record], None] = unadopted


class Fold(msgspec.Struct):
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
    folding = _Folding(group, records, rules, consistent=consistent)
    if not consistent and folding.is_stale():
        raise Conflict("a pointer leads to a portrait that does not know it")
    return folding.run()


class _Folding:
    def __init__(
        self, group: Group, records: Mapping[str, Record], rules: Rules, *, consistent: bool
    ) -> None:
        self.group, self.records, self.rules = group, records, rules
        self.consistent = consistent
        roots = (*group.roots, *group.beside)
        self.lying = [records[root] for root in roots if root in records]
        self.near = Neighbourhood([record.portrait for record in self.lying if record.state])
        self.fold = Fold(None, [], [], [], [])
        self.happenings: dict[str, list[changes.Happening]] = {}
        self.refused: dict[str, list[Refused]] = {}

    def run(self) -> Fold:
        fresh = self._fresh()
        about, news = [], False
        for sighting in fresh:
            homes, is_new = self.near.see(sighting)
            about.append(homes)
            news |= is_new
        if news or (fresh and self._is_disputed()):
            self.near.divide(self.rules.identity)
            for portrait, was in self.near.parted:
                self.rules.adopt(portrait, was, self.records[was.home])
        for sighting, homes in zip(fresh, about, strict=True):
            self._fold(sighting, homes)
        if self.near.divided:
            self._refuse(fresh)
        if fresh or (self.fold.duplicates and is_astray(self.near, self.records, self._named)):
            self._settle()
        return self.fold

    def is_stale(self) -> bool:
        """Tell whether a pointer leads to a portrait that does not know the identifier yet."""
        homes = [home for sighting in self.group.sightings for home in sighting.homes]
        for record in self.lying:
            homes += record.beyond
        records, known = self.records, self.near.was
        for home in homes:
            if home not in known and home in records and records[home].merged_into:
                return True
        return False

    def _fresh(self) -> list[Sighting]:
        """Sort out what was counted or erased before; return the others."""
        fresh: dict[bytes, Sighting] = {}
        for sighting in self.group.sightings:
            if sighting.event.received_at <= self._erased_at(sighting) or self._is_gone(sighting):
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

    def _is_gone(self, sighting: Sighting) -> bool:
        """Tell whether an event about somebody known by their home alone is about nobody any more.

        It would found a portrait of whom nobody could say who they are.
        """
        if any(namespace != HOME for namespace, _ in sighting.event.identifiers):
            return False
        if all(home in self.near.ids for home in sighting.homes):
            return False
        if not self.consistent:
            raise Conflict("a home is not known yet")
        return True

    def _erased_at(self, sighting: Sighting) -> int:
        """Return when an identifier of the event was last erased, or a time before all time."""
        return max([erased_at(home, self.records) for home in sighting.homes])

    def _is_disputed(self) -> bool:
        """Tell whether some identifier here belongs, or may belong, to several customers."""
        if len(self.near.portraits) > 1:
            return True
        ids = self.near.ids
        return any([one.is_crowded or not one.is_within(ids) for one in ids.values()])

    def _fold(self, sighting: Sighting, homes: tuple[str, ...]) -> None:
        key = self._home(sighting, homes)
        home = key.partition(BORROWED)[0]
        portrait = self.near.portraits[self.near.division.owner[home]]
        portrait.strand(key).fold(sighting.event, sighting.message, self.rules.metrics)
        self.fold.applied.append(sighting)
        if label(sighting.event.kind, sighting.event.name) in self.rules.interests:
            told = happening(sighting.event, sighting.message, home)
            self.happenings.setdefault(portrait.home, []).append(told)

    def _home(self, sighting: Sighting, homes: tuple[str, ...]) -> str:
        """Return the key of the strand that the event is folded into.

        That of its strongest identifier that is somebody's own. On a shared one, whoever was signed
        in at the time is who it is about; where nobody was, nobody.
        """
        division = self.near.division
        for home in homes:
            if not division.is_shared(home):
                return home
        if sighting.event.identifiers[0][0] == HOME:  # we say who it is about: nobody else
            return homes[0]
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
                is_new = home not in portrait.refusals
                if refuse(portrait.refusals, home, Refusal(kind, at, message)):
                    news = Refused(cause.event.received_at, home, kind, cause.message.hex())
                    self.refused.setdefault(portrait.home, []).append(news)
                    if is_new and kind == "over_limit":
                        ids[target].refused += 1

    @property
    def _named(self) -> set[str]:
        return {home for sighting in self.group.sightings for home in sighting.homes}

    def _settle(self) -> None:
        """Turn what became of the portraits into a write, or ask for what must be read first."""
        wanted = unread(self.near, self.records)
        if wanted:
            self.fold = Fold(None, [], [], [], [], wanted)
            return
        cause = self.group.sightings[-1].message.hex()
        self.fold.write = settle(
            self.near, self.records, named=self._named, cause=cause, tell=self._tell
        )

    def _tell(self, portrait: Portrait, record: Record, absorbed: Sequence[Record]) -> Told:
        cause = self.group.sightings[-1]
        membership = self.rules.review(portrait, record)
        news = changes.encode(
            self.happenings.get(portrait.home, ()),
            merges=[
                Merge(cause.event.received_at, known.home, portrait.home, cause.message.hex())
                for known in absorbed
            ],
            refused=self.refused.get(portrait.home, ()),
            segments=membership.crossings,
            readdressed=is_pushed(portrait.segments) and self._may_readdress(),
        )
        return Told(news, membership.due_at, amended=membership.amended)

    def _may_readdress(self) -> bool:
        """Tell whether somebody's addresses may be others now, or another's."""
        traits = (sighting.event.traits for sighting in self.group.sightings)
        return self.near.divided or any("email" in said or "phone" in said for said in traits)
