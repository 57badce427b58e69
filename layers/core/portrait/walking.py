"""Walking through the steps of a campaign: coming into one, going on, and leaving."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from portrait import experiments
from portrait.campaigns import Campaign
from portrait.conditions import Situation
from portrait.dialogue import Dialogue
from portrait.effects import Effect, Emitted, Noted, Say
from portrait.happening import Happening
from portrait.message import message_id
from portrait.portrait import home_of
from portrait.recurrence import until_date, until_local_time
from portrait.steps import Branch, Emit, Exit, Goal, Send, Split, Step, Update, Wait, WaitFor
from portrait.view import View

GRACE_MS = 3_600_000
"""Who has not heard by then what became of a message that had expired goes on without knowing."""

Onward = tuple[str | None, int]
"""Where to go on, and since when; a step that is not left yet names itself."""


class Instance(NamedTuple):
    """A dialogue with its journey key and the strand that it hangs at."""

    journey: str
    strand: str
    state: Dialogue


@dataclass(slots=True)
class Advanced:
    """Where the dialogue is now, what is to be brought about, and traits to be noted.

    `moot`: an exit or a goal ended it, so what it still has on offer is no longer to the point.
    """

    state: Dialogue
    effects: list[Effect] = field(default_factory=list)
    traits: dict[str, object] = field(default_factory=dict)
    moot: bool = False


class Walk:
    """One way through the steps, in which every instant is at or after the one before."""

    def __init__(self, definition: Campaign, instance: Instance, view: View, now: int) -> None:
        self.definition, self.instance, self.view, self.now = definition, instance, view, now
        self.advanced = Advanced(instance.state)

    @property
    def state(self) -> Dialogue:
        """Where the dialogue is by now."""
        return self.advanced.state

    @state.setter
    def state(self, state: Dialogue) -> None:
        self.advanced.state = state

    def enter(self, name: str | None, at: int) -> None:
        """Come into a step at an instant, and go on from it as long as it takes no time.

        No step leads back to one before it, so this comes to an end. Nobody comes into a step
        after the campaign's time, however late the timer.
        """
        ends_at = self.state.entered_at + self.definition.lasts_ms
        while name is not None and self.state.state == "running":
            if at >= ends_at:
                self.leave("timed_out")
                return
            step = self.definition.steps[name]
            self.arrive(at)
            self.state = self.state._replace(step=name, due_at=0)
            name, at = _ENTERING[type(step)](self, step, at)
            if name == step.name:
                return
        if self.state.state == "running":
            self.leave("done")

    def arrive(self, at: int, heard: str = "") -> None:
        """Note since when it is where it is, and what took it there."""
        before = self.state.heard if at == self.state.since else ""
        self.state = self.state._replace(since=at, heard=before + heard)

    def leave(self, reason: str) -> None:
        """Leave the steps for good; where the goal may still be reached, it is watched for."""
        state, aim = self.state, self.definition.aim
        until = state.entered_at + aim.within_ms if aim and not state.goal_at else 0
        watching = until > self.now
        if not state.ended_at:
            self.note("left", self.now, state.step, reason)
        self.state = state._replace(
            state="watching" if watching else "ended",
            step="", due_at=until if watching else 0,
            ended_at=state.ended_at or self.now, reason=state.reason or reason,
        )  # fmt: skip

    def reach(self, at: int) -> None:
        """Reach the goal, once."""
        if not self.state.goal_at:
            self.state = self.state._replace(goal_at=at)
            self.note("goal", at)

    def note(self, what: str, at: int, step: str = "", value: str = "", reason: str = "") -> None:
        """Have something written into the dossier."""
        self.advanced.effects.append(
            Noted(
                self.instance.journey, self.state.campaign, self.state.arm,
                what, at, step, value, reason,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def situation(self, happening: Happening | None = None) -> Situation:
        """Return what conditions are asked about."""
        return Situation(self.view, happening, self.definition.segments)

    def _send(self, step: Send, at: int) -> Onward:
        said = message_id(self.instance.journey, step.id)
        if any(one.id == said and one.state != "claimed" for one in self.view.contacts):
            return step.then, at  # by the version before, and nobody is told the same twice
        expires_at = at + step.valid_for_ms
        self.state = self.state._replace(due_at=max(expires_at, self.now) + GRACE_MS)
        state, instance = self.state, self.instance
        self.advanced.effects.append(
            Say(
                said, instance.journey, state.campaign, state.version, step.name,
                home_of(instance.strand), step.channel, step.template, self.definition.purpose,
                step.value, state.occurred_at, state.received_at, expires_at, 0, step.pull,
                step.is_task,
            )
        )  # fmt: skip
        return step.name, at

    def _wait(self, step: Wait, at: int) -> Onward:
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

    def _wait_for(self, step: WaitFor, at: int) -> Onward:
        self.state = self.state._replace(due_at=at + step.timeout_ms)
        branch = self._holding(step)  # what is asked of the customer may be so already
        if branch is not None:
            self.note("branch", at, step.name, branch.name)
            return branch.then, at
        if self.state.due_at <= self.now:
            self.note("branch", self.state.due_at, step.name, "timeout")
            return step.then, self.state.due_at
        return step.name, at

    def _holding(self, step: WaitFor | Split) -> Branch | None:
        """Return the first branch that a condition opens by now."""
        asking = (one for one in step.branches if one.happens and one.happens.when is not None)
        situation = self.situation()
        return next((one for one in asking if one.happens and one.happens.holds(situation)), None)

    def _split(self, step: Split, at: int) -> Onward:
        branch = self._lot(step) if step.by_lot else self._holding(step)
        self.note("branch", at, step.name, branch.name if branch else "otherwise")
        return (branch.then if branch else step.then), at

    def _lot(self, step: Split) -> Branch | None:
        drawn, share = experiments.bucket(step.seed, self.view.subject), 0.0
        for branch in step.branches:
            share += branch.share
            if drawn < share:
                return branch
        return None

    def _update(self, step: Update, at: int) -> Onward:
        self.advanced.traits.update(step.traits)
        return step.then, at

    def _emit(self, step: Emit, at: int) -> Onward:
        id_ = message_id(self.instance.journey, step.id)
        told = Emitted(id_, step.fact, self.state.campaign, at, dict(step.detail))
        self.advanced.effects.append(told)
        return step.then, at

    def _reached(self, step: Goal, at: int) -> Onward:
        self.note("goal", at, step.name, "reached")
        return step.then, at

    def _exit(self, step: Exit, at: int) -> Onward:
        self.leave(step.reason)
        return None, at


_ENTERING: Mapping[type[Step], Callable[..., Onward]] = {
    Send: Walk._send,
    Wait: Walk._wait,
    WaitFor: Walk._wait_for,
    Split: Walk._split,
    Update: Walk._update,
    Emit: Walk._emit,
    Goal: Walk._reached,
    Exit: Walk._exit,
}
