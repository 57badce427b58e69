"""Seeded bugs: each a small change of the product that the proofs must notice."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

Patches = Callable[[ExitStack], None]
MUTANTS: dict[str, tuple[Patches, tuple[str, ...]]] = {}
"""By name: how the product is changed, and the checks that likely notice, the likeliest first."""


def mutant(*checks: str) -> Callable[[Patches], Patches]:
    """Register a seeded bug under the name of its function."""

    def register(change: Patches) -> Patches:
        MUTANTS[change.__name__] = change, checks
        return change

    return register


@contextmanager
def changed(name: str) -> Iterator[None]:
    """Change the product as the mutant says."""
    with ExitStack() as stack:
        MUTANTS[name][0](stack)
        yield


def swap(stack: ExitStack, place: Any, name: str, new: Any) -> None:
    """Put something else in the place of what the product has there; it must have it."""
    stack.enter_context(patch.object(place, name, new))


def wrap(stack: ExitStack, place: Any, name: str, around: Callable[..., Any]) -> None:
    """Put a function around one of the product's: it is called with that one first."""
    inner = getattr(place, name)
    swap(stack, place, name, lambda *given, **named: around(inner, *given, **named))


# --- Writing ---


@mutant("steps", "storm")
def write_without_a_version_check(stack: ExitStack) -> None:
    from portrait.store import portraits

    swap(stack, portraits, "_unchanged", lambda record: None)


@mutant("steps", "storm")
def pointers_without_a_version_check(stack: ExitStack) -> None:
    from portrait.store import portraits

    wrap(stack, portraits, "_unchanged",
         lambda inner, record: inner(record) if record.state else None)  # fmt: skip


@mutant("steps", "storm")
def only_new_homes_are_checked(stack: ExitStack) -> None:
    from portrait.store import portraits

    wrap(stack, portraits, "_unchanged",
         lambda inner, record: None if record.version else inner(record))  # fmt: skip


@mutant("storm", "crashes")
def a_conflict_is_taken_for_success(stack: ExitStack) -> None:
    from portrait.faults import Conflict
    from portrait.store import portraits

    def write(inner: Any, *given: Any, **named: Any) -> None:
        try:
            inner(*given, **named)
        except Conflict:
            return

    wrap(stack, portraits, "write", write)


@mutant("crashes", "storm")
def a_lost_reply_is_taken_for_success(stack: ExitStack) -> None:
    from portrait.faults import Unavailable
    from portrait.store import portraits

    def write(inner: Any, *given: Any, **named: Any) -> None:
        try:
            inner(*given, **named)
        except Unavailable:
            return

    wrap(stack, portraits, "write", write)


# --- Recognising what was counted ---


@mutant("storm", "replays")
def nothing_is_recognised(stack: ExitStack) -> None:
    from portrait import seen

    swap(stack, seen, "contains", lambda *_: False)


@mutant("replays")
def remembered_for_two_weeks(stack: ExitStack) -> None:
    from portrait import seen

    swap(stack, seen, "SEEN_DAYS", 14)
    swap(stack, seen, "is_forgotten", lambda *_: False)


@mutant("replays", "storm")
def only_the_newest_are_remembered(stack: ExitStack) -> None:
    from portrait import seen

    swap(stack, seen, "MAX_SEEN", 8)


@mutant("storm")
def messages_are_not_scoped_by_source(stack: ExitStack) -> None:
    from portrait import profile, seen

    hashed = seen.message_hash
    swap(stack, profile, "message_hash", lambda secret, source, id: hashed(secret, "", id))


@mutant("storm")
def hashes_of_one_byte(stack: ExitStack) -> None:
    from portrait import profile, seen

    hashed = seen.message_hash
    swap(stack, profile, "message_hash",
         lambda *given: hashed(*given)[:1] + b"\0" * (seen.HASH_SIZE - 1))  # fmt: skip


# --- Acknowledging and archiving ---


