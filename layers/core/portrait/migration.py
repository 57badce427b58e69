"""Migration: what a new version of a campaign makes of dialogues that run on one before it."""

from typing import TYPE_CHECKING

from portrait.advance import Instance, go_on
from portrait.campaigns import Campaign
from portrait.dialogue import Dialogue

if TYPE_CHECKING:
    from portrait.conversation import Conversation


def migrate(talk: "Conversation") -> None:
    """Take dialogues to the newest version of their campaign, where it asks for that."""
    for strand, journey, one in talk.open():
        newest = talk.catalogue.newest.get(one.campaign)
        found = migrated(one, newest, talk.now) if newest else None
        if found is None or newest is None:
            continue
        state, step = found
        talk.put(strand, journey, state)
        if step is not None:
            instance = Instance(journey, strand, state)
            talk.carry(instance, go_on(newest, instance, step, talk.now, talk.view, talk.now))


def migrated(one: Dialogue, new: Campaign, now: int) -> tuple[Dialogue, str | None] | None:
    """Return a dialogue on the new version, and the step to go into; None where it stays.

    With `restart` whoever is in a step begins anew at `now` (UTC ms), in the arm and with the time
    of entry that they had; with `move` whoever is in a step that is named there goes into the one
    that it says. A step keeps its message under its name, so nobody is told the same twice. Who is
    only held waits as the new version says. Where only the goal is watched for, nothing changes.
    """
    if one.version >= new.version or new.running == "keep":
        return None
    if one.state == "held":
        due_at = one.since + new.entry.absent_ms
        return one._replace(version=new.version, due_at=due_at), None
    if one.state != "running":
        return None
    step = new.first if new.running == "restart" else _target(one, new)
    return None if step is None else (one._replace(version=new.version, since=now), step)


def _target(one: Dialogue, new: Campaign) -> str | None:
    return None if isinstance(new.running, str) else new.running.get(one.step)
