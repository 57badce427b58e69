"""A view: one customer at one instant, all strands combined, as conditions and templates see it."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from decimal import Decimal
from functools import cached_property
from heapq import merge
from typing import TYPE_CHECKING, Any

from portrait.consents import EVERY, Consent, consent_key, latest_consent
from portrait.dialogue import Dialogue, Entries
from portrait.experiments import Arm
from portrait.metrics import MICRO
from portrait.offers import together
from portrait.portrait import BORROWED, Portrait
from portrait.provenance import Provenance, explained, stored
from portrait.recipient_zone import recipient_zone
from portrait.series import Series
from portrait.strand import Contact, Interaction, Trait, later, newest, stricter_arm
from portrait.suppression import is_suppressed
from portrait.time_zones import time_zone
from portrait.waiting import Offer, Waiting
from portrait.windows import Window, span_at

if TYPE_CHECKING:
    from portrait.catalogue import ComputedTrait

_ADDRESS = {"email": "email", "sms": "phone"}
PUSH_TOKEN = "push_token"
"""Trait in which a strand keeps the token of its device, as `ios:…` or `android:…`."""

FRESH_MS = 86_400_000
"""A push token that the app told again within a day is in use, whatever was heard before."""


class View:
    """What is known of one customer at `now` (UTC milliseconds); reading it changes nothing."""

    def __init__(
        self,
        portrait: Portrait,
        computed: Mapping[str, "ComputedTrait"],
        now: int,
        zone: str | None = None,
    ) -> None:
        self.home = portrait.home
        self.portrait = portrait  # for what models know of, which no condition or template sees
        self.now = now
        self.is_full = portrait.is_full
        self._strands = portrait.strands
        self._kept = portrait.kept
        self._crossings = portrait.crossings
        self._computed = computed
        self._zone = zone

    @cached_property
    def zone(self) -> tzinfo:
        """The clock the customer lives by, as well as it is known, else the company's."""
        return time_zone(*recipient_zone(self, self._zone or "UTC").zones)

    @cached_property
    def subject(self) -> str:
        """The unit experiments are assigned by: the home that was heard of first.

        It stays when a visitor becomes a known customer, so their arm does not change; of two heard
        of at one instant it is the weaker, which was there before the login.
        """
        heard: dict[str, int] = {}
        for key, strand in self._strands.items():
            if strand.events:
                home = key.partition(BORROWED)[0]
                heard[home] = min(strand.first_seen, heard.get(home, strand.first_seen))
        weakest_first = sorted(heard, reverse=True)
        return min(weakest_first, key=heard.__getitem__, default=self.home)

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
        standing = self.word(channel, purpose)
        return standing.status if standing else None

    def word(self, channel: str, purpose: str) -> Consent | None:
        """Return the word that stands on a channel and purpose, or None."""
        keys = {consent_key(c, p) for c in (channel, EVERY) for p in (purpose, EVERY)}
        words = [self._kept, *(strand.consents for strand in self._strands.values())]
        return latest_consent(said[key] for said in words for key in keys if key in said)

    def address(self, channel: str) -> str | None:
        """Return where the channel reaches this customer, or None."""
        value = self.trait(_ADDRESS[channel]) if channel in _ADDRESS else None
        return value if isinstance(value, str) and value else None

    def addresses(self, channel: str) -> tuple[str, ...]:
        """Return everywhere the channel reaches this customer, newest first, at most five.

        A push message goes to all their devices, each of which told its token to its own strand.
        """
        if channel != "push":
            address = self.address(channel)
            return () if address is None else (address,)
        said = [s.traits[PUSH_TOKEN] for s in self._strands.values() if PUSH_TOKEN in s.traits]
        tokens = [one.value for one in sorted(said, key=lambda one: (-one.at, one.message))]
        return tuple(dict.fromkeys(one for one in tokens if isinstance(one, str) and one))[:5]

    def fresh_addresses(self, channel: str) -> frozenset[str]:
        """Return those of the addresses that their device told again within FRESH_MS."""
        if channel != "push":
            return frozenset()
        said = [s.traits[PUSH_TOKEN] for s in self._strands.values() if PUSH_TOKEN in s.traits]
        fresh = [one.value for one in said if self.now - one.at <= FRESH_MS]
        return frozenset(self.addresses(channel)) & frozenset(map(str, fresh))

    def suppressed(self, channel: str) -> bool:
        """Tell whether the address bounced for good or its owner complained."""
        address = self.address(channel)
        told = (strand.suppressed for strand in self._strands.values() if strand.suppressed)
        return any(is_suppressed(one, channel, address) for one in told)

    @cached_property
    def contacts(self) -> tuple[Contact, ...]:
        """Messages to this customer, newest first."""
        combined: dict[str, Contact] = {}
        for strand in self._strands.values():
            for id_, contact in strand.contacts.items():
                combined[id_] = later(combined.get(id_), contact)
        return tuple(sorted(combined.values(), key=lambda c: (-c.at, c.id)))

    @cached_property
    def timeline(self) -> tuple[Interaction, ...]:
        """The last that the customer did, and the last segments entered and left, newest first."""
        lines = [line for strand in self._strands.values() for line in strand.timeline]
        lines += (Interaction(one.at, "segment", one.said) for one in self._crossings)
        return tuple(sorted(lines, reverse=True))

    @cached_property
    def arms(self) -> Mapping[str, Arm]:
        """Campaign (or `*`, the whole programme) to `control` or `treated`, once assigned."""
        combined: dict[str, Arm] = {}
        for strand in self._strands.values():
            for campaign, arm in strand.arms.items():
                combined[campaign] = stricter_arm(combined.get(campaign), arm)
        return combined

    @cached_property
    def dialogues(self) -> Mapping[str, Dialogue]:
        """Where the customer is in campaigns, by journey."""
        return {
            key: one for strand in self._strands.values() for key, one in strand.dialogues.items()
        }

    @cached_property
    def entries(self) -> Mapping[str, Entries]:
        """How often the customer entered which campaign, and when last and first."""
        combined: dict[str, Entries] = {}
        for strand in self._strands.values():
            for campaign, one in strand.entries.items():
                known = combined.get(campaign)
                combined[campaign] = known.and_also(one) if known else one
        return combined

    @cached_property
    def waiting(self) -> Mapping[str, Waiting]:
        """Messages that may not go yet, by their id."""
        return {
            id_: one for strand in self._strands.values() for id_, one in strand.waiting.items()
        }

    @cached_property
    def offers(self) -> Mapping[str, Offer]:
        """What waits where the customer comes by themselves, by its id."""
        return together(self._strands.values())

    def series(self, metric: str) -> Mapping[str, Series]:
        """Return what the strands counted under the key of a metric, by the strand's home."""
        return {
            home: strand.series[metric]
            for home, strand in self._strands.items()
            if metric in strand.series
        }

    def computed(self, name: str) -> "ComputedTrait | None":
        """Return the computed trait of that name, or None where it is sent or unknown."""
        return self._computed.get(name)

    def _tally(self, metric: str, window: Window) -> tuple[int, int]:
        span = span_at(window, self.now)
        tallies = (series.tally(span) or (0, 0) for series in self.series(metric).values())
        counts, sums = zip((0, 0), *tallies, strict=True)
        return sum(counts), sum(sums)

    def count(self, metric: str, window: Window) -> int:
        """Return how many events the metric counted in the window; None is ever."""
        return self._tally(metric, window)[0]

    def total(self, metric: str, window: Window) -> Decimal:
        """Return the exact sum of the metric's property over the window."""
        return Decimal(self._tally(metric, window)[1]) / MICRO

    def next_changes(self, metric: str, window: Window, zone: str | None = None) -> Iterator[int]:
        """Yield, ascending, the instants after now at which time alone changes a window's content.

        Args:
            metric: key of the series.
            zone: of the days in which the series counts; None for UTC.
        """
        kept = self.series(metric).values()
        return merge(*(series.leaving(window, self.now, zone) for series in kept))

    def explain(self, name: str) -> Provenance | None:
        """Return the trait with where its value comes from, or None where nothing is known."""
        computed = self._computed.get(name)
        if computed is not None:
            return explained(computed, self)
        said = [(s.traits[name], home) for home, s in self._strands.items() if name in s.traits]
        standing = self._stored.get(name)
        homes = tuple(sorted(home for trait, home in said if trait == standing))
        return stored(standing, homes) if standing is not None else None
