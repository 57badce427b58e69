"""Is every dialogue where it says it is, with somebody to wake it, and did each end as it must?"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.faults.sending.ledger import Ledger, contacts
from tests.faults.sending.people import People
from tests.faults.sending.programme import documents, way

LATE_MS = 1_000
"""Timers are set for whole seconds."""
UNHEARD_MS = 3_600_000
ARRIVED = frozenset({"sent", "delivered", "opened", "clicked", "bounced", "complained"})


@dataclass
class Talks:
    """One look at a quiet point.

    Attributes:
        found: every portrait by home, with when it is to be woken.
        handed: ids of the messages that dispatch was given.
        schedules: names of the timers that are set.
    """

    ledger: Ledger
    people: People
    found: dict[str, Any]
    dossiers: dict[str, dict[str, Any]]
    handed: set[str]
    schedules: set[str]
    now: int

    def problems(self, *, over: bool) -> Iterator[str]:
        """Yield what is wrong; `over` is when all timers have been played."""
        for (journey, step), times in self.ledger.branches.items():
            if times > 1:
                yield f"{journey} took {times} ways at {step}"
        yield from self._messages(over=over)
        yield from self._paths()
        yield from self._timers()
        for home, (portrait, _) in self.found.items():
            for strand in portrait.strands.values():
                for journey, one in strand.dialogues.items():
                    told = self._dialogue(journey, one, over=over)
                    yield from (f"{one.campaign} of {home}: {wrong}" for wrong in told)
                if over and strand.waiting:
                    yield f"a message of {home} waits for ever"

    def _messages(self, *, over: bool) -> Iterator[str]:
        known = {home: contacts(portrait) for home, (portrait, _) in self.found.items()}
        for id_, say in self.ledger.says.items():
            where = f"{say.campaign}.{say.step} of {say.strand}"
            if id_ not in self.handed:
                yield f"{where} was asked for, and dispatch never heard of it"
            root = self.ledger.root(say.strand, self.now + 1)
            contact = known.get(root, {}).get(id_)
            if self._is_gone(say.strand, say.received_at):
                if contact is not None and contact.campaign:  # a click since then names none
                    yield f"{where} came back after the erasure"
                continue
            waits = root in self.found and any(
                id_ in strand.waiting for strand in self.found[root][0].strands.values()
            )
            if (contact is not None) == waits:
                yield f"{where} is {'both kept and done with' if waits else 'lost'}"
            elif contact is not None and contact.state == "claimed":
                yield f"what became of {where} is not known"
            elif contact is not None:
                yield from self._told(where, say, contact)

    def _told(self, where: str, say: Any, contact: Any) -> Iterator[str]:
        """The dossier must say what became of a message as the portrait does."""
        told = self.dossiers.get(say.journey, {}).get("path", {}).get(say.step, "nothing")
        state, _, reason = told.partition(":")
        if contact.state == "unknown" or contact.state in ARRIVED:
            right = state == "unknown" or (state == "sent" and contact.state != "unknown")
        else:
            right = (state, reason) == (contact.state, contact.reason)
        if not right and reason != "no_word":
            yield f"{where} is {contact.state}:{contact.reason}, and the dossier says {told}"

    def _is_gone(self, strand: str, received_at: int) -> bool:
        return any(strand in one.homes and received_at <= one.at for one in self.people.gone)

    def _paths(self) -> Iterator[str]:
        said: dict[str, set[str]] = defaultdict(set)
        for say in self.ledger.says.values():
            said[say.journey].add(say.step)
        for journey, entry in self.dossiers.items():
            steps, name = said.get(journey, set()), entry["campaign"]
            sends = {step for step, kind in way(name, entry["path"]) if kind == "send"}
            if entry["arm"] == "control" and (steps or entry["path"]):
                yield f"{journey} of {name} is held out, and went {entry['path']}"
            if steps - sends:
                yield f"{journey} said {steps - sends}, which is not on its way {entry['path']}"
            if entry.get("left_by") == "done" and sends - steps:
                yield f"{journey} of {name} is done, and never said {sends - steps}"
        for journey in said.keys() - self.dossiers.keys():
            yield f"{journey} says something, and has no dossier"

    def _dialogue(self, journey: str, one: Any, *, over: bool) -> Iterator[str]:
        if one.is_open and not one.due_at:
            yield f"it is {one.state} in {one.step}, and nothing will ever end it"
        if over and one.in_steps:
            yield f"it is still {one.state} in {one.step}, since {one.since}"
        entry = self.dossiers.get(journey)
        if not one.entered_at:
            return
        if entry is None:
            yield "it has no dossier"
            return
        if entry["arm"] != one.arm or entry.get("goal_at", 0) != one.goal_at:
            yield f"the dossier says {entry['arm']}, goal {entry.get('goal_at')}, not {one}"
        left = (entry.get("left_at", 0), entry.get("left_by", ""))
        if one.arm == "treated" and left != (one.ended_at, one.reason):
            yield f"the dossier says it was left {left}, not {one}"

    def _timers(self) -> Iterator[str]:
        right = set()
        for home, (portrait, due_at) in self.found.items():
            wanted = min(self._moments(portrait), default=None)
            if wanted is not None and (due_at is None or due_at > wanted):
                yield f"{home} must be woken at {wanted}, and will be at {due_at}"
            if due_at is not None:
                right.add(f"{home}-{due_at}")
                if due_at > self.now and f"{home}-{due_at}" not in self.schedules:
                    yield f"{home} has no timer for {due_at}"
                if due_at <= self.now - LATE_MS:
                    yield f"{home} was to be woken at {due_at}, and was not"
        for name in self.schedules - right:
            yield f"the timer {name} is left behind"

    def _moments(self, portrait: Any) -> Iterator[int]:
        for strand in portrait.strands.values():
            for one in strand.dialogues.values():
                if one.state == "held" or (one.state == "running" and not _is_last(one)):
                    yield one.due_at
            for kept in strand.waiting.values():
                yield kept.not_before or kept.tried_at + UNHEARD_MS


def _is_last(one: Any) -> bool:
    """Nobody need be woken to learn what became of the last message."""
    return bool(documents("campaign")[one.campaign]["steps"][-1]["name"] == one.step)
