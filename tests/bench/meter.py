"""Measuring a call: its processor time without the stand-in for AWS, and the bytes it logs."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from tests.bench.aws.cloud import Cloud

Result = TypeVar("Result")


@dataclass
class Log:
    """Standard output as a function's log: counted, and thrown away."""

    lines: int = 0
    size: int = 0
    last: str = ""

    def write(self, text: str) -> int:
        self.size += len(text.encode())
        self.lines += text.count("\n")
        self.last = text if text.strip() else self.last
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


@contextmanager
def logged() -> Iterator[Log]:
    """Catch what is written to standard output; loggers made inside write there for ever."""
    before, log = sys.stdout, Log()
    sys.stdout = log  # type: ignore[assignment]
    try:
        yield log
    finally:
        sys.stdout = before


def cpu_seconds(cloud: Cloud, act: Callable[[], Result]) -> tuple[float, Result]:
    """Return the processor seconds of `act`, less what answering for AWS took, and its result."""
    spent, began = cloud.spent, time.process_time()
    result = act()
    return time.process_time() - began - (cloud.spent - spent), result
