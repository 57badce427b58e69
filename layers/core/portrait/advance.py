"""Advancing a dialogue: one pure function from where it was and what happened to where it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from portrait import experiments
from portrait.campaigns import Campaign
from portrait.conditions import Situation
from portrait.dialogue import Dialogue
from portrait.effects import Effect, Emitted, Noted, Outcome, Say
from portrait.happening import Happening
from portrait.message import message_id
from portrait.recurrence import until_date, until_local_time
from portrait.steps import (
    Branch,
    Emit,
    Exit,
    Goal,
    Happens,
    Send,
    Split,
    Step,
    Update,
    Wait,
    WaitFor,
)
from portrait.view import View

GRACE_MS = 3_600_000
"""Who has not heard by then what became of a message that had expired goes on without knowing."""


class Instance(NamedTuple):
    """A dialogue with its journey key and the strand that it hangs at."""

    journey: str
    strand: str
    state: Dialogue


class Tick(NamedTuple):
    """Nothing happened but time, or something may have changed what a condition asks."""


Stimulus = Happening | Outcome | Tick


@dataclass(slots=True)
class Advanced:
    """Where the dialogue is now, what is to be brought about, and traits to be noted.

    `moot`: an exit or a goal ended it, so what it still has on offer is no longer to the point.
    """

    state: Dialogue
    effects: list[Effect] = field(default_factory=list)
    traits: dict[str, object] = field(default_factory=dict)
    moot: bool = False


def advance(
    definition: Campaign, instance: Instance, stimulus: Stimulus, view: View, now: int
) -> Advanced:
    """Let one thing that happened take a dialogue as far as it goes.

    Goals and exits are looked at first, in whatever step it is. Then at most one branch is taken;
    steps that take no time are gone through at once. The same stimulus again changes nothing more:
    what it did is no longer what is waited for.

    Args:
        instance: a dialogue that has entered; of one that is over, only what became of a message
            is noted.
        view: the customer as they are with what happened.
        now: UTC milliseconds; what was due before it counts from when it was due.
    """
    walk = _Walk(definition, instance, view, now)
    walk.hear(stimulus)
    return walk.advanced


def begin(definition: Campaign, instance: Instance, view: View, now: int) -> Advanced:
    """Take a dialogue that has just entered into its first step and as far as it goes."""
    walk = _Walk(definition, instance, view, now)
    walk.enter(definition.first, instance.state.since)
    return walk.advanced


class _Walk:
    """One way through the steps, in which every instant is at or after the one before."""

    def __init__(self, definition: Campaign, instance: Instance, view: View, now: int) -> None:
        self.definition, self.instance, self.view, self.now = definition, instance, view, now
        self.advanced = Advanced(instance.state)

    @property
    def state(self) -> Dialogue:
        return self.advanced.state

    @state.setter
    def state(self, state: Dialogue) -> None:
        self.advanced.state = state

    def hear(self, stimulus: Stimulus) -> None:
        if isinstance(stimulus, Outcome):  # also of a message that nobody waits for any more
            said = stimulus.state, stimulus.reason
            self._note("message", stimulus.at, stimulus.step, *said)
        if not self.state.is_open or self.state.state == "held":
            return
        self._goal(stimulus)
        if self.state.state == "running" and not self._exits(stimulus):
            self._step(stimulus)
        self._time_out()

    def _goal(self, stimulus: Stimulus) -> None:
        aim, state = self.definition.aim, self.state
        if aim is None or state.goal_at or not self._happens(aim.happens, stimulus):
            return
        at = stimulus.at if isinstance(stimulus, Happening) else self.now
        if at <= state.entered_at + aim.within_ms:
            self._reach(at)
            if aim.ends:
                self.advanced.moot = True
                self.leave("goal")

    def _reach(self, at: int) -> None:
        if not self.state.goal_at:
            self.state = self.state._replace(goal_at=at)
            self._note("goal", at)

    def _exits(self, stimulus: Stimulus) -> bool:
        for one in self.definition.exits:
            if self._happens(one.happens, stimulus):
                self.advanced.moot = True
                self.leave(one.reason)
                return True
        return False

    def _happens(self, asked: Happens, stimulus: Stimulus) -> bool:
        if asked.when is not None:
            return asked.holds(self._situation(None))
        if not isinstance(stimulus, Happening) or stimulus.name not in asked.events:
            return False
        # What let the customer in, or came before it and only arrives now, is no answer to it.
        if stimulus.at <= self.state.occurred_at:
            return False
        return asked.holds(self._situation(stimulus))

    def _situation(self, happening: Happening | None) -> Situation:
        return Situation(self.view, happening, self.definition.segments)

    def _step(self, stimulus: Stimulus) -> None:
        step = self.definition.steps.get(self.state.step)
        if step is None:  # the version that knew it is gone
            self.leave("retired")
        elif isinstance(step, Send):
            self._sending(step, stimulus)
        elif isinstance(step, WaitFor) and (branch := self._branch(step, stimulus)):
            self._take(step, branch, max(self.state.since, self._instant(stimulus)))
        elif self.state.due_at and self.now >= self.state.due_at:
            if isinstance(step, WaitFor):
                self._note("branch", self.state.due_at, step.name, "timeout")
            self.enter(step.then, self.state.due_at)

    def _sending(self, step: Send, stimulus: Stimulus) -> None:
        if isinstance(stimulus, Outcome) and stimulus.step == step.name:
            if stimulus.state != "waiting":
                self.enter(step.then, max(self.state.since, stimulus.at))
        elif self.now >= self.state.due_at:
            self._note("message", self.now, step.name, "unknown", "no_word")
            self.enter(step.then, self.now)

    def _branch(self, step: WaitFor, stimulus: Stimulus) -> Branch | None:
        if self._instant(stimulus) > self.state.due_at:
            return None  # too late for this step, however late its timer is
        return next((one for one in step.branches if self._opens(one, stimulus)), None)

    def _opens(self, branch: Branch, stimulus: Stimulus) -> bool:
        if branch.happens is None or not self._happens(branch.happens, stimulus):
            return False
        if branch.to is None:
            return True
        said = message_id(self.instance.journey, branch.to)
        return isinstance(stimulus, Happening) and stimulus.properties.get("message_id") == said

    def _instant(self, stimulus: Stimulus) -> int:
        return stimulus.at if isinstance(stimulus, Happening) else self.now

    def _take(self, step: Step, branch: Branch, at: int) -> None:
        self._note("branch", at, step.name, branch.name)
        self.enter(branch.then, at)

    def enter(self, name: str | None, at: int) -> None:
        """Come into a step at an instant, and go on from it as long as it takes no time.

        No step leads back to one before it, so this comes to an end.
        """
        while name is not None and self.state.state == "running":
            step = self.definition.steps[name]
            self.state = self.state._replace(step=name, since=at, due_at=0)
            name, at = _ENTERING[type(step)](self, step, at)
            if name == step.name:
                return
        if self.state.state == "running":
            self.leave("done")

    def _send(self, step: Send, at: int) -> tuple[str | None, int]:
        expires_at = at + step.valid_for_ms
        self.state = self.state._replace(due_at=max(expires_at, self.now) + GRACE_MS)
        state, instance = self.state, self.instance
        self._effect(
            Say(
                message_id(instance.journey, step.name), instance.journey, state.campaign,
                state.version, step.name, instance.strand, step.channel, step.template,
                self.definition.purpose, step.value, state.occurred_at, state.received_at,
                expires_at, 0, step.pull, step.is_task,
            )
        )  # fmt: skip
        return step.name, at

    def _wait(self, step: Wait, at: int) -> tuple[str | None, int]:
        until = self._until(step, at)
        if until <= self.now:
            return step.then, until
        self.state = self.state._replace(due_at=until)
        return step.name, at

    def _until(self, step: Wait, at: int) -> int:
        if step.for_ms is not None:
            return at + step.for_ms
        zone = self.view.zone
        if step.date is None:
            return until_local_time(at, step.clock or "09:00", zone, step.weekdays)
        date = self.view.trait(step.date)
        until = until_date(date, step.clock or "09:00", zone, offset_ms=step.offset_ms)
        return at if until is None else max(at, until)

    def _wait_for(self, step: WaitFor, at: int) -> tuple[str | None, int]:
        self.state = self.state._replace(due_at=at + step.timeout_ms)
        now_true = (one for one in step.branches if one.happens and one.happens.when is not None)
        for branch in now_true:
            if self._opens(branch, Tick()):
                self._note("branch", at, step.name, branch.name)
                return branch.then, at
        if self.state.due_at <= self.now:
            self._note("branch", self.state.due_at, step.name, "timeout")
            return step.then, self.state.due_at
        return step.name, at

    def _split(self, step: Split, at: int) -> tuple[str | None, int]:
        branch = self._lot(step) if step.by_lot else self._way(step)
        self._note("branch", at, step.name, branch.name if branch else "otherwise")
        return (branch.then if branch else step.then), at

    def _way(self, step: Split) -> Branch | None:
        situation = self._situation(None)
        ways = (one for one in step.branches if one.happens and one.happens.holds(situation))
        return next(ways, None)

    def _lot(self, step: Split) -> Branch | None:
        drawn, share = experiments.bucket(step.seed, self.view.subject), 0.0
        for branch in step.branches:
            share += branch.share
            if drawn < share:
                return branch
        return None

    def _update(self, step: Update, at: int) -> tuple[str | None, int]:
        self.advanced.traits.update(step.traits)
        return step.then, at

    def _emit(self, step: Emit, at: int) -> tuple[str | None, int]:
        id_ = message_id(self.instance.journey, step.name)
        self._effect(Emitted(id_, step.fact, self.state.campaign, at, dict(step.detail)))
        return step.then, at

    def _reached(self, step: Goal, at: int) -> tuple[str | None, int]:
        self._reach(at)
        return step.then, at

    def _exit(self, step: Exit, at: int) -> tuple[str | None, int]:
        self.leave(step.reason)
        return None, at

    def leave(self, reason: str) -> None:
        """Leave the steps for good; where the goal may still be reached, it is watched for."""
        state, aim = self.state, self.definition.aim
        until = state.entered_at + aim.within_ms if aim and not state.goal_at else 0
        watching = until > self.now
        if not state.ended_at:
            self._note("left", self.now, state.step, reason)
        self.state = state._replace(
            state="watching" if watching else "ended",
            step="", due_at=until if watching else 0,
            ended_at=state.ended_at or self.now, reason=state.reason or reason,
        )  # fmt: skip

    def _time_out(self) -> None:
        state = self.state
        if state.state == "running" and self.now >= state.entered_at + self.definition.lasts_ms:
            self.leave("timed_out")
        elif state.state == "watching" and (state.goal_at or self.now >= state.due_at):
            self.state = state._replace(state="ended", due_at=0)

    def _effect(self, effect: Effect) -> None:
        self.advanced.effects.append(effect)

    def _note(self, what: str, at: int, step: str = "", value: str = "", reason: str = "") -> None:
        state = self.state
        self._effect(
            Noted(
                self.instance.journey, state.campaign, state.arm,
                what, at, step, value, reason,  # type: ignore[arg-type]
            )
        )  # fmt: skip


_ENTERING: Mapping[type[Step], Callable[..., tuple[str | None, int]]] = {
    Send: _Walk._send,
    Wait: _Walk._wait,
    WaitFor: _Walk._wait_for,
    Split: _Walk._split,
    Update: _Walk._update,
    Emit: _Walk._emit,
    Goal: _Walk._reached,
    Exit: _Walk._exit,
}
