"""A neighbourhood: the portraits that one piece of work touches, opened up and divided anew."""

from collections.abc import Iterable, Mapping, Sequence

from portrait import seen
from portrait.consents import latest_consent
from portrait.crossings import newest
from portrait.evidence import Cut, ExternalId, trim
from portrait.faults import Conflict, Rejected
from portrait.identity import rank
from portrait.identity_rules import IdentityRules
from portrait.metrics import DAY_MS
from portrait.names import contradict, full_name
from portrait.partition import DEVICE, Partition, partition
from portrait.portrait import BORROWED, Portrait
from portrait.resolution import Sighting
from portrait.strand import Strand


class Neighbourhood:
    """Portraits whose identifiers may turn out to belong together, or not to.

    Attributes:
        portraits: as they stand, by home.
        ids: the identifiers of all of them, by home.
        opened: the homes of the portraits that were given.
        was: home of each identifier to the portrait that it was read with.
        division: whose each identifier is: as read, or since `divided` as the rules say.
        parted: each portrait to which a part of another went, and that other as it was.
    """

    def __init__(self, portraits: Iterable[Portrait]) -> None:
        self.portraits = {portrait.home: portrait for portrait in portraits}
        self.ids: dict[str, ExternalId] = {}
        self.was: dict[str, str] = {}
        for portrait in self.portraits.values():
            if self.ids and not self.ids.keys().isdisjoint(portrait.ids):
                raise Conflict("two portraits claim one identifier: they were not read at once")
            self.ids.update(portrait.ids)
            self.was.update(dict.fromkeys(portrait.ids, portrait.home))
        self.opened = frozenset(self.portraits)
        self.division = Partition(self.was)
        self.divided = False
        self.parted: list[tuple[Portrait, Portrait]] = []

    def knows(self, sighting: Sighting) -> bool:
        """Tell whether the message was counted, through whichever of its identifiers."""
        if not self.portraits:
            return False
        for home in sighting.homes:
            for heard in self._heard(home):
                if seen.contains(heard, sighting.message):
                    return True
        return False

    def check_age(self, sighting: Sighting) -> None:
        """Raise Rejected, `too_old`, where nobody can tell any more whether it was counted."""
        day = sighting.event.received_at // DAY_MS
        for heard in self._heard(sighting.homes[0]):
            if seen.is_forgotten(heard, day):
                raise Rejected(
                    "too_old", f"received more than {seen.SEEN_DAYS} days before the newest"
                )

    def _heard(self, home: str) -> Sequence[seen.Seen]:
        portrait = self.portraits.get(self.was.get(home, home))
        if portrait is None:
            return ()
        strand, guarded = portrait.strands.get(home), portrait.guards.get(home)
        heard = [] if strand is None else [strand.seen]
        return heard if guarded is None else [*heard, guarded]

    def see(self, sighting: Sighting) -> tuple[tuple[str, ...], bool]:
        """Take up the evidence of one event.

        Each identifier is linked to the strongest of the event and to the next stronger one, so
        that the others still hold together when one of them is found to be shared.

        Returns:
            The identifiers it is about, strongest first, and whether it ties what was not tied
            before. Identifiers that were always called otherwise than the event says do not count
            where it names another of somebody: a clerk who serves a customer is signed in as
            themselves.
        """
        event, homes, news = sighting.event, sighting.homes, False
        for home, (namespace, value) in zip(homes, event.identifiers, strict=True):
            one = self.ids.get(home)
            if one is None:
                one = self.ids[home] = ExternalId(namespace, value)
                news = True
            one.see(event.received_at)
        name = full_name(event.traits)
        if name is not None:
            homes = self._called(homes, name)
            for home in sighting.homes:
                one = self.ids[home]
                news |= name not in one.names
                one.call(name)
        for place, home in enumerate(homes[1:]):
            for target in dict.fromkeys((homes[0], homes[place])):
                if target != home:
                    link = self.ids[home].link(target)
                    news |= not link.count
                    link.see(event.received_at, event.timestamp, sighting.message)
        return homes, news

    def _called(self, homes: tuple[str, ...], name: str) -> tuple[str, ...]:
        """Return the homes without those of people who are called otherwise."""
        others = {
            home
            for home in homes
            if (names := self.ids[home].names)
            and name not in names
            and rank(home) < DEVICE
            and contradict((name,), names)
        }
        if not others:
            return homes
        rest = tuple(home for home in homes if home not in others)
        return rest if any(rank(home) < DEVICE for home in rest) else homes

    def divide(self, rules: IdentityRules) -> None:
        """Decide anew whose each identifier is, and hand each customer what is theirs."""
        cuts = self.cuts
        self.divided = True
        self.division = partition(self.ids, rules, cuts=cuts, held=self.was)
        owner, before = self.division.owner, self.portraits
        roots = set(owner.values())
        if len(roots) == 1 and len(before) < 2 and not cuts:
            self._keep_whole(*roots)
            return
        self.portraits = {root: Portrait(root) for root in sorted(roots)}
        for home, one in self.ids.items():
            self.portraits[owner[home]].ids[home] = one
        for old in before.values():
            self._hand_over(old)
        for cut in cuts:
            for home in (cut.one, cut.other):
                if home in owner and cut not in (mine := self.portraits[owner[home]].cuts):
                    mine.append(cut)

    @property
    def cuts(self) -> list[Cut]:
        """Every cut that any of the portraits knows of."""
        return sorted({cut for portrait in self.portraits.values() for cut in portrait.cuts})

    def _keep_whole(self, root: str) -> None:
        """Let the one customer have all: what was read of them goes along unopened."""
        for portrait in self.portraits.values():
            portrait.home, portrait.ids = root, self.ids
            self.portraits = {root: portrait}
            return
        self.portraits = {root: Portrait(root, ids=self.ids)}

    def _hand_over(self, old: Portrait) -> None:
        owner = self.division.owner
        for key, strand in old.strands.items():
            home, borrowed, _ = key.partition(BORROWED)
            stays = None if borrowed else self._stays(old, home)
            if stays is None:
                self.portraits[owner[home]].strands[key] = strand
            else:
                self.portraits[owner[stays]].strands[f"{stays}{BORROWED}{home}"] = strand
                guard(self.portraits[owner[home]], home, strand)
        for home, messages in old.guards.items():
            known = self.portraits[owner[home]].guards.get(home)
            merged = messages if known is None else seen.union(known, messages)
            self.portraits[owner[home]].guards[home] = merged
        heirs = sorted({owner[home] for home in old.ids})
        if len(heirs) > 1:
            self.parted += [(self.portraits[heir], old) for heir in heirs]
        for heir in heirs:
            _keep(self.portraits[heir], old)
            self.portraits[heir].watched = max(self.portraits[heir].watched, old.watched)
        main = self.portraits[owner[old.home]]
        main.refusals.update(old.refusals)
        trim(main.refusals)
        for segment, since in old.segments.items():
            main.segments[segment] = min(since, main.segments.get(segment, since))
        main.crossings = newest(main.crossings, old.crossings)

    def _stays(self, old: Portrait, home: str) -> str | None:
        """Return with whom a strand stays when its identifier leaves; None: it goes along.

        What was heard through an identifier until it changed hands was about the one customer that
        it was taken for. Where it turns out to be shared, anybody may have been meant, and where a
        person judged that it never was theirs, it was not: then it goes along.
        """
        owner = self.division.owner
        rest = {owner[other] for other in old.ids if other != home}
        if owner[home] in rest or len(rest) != 1:
            return None
        if self.division.refused.get(home, ("cut",))[0] in ("cut", "shared"):
            return None
        (stays,) = rest
        taken = f"{stays}{BORROWED}{home}" in old.strands
        return None if taken or stays not in old.ids else stays


