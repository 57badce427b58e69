"""Several invocations at once, interleaved at every call of AWS in an order that a seed decides."""

import threading
from collections.abc import Callable, Sequence
from random import Random
from typing import Any


class Stage:
    """Runs pieces of work in threads of which only one ever runs; `pause` hands over."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._turns: list[threading.Lock] = []
        self._alive: list[int] = []
        self._done = threading.Lock()
        self._mine = threading.local()

    def run(self, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """Do all of the work; return for each its result, or the exception that ended it."""
        results: list[Any] = [None] * len(works)
        if len(works) == 1:
            return [_outcome(works[0])]
        self._turns = [threading.Lock() for _ in works]
        self._alive = list(range(len(works)))
        for lock in (*self._turns, self._done):
            lock.acquire()
        threads = [
            threading.Thread(target=self._play, args=(lane, work, results))
            for lane, work in enumerate(works)
        ]
        for thread in threads:
            thread.start()
        self._next().release()
        self._done.acquire()
        self._done.release()
        for thread in threads:
            thread.join()
        return results

    def act_as(self, principal: str) -> None:
        """Say in whose name this thread calls from now on."""
        self._mine.principal = principal

    def who(self) -> str:
        """Return in whose name this thread calls."""
        return getattr(self._mine, "principal", "the test")

    def pause(self) -> None:
        """Let somebody else go on, perhaps; nothing happens outside of `run`."""
        lane = getattr(self._mine, "lane", None)
        if lane is None or len(self._alive) == 1:
            return
        turn = self._next()
        if turn is not self._turns[lane]:
            turn.release()
            self._turns[lane].acquire()

    def _next(self) -> threading.Lock:
        return self._turns[self._random.choice(self._alive)]

    def _play(self, lane: int, work: Callable[[], Any], results: list[Any]) -> None:
        self._turns[lane].acquire()
        self._mine.lane = lane
        results[lane] = _outcome(work)
        self._alive.remove(lane)
        (self._next() if self._alive else self._done).release()


def _outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except BaseException as fault:  # a crash is one; whoever asked looks at it
        if isinstance(fault, KeyboardInterrupt | SystemExit):
            raise
        return fault
