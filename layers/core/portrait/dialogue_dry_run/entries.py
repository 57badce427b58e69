"""What a rehearsal found: who entered what, and what would have been said to them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portrait.dispatch import Fate
from portrait.effects import Entered, Kept, Noted
from portrait.funnel import Dossier
from portrait.happening import Happening
from portrait.message import Message


@dataclass(slots=True)
class Entries:
    """The dossiers of a rehearsal, in memory, and every message that would have gone.

    Attributes:
        sent: by customer (their home), when (UTC ms), on which channel, of which campaign.
        told: what became of each customer's messages, in order, for whoever looks at one of them.
    """

    sent: dict[str, list[tuple[int, str, str]]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    _said: set[str] = field(default_factory=set)
    _entered: dict[str, tuple[Entered, str]] = field(default_factory=dict)
    _notes: dict[str, list[Noted]] = field(default_factory=lambda: defaultdict(list))
    _kept: dict[str, Happening] = field(default_factory=dict)

    def keep(self, kept: Kept) -> None:
        """Remember what may let a customer in."""
        self._kept[kept.journey] = kept.happening

    def enter(self, entered: Entered, home: str) -> bool:
        """Record the entry; return whether it was new."""
        if entered.journey in self._entered:
            return False
        self._entered[entered.journey] = entered, home
        self.told[home].append((entered.at, f"enters {entered.campaign}, {entered.arm}"))
        if entered.happening is not None:
            self._kept[entered.journey] = entered.happening
        return True

    def note(self, journey: str, notes: Sequence[Noted]) -> None:
        """Record what became of it, in order."""
        self._notes[journey] += notes
        _, home = self._entered.get(journey, (None, ""))
        for one in notes:
            if one.what != "message":
                said = " ".join(part for part in (one.what, one.step, one.value) if part)
                self.told[home].append((one.at, f"{one.campaign}: {said}"))

    def happenings(self, journeys: Iterable[str]) -> Mapping[str, Happening]:
        """Return what let the customers in, where it was an event."""
        return {key: self._kept[key] for key in journeys if key in self._kept}

    def said(self, message: Message, fate: Fate, *, at: int) -> None:
        """Record what became of a message; what was sent before is not sent again."""
        if message.id in self._said:
            return
        what = f"{message.campaign}: {message.channel} {message.template} {fate.state}"
        self.told[message.home].append((at, f"{what} {fate.reason}".strip()))
        if fate.state == "sent":
            self._said.add(message.id)
        if fate.state == "sent" and message.channel != "inbox":
            self.sent[message.home].append((at, message.channel, message.campaign))

    def campaign(self, key: str) -> list[Dossier]:
        """Return the dossiers of one campaign."""
        return [
            self._dossier(journey, entered)
            for journey, (entered, _) in self._entered.items()
            if entered.campaign == key
        ]

    def by_day(self, key: str) -> Counter[int]:
        """Return how many entered a campaign, by the day since 1970 (UTC)."""
        return Counter(
            entered.at // 86_400_000
            for entered, _ in self._entered.values()
            if entered.campaign == key
        )

    def _dossier(self, journey: str, entered: Entered) -> Dossier:
        path: dict[str, str] = {}
        goal_at = left_by = None
        for one in self._notes[journey]:
            if one.what == "goal" and not one.step:
                goal_at = one.at
            elif one.what == "left":
                left_by = one.value
            else:
                path[one.step] = f"{one.value}:{one.reason}" if one.reason else one.value
        return Dossier(entered.arm, entered.at, path, goal_at, left_by, entered.subject)
