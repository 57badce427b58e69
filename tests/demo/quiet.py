"""Waiting until the stack has done everything that follows from what was sent."""

import time
from typing import NamedTuple

from tests.demo.measure import scan
from tests.demo.stack import Stack

POLL_SECONDS = 0.3
STILL_SECONDS = 0.6
PATIENCE_SECONDS = 10
"""How long nothing may move although entries are due: longer than a function takes to start."""


class NotQuiet(Exception):
    """The stack did not come to rest; the text says what still moved."""


class State(NamedTuple):
    """What can be seen of work that is going on."""

    waiting: int
    entered: int
    undecided: int

    def is_done(self, due: int) -> bool:
        """Tell whether nothing waits, and all campaign entries that are due are there."""
        return self.waiting == 0 and self.undecided == 0 and self.entered >= due


def wait_until_quiet(stack: Stack, due: int, *, seconds: float = 120) -> None:
    """Return once the queues are empty and `due` entries or more are decided.

    The way from the table's stream to an entry cannot be seen, hence `due`. Where fewer come, it
    returns all the same when nothing has moved for a while: the verdict says what is missing.

    Raises:
        NotQuiet: something still moved after `seconds`.
    """
    deadline = time.monotonic() + seconds
    last, since = look(stack), time.monotonic()
    while not _rests(last, due, time.monotonic() - since):
        if time.monotonic() > deadline:
            raise NotQuiet(
                f"still moving after {seconds:.0f} s: {last.waiting} messages in the queues, "
                f"{last.undecided} of {last.entered} campaign entries without an outcome"
            )
        time.sleep(POLL_SECONDS)
        state = look(stack)
        if state != last:
            last, since = state, time.monotonic()


def _rests(state: State, due: int, still: float) -> bool:
    if state.is_done(due):
        return still >= STILL_SECONDS
    return state.waiting == 0 and still >= PATIENCE_SECONDS


def look(stack: Stack) -> State:
    """Return what can be seen right now; entries are counted only when nothing waits."""
    waiting = queued(stack)
    items = [] if waiting else list(scan(stack, stack.journeys_table))
    return State(waiting, len(items), sum("outcome" not in item for item in items))


def queued(stack: Stack) -> int:
    """Return how many messages wait or are being worked on in the stack's two queues."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(
        int(value)
        for url in (stack.events_queue_url, stack.messages_queue_url)
        for value in stack.client("sqs")
        .get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        .values()
    )
