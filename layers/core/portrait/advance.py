"""Advancing a dialogue: one pure function from where it was and what happened to where it is."""

from collections.abc import Iterable
from typing import NamedTuple

from portrait.campaigns import Campaign
from portrait.effects import Outcome
from portrait.enrolment import is_occasion
from portrait.feedback import TEXT_REPLIED
from portrait.happening import Happening
from portrait.message import message_id
from portrait.steps import Branch, Happens, Send, WaitFor
from portrait.view import View
from portrait.walking import Advanced, Instance, Walk

__all__ = [
    "Advanced",
    "Instance",
    "Stimulus",
    "Tick",
    "advance",
    "begin",
    "catch_up",
    "go_on",
    "leave",
]


class Tick(NamedTuple):
    """Nothing happened but time, or something may have changed what a condition asks."""


Stimulus = Happening | Outcome | Tick

SHORT = 6
"""Hex digits that tell apart what happened in one millisecond."""


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
    walk = _Hearing(definition, instance, view, now)
    walk.hear(stimulus)
    return walk.advanced


def begin(definition: Campaign, instance: Instance, view: View, now: int) -> Advanced:
    """Take a dialogue that has just entered into its first step and as far as it goes."""
    return go_on(definition, instance, definition.first, instance.state.since, view, now)


def catch_up(
    definition: Campaign, instance: Instance, before: Iterable[Happening], view: View, now: int
) -> Advanced:
    """Let goals and exits take up what happened before the dialogue was there to hear it."""
    walk = _Hearing(definition, instance, view, now)
    for happening in before:
        walk.take_up(happening)
    return walk.advanced


def go_on(
    definition: Campaign, instance: Instance, step: str | None, at: int, view: View, now: int
) -> Advanced:
    """Take a dialogue into a step at an instant (UTC ms), and as far as it goes from there."""
    walk = Walk(definition, instance, view, now)
    walk.enter(step, at)
    return walk.advanced


def leave(definition: Campaign, instance: Instance, reason: str, view: View, now: int) -> Advanced:
    """Take a dialogue out of its steps, and let what it still has on offer be withdrawn."""
    walk = Walk(definition, instance, view, now)
    walk.advanced.moot = True
    walk.leave(reason)
    return walk.advanced


class _Hearing(Walk):
    """A walk that begins with something that is heard."""

    def hear(self, stimulus: Stimulus) -> None:
        if isinstance(stimulus, Outcome) and self._is_news(stimulus):
            said = stimulus.state, stimulus.reason
            self.note("message", stimulus.at, stimulus.step, *said)
        if not self.state.is_open or self.state.state == "held":
            return
        self._goal(stimulus)
        if self.state.state == "running" and not self._exits(stimulus):
            self._step(stimulus)
        self._time_out()

    def _is_news(self, said: Outcome) -> bool:
        """Tell whether it is to be noted, also of a message that nobody waits for any more.

        That one waits may be heard again, or late, when it is known what became of it.
        """
        return said.state != "waiting" or said.step == self.state.step

    def take_up(self, happening: Happening) -> None:
        """Let the goal or an exit end it, and nothing take it further."""
        if self.state.is_open:
            self._goal(happening)
        if self.state.state == "running":
            self._exits(happening)

    def _goal(self, stimulus: Stimulus) -> None:
        aim, state = self.definition.aim, self.state
        if aim is None or state.goal_at or not self._happens(aim.happens, stimulus):
            return
        at = self._instant(stimulus)
        if at <= state.entered_at + aim.within_ms:
            self.reach(at)
            if aim.ends:
                self.advanced.moot = True
                self.leave("goal")

    def _exits(self, stimulus: Stimulus) -> bool:
        for one in self.definition.exits:
            if self._happens(one.happens, stimulus):
                self.advanced.moot = True
                self.leave(one.reason)
                return True
        return False

    def _happens(self, asked: Happens, stimulus: Stimulus) -> bool:
        if asked.when is not None:
            return asked.holds(self.situation())
        if not isinstance(stimulus, Happening) or stimulus.name not in asked.events:
            return False
        # What let the customer in, or came before it and only arrives now, is no answer to it.
        if stimulus.at < self.state.occurred_at or self._led_in(stimulus):
            return False
        return asked.holds(self.situation(stimulus))

    def _led_in(self, happening: Happening) -> bool:
        """Tell whether it let the customer in; of what crossed a line nobody knows which it was."""
        if happening.at != self.state.occurred_at:
            return False
        by_event = self.definition.entry.crossing is None
        return not by_event or is_occasion(self.definition, self.instance.journey, happening)

    def _step(self, stimulus: Stimulus) -> None:
        step = self.definition.steps.get(self.state.step)
        if step is None:  # the version that knew it is gone
            self.leave("retired")
        elif isinstance(step, Send):
            self._sending(step, stimulus)
        elif isinstance(step, WaitFor) and (branch := self._branch(step, stimulus)):
            at = max(self.state.since, self._instant(stimulus))
            self.note("branch", at, step.name, branch.name)
            if isinstance(stimulus, Happening):
                self.arrive(at, stimulus.id[:SHORT])
            self.enter(branch.then, at)
        elif self.state.due_at and self.now >= self.state.due_at:
            if isinstance(step, WaitFor):
                self.note("branch", self.state.due_at, step.name, "timeout")
            self.enter(step.then, self.state.due_at)

    def _sending(self, step: Send, stimulus: Stimulus) -> None:
        said = message_id(self.instance.journey, step.id)
        if isinstance(stimulus, Outcome) and stimulus.message == said:
            if stimulus.state != "waiting":
                self.enter(step.then, max(self.state.since, stimulus.at))
        elif self.now >= self.state.due_at:
            self.note("message", self.now, step.name, "unknown", "no_word")
            self.enter(step.then, self.now)

    def _branch(self, step: WaitFor, stimulus: Stimulus) -> Branch | None:
        at = self._instant(stimulus)
        if at > self.state.due_at:
            return None  # too late for this step, however late its timer is
        if isinstance(stimulus, Happening) and self._is_past(stimulus):
            return None  # it led here, or came before, in whatever order they arrive
        return next((one for one in step.branches if self._opens(one, stimulus)), None)

    def _is_past(self, happening: Happening) -> bool:
        if happening.at != self.state.since:
            return happening.at < self.state.since
        heard = self.state.heard  # devices that tell time in seconds tell several things at once
        return happening.id[:SHORT] in {heard[n : n + SHORT] for n in range(0, len(heard), SHORT)}

    def _opens(self, branch: Branch, stimulus: Stimulus) -> bool:
        if branch.happens is None or not self._happens(branch.happens, stimulus):
            return False
        if branch.to is None:
            return True
        said = message_id(self.instance.journey, branch.to)
        return isinstance(stimulus, Happening) and self._about(stimulus) == said

    def _about(self, happening: Happening) -> object:
        """Return the message that it is about: an answer by text names none, and is to the last."""
        named = happening.properties.get("message_id")
        if named is not None or happening.name != TEXT_REPLIED:
            return named
        texts = (one for one in self.view.contacts if one.channel == "sms" and one.state != "held")
        return next((one.id for one in texts if one.at <= happening.at), None)

    def _instant(self, stimulus: Stimulus) -> int:
        return stimulus.at if isinstance(stimulus, Happening) else self.now

    def _time_out(self) -> None:
        state = self.state
        if state.state == "running" and self.now >= state.entered_at + self.definition.lasts_ms:
            self.leave("timed_out")
        elif state.state == "watching" and (state.goal_at or self.now >= state.due_at):
            self.state = state._replace(state="ended", due_at=0)
