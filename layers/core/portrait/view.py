"""A view: one customer at one instant, all strands combined, as conditions and templates see it."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from portrait.consents import EVERY, consent_key, latest_consent
from portrait.experiments import Arm
from portrait.metrics import MICRO
from portrait.portrait import Portrait
from portrait.series import Entry, plain_value
from portrait.strand import Contact, Trait, later, newest, stricter_arm

if TYPE_CHECKING:
    from portrait.catalogue import ComputedTrait

_ADDRESS = {"email": "email", "sms": "phone"}


class View:
    """What is known of one customer at `now` (UTC milliseconds); reading it changes nothing."""

    def __init__(
        self, portrait: Portrait, computed: Mapping[str, "ComputedTrait"], now: int
    ) -> None:
        self.home = portrait.home
        self.now = now
        self._strands = portrait.strands
        self._computed = computed

    @cached_property
    def subject(self) -> str:
        """The unit experiments are assigned by: the home that was heard of first.

        It stays when a visitor becomes a known customer, so their arm does not change; of two heard
        of at one instant it is the weaker, which was there before the login.
        """
        heard = [home for home, strand in self._strands.items() if strand.events]
        weakest_first = sorted(heard, reverse=True)
        return min(weakest_first, key=lambda h: self._strands[h].first_seen, default=self.home)

    @cached_property
    def _stored(self) -> dict[str, Trait]:
        combined: dict[str, Trait] = {}
        for strand in self._strands.values():
            for name, trait in strand.traits.items():
                combined[name] = newest(combined.get(name), trait)
        return combined

    def trait(self, name: str) -> Any:
        """Return the computed trait of that name, else what was last said, else None."""
        computed = self._computed.get(name)
        if computed is not None:
            return computed.value(self)
        stored = self._stored.get(name)
        return stored.value if stored else None

    def traits(self) -> dict[str, Any]:
        """Return everything known by name, for templates: stored traits, then computed ones."""
        known = {name: t.value for name, t in self._stored.items() if t.value is not None}
        known.update((name, trait.value(self)) for name, trait in self._computed.items())
        return known

    def consent(self, channel: str, purpose: str) -> str | None:
        """Return `granted` or `withdrawn`, or None where nothing was ever said.

        A withdrawal of everything counts when it is the later word.
        """
        keys = {consent_key(c, p) for c in (channel, EVERY) for p in (purpose, EVERY)}
        said = (
            s.consents[key] for s in self._strands.values() for key in keys if key in s.consents
        )
        standing = latest_consent(said)
        return standing.status if standing else None

    def address(self, channel: str) -> str | None:
        """Return where the channel reaches this customer, or None."""
        value = self.trait(_ADDRESS[channel]) if channel in _ADDRESS else None
        return value if isinstance(value, str) and value else None

    def suppressed(self, channel: str) -> bool:
        """Tell whether the address bounced for good or its owner complained."""
        return any(channel in strand.suppressed for strand in self._strands.values())

    @cached_property
    def contacts(self) -> tuple[Contact, ...]:
        """Messages to this customer, newest first."""
        combined: dict[str, Contact] = {}
        for strand in self._strands.values():
            for id_, contact in strand.contacts.items():
                combined[id_] = later(combined.get(id_), contact)
        return tuple(sorted(combined.values(), key=lambda c: (-c.at, c.id)))

    @cached_property
    def arms(self) -> Mapping[str, Arm]:
        """Campaign (or `*`, the whole programme) to `control` or `treated`, once assigned."""
        combined: dict[str, Arm] = {}
        for strand in self._strands.values():
            for campaign, arm in strand.arms.items():
                combined[campaign] = stricter_arm(combined.get(campaign), arm)
        return combined

    def _within(self, metric: str, window: int | None) -> tuple[int, int]:
        count = total = 0
        for strand in self._strands.values():
            if (series := strand.series.get(metric)) is not None:
                events, amount = series.within(self.now, window)
                count, total = count + events, total + amount
        return count, total

    def count(self, metric: str, window_ms: int | None) -> int:
        """Return how many events the metric counted in the last `window_ms`; None is ever."""
        return self._within(metric, window_ms)[0]

    def total(self, metric: str, window_ms: int | None) -> Decimal:
        """Return the exact sum of the metric's property over the window."""
        return Decimal(self._within(metric, window_ms)[1]) / MICRO

    def first(self, metric: str, window_ms: int | None) -> tuple[int, Any] | None:
        """Return (instant, value) of the earliest event in the window, or None."""
        found = (s.series[metric].earliest(self.now, window_ms) for s in self._having(metric))
        return _plain(min((e for e in found if e), key=lambda e: e[0], default=None))

    def last(self, metric: str, window_ms: int | None) -> tuple[int, Any] | None:
        """Return (instant, value) of the latest event in the window, or None."""
        found = (s.series[metric].latest(self.now, window_ms) for s in self._having(metric))
        return _plain(max((e for e in found if e), key=lambda e: e[0], default=None))

    def _having(self, metric: str) -> list[Any]:
        return [strand for strand in self._strands.values() if metric in strand.series]


def _plain(entry: Entry | None) -> tuple[int, Any] | None:
    return None if entry is None else (entry[0], plain_value(entry[1]))
