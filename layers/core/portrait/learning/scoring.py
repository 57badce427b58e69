"""The use case of the score function: portraits whose scores moved are written, and no others."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from portrait import changes
from portrait.agenda import review
from portrait.calendar_pages import Content
from portrait.faults import Conflict, Rejected, Unavailable
from portrait.learning import scores
from portrait.learning.behaviour import Behaviour, behaviour, cut_at
from portrait.learning.learning import Learning
from portrait.learning.objection import objects
from portrait.learning.scores import Score, Scores
from portrait.portrait import Portrait
from portrait.record import Record, Write

if TYPE_CHECKING:
    from portrait.catalogue import Catalogue
    from portrait.reaction import StreamRecord

MAX_ATTEMPTS = 8
MAX_HOMES = 100
_NEVER = 2**53


class Slice(msgspec.Struct, frozen=True, tag_field="score", tag="slice"):
    """A body of the `scores` queue: everybody in one of `total` slices of the portraits table."""

    slice: int
    total: int


class Homes(msgspec.Struct, frozen=True, tag_field="score", tag="homes"):
    """A body of the `scores` queue: customers of whom something else is known by now."""

    homes: tuple[str, ...]


class InForce(NamedTuple):
    """A model as it scores.

    Attributes:
        outputs: what its scores are called.
        row: returns the features of a behaviour; None of whom it cannot say anything.
        score: returns each output of rows.
    """

    version: str
    outputs: tuple[str, ...]
    row: Callable[[Behaviour], list[float] | None]
    score: Callable[[Sequence[list[float]]], Mapping[str, Iterable[float]]]


class Portraits(Protocol):
    """Where portraits are kept."""

    def page(self, chain: int, chains: int, *, cursor: str, moved_since: int) -> Content: ...

    def load_resolved(self, homes: Iterable[str]) -> Mapping[str, Record]:
        """Return what lies at the homes and where pointers lead, read consistently."""

    def write(self, work: Write, *, now: int) -> None:
        """Write it or raise Conflict or Unavailable."""


_decoder: msgspec.json.Decoder[Slice | Homes] = msgspec.json.Decoder(Slice | Homes)


def encode_call(call: Slice | Homes) -> str:
    """Return it as one message body."""
    return msgspec.json.encode(call).decode()


def decode_call(body: str) -> Slice | Homes:
    """Read what `encode_call` wrote.

    Raises:
        Rejected: it is something else.
    """
    try:
        return _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise Rejected("malformed_call", "expected a slice or homes to be scored") from error


def told_anew(written: Iterable["StreamRecord"], catalogue: "Catalogue") -> list[str]:
    """Return bodies for those who bought, returned or objected, of whom there are scores.

    Who has none waits for the night: whether there is a model at all, only scores tell here.

    Raises:
        Unavailable: a newer version of this code wrote a portrait.
    """
    homes = dict.fromkeys(
        one.record.home
        for one in written
        if any(each.name in catalogue.telling for each in one.changes.happenings)
        and one.record.state
        and scores.has_any(one.record.portrait)
    )
    found = tuple(homes)
    parts = (found[at : at + MAX_HOMES] for at in range(0, len(found), MAX_HOMES))
    return [encode_call(Homes(part)) for part in parts]


@dataclass(slots=True)
class Scoring:
    """One invocation. It holds no more than a page of portraits at a time.

    Attributes:
        step: as in `scores.have_moved`.
        clock: returns UTC milliseconds.
        pause: waits before the n-th retry; called with n = 1, 2, ….
    """

    models: Sequence[InForce]
    portraits: Portraits
    catalogue: "Catalogue"
    learning: Learning
    step: float
    clock: Callable[[], int]
    pause: Callable[[int], None]
    counts: Counter[str] = field(default_factory=Counter)

    def slice(self, call: Slice) -> None:
        """Score everybody in a slice of the table; safe to repeat.

        Raises:
            Unavailable: something did not answer; who was written by then stays written.
        """
        cursor, more = "", True
        while more:
            page = self.portraits.page(call.slice, call.total, cursor=cursor, moved_since=_NEVER)
            read = [record for record in page.records if record.state]
            self.counts["portraits"] += len(read)
            self.homes([record.home for record, *_ in self._moved(read)])
            cursor, more = page.cursor, bool(page.cursor)

    def homes(self, homes: Iterable[str]) -> None:
        """Write the scores of those among the customers whose scores moved; safe to repeat.

        Raises:
            Unavailable: something did not answer, or somebody else kept writing first.
        """
        pending = list(dict.fromkeys(homes))
        for attempt in range(1, MAX_ATTEMPTS + 1):
            if not pending:
                return
            records = self.portraits.load_resolved(pending)
            roots = [record for record in records.values() if record.state]
            pending = [
                record.home
                for record, portrait, mine in self._moved(roots)
                if not self._write(record, portrait, mine)
            ]
            if pending:
                self.counts["conflicts"] += len(pending)
                self.pause(attempt)
        raise Unavailable("others kept writing these portraits first")

    @property
    def _outputs(self) -> tuple[str, ...]:
        return tuple(output for model in self.models for output in model.outputs)

    def _moved(self, records: Iterable[Record]) -> list[tuple[Record, Portrait, Scores | None]]:
        """Return whose scores moved, with what they are by now; None for who is to have none."""
        cut = cut_at(self.clock())
        known: list[tuple[Record, Portrait]] = []
        rows: list[Behaviour | None] = []
        for record in records:
            try:
                portrait = record.portrait
            except Unavailable:  # a newer version of this code wrote it
                self.counts["unreadable"] += 1
                continue
            if objects(portrait):
                self.counts["objectors"] += 1
                known.append((record, portrait))
                rows.append(None)
            elif portrait.is_full:
                self.counts["full"] += 1
            else:
                known.append((record, portrait))
                rows.append(behaviour(portrait, self.learning, cut))
        found = self._scored(rows)
        moved: list[tuple[Record, Portrait, Scores | None]] = []
        for (record, portrait), row, mine in zip(known, rows, found, strict=True):
            if row is None:
                if scores.has_any(portrait):
                    moved.append((record, portrait, None))
            elif scores.have_moved(
                scores.held(portrait), mine, self.catalogue.lines,
                step=self.step, outputs=self._outputs,
            ):  # fmt: skip
                moved.append((record, portrait, mine))
        return moved

    def _scored(self, behaviours: Sequence[Behaviour | None]) -> list[dict[str, Score]]:
        """Return the scores of each behaviour: one call per model for all of them."""
        found: list[dict[str, Score]] = [{} for _ in behaviours]
        known: dict[Callable[[Behaviour], list[float] | None], list[list[float] | None]] = {}
        for model in self.models:
            if model.row not in known:  # some look at a customer alike
                known[model.row] = [None if one is None else model.row(one) for one in behaviours]
            rows = known[model.row]
            places = [place for place, row in enumerate(rows) if row is not None]
            said = model.score([row for row in rows if row is not None]) if places else {}
            self.counts["rows"] += len(places)
            for output, values in said.items():
                for place, value in zip(places, values, strict=True):
                    kept = scores.rounded(output, float(value))
                    if kept is not None:
                        found[place][output] = Score(kept, model.version)
        return found

    def _write(self, record: Record, portrait: Portrait, mine: Scores | None) -> bool:
        """Write one portrait, with the segments as they are by its scores; return False on a
        race."""
        now = self.clock()
        if mine is None:
            scores.remove(portrait)
        else:
            scores.put(portrait, mine, self._outputs, now)
        found = review(portrait, self.catalogue, now, due_at=record.due_at, before=record)
        told = changes.encode(segments=found.crossings)
        work = Write(record, portrait.encode(), told, beyond=record.beyond, due_at=found.due_at)
        try:
            self.portraits.write(work, now=now)
        except Conflict:
            return False
        self.counts["removed" if mine is None else "written"] += 1
        self.counts["crossings"] += len(found.crossings)
        return True
