"""Were the right messages sent? Each once, to nobody held out, to nobody who did not say yes."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.faults.account import Mail
from tests.faults.oracle import GRANTS, Person

if TYPE_CHECKING:
    from tests.faults.world import World


class Sends:
    """Watches from one quiet point to the next what left the house."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._checked = 0
        self._quiet_at = 0
        self._silent: set[frozenset[Any]] = set()

    def marketing(self) -> list[Mail]:
        """Return the mails that somebody may unsubscribe from."""
        asked = self._asked()
        return [one for one in self._world.account.mails if not _is_service(asked[one.message])]

    def problems(self, people: list[Person]) -> Iterator[str]:
        """Yield what was sent wrongly, and begin to watch anew from this quiet point."""
        mails = self._world.account.mails
        by_address = {
            value: person
            for person in people
            for namespace, value in person.identifiers
            if namespace == "email"
        }
        for message, times in Counter(one.message for one in mails).items():
            if times > 1:
                yield f"message {message} was sent {times} times"
        asked = self._asked()
        yield from self._held_out(asked)
        yield from self._entered(asked)
        yield from self._once(asked, by_address)
        for mail in mails[self._checked :]:
            if not _is_service(asked[mail.message]):
                yield from self._consented(mail, by_address[mail.to])
        self._checked, self._quiet_at = len(mails), self._world.now
        self._silent = {
            frozenset(one.identifiers)
            for one in people
            if "granted" not in one.consent("marketing")
        }

    def _asked(self) -> dict[str, dict[str, Any]]:
        """Return what the trigger asked to be sent, by message id."""
        told = map(json.loads, self._world.messages.handed)
        return {message["id"]: message for message in told}

    def _held_out(self, asked: dict[str, dict[str, Any]]) -> Iterator[str]:
        journeys = self._world.account.tables["journeys"].items
        for mail in self._world.account.mails:
            message = asked[mail.message]
            entry = journeys.get((message["journey"],))
            if entry is None:
                yield f"message {mail.message} was sent, and nobody entered its campaign"
            elif "control" in (entry["arm"]["S"], message["arm"]):
                yield f"message {mail.message} was sent to the control group"

    def _entered(self, asked: dict[str, dict[str, Any]]) -> Iterator[str]:
        """Whoever entered is written to unless held out, and what became of it is recorded."""
        told = {message["journey"] for message in asked.values()}
        for (key,), entry in self._world.account.tables["journeys"].items.items():
            campaign, arm = entry["campaign"]["S"], entry["arm"]["S"]
            if (key in told) != (arm == "treated"):
                asked = "a message" if key in told else "nothing"
                yield f"somebody entered {campaign} as {arm}, and {asked} was asked for"
            elif arm == "treated" and not entry["path"]["M"]:
                yield f"what became of an entry to {campaign} is not recorded"

    def _once(
        self, asked: dict[str, dict[str, Any]], by_address: dict[str, Person]
    ) -> Iterator[str]:
        times = Counter(
            id(by_address[one.to])
            for one in self._world.account.mails
            if asked[one.message]["campaign"] == "welcome"
        )
        if any(count > 1 for count in times.values()):
            yield f"{sum(count > 1 for count in times.values())} people were welcomed twice"

    def _consented(self, mail: Mail, person: Person) -> Iterator[str]:
        if not person.ever_granted:
            yield f"message {mail.message} was sent to {mail.to}, who never said yes"
        elif frozenset(person.identifiers) in self._silent and not any(
            one.said.name in GRANTS and one.last >= self._quiet_at for one in person.heard
        ):
            yield f"message {mail.message} was sent to {mail.to}, who had said no before"


def _is_service(message: dict[str, Any]) -> bool:
    return bool(message["purpose"] == "service")
