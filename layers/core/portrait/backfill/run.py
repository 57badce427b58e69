"""The use case of the backfill command: every strand that the archive knows of is filled."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from portrait.backfill import (
    Outcome,
    Sample,
    arm,
    fill,
    heard_alone,
    heard_at,
    owner_of,
    samples,
)
from portrait.faults import Conflict
from portrait.metrics import Metric
from portrait.record import Record, Write
from portrait.resolution import resolve
from portrait.seen import Seen
from portrait.segments import adopt

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue

MAX_ATTEMPTS = 20


class Portraits(Protocol):
    """Where portraits are kept."""

    def roots(self) -> Iterable[Record]:
        """Yield every portrait there is."""

    def load_resolved(
        self, homes: Iterable[str], *, consistent: bool = False
    ) -> Mapping[str, Record]:
        """Return what lies at the homes and wherever their pointers lead."""

    def write(self, work: Write, *, now: int) -> None:
        """Write all of it or nothing, or raise Conflict or Unavailable."""


class Archive(Protocol):
    """Where events were kept before they were applied."""

    def names(self) -> Iterable[str]:
        """Yield the name of every object there is now."""

    def rows(self, name: str) -> Iterable[Mapping[str, Any]]:
        """Yield the rows of one object."""


@dataclass(slots=True)
class Backfill:
    """One run for one metric. It holds every archived event that the metric counts.

    Attributes:
        token: names the run.
        catalogue: every definition as it is by now.
        now: the clock, in UTC ms, for the time of writing.
        tell: is given the progress, a sentence at a time.
        pause: waits before the n-th retry; called with n = 1, 2, ….
    """

    metric: Metric
    secret: bytes
    token: str
    portraits: Portraits
    archive: Archive
    catalogue: Callable[[], "Catalogue"]
    now: Callable[[], int]
    tell: Callable[[str], None]
    pause: Callable[[int], None]
    _read: set[str] = field(default_factory=set)
    _samples: dict[str, list[Sample]] = field(default_factory=lambda: defaultdict(list))

    def run(self) -> Counter[str]:
        """Fill every strand and return how many had which outcome; safe to repeat.

        Every function must know the metric by now, so that what is folded after a strand was armed
        is counted in its new series.

        Raises:
            Conflict: a portrait kept changing; what was filled by then stays filled.
            Unavailable: AWS did not answer.
        """
        self._take_archive()
        noted = self._arm_all()
        # What was counted before its strand was armed was archived before that.
        self._take_archive()
        outcomes: Counter[str] = Counter()
        for done, (key, counted) in enumerate(noted.items(), start=1):
            outcomes[self._fill(key, counted)] += 1
            if done % 1000 == 0:
                self.tell(f"{done:,} of {len(noted):,} strands filled")
        return outcomes

    def _take_archive(self) -> None:
        objects = counted = 0
        for name in self.archive.names():
            if name in self._read:
                continue
            self._read.add(name)
            objects += 1
            for row in self.archive.rows(name):
                for home, sample in samples(row, self.metric, self.secret):
                    self._samples[home].append(sample)
                    counted += sample.strongest
            if objects % 1000 == 0:
                self.tell(f"{objects:,} objects read, {counted:,} events count")
        self.tell(f"{objects:,} new objects read, {counted:,} events count")

    def _arm_all(self) -> dict[str, Seen]:
        noted: dict[str, Seen] = {}
        for root in self.portraits.roots():
            if any(heard_at(key) in self._samples for key in root.portrait.strands):
                noted.update(self._arm(root))
        self.tell(f"{len(noted):,} strands armed")
        return noted

    def _arm(self, root: Record) -> dict[str, Seen]:
        noted: dict[str, Seen] = {}

        def change(record: Record, _: int) -> Write:
            portrait = record.portrait
            noted.clear()
            noted.update(arm(portrait, self.metric, self.token, self._samples))
            return Write(record, portrait.encode(), None, beyond=portrait.beyond)

        self._write((root.home,), change)
        return noted

    def _fill(self, key: str, counted: Seen) -> Outcome:
        outcome, heard = Outcome.GONE, heard_at(key)

        def change(record: Record, erased_at: int) -> Write | None:
            nonlocal outcome
            portrait = record.portrait
            strand, archived = portrait.strands.get(key), self._samples.get(heard, ())
            outcome = fill(
                strand, counted, self.metric, self.token, archived,
                erased_at=erased_at, alone=heard_alone(portrait, key),
            )  # fmt: skip
            if outcome is Outcome.GONE:
                return None
            now, due_at = self.now(), record.due_at
            if outcome is Outcome.FILLED:  # whom it is true of by this, it always was true of
                adopt(portrait, portrait.segments, self.catalogue(), now, due_at=due_at)
            soon = now if due_at is None else min(due_at, now)
            return Write(record, portrait.encode(), None, beyond=portrait.beyond, due_at=soon)

        self._write((owner_of(key), heard), change)
        return outcome

    def _write(self, homes: tuple[str, ...], change: Callable[[Record, int], Write | None]) -> None:
        """Change the portrait that owns the first home, anew where somebody else was faster."""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            records = self.portraits.load_resolved(homes, consistent=True)
            root = records.get(resolve(homes[0], records))
            erased_at = max((r.erased_at or -1 for r in records.values()), default=-1)
            work = change(root, erased_at) if root is not None and root.state else None
            if work is None:
                return
            try:
                return self.portraits.write(work, now=self.now())
            except Conflict:
                if attempt == MAX_ATTEMPTS:
                    raise
            self.pause(attempt)


def metric_of(metrics: Mapping[str, tuple[Metric, ...]], key: str) -> Metric:
    """Return the metric of this key as the catalogue unites it: it serves every window.

    Raises:
        KeyError: nothing asks for it.
    """
    for group in metrics.values():
        for metric in group:
            if metric.key == key:
                return metric
    raise KeyError(key)
