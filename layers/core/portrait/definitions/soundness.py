"""Soundness of a dialogue: what can be known to be wrong with its steps before anybody enters."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portrait.campaigns import placed_trees
from portrait.definitions.satisfiable import is_impossible
from portrait.durations import milliseconds
from portrait.steps import placed_branches, placed_steps

Document = Mapping[str, Any]
Problems = Iterator[str]

_REACTIONS = {
    "Email": "email",
    "SMS": "sms",
    "Push": "push",
    "Webhook": "webhook",
    "Offer": "inbox",
}
"""First words of the events that tell of a message on a channel."""


def faults_of(campaign: Document) -> Problems:
    """Yield what is wrong with a canonical `campaign` document, as `path: what`."""
    yield from _named_twice(campaign)
    yield from _moves_somewhere(campaign)
    yield from _impossible(campaign)
    yield from _shadowed(campaign)
    yield from _reactions(campaign)
    yield from _behind(campaign["steps"], "steps")
    yield from _too_late(campaign)


def _named_twice(campaign: Document) -> Problems:
    seen: dict[str, str] = {}
    for path, step in placed_steps(campaign["steps"], "steps"):
        name = step.get("name")
        if name is not None and name in seen:
            yield f"{path}.name: {name!r} is the name of {seen[name]} already"
        elif name is not None:
            seen[name] = path
    for path, step in placed_steps(campaign["steps"], "steps"):
        for kind in ("wait_for", "split"):
            names = [one["name"] for one in step.get(kind, {}).get("branches", ())]
            for number, name in enumerate(names):
                if name in names[:number]:
                    yield f"{path}.{kind}.branches.{number}.name: {name!r} is taken"


def _names(campaign: Document) -> dict[str, Document]:
    steps = placed_steps(campaign["steps"], "steps")
    return {step["name"]: step for _, step in steps if step.get("name")}


def _moves_somewhere(campaign: Document) -> Problems:
    running, names = campaign["running"], _names(campaign)
    for target in running["move"].values() if isinstance(running, Mapping) else ():
        if target not in names:
            yield f"running.move: there is no step {target!r}{_known(names)}"


def _impossible(campaign: Document) -> Problems:
    for path, tree in placed_trees(campaign):
        if tree is not None and is_impossible(tree):
            yield f"{path}: can never be true"
    for path, branch in placed_branches(campaign["steps"], "steps"):
        if branch.get("share") == 0:
            yield f"{path}.share: nobody is ever drawn for this branch"


def _shadowed(campaign: Document) -> Problems:
    """Find branches that another one, an exit or the goal is always faster than."""
    goal = campaign.get("goal")
    first = [("exits", one) for one in campaign["exits"]]
    if goal and goal["ends"]:
        first.append(("goal", goal))
    for path, step in placed_steps(campaign["steps"], "steps"):
        branches = step.get("wait_for", {}).get("branches", ())
        for number, branch in enumerate(branches):
            faster = [(f"branch {one['name']!r}", one) for one in branches[:number]]
            for what, other in (*first, *faster):
                if _covers(other, branch):
                    place = f"{path}.wait_for.branches.{number}"
                    yield f"{place}: can never be taken, {what} is always faster"
                    break


def _covers(one: Document, other: Document) -> bool:
    """Tell whether whatever opens `other` opens `one` as well."""
    if one.get("when") is not None or other.get("when") is not None:
        return one.get("when") == other.get("when")
    if not set(other["event"]) <= set(one["event"]):
        return False
    if one.get("to") is not None and one.get("to") != other.get("to"):
        return False
    return one.get("where") is None or one.get("where") == other.get("where")


def _reactions(campaign: Document) -> Problems:
    names = _names(campaign)
    for path, branch in placed_branches(campaign["steps"], "steps"):
        to = branch.get("to")
        if to is None:
            continue
        step = names.get(to)
        channel = _channel(step) if step else None
        if step is None:
            yield f"{path}.to: there is no step {to!r}{_known(names)}"
        elif channel is None:
            yield f"{path}.to: step {to!r} says nothing that could be reacted to"
        elif not any(_told_of(event, channel) for event in branch.get("event") or ()):
            yield f"{path}.event: no such event tells of {channel!r}, on which {to!r} speaks"


def _channel(step: Document) -> str | None:
    if "send" in step:
        return str(step["send"]["channel"])
    return "inbox" if "offer" in step or "task" in step else None


def _told_of(event: str, channel: str) -> bool:
    return _REACTIONS.get(event.partition(" ")[0], channel) == channel


def _known(names: Mapping[str, Document]) -> str:
    return f"; expected one of {', '.join(sorted(names))}" if names else ""


def _behind(steps: Sequence[Document], place: str) -> Problems:
    """Find steps that nobody can come to, because everybody has left before."""
    for number, step in enumerate(steps):
        for kind in ("wait_for", "split"):
            part = step.get(kind, {})
            for branch, one in enumerate(part.get("branches", ())):
                inner = f"{place}.{number}.{kind}.branches.{branch}.steps"
                yield from _behind(one["steps"], inner)
            yield from _behind(part.get("otherwise", ()), f"{place}.{number}.{kind}.otherwise")
        if step.get("split") and _shares(step["split"]) >= 1 - 1e-9 and step["split"]["otherwise"]:
            yield f"{place}.{number}.split.otherwise: unreachable, the shares come to 1"
        if _ends(step) and number + 1 < len(steps):
            yield f"{place}.{number + 1}: unreachable, everybody has left before"
            return


def _shares(split: Document) -> float:
    return float(sum(one.get("share") or 0 for one in split["branches"]))


def _ends(step: Document) -> bool:
    """Tell whether nobody goes on behind a step."""
    if "exit" in step:
        return True
    part = step.get("wait_for") or step.get("split")
    if not part:
        return False
    ways = [one["steps"] for one in part["branches"]]
    if not (step.get("split") and _shares(part) >= 1 - 1e-9):
        ways.append(part["otherwise"])
    return all(any(_ends(each) for each in way) for way in ways)


def _too_late(campaign: Document) -> Problems:
    """Find the first step that is come to only when the campaign is over for everybody."""
    lasts = milliseconds(campaign["lasts_at_most"])
    for path, at in _shortest(campaign["steps"], "steps", 0):
        if at >= lasts:
            yield (
                f"{path}: unreachable, the waits before it take {at // 86_400_000} days or more "
                f"and lasts_at_most is {campaign['lasts_at_most']}"
            )
            return


def _shortest(steps: Sequence[Document], place: str, at: int) -> Iterator[tuple[str, int]]:
    """Yield each step with the shortest time in which it may be come to."""
    for number, step in enumerate(steps):
        here = f"{place}.{number}"
        yield here, at
        at += _least(step)
        for kind in ("wait_for", "split"):
            part = step.get(kind, {})
            for branch, one in enumerate(part.get("branches", ())):
                yield from _shortest(one["steps"], f"{here}.{kind}.branches.{branch}.steps", at)
            late = at + (milliseconds(part["timeout"]) if "timeout" in part else 0)
            yield from _shortest(part.get("otherwise", ()), f"{here}.{kind}.otherwise", late)


def _least(step: Document) -> int:
    wait = step.get("wait", {})
    return milliseconds(wait["for"]) if "for" in wait else 0
