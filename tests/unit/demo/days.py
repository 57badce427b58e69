"""Days played without a stack: what a player would log, and the product's own fold in memory."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import chain, count
from typing import Any

from portrait.catalogue import Catalogue
from portrait.changes import decode
from portrait.definitions.documents import canonical
from portrait.definitions.reading import STARTERS, read_folder
from portrait.definitions.write_keys import hashed
from portrait.event import encode_envelope
from portrait.judgement import told_again
from portrait.reception import Delivery, receive
from portrait.record import Write
from tests.demo.diary import Post
from tests.demo.measure import Found, Row
from tests.demo.scenario import day
from tests.demo.shop_day import WRITE_KEYS
from tests.demo.told import Sent, parse
from tests.demo.wire import queued, timed
from tests.unit.core.worlds import Table

SECRET = b"a secret of this test"
NOW = 1_800_000_000_000
PHASE_MS = 10_000


def sent(seed: int = 7, people: int = 150) -> list[Sent]:
    """Return the day as a player logs it that answers every post at once."""
    log: list[Sent] = []
    for post in chain.from_iterable(day(seed, people)):
        log += note(post, len(log))
    return log


def note(post: Post, order: int) -> list[Sent]:
    """Return the log of one post, sent some milliseconds after the one before."""
    now = NOW + post.phase * PHASE_MS + order
    bodies = [timed(said, now) for said in post.said] or [parse(post.raw)]
    return [
        Sent(post.phase, order + place, post.source, body, now) for place, body in enumerate(bodies)
    ]


def starters() -> Catalogue:
    """Return the starter definitions with the demo's write keys."""
    documents = [canonical(draft.definition) for draft in read_folder(STARTERS)]
    for document in documents:
        if document["kind"] == "source" and document["key"] in WRITE_KEYS:
            document["write_keys"] = [hashed(WRITE_KEYS[document["key"]])]
    return Catalogue.compile(documents)


def played(posts: Sequence[Post]) -> tuple[list[Sent], Found]:
    """Fold the posts with the product itself; return their log and what its stores would hold."""
    table, shelf, log, numbers = Stream(), Shelf(), [], count()
    catalogue = starters()
    for post in posts:
        noted = note(post, len(log))
        now = noted[0].sent_at
        body = post.raw or queued([one.body for one in noted], WRITE_KEYS.get(post.source, ""))
        bodies = [body]
        while bodies:
            delivery = Delivery(f"message-{next(numbers)}", bodies.pop(), now)
            receive(
                [delivery], table, shelf, catalogue=catalogue, secret=SECRET, now=now, pause=print
            )
            bodies += table.again()
        log += noted
    pointers = {home: r.merged_into for home, r in table.items.items() if r.merged_into}
    return log, Found(
        table.portraits(), pointers, catalogue=catalogue, rows=shelf.rows,
        quarantined=shelf.quarantined,
    )  # fmt: skip


class Stream(Table):
    """The portraits table, and the clicks that trigger has told again."""

    def __init__(self) -> None:
        super().__init__()
        self._clicks: list[str] = []

    def again(self) -> list[str]:
        clicks, self._clicks = self._clicks, []
        return clicks

    def write(self, work: Write, *, now: int) -> None:
        super().write(work, now=now)
        told = [decode(part.changes) for part in work.parts if part.changes]
        events = [told_again(each) for one in told for each in one.happenings]
        self._clicks += [encode_envelope((event,)) for event in events if event]


class Shelf:
    """The data bucket in memory."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.quarantined: Counter[str] = Counter()

    def write(self, rows: Sequence[bytes], *, received_at: int) -> None:
        for row in map(json.loads, rows):
            self.rows.append(Row(row["receipt"], row["source"], row["id"], received_at))

    def quarantine(self, records: Sequence[Any], *, now: int) -> None:
        self.quarantined.update(record.reason for record in records)
