"""Occasions: of two dialogues that turn out to be one customer's, for the same one, one goes on.

Two visitors with one birthday, who are one person, have entered for it twice. Which of the two ends
follows from what they are, not from when anybody found out, nor from who was merged into whom.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from portrait import entering
from portrait.advance import Instance, leave
from portrait.dialogue import Dialogue
from portrait.enrolment import OCCASION

if TYPE_CHECKING:
    from portrait.conversation import Conversation

MERGED = "merged"
"""Why it ended."""


def unite(talk: "Conversation") -> None:
    """End what two of the customers that this one was went into for the same occasion."""
    surplus = doubled(talk.view.dialogues)
    for placed in talk.open() if surplus else ():
        strand, journey, one = placed
        campaign = talk.running(one)
        if journey in surplus and (campaign is None or one.state == "held"):
            entering.end_held(talk, placed, MERGED)
        elif journey in surplus and campaign is not None:
            instance = Instance(journey, strand, one)
            talk.carry(instance, leave(campaign, instance, MERGED, talk.view, talk.now))


def doubled(dialogues: Mapping[str, Dialogue]) -> frozenset[str]:
    """Return the journeys that are to end: all in steps but one for each campaign and occasion.

    None of them goes on where another is through its steps, or is held out from them: whoever was
    ever held out stays so.
    """
    if len(dialogues) < 2:
        return frozenset()
    same: dict[tuple[str, str], list[str]] = defaultdict(list)
    for journey, one in dialogues.items():
        if one.in_steps or (one.entered_at and one.reason != MERGED):
            same[one.campaign, journey[:OCCASION]].append(journey)
    found: set[str] = set()
    for journeys in same.values():
        stays = min(journeys, key=lambda journey: _order(journey, dialogues[journey]))
        found.update(each for each in journeys if each != stays and dialogues[each].in_steps)
    return frozenset(found)


def _order(journey: str, one: Dialogue) -> tuple[bool, bool, int, int, str]:
    return one.in_steps, one.state == "held", one.entered_at, one.occurred_at, journey
