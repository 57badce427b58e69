"""What was asked of AWS, and what AWS charges for it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Counts of one stage.

    Attributes:
        requests: that our code made, by (service, operation).
        polls: that Lambda's pollers made for us, by (service, operation).
        charges: what is billed, by name of the price in prices.py.
        log_bytes: that the handlers wrote, without what CloudWatch adds.
        cpu: seconds of processor time in the handlers.
        fired: timers that fired.
    """

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    polls: Counter[tuple[str, str]] = field(default_factory=Counter)
    charges: Counter[str] = field(default_factory=Counter)
    log_bytes: int = 0
    cpu: float = 0.0
    fired: int = 0

    def charge(self, price: str, amount: float) -> None:
        """Add to one line of the bill."""
        self.charges[price] += amount  # type: ignore[assignment]  # units may be halves

    def __add__(self, other: "Ledger") -> "Ledger":
        return Ledger(
            self.requests + other.requests,
            self.polls + other.polls,
            self.charges + other.charges,
            self.log_bytes + other.log_bytes,
            self.cpu + other.cpu,
            self.fired + other.fired,
        )


def chunks_of_64_kb(size: int) -> int:
    """Return how many requests SQS and EventBridge bill for a payload of so many bytes."""
    return max(1, -(-size // 65_536))
