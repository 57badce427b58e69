"""What lies beside a table's items: its indexes, and how much each partition bears.

Source: Amazon DynamoDB Developer Guide, "Service quotas" (units per second of one partition).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.faults.aws.streams import Key
from tests.faults.aws.values import Item, plain

WRITES_PER_SECOND, READS_PER_SECOND = 1_000, 3_000


class Index:
    """A global secondary index: the items that carry its keys, by their hash key."""

    def __init__(self, keys: Sequence[str], projects: Sequence[str] | None) -> None:
        self.keys = tuple(keys)
        self.projects = projects
        self._items: dict[Any, dict[Key, Item]] = {}

    def replace(self, key: Key, old: Item | None, new: Item | None) -> None:
        if old is not None and self._covers(old):
            self._items[plain(old[self.keys[0]])].pop(key, None)
        if new is not None and self._covers(new):
            self._items.setdefault(plain(new[self.keys[0]]), {})[key] = new

    def _covers(self, item: Item) -> bool:
        return all(name in item for name in self.keys)

    def partition(self, hash_value: Any) -> Mapping[Key, Item]:
        return self._items.get(hash_value, {})

    def all(self) -> Iterator[tuple[Key, Item]]:
        for partition in self._items.values():
            yield from partition.items()

    def covers(self, item: Item, hash_value: Any) -> bool:
        return self._covers(item) and bool(plain(item[self.keys[0]]) == hash_value)


class Bucket:
    """Units that flow in by the second up to one second's worth; the last request may overdraw."""

    __slots__ = ("at", "left", "per_second")

    def __init__(self, per_second: int, now: int) -> None:
        self.per_second, self.left, self.at = per_second, float(per_second), now

    def refuses(self, now: int) -> bool:
        if now > self.at:
            gained = (now - self.at) * self.per_second / 1000
            self.left, self.at = min(self.per_second, self.left + gained), now
        return self.left <= 0


class Throughput:
    """A bucket for each partition that was used."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._buckets: dict[Any, Bucket] = {}

    def refuses(self, hash_value: Any, now: int) -> bool:
        """Tell whether a partition bears nothing more at `now`."""
        bucket = self._buckets.get(hash_value)
        if bucket is None:
            self._buckets[hash_value] = Bucket(self._per_second, now)
            return False
        return bucket.refuses(now)

    def charge(self, hash_value: Any, units: float) -> None:
        """Take units from a partition that was asked before."""
        self._buckets[hash_value].left -= units
