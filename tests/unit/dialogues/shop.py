"""A shop in memory whose every function is the product's own, for tests of whole conversations."""

from typing import Any

from portrait.campaigns import Campaign
from portrait.catalogue import Catalogue
from portrait.dialogue import Dialogue
from portrait.dialogue_dry_run.rehearsal import Rehearsal
from portrait.event import Event
from portrait.funnel import Dossier
from portrait.identity import strongest_first
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.profile import sight
from tests.unit.dialogues.campaigns import MINUTE, NOW, a_campaign

SECRET = b"a secret of this shop"
HOUR = 60 * MINUTE
ANNA = {"user_id": "anna", "email": "anna@mail.example"}
POLICY = {
    "kind": "policy", "key": "default", "control": 0, "seed": "programme", "caps": [],
    "service_purposes": ["service", "marketing"], "service_counts": False,
}  # fmt: skip
LETTER = {"kind": "template", "key": "t", "channel": "email", "subject": "s", "text": "t"}


def letter(**fields: Any) -> dict[str, Any]:
    """Return a step that sends an e-mail."""
    return {"send": {"channel": "email", "template": "t", **fields}}


class Shop:
    """Customers, and what becomes of them; messages that are asked for are sent at once."""

    def __init__(self, *documents: dict[str, Any], running: Any = ()) -> None:
        known = [{"version": 1, "published_at": 0, **one} for one in (*documents, LETTER, POLICY)]
        self.now, self._number = NOW, 0
        self.catalogue = Catalogue.compile(known, running)
        self.played = Rehearsal(self.catalogue, since=0)

    def publish(self, *documents: dict[str, Any], running: Any = ()) -> None:
        """Let other definitions be current from now on."""
        known = [{"version": 1, "published_at": self.now, **one} for one in documents]
        self.catalogue = Catalogue.compile([*known, LETTER, POLICY], running)
        self.played._catalogue = self.catalogue

    def happens(
        self, name: str, who: dict[str, str] | None = None, *, at: int | None = None, **said: Any
    ) -> None:
        """Let a customer do something now, or tell now what they did at an instant."""
        self.hears([(name, who or ANNA, self.now if at is None else at, said)])

    def hears(self, told: list[tuple[str, dict[str, str], int, dict[str, Any]]]) -> None:
        """Let several things be heard in one batch."""
        events = []
        for name, who, at, said in told:
            self._number += 1
            identify = name == "$identify"
            events.append(
                Event(
                    id=f"m{self._number}", source="shop", kind="identify" if identify else "track",
                    name="" if identify else name, identifiers=strongest_first(who.items()),
                    timestamp=at, received_at=self.now,
                    traits={**_address(who), **(said if identify else {})},
                    properties={} if identify else said,
                )
            )  # fmt: skip
        self.played.tell(sight(events, SECRET), now=self.now)

    def passes(self, ms: int) -> None:
        """Let time pass, and timers fire."""
        self.now += ms
        self.played.advance(self.now)

    def home(self, who: dict[str, str] | None = None) -> str:
        event = Event(
            id="x", source="s", kind="track", identifiers=strongest_first((who or ANNA).items()),
            timestamp=0, received_at=0,
        )  # fmt: skip
        return sight([event], SECRET)[0].homes[0]

    def portrait(self, who: dict[str, str] | None = None) -> Portrait:
        found = self.played.portrait(self.home(who))
        assert found is not None
        return found

    def dialogues(self, who: dict[str, str] | None = None) -> list[Dialogue]:
        view = self.portrait(who).view(self.catalogue, self.now)
        return sorted(view.dialogues.values(), key=lambda one: one.occurred_at)

    def due_at(self, who: dict[str, str] | None = None) -> int | None:
        record = self.played._shelf.follow(self.home(who))
        assert record is not None
        return record.due_at

    def dossiers(self, key: str = "c") -> list[Dossier]:
        return self.played.entries.campaign(key)

    @property
    def sent(self) -> list[str]:
        """Campaigns of the messages that went, in order."""
        everything = [one for some in self.played.entries.sent.values() for one in some]
        return [campaign for _, _, campaign in sorted(everything)]


def _address(who: dict[str, str]) -> dict[str, str]:
    return {"email": who["email"]} if "email" in who else {}


__all__ = ["DAY_MS", "HOUR", "MINUTE", "NOW", "Campaign", "Shop", "a_campaign", "letter"]
