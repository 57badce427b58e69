"""A dialogue: where one customer is in one campaign, as their portrait holds it."""

from typing import Literal, NamedTuple

from portrait.experiments import Arm

State = Literal["held", "running", "watching", "ended"]
"""held: it is not sure yet that the customer enters. running: in a step. watching: no step is left,
or there never was one (the control group), and the goal may still be reached. ended: all is over;
that it was is remembered, so that no repetition begins it again."""

ENDED_DAYS = 35
"""How long that is: no queue with its dead letters brings anything back later."""

MAX_ENDED = 64
"""How many of them a strand remembers."""


class Dialogue(NamedTuple):
    """One customer in one campaign, for one occurrence. Instants are UTC milliseconds.

    Attributes:
        occurred_at: when what let them in happened; what happened before concerns it not.
        received_at: when that was heard.
        step: name of the step it is in; empty where it is in none.
        since: when it came there.
        due_at: when time alone takes it further; 0 for never.
        goal_at: when the goal was reached; 0 where it was not.
        ended_at: when it left its steps; 0 while it has not.
        reason: why it left.
        heard: what happened at `since` itself and took it there, one after the other, in short.
    """

    campaign: str
    version: int
    state: State
    arm: Arm
    occurred_at: int
    received_at: int
    entered_at: int = 0
    step: str = ""
    since: int = 0
    due_at: int = 0
    goal_at: int = 0
    ended_at: int = 0
    reason: str = ""
    heard: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something may still happen in it."""
        return self.state != "ended"

    @property
    def in_steps(self) -> bool:
        """Whether it is in a step, or may yet come into one."""
        return self.state in ("held", "running")


class Entries(NamedTuple):
    """How often a customer entered a campaign, and when what let them in came last (UTC ms).

    Attributes:
        first: when it came first; 0 where there was no other entry than the last, and where nobody
            took note.
    """

    times: int
    last: int
    first: int = 0

    @property
    def since(self) -> int | None:
        """When what let them in came first (UTC ms); None where nobody took note."""
        return self.first or (self.last if self.times == 1 else None)

    def and_also(self, other: "Entries") -> "Entries":
        """Return both as one: those of two visitors who are one customer, or one entry more."""
        times, last = self.times + other.times, max(self.last, other.last)
        if self.since is None or other.since is None:
            return Entries(times, last)
        return Entries(times, last, min(self.since, other.since))
