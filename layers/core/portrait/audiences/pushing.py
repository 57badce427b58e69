"""The use case of the audiences function: bring lists at platforms to what the portraits say."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from portrait.audiences import Audience, Destination
from portrait.audiences.hints import Hint, decode_hint
from portrait.audiences.identifiers import Identifier, current
from portrait.conditions import Situation
from portrait.faults import Unavailable
from portrait.record import Record
from portrait.resolution import resolve

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue

MAX_LOOKS = 5
"""How often what was pushed is compared with portraits that go on changing meanwhile."""

Member = tuple[Identifier, ...]
"""The identifiers of one customer that go into a list together."""


class NotTaken(Unavailable):
    """A platform did not take a change; nothing is lost, and the same change may be made later.

    Attributes:
        reason: stable, snake_case, without anything of anybody.
        lasting: somebody must do something before it can succeed: a token, terms, a list is gone.
    """

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


class Change(NamedTuple):
    """What is to be true of some identifiers in a list: whose are in it, and which are not."""

    members: frozenset[Member] = frozenset()
    removed: frozenset[Identifier] = frozenset()


class PlatformLists(Protocol):
    """The lists of one platform."""

    def change(self, destination: Destination, change: Change) -> Mapping[str, int]:
        """Make the change, removals first; safe to repeat. Return counts, or raise NotTaken."""


class Portraits(Protocol):
    """Where portraits are kept."""

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""


class Delivery(NamedTuple):
    """One message as the queue delivered it."""

    id: str
    body: str


@dataclass(slots=True)
class Report:
    """What became of a batch.

    Attributes:
        kept: ids of the deliveries that the queue must keep.
        troubles: audiences that need somebody's attention, and why.
    """

    kept: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    troubles: dict[str, str] = field(default_factory=dict)


def push(
    deliveries: Sequence[Delivery],
    portraits: Portraits,
    platforms: Mapping[str, PlatformLists],
    *,
    catalogue: "Catalogue",
    clock: Callable[[], int],
    has_time: Callable[[], bool],
) -> Report:
    """Push a batch of hints, audience by audience; no fault of one reaches another.

    Every audience ends as the portraits are, in whatever order and however often hints come, also
    when several of these functions push to one list at once: each looks at the portraits again once
    its change was taken, and makes up for what changed in between.

    Args:
        clock: returns UTC milliseconds.
        has_time: whether the invocation has time left for one more audience.
    """
    report = Report(counts=Counter(hints=len(deliveries)))
    for key, hinted in _by_audience(deliveries, report).items():
        outcome = "out_of_time"
        try:
            if has_time():
                audience = _audience(catalogue, key)
                pushing = _Pushing(audience, portraits, platforms, catalogue, clock)
                report.counts.update(pushing.run([hint for _, hint in hinted]))
                continue
        except NotTaken as fault:
            outcome = fault.reason
            if fault.lasting:
                report.troubles[key] = fault.reason
        except Unavailable:
            outcome = "unavailable"
        except Exception as fault:  # its text could quote somebody
            outcome = f"fault_{type(fault).__name__}"
            report.troubles[key] = outcome
        report.kept |= {id for id, _ in hinted}
        report.counts[f"kept_{outcome}"] += len(hinted)
    return report


def _by_audience(
    deliveries: Sequence[Delivery], report: Report
) -> dict[str, list[tuple[str, Hint]]]:
    found: dict[str, list[tuple[str, Hint]]] = {}
    for delivery in deliveries:
        try:
            hint = decode_hint(delivery.body)
        except msgspec.MsgspecError:
            # Only we write here, so it may be one that a newer version can read.
            report.kept.add(delivery.id)
            report.counts["kept_unreadable"] += 1
        else:
            found.setdefault(hint.audience, []).append((delivery.id, hint))
    return found


def _audience(catalogue: "Catalogue", key: str) -> Audience:
    audience = catalogue.audiences.get(key)
    if audience is None:  # whoever wrote the hint knew of it, and soon we shall
        raise NotTaken("unknown_audience")
    return audience


@dataclass(slots=True)
class _Pushing:
    audience: Audience
    portraits: Portraits
    platforms: Mapping[str, PlatformLists]
    catalogue: "Catalogue"
    clock: Callable[[], int]

    def run(self, hinted: Iterable[Hint]) -> Counter[str]:
        """Push until what was pushed is what the portraits said when it had been taken.

        Raises:
            Unavailable: it was not taken, or the portraits went on changing.
        """
        destination = self.audience.destination
        identifiers = {each for hint in hinted for each in hint.identifiers}
        counts: Counter[str] = Counter()
        wanted, pushed = self.decide(identifiers), Change()
        for _ in range(MAX_LOOKS):
            news = Change(wanted.members - pushed.members, wanted.removed - pushed.removed)
            if not any(news):
                return counts
            counts.update(self.platforms[destination.platform].change(destination, news))
            wanted, pushed = self.decide(identifiers), wanted
        raise Unavailable("the portraits go on changing")

    def decide(self, identifiers: Iterable[Identifier]) -> Change:
        """Return what is to be true of the identifiers, by the portraits as they are now.

        Nothing else is pushed: what is said here of an identifier is said again, whatever happens,
        until it was pushed, and of another it would not be.
        """
        homes = {each.home for each in identifiers}
        records = self.portraits.load_resolved(homes, consistent=True)
        owners: dict[str, set[Identifier]] = {}
        for each in identifiers:
            owners.setdefault(resolve(each.home, records), set()).add(each)
        members: set[Member] = set()
        removed: set[Identifier] = set()
        for root, asked in owners.items():
            inside = asked & self._wanted(records.get(root))
            removed |= asked - inside
            if inside:
                members.add(tuple(sorted(inside)))
        # Two spellings may be one mailbox to the platform: who is in it stays in it.
        kept = {each.digest for member in members for each in member}
        return Change(
            frozenset(members), frozenset(each for each in removed if each.digest not in kept)
        )

    def _wanted(self, record: Record | None) -> frozenset[Identifier]:
        """Return what of a customer belongs into the list: nothing where they do not.

        They belong once their entering was recorded, so that their leaving will be too; and they
        must still belong now, so that no push begins after consent was withdrawn.
        """
        if record is None or not record.state:
            return frozenset()
        portrait, audience = record.portrait, self.audience
        if audience.segment not in portrait.segments:
            return frozenset()
        situation = Situation(
            portrait.view(self.catalogue, self.clock()), None, self.catalogue.segments
        )
        if not self.catalogue.segments[audience.segment](situation):
            return frozenset()
        return current(portrait, audience.destination.platform, self.catalogue.identity)