@mutant("storm", "crashes")
def failures_are_not_reported(stack: ExitStack) -> None:
    around(stack, "profile", lambda inner, event, context: _acknowledged(inner(event, context)))


@mutant("crashes", "storm")
def faults_are_swallowed_and_acknowledged(stack: ExitStack) -> None:
    from portrait.faults import Unavailable

    def handler(inner: Any, event: Any, context: Any) -> Any:
        try:
            return inner(event, context)
        except Unavailable:
            return _acknowledged({})

    around(stack, "profile", handler)


@mutant("crashes", "storm")
def a_dying_sandbox_acknowledges(stack: ExitStack) -> None:
    from tests.faults.aws import Crash

    def handler(inner: Any, event: Any, context: Any) -> Any:
        try:
            return inner(event, context)
        except Crash:
            return _acknowledged({})

    around(stack, "profile", handler)


@mutant("crashes", "storm")
def ingest_answers_before_the_queue_has_it(stack: ExitStack) -> None:
    from portrait.faults import Unavailable
    from portrait.store import queues

    def send(inner: Any, url: str, bodies: Sequence[str]) -> None:
        try:
            inner(url, bodies)
        except Unavailable:
            return

    wrap(stack, queues, "send", send)


@mutant("storm")
def half_a_queue_batch_is_enough(stack: ExitStack) -> None:
    from portrait.store import queues

    wrap(
        stack, queues, "send", lambda inner, url, bodies: inner(url, bodies[: -(-len(bodies) // 2)])
    )


@mutant("crashes", "storm")
def the_archive_may_fail(stack: ExitStack) -> None:
    from portrait.faults import Unavailable
    from portrait.store import archive

    def write(inner: Any, *given: Any, **named: Any) -> None:
        try:
            inner(*given, **named)
        except Unavailable:
            return

    wrap(stack, archive, "write", write)


@mutant("storm")
def quarantine_is_dropped(stack: ExitStack) -> None:
    from portrait.store import archive

    swap(stack, archive, "quarantine", lambda *_, **__: None)


# --- Meaning ---


@mutant("storm", "permutations")
def the_last_to_arrive_wins(stack: ExitStack) -> None:
    from portrait import strand

    swap(stack, strand, "newest", lambda known, news: news)


@mutant("storm")
def receipt_is_taken_for_when_it_happened(stack: ExitStack) -> None:
    from portrait.strand import Strand

    wrap(stack, Strand, "fold", lambda inner, self, event, *given, **named: inner(
        self, _at(event, event.received_at), *given, **named))  # fmt: skip


@mutant("storm")
def a_no_counts_from_when_it_was_said(stack: ExitStack) -> None:
    from portrait import strand

    wrap(stack, strand, "consent_said", lambda inner, event, message: inner(
        event if event.name == "Consent Granted" else _heard(event, event.timestamp), message
    ))  # fmt: skip


@mutant("ties", "permutations")
def a_yes_wins_a_tie(stack: ExitStack) -> None:
    from portrait import consents, strand

    def order(consent: Any) -> Any:
        return (consent.at, consent.status == "granted", consent.source, consent.evidence)

    swap(stack, consents, "consent_order", order)
    swap(stack, strand, "consent_order", order)


@mutant("storm", "permutations")
def consent_by_arrival(stack: ExitStack) -> None:
    from portrait.strand import Strand

    def said(self: Any, key: str, consent: Any) -> None:
        self.consents[key] = consent

    swap(stack, Strand, "set_consent", said)


@mutant("steps", "storm")
def a_merge_drops_what_it_absorbs(stack: ExitStack) -> None:
    from portrait.neighbourhood import Neighbourhood

    swap(stack, Neighbourhood, "_hand_over", lambda self, old: None)


@mutant("steps", "storm")
def pointers_are_not_written(stack: ExitStack) -> None:
    for module in having("pointers", "portrait.resolution"):
        swap(stack, module, "pointers", lambda *_, **__: {})


@mutant("steps", "storm")
def the_weakest_becomes_the_portrait(stack: ExitStack) -> None:
    from portrait.partition import _Placement

    def run(inner: Any, self: Any) -> Any:
        found = inner(self)
        for members in self.members.values():
            found.owner.update(dict.fromkeys(members, max(members)))
        return found

    wrap(stack, _Placement, "run", run)


@mutant("crowd", "steps", "storm")
def stale_reads_are_believed(stack: ExitStack) -> None:
    from portrait.fold import _Folding

    swap(stack, _Folding, "is_stale", lambda self: False)


@mutant("erasures")
def tombstones_are_not_asked(stack: ExitStack) -> None:
    from portrait.fold import _Folding

    swap(stack, _Folding, "_erased_at", lambda self, sighting: -1)


@mutant("erasures")
def only_the_portrait_gets_a_tombstone(stack: ExitStack) -> None:
    from portrait import erasure

    def bury(weaker: Any, root: Any, portraits: Any, now: int, others: Any) -> None:
        portraits.bury([root], erased_at=now, others=others)

    swap(stack, erasure, "_bury", bury)


@mutant("undoing")
def an_unmerge_leaves_no_cut(stack: ExitStack) -> None:
    from portrait.partition import _Placement

    swap(stack, _Placement, "_is_cut", lambda *_: False)


@mutant("storm", "steps")
def series_forget_an_entry(stack: ExitStack) -> None:
    from portrait.series import Series

    def feed(inner: Any, self: Any, instant: int, *given: Any) -> None:
        if instant % 7:
            inner(self, instant, *given)

    wrap(stack, Series, "feed", feed)


# --- Sending ---


@mutant("sends", "storm", "crashes")
def sent_without_a_claim(stack: ExitStack) -> None:
    from portrait import attempt

    def recalled(self: Any, portrait: Any, view: Any, known: Any, now: int) -> Any:
        return self._claim(portrait, view, known._replace(at=now))

    swap(stack, attempt.Attempt, "_recall", recalled)


@mutant("sends", "storm")
def tickets_without_a_version_check(stack: ExitStack) -> None:
    from portrait.store import portraits

    wrap(stack, portraits, "_unchanged", lambda inner, record: None)


@mutant("sends", "storm")
def consent_is_not_asked(stack: ExitStack) -> None:
    from portrait import contact_policy

    swap(stack, contact_policy, "_is_welcome", lambda *_: True)


@mutant("sends", "storm")
def the_control_group_is_not_held_out(stack: ExitStack) -> None:
    from portrait import contact_policy, enrolment

    def entered(inner: Any, campaign: Any, start: Any, arm: Any, **named: Any) -> Any:
        return inner(campaign, start, "treated", **named)._replace(arm=arm)

    wrap(stack, enrolment, "entered", entered)
    swap(stack, contact_policy, "is_held_out", lambda *_: False)


@mutant("sends", "storm", "crashes")
def the_trigger_records_no_entry(stack: ExitStack) -> None:
    from portrait.store import journeys

    swap(stack, journeys, "enter", lambda *_: True)


# --- Pieces of the above ---


def around(stack: ExitStack, function: str, new: Callable[..., Any]) -> None:
    """Put a function around a handler."""
    from tests.faults.account import handlers

    inner = handlers()[function]
    stack.enter_context(
        patch.dict(handlers(), {function: lambda event, context: new(inner, event, context)})
    )


def _acknowledged(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "batchItemFailures": []}


def _at(event: Any, instant: int) -> Any:
    import msgspec

    return msgspec.structs.replace(event, timestamp=instant)


def _heard(event: Any, instant: int) -> Any:
    import msgspec

    return msgspec.structs.replace(event, received_at=instant)


def having(name: str, home: str, below: str = "portrait.") -> list[Any]:
    """Return the modules of the product that use what one of them defines."""
    defined = getattr(sys.modules[home], name)
    return [
        module
        for path, module in list(sys.modules.items())
        if path.startswith(below) and getattr(module, name, None) is defined
    ]
