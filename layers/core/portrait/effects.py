"""Effects: what a step of a dialogue brings about outside the portrait.

They travel in the changes of the write that decided them, and the trigger carries them out, at
least once. Each names itself, so that doing it again changes nothing.
"""

from typing import Any, Literal

import msgspec

from portrait.experiments import Arm
from portrait.happening import Happening


class Kept(msgspec.Struct, frozen=True, array_like=True, tag="kept"):
    """What may let a customer in is to be remembered for the messages until it is sure (UTC ms)."""

    journey: str
    happening: Happening
    until: int = 0


class Entered(msgspec.Struct, frozen=True, array_like=True, tag="entered"):
    """A customer entered a campaign, in which arm; `happening` is what let them in, if it was one.

    Instants are UTC milliseconds.
    """

    journey: str
    campaign: str
    version: int
    arm: Arm
    subject: str
    strand: str
    at: int
    occurred_at: int
    happening: Happening | None = None


class Say(msgspec.Struct, frozen=True, array_like=True, tag="say"):
    """A message is to be tried now, for the first time or again. Instants are UTC milliseconds."""

    message: str
    journey: str
    campaign: str
    version: int
    step: str
    strand: str
    channel: str
    template: str
    purpose: str
    value: float
    occurred_at: int
    received_at: int
    expires_at: int
    attempt: int = 0
    pull: tuple[str, ...] = ()
    is_task: bool = False


class Noted(msgspec.Struct, frozen=True, array_like=True, tag="noted"):
    """Something became of a journey, for its dossier.

    branch: `value` is the way taken at `step`. message: what became of its message, `reason` why.
    goal: it was reached; with a `step`, that came to be a goal of those who are treated, which the
    control group, in no step, cannot be compared by. left: it has no steps left, `value` says why.
    """

    journey: str
    campaign: str
    arm: Arm
    what: Literal["branch", "message", "goal", "left"]
    at: int
    step: str = ""
    value: str = ""
    reason: str = ""


class Emitted(msgspec.Struct, frozen=True, array_like=True, tag="emitted"):
    """A step tells the bus something."""

    id: str
    fact: str
    campaign: str
    at: int
    detail: dict[str, Any] = {}


Effect = Kept | Entered | Say | Noted | Emitted


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What became of a message, from dispatch to the dialogue that asked for it.

    waiting: it could not go yet. The others are final.
    """

    journey: str
    step: str
    message: str
    state: Literal["sent", "held", "failed", "unknown", "waiting"]
    at: int
    strand: str
    reason: str = ""
