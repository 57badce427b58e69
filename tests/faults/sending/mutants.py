"""Seeded bugs of dialogues and sending, beside those of everything else."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import msgspec

from tests.faults.ages import DAY_MS, HOUR_MS
from tests.faults.mutants import MUTANTS, around, having, mutant, swap, wrap

__all__ = ["MUTANTS", "OF_SENDING"]


# --- Tickets ---


@mutant("dialogues")
def claims_are_not_written(stack: ExitStack) -> None:
    from portrait.strand import Strand

    def set_contact(inner: Any, self: Any, contact: Any) -> None:
        if contact.state != "claimed":
            inner(self, contact)

    wrap(stack, Strand, "set_contact", set_contact)


@mutant("dialogues")
def what_may_have_left_is_sent_again(stack: ExitStack) -> None:
    from portrait.channels import Deferred, aws

    swap(stack, aws, "Unknown", Deferred)


@mutant("dialogues")
def a_claim_is_believed_for_ever(stack: ExitStack) -> None:
    from portrait import attempt

    swap(stack, attempt, "LEASE_MS", 10**15)


# --- The discipline of contact ---


@mutant("dialogues")
def a_cap_allows_one_more(stack: ExitStack) -> None:
    from portrait.caps import Count

    def begin(inner: Any, self: Any, cap: Any, *given: Any) -> None:
        inner(self, replace(cap, messages=cap.messages + 1), *given)

    wrap(stack, Count, "__init__", begin)


@mutant("dialogues")
def a_window_is_six_hours_short(stack: ExitStack) -> None:
    from portrait.caps import Count

    def begin(inner: Any, self: Any, cap: Any, *given: Any) -> None:
        shorter = cap.window_ms and cap.window_ms - 6 * HOUR_MS
        inner(self, replace(cap, window_ms=shorter), *given)

    wrap(stack, Count, "__init__", begin)


@mutant("dialogues")
def caps_count_what_was_there_an_hour_ago(stack: ExitStack) -> None:
    def old(inner: Any, contacts: Any, *given: Any) -> Any:
        known = list(contacts)
        latest = max((one.at for one in known), default=0)
        return inner([one for one in known if one.at < latest - HOUR_MS], *given)

    for module in having("counts", "portrait.caps"):
        wrap(stack, module, "counts", old)


@mutant("dialogues")
def a_day_is_the_companys(stack: ExitStack) -> None:
    def company(inner: Any, contacts: Any, policy: Any, zones: Any) -> Any:
        return inner(contacts, policy, (policy.time_zone,))

    for module in having("counts", "portrait.caps"):
        wrap(stack, module, "counts", company)


@mutant("dialogues")
def it_is_quiet_where_the_company_is(stack: ExitStack) -> None:
    from portrait import contact_policy
    from portrait.recipient_zone import RecipientZone

    def company(view: Any, fallback: str) -> Any:
        return RecipientZone((fallback,), "policy")

    swap(stack, contact_policy, "recipient_zone", company)


@mutant("dialogues")
def summer_time_is_not_known(stack: ExitStack) -> None:
    from portrait import quiet_hours

    def winter(inner: Any, name: str) -> Any:
        offset = datetime(2026, 1, 15, tzinfo=UTC).astimezone(inner(name)).utcoffset()
        return timezone(offset or timedelta())

    wrap(stack, quiet_hours, "time_zone", winter)


@mutant("dialogues")
def a_no_is_no_no(stack: ExitStack) -> None:
    from portrait.view import View

    wrap(stack, View, "consent", lambda inner, *given: inner(*given) and "granted")


@mutant("dialogues")
def what_expired_is_sent(stack: ExitStack) -> None:
    from portrait import contact_policy

    def judge(inner: Any, view: Any, message: Any, *given: Any, **named: Any) -> Any:
        later = msgspec.structs.replace(message, expires_at=message.expires_at + DAY_MS)
        return inner(view, later, *given, **named)

    wrap(stack, contact_policy, "judge", judge)


# --- What waits ---


@mutant("dialogues")
def a_message_that_is_put_off_is_dropped(stack: ExitStack) -> None:
    from portrait import attempt

    def wait(self: Any, portrait: Any, view: Any, verdict: Any, asked_at: int, now: int) -> None:
        self.fate = attempt.Fate("waiting", verdict.reason)

    swap(stack, attempt.Attempt, "_wait", wait)


@mutant("dialogues")
def a_message_that_waited_has_another_id(stack: ExitStack) -> None:
    from portrait import waiting_room

    def say(inner: Any, talk: Any, *given: Any) -> None:
        inner(talk, *given)
        said = talk.effects[-1]
        talk.effects[-1] = msgspec.structs.replace(said, message=f"{said.message[:-2]}00")

    wrap(stack, waiting_room, "_say_again", say)


@mutant("dialogues")
def a_message_that_waits_is_never_released(stack: ExitStack) -> None:
    from portrait import waiting_room

    swap(stack, waiting_room, "release", lambda talk: None)


@mutant("dialogues")
def what_waits_is_not_on_the_agenda(stack: ExitStack) -> None:
    from portrait import agenda

    swap(stack, agenda, "_waiting", lambda view: iter(()))


@mutant("dialogues")
def what_was_for_the_erased_goes(stack: ExitStack) -> None:
    from portrait import attempt

    swap(stack, attempt, "is_gone", lambda record, message: record is None)


# --- Dialogues ---


@mutant("dialogues")
def a_branch_and_the_timeout_are_taken(stack: ExitStack) -> None:
    from portrait.advance import _Hearing

    def branch(inner: Any, self: Any, step: Any, stimulus: Any) -> Any:
        found = inner(self, step, stimulus)
        if found is not None:
            self.note("branch", self.now, step.name, "timeout")
            self.enter(step.then, self.now)
            self.state = self.state._replace(state="running", step=step.name)
        return found

    wrap(stack, _Hearing, "_branch", branch)


@mutant("dialogues")
def exits_are_not_looked_at_while_it_waits(stack: ExitStack) -> None:
    from portrait.advance import _Hearing
    from portrait.steps import Send

    def exits(inner: Any, self: Any, stimulus: Any) -> Any:
        step = self.definition.steps.get(self.state.step)
        return isinstance(step, Send) and inner(self, stimulus)

    wrap(stack, _Hearing, "_exits", exits)


@mutant("dialogues")
def goals_are_ignored(stack: ExitStack) -> None:
    from portrait.advance import _Hearing

    swap(stack, _Hearing, "_goal", lambda self, stimulus: None)


@mutant("dialogues")
def a_message_that_was_held_ends_nothing(stack: ExitStack) -> None:
    from portrait.advance import _Hearing

    def sending(inner: Any, self: Any, step: Any, stimulus: Any) -> None:
        if getattr(stimulus, "state", "") != "held" and self.now < self.state.due_at:
            inner(self, step, stimulus)

    wrap(stack, _Hearing, "_sending", sending)


@mutant("dialogues")
def arms_are_drawn_anew(stack: ExitStack) -> None:
    from portrait import enrolment, experiments

    def assign(view: Any, campaign: Any, policy: Any) -> dict[str, Any]:
        who = f"{view.home} {len(view.entries)}"
        return {campaign.key: experiments.arm(campaign.seed, who, campaign.control)}

    swap(stack, enrolment, "assign", assign)


@mutant("dialogues")
def entry_limits_are_skipped(stack: ExitStack) -> None:
    from portrait import enrolment

    def refusal(inner: Any, *given: Any) -> Any:
        found = inner(*given)
        return None if found in ("too_soon", "at_most") else found

    wrap(stack, enrolment, "refusal", refusal)


@mutant("dialogues")
def once_is_not_once(stack: ExitStack) -> None:
    from portrait import enrolment

    def refusal(inner: Any, campaign: Any, start: Any, journey: str, view: Any) -> Any:
        found = inner(campaign, start, journey, view)
        return None if found == "entered_before" and journey not in view.dialogues else found

    wrap(stack, enrolment, "refusal", refusal)


@mutant("dialogues")
def who_returns_has_the_journeys_of_before(stack: ExitStack) -> None:
    from portrait import enrolment

    swap(stack, enrolment, "_whose", lambda start, strand, erased_at: strand)


@mutant("dialogues")
def an_erasure_is_everybodys_whom_it_meets(stack: ExitStack) -> None:
    from portrait.record import Record

    def since(self: Any, home: str) -> int:
        return max(self.erased_at or -1, self.erased_before or -1)

    swap(stack, Record, "erased_since", since)


# --- The stream, and timers ---


@mutant("dialogues")
def dialogues_do_not_hear_what_became_of_their_messages(stack: ExitStack) -> None:
    from functions.dispatch import handler

    def listen(record: Any, amendment: Any, now: int) -> Any:
        return replace(amendment, outcomes=()).write(record)

    swap(stack, handler, "listener", lambda catalogue: listen)


@mutant("dialogues")
def outcomes_are_lost_at_the_trigger(stack: ExitStack) -> None:
    from functions.dispatch import handler
    from portrait import reaction

    def stimulus(inner: Any, record: Any, changes: Any, *given: Any, **named: Any) -> Any:
        return inner(record, msgspec.structs.replace(changes, outcomes=()), *given, **named)

    swap(stack, handler, "listener", lambda catalogue: None)
    wrap(stack, reaction, "stimulus", stimulus)


@mutant("dialogues")
def a_batch_that_comes_again_is_passed_over(stack: ExitStack) -> None:
    known: set[str] = set()

    def handler(inner: Any, event: Any, context: Any) -> Any:
        new = [one for one in event["Records"] if one["eventID"] not in known]
        known.update(one["eventID"] for one in new)
        return inner({"Records": new}, context)

    around(stack, "trigger", handler)


@mutant("dialogues")
def what_the_queue_does_not_take_is_lost(stack: ExitStack) -> None:
    from portrait.faults import Unavailable
    from portrait.store import queues

    def send(inner: Any, url: str, bodies: Any, **how: Any) -> None:
        try:
            inner(url, bodies, **how)
        except Unavailable:
            return

    wrap(stack, queues, "send", send)


@mutant("dialogues")
def a_link_that_was_followed_is_not_told_again(stack: ExitStack) -> None:
    from portrait import reaction

    swap(stack, reaction, "told_again", lambda happening: None)


@mutant("dialogues")
def whoever_follows_a_link_is_a_machine(stack: ExitStack) -> None:
    from portrait import judgement

    swap(stack, judgement, "in_burst", lambda one, clicks: True)


@mutant("dialogues")
def a_timer_is_set_a_day_late(stack: ExitStack) -> None:
    from portrait.store import schedules

    def arm(inner: Any, wake: Any) -> None:
        inner(msgspec.structs.replace(wake, due_at=wake.due_at + DAY_MS))

    wrap(stack, schedules, "arm", arm)


@mutant("dialogues")
def timers_of_the_erased_and_the_merged_stay(stack: ExitStack) -> None:
    from portrait.store import portraits

    def timer(inner: Any, record: Any, due_at: int | None, now: int) -> int | None:
        told: int | None = None if due_at is None else inner(record, due_at, now)
        return told

    wrap(stack, portraits, "_timer", timer)


@mutant("dialogues")
def a_batch_that_grew_leaves_a_timer(stack: ExitStack) -> None:
    from portrait.timers import read_timers

    def read(inner: Any, images: Any) -> Any:
        return [one._replace(was=one.was[:1]) for one in inner(images)]

    for module in having("read_timers", "portrait.timers", "functions."):
        swap(stack, module, "read_timers", partial(read, read_timers))


OF_SENDING = frozenset(name for name, (_, checks) in MUTANTS.items() if checks[0] == "dialogues")
"""The bugs that the proof of sending is there for."""
