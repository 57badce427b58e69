"""The time that the functions read: the machine's own, or moved on to what is waited for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


class Clock:
    """Runs on with the machine's clock, from whichever instant it was put to (UTC ms)."""

    def __init__(self) -> None:
        self._machine = time.time_ns
        self._ahead = 0

    def time_ns(self) -> int:
        return self._machine() + self._ahead

    @property
    def now(self) -> int:
        return self.time_ns() // 1_000_000

    def put(self, at: int) -> None:
        """Go on from `at`."""
        self._ahead += (at - self.now) * 1_000_000


@contextmanager
def moved() -> Iterator[Clock]:
    """Let everything in this process that asks for the time ask a clock that can be put."""
    clock = Clock()
    with patch("time.time_ns", clock.time_ns):
        yield clock
