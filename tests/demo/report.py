"""What the demo prints: progress while it plays, then figures, then the verdict."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from tests.demo.measure import Found
from tests.demo.messages import waits
from tests.demo.quiet import queued
from tests.demo.receiver import Delivery
from tests.demo.stack import Stack
from tests.demo.starters import MEANINGS
from tests.demo.verdict import Expected

SHOWN = 12
"""Differences that are spelled out; the others are counted."""

SECONDS_BETWEEN_LINES = 5
PULLED = ("first_order", "come_back", "call")
"""The steps of the starters that have something lie ready in the inbox."""


class Progress:
    """One line per phase: how fast it is played, what still waits, how long until it was quiet."""

    def __init__(self, stack: Stack, name: str, sent: Callable[[], int]) -> None:
        self._stack, self._name, self._sent = stack, name, sent
        self._terminal = sys.stdout.isatty()
        self._began, self._seconds = time.monotonic(), 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def played(self) -> None:
        """Say that everything is sent; what follows is waiting."""
        self._seconds = time.monotonic() - self._began

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        wait = time.monotonic() - self._began - self._seconds
        if kind is None:
            self._show(f"{self._line(self._seconds)}, quiet {wait:.1f} s later", last=True)

    def _tick(self) -> None:
        while not self._done.wait(0.5 if self._terminal else SECONDS_BETWEEN_LINES):
            elapsed = self._seconds or time.monotonic() - self._began
            self._show(f"{self._line(elapsed)}, {queued(self._stack)} in the queues", last=False)

    def _line(self, seconds: float) -> str:
        sent = self._sent()
        rate = sent / max(seconds, 0.01)
        return f"  {self._name:16}{sent:6,} events in {seconds:4.1f} s, {rate:4.0f}/s"

    def _show(self, line: str, *, last: bool) -> None:
        if self._terminal:
            print(f"\r\x1b[K{line}", end="\n" if last else "", flush=True)
        else:
            print(line, flush=True)


def step(text: str) -> None:
    """Print what is being set up."""
    print(f"{text} …", flush=True)


def headline(text: str) -> None:
    """Print what begins now."""
    print(f"\n{text}", flush=True)


def figures(expected: Expected, found: Found, deliveries: Sequence[Delivery]) -> None:
    """Print what the stores say happened."""
    quarantined = found.quarantined.total()
    headline("what came in")
    row("accepted", expected.accepted)
    row("= applied", found.applied)
    row("+ duplicate", found.duplicates)
    row("+ quarantined", quarantined, _counts(found.quarantined))
    headline("who it was")
    row("portraits", len(found.portraits), f"{len(found.pointers):,} identifiers point to them")
    headline("campaigns entered")
    for meaning in MEANINGS:
        mine = [one for one in found.entries if one["campaign"] == meaning.key]
        said = Counter(one["arm"] for one in mine)
        said["goal reached"] = sum("goal_at" in one for one in mine)
        row(meaning.key, len(mine), _counts(said))
    row("not sure yet", len(expected.baskets), "a basket that may still be ordered")
    headline("messages")
    words = Counter(word for one in found.entries for word in one["path"].values())
    row("e-mails sent", len(found.emails))
    row("webhooks sent", len(deliveries))
    row("offers and tasks", sum(step in one["path"] for one in found.entries for step in PULLED))
    for state, name in (("held", "held back"), ("waiting", "waiting"), ("failed", "failed")):
        why = {word.partition(":")[2]: n for word, n in words.items() if word.startswith(state)}
        row(name, sum(why.values()), _counts(why))
    found_waits = sorted(waits(expected, found, deliveries))
    if found_waits:
        text = f"p50 {_at(found_waits, 0.5)} ms, p95 {_at(found_waits, 0.95)} ms"
        print(f"  from event to message  {text}", flush=True)


def _at(values: Sequence[int], share: float) -> int:
    return values[min(len(values) - 1, int(len(values) * share))]


def row(name: str, number: int, note: str = "") -> None:
    """Print one figure."""
    print(f"  {name:20}{number:7,}{'   ' + note if note else ''}", flush=True)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()) if count)


def verdict(what: str, differences: Sequence[str]) -> None:
    """Print whether everything is as the oracle has it, and the first differences."""
    headline("verdict")
    print(f"  compared with a plain fold of the same input: {what}")
    if not differences:
        print("  no difference", flush=True)
        return
    print(f"  {len(differences):,} differences:")
    for difference in differences[:SHOWN]:
        print(f"  * {difference}")
    if len(differences) > SHOWN:
        print(f"  … and {len(differences) - SHOWN:,} more", flush=True)
