"""Circuit breakers: an endpoint that keeps failing is left alone for a while, then asked once."""

from dataclasses import dataclass
from typing import Literal, Protocol

FAILURES = 5
"""So many in a row open the circuit."""

FIRST_MS, LONGEST_MS = 60_000, 3_600_000
"""How long it stays open, at first and at most; each time that it opens again, twice as long."""

PROBE_MS = 30_000
"""How long the one who asks has, before another may: longer than any try lasts."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of one endpoint.

    Attributes:
        failures: in a row, as far as the processes that send have told each other.
        opened: how often it has opened since it last worked.
        open_until: UTC milliseconds; 0 while it is closed.
        gone_at: version of the template whose try was answered with 410; 0 for none.
    """

    failures: int = 0
    opened: int = 0
    open_until: int = 0
    gone_at: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing speaks against the endpoint."""
        return not (self.failures or self.opened or self.open_until)

    def admits(self, now: int) -> Literal["all", "one", "none"]:
        """Tell who may try: everybody, one who asks whether it works again, or nobody."""
        if not self.open_until:
            return "all"
        return "none" if now < self.open_until else "one"


def open_for(opened: int) -> int:
    """Return how long the circuit stays open when it opens for the n-th time; the first is 0."""
    return min(FIRST_MS << min(opened, 10), LONGEST_MS)


class Endpoints(Protocol):
    """Where processes tell each other how endpoints do; it never fails, it only knows less."""

    def look(self, key: str, now: int) -> Circuit:
        """Return what is known, which may be some seconds old."""

    def claim_probe(self, key: str, seen: Circuit, now: int) -> bool:
        """Tell whether this process is the one that may try."""

    def succeeded(self, key: str) -> None:
        """Forget all failures."""

    def failed(self, key: str, now: int, *, probing: bool) -> None:
        """Count a failure, and open the circuit where it is one too many."""

    def gone(self, key: str, version: int) -> None:
        """Remember that the endpoint does not want this version of the template."""