def guard(portrait: Portrait, home: str, strand: Strand) -> None:
    """Let the portrait that has the identifier know what was counted through it elsewhere."""
    portrait.guards[home] = seen.union(portrait.guards.get(home, []), strand.seen)


def guard_message(portrait: Portrait, home: str, sighting: Sighting) -> None:
    """Let the portrait that has the identifier know that a message was counted elsewhere."""
    day = sighting.event.received_at // DAY_MS
    seen.add(portrait.guards.setdefault(home, []), day, sighting.message)


def _keep(heir: Portrait, old: Portrait) -> None:
    for key, consent in old.kept.items():
        standing = latest_consent([consent, *([heir.kept[key]] if key in heir.kept else [])])
        if standing is not None:
            heir.kept[key] = standing


def followed(
    home: str, at: int, ids: Mapping[str, ExternalId], division: Partition, rules: IdentityRules
) -> str | None:
    """Return who was signed in at `at` (UTC ms) on a shared identifier, or None.

    That is whoever was last seen with it by then, for as long as its namespace's `follow_ms`.
    """
    lasts = rules.namespace(ids[home].namespace).follow_ms
    here = [
        (link.last, target)
        for target, link in ids[home].links.items()
        if link.count and target in division.owner and not division.is_shared(target)
        and 0 <= at - link.last <= lasts
    ]  # fmt: skip
    return max(here)[1] if here else None
