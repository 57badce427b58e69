"""Waiting until the stack has done everything that follows from what was sent."""

import time
from typing import NamedTuple

from tests.demo.measure import scan
from tests.demo.stack import Stack

POLL_SECONDS = 0.3
STILL_SECONDS = 0.9
"""How long nothing is to be seen: longer than the way from the table's stream to a queue."""

PATIENCE_SECONDS = 25
"""How long nothing may move although something is due: longer than a function takes to start, and
than the shortest timer of the day."""

QUEUES = ("Events", "Journeys", "Messages", "Pages", "Audiences", "Scores")
COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


class NotQuiet(Exception):
    """The stack did not come to rest; the text says what still moved."""


class State(NamedTuple):
    """What can be seen of work that is going on.

    Attributes:
        waiting: messages in all queues.
        noted: what the dossiers say: entries, ways taken, messages decided, goals, and ends.
        undecided: entries of which nothing is known yet, though they have a first step.
    """

    waiting: int
    noted: int
    undecided: int

    def is_done(self, due: int) -> bool:
        """Tell whether nothing waits, and everything that is due is in the dossiers."""
        return self.waiting == 0 and self.undecided == 0 and self.noted >= due


def wait_until_quiet(stack: Stack, due: int, *, seconds: float = 120) -> None:
    """Return once the queues are empty and `due` notes or more are in the dossiers.

    The way from the table's stream to a queue cannot be seen, hence `due`. Where fewer come, it
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
                f"{last.undecided} campaign entries of which nothing is known"
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
    """Return what can be seen right now; the dossiers are read only when nothing waits."""
    waiting = queued(stack)
    items = [] if waiting else list(scan(stack, stack.journeys_table))
    entered = [item for item in items if "entered_at" in item]
    noted = sum(
        1 + len(item.get("path") or ()) + ("goal_at" in item) + ("left_at" in item)
        for item in entered
    )
    undecided = sum(item["arm"] == "treated" and not item.get("path") for item in entered)
    return State(waiting, noted, undecided)


def queued(stack: Stack) -> int:
    """Return how many messages wait or are being worked on in the stack's queues."""
    return sum(_count(stack, f"{name}QueueUrl") for name in QUEUES)


def dead_letters(stack: Stack) -> dict[str, int]:
    """Return how much lies in each dead-letter queue, by the name of its output."""
    return {name: _count(stack, name) for name in stack.outputs if name.endswith("DlqUrl")}


def _count(stack: Stack, output: str) -> int:
    url = stack.outputs[output]
    answer = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)
    return sum(int(value) for value in answer["Attributes"].values())
