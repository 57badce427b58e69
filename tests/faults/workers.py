"""A process that carries out one seed after the other."""

import gc
import logging
from contextlib import ExitStack

from tests.faults.account import Reach, reach
from tests.faults.plan import Task, carry_out
from tests.faults.proofs.result import Result

_open = ExitStack()
_reached: list[Reach] = []


def enter() -> None:
    """Open this process's way to its accounts; it stays open until the process ends."""
    logging.disable(logging.CRITICAL)
    _reached.append(_open.enter_context(reach()))
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def work(task: Task) -> Result:
    """Carry out one seed of one proof."""
    result = carry_out(task, _reached[0])
    result.smallest = [str(one) for one in result.smallest]  # as it is read, and as it travels
    return result
