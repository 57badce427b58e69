"""What goes wrong, and when: by seeded chance at every call, or exactly once by a script."""

import random
from collections.abc import Mapping
from typing import NamedTuple

BEFORE = (
    "crash_before", "unreachable", "throttled", "failed", "conflict", "stale_read", "partial"
)  # fmt: skip
AFTER = ("crash_after", "reply_lost", "failed_applied", "late")
"""`failed_applied` is a 5xx to what was done; `late` arrives after its client gave up."""
KINDS = BEFORE + AFTER
SCRIPTED = {
    "before": "crash_before",
    "after": "crash_after",
    "reply_lost": "reply_lost",
    "reply_lost_retried": "reply_lost",
    "failed_applied": "failed_applied",
    "late": "late",
    "throttled": "throttled",
}

_DYNAMODB_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})
_DYNAMODB_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
_IN_PARTS = frozenset({"BatchGetItem", "BatchWriteItem", "SendMessageBatch", "PutEvents"})


class Crash(BaseException):
    """The sandbox died at this point; no `except Exception` may live through it."""


class Call(NamedTuple):
    """One call as a client makes it; its own retries are part of it."""

    service: str
    operation: str


class Faults:
    """Decide at each call what goes wrong.

    Attributes:
        active: False lets every call through, for a simulation that comes to rest.
        rng: the only source of chance in the simulated AWS.
        stale_for_ms: for how long after a write a stale read may still return what was before it.
        happened: how often each kind was decided.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        rates: Mapping[str, float] | None = None,
        sdk_retries: float = 0.5,
        stale_for_ms: int = 2_000,
    ) -> None:
        """Start from a seed.

        Args:
            rates: probability by kind, or by `service:kind`, which goes before it.
            sdk_retries: how probable it is that the SDK's own retry hides a lost reply, where
                the client may retry at all.
        """
        self.rng = random.Random(seed)
        self.rates = dict(rates or {})
        self.sdk_retries = sdk_retries
        self.stale_for_ms = stale_for_ms
        self.active = True
        self.happened = dict.fromkeys(KINDS, 0)
        self._odds: dict[tuple[Call, bool], tuple[float, list[tuple[float, str]]]] = {}
        self._check(self.rates)

    def _check(self, rates: Mapping[str, float]) -> None:
        if unknown := {name.rpartition(":")[2] for name in rates} - set(KINDS):
            raise ValueError(f"no such kinds of faults: {sorted(unknown)}")

    def before(self, call: Call) -> str:
        """Return what happens before the call reaches AWS, or as AWS answers it; "" is nothing."""
        return self._decide(call, False)

    def after(self, call: Call) -> str:
        """Return what happens once AWS has done what was asked; "" is nothing."""
        return self._decide(call, True)

    def retries(self) -> bool:
        """Tell whether the SDK itself repeats a call of which it lost the reply."""
        return self.rng.random() < self.sdk_retries

    def _decide(self, call: Call, after: bool) -> str:
        if not self.active:
            return ""
        odds = self._odds.get((call, after))
        if odds is None:
            odds = self._odds[call, after] = self._odds_of(call, AFTER if after else BEFORE)
        total, steps = odds
        if not total or (draw := self.rng.random()) >= total:
            return ""
        kind = next(kind for limit, kind in steps if draw < limit)
        self.happened[kind] += 1
        return kind

    def _odds_of(self, call: Call, kinds: tuple[str, ...]) -> tuple[float, list[tuple[float, str]]]:
        total, steps = 0.0, []
        for kind in kinds:
            rate = self.rates.get(f"{call.service}:{kind}", self.rates.get(kind, 0.0))
            if rate and possible(kind, call):
                total += rate
                steps.append((total, kind))
        return total, steps


class Script(Faults):
    """One fault, at the call with one index (0 is the first), and nothing else.

    Attributes:
        calls: how many calls there have been.
        fired: whether the fault has happened.
    """

    def __init__(self, at: int, kind: str, *, seed: int = 0) -> None:
        """Plan it; kinds are the keys of SCRIPTED."""
        super().__init__(seed, sdk_retries=float(kind == "reply_lost_retried"))
        self.at, self.kind = at, SCRIPTED[kind]
        self.calls, self.fired = 0, False

    def before(self, call: Call) -> str:
        self.calls += 1
        return self._at_its_call(self.kind in BEFORE)

    def after(self, call: Call) -> str:
        return self._at_its_call(self.kind in AFTER)

    def _at_its_call(self, is_its_side: bool) -> str:
        if self.fired or not self.active or not is_its_side or self.calls - 1 != self.at:
            return ""
        self.fired = True
        self.happened[self.kind] += 1
        return self.kind


def possible(kind: str, call: Call) -> bool:
    """Tell whether a call can meet a kind of fault at all."""
    match kind:
        case "conflict":
            return call.operation in _DYNAMODB_WRITES
        case "stale_read":
            return call.operation in _DYNAMODB_READS
        case "partial":
            return call.operation in _IN_PARTS
    return True
