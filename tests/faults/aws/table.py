"""One table: items by key, indexes, stream, expiry, and how much each partition bears."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.faults.aws.clock import Clock
from tests.faults.aws.partitions import READS_PER_SECOND, WRITES_PER_SECOND, Index, Throughput
from tests.faults.aws.refusals import invalid
from tests.faults.aws.streams import Key, StreamRecord
from tests.faults.aws.values import Item, plain, same

HOUR_MS = 3_600_000
TTL_LATE_MS = 48 * HOUR_MS
"""Until when AWS has removed what expired; before that it may still be there."""
KEY_BYTES = (2048, 1024)


class Table:
    """Items by key; an item is replaced, never changed in place.

    Attributes:
        items: by the plain values of their keys, for oracles to read.
        sizes: bytes of each item.
        before: what each item was before its last write, and when that was (UTC ms).
        stream: every change since the table was made, if it has a stream.
        bears: whether its partitions bear no more than AWS says.
    """

    def __init__(
        self,
        name: str,
        keys: Sequence[str],
        clock: Clock,
        *,
        indexes: Mapping[str, Sequence[Any]] | None = None,
        types: Mapping[str, str] | None = None,
        ttl: str | None = None,
        stream: bool = False,
        region: str = "us-east-1",
    ) -> None:
        self.name, self.keys, self.clock, self.ttl = name, tuple(keys), clock, ttl
        self.streamed, self.region, self.bears = stream, region, True
        self.types = dict.fromkeys(self.keys, "S") | dict(types or {})
        self.indexes = {
            index: Index([key for key in shape[:2] if key], shape[2] if len(shape) > 2 else None)
            for index, shape in (indexes or {}).items()
        }
        self.items: dict[Key, Item] = {}
        self.sizes: dict[Key, int] = {}
        self.before: dict[Key, tuple[Item | None, int]] = {}
        self.stream: list[StreamRecord] = []
        self._partitions: dict[Any, dict[Key, None]] = {}
        self._writes = Throughput(WRITES_PER_SECOND)
        self._reads = Throughput(READS_PER_SECOND)
        self._checked = tuple({*self.keys, *(k for i in self.indexes.values() for k in i.keys)})

    def key(self, item: Item, *, only: bool = False) -> Key:
        """Return the key of an item, or of a request's `Key` (`only`: it is nothing else).

        Raises:
            Refused: a part is missing, of a wrong type, empty or too long.
        """
        keys = self.keys
        if only and len(item) != len(keys):
            invalid("The provided key element does not match the schema")
        if len(keys) == 1:
            value = item.get(keys[0])
            if value is not None:
                content = value.get("S")
                if content and len(content) < 500 and self.types[keys[0]] == "S":
                    return (content,)
        return tuple(self._key_part(item, name, only, n) for n, name in enumerate(keys))

    def _key_part(self, item: Item, name: str, only: bool, position: int) -> Any:
        value, wanted = item.get(name), self.types[name]
        if value is None or wanted not in value:
            if only:
                invalid("The provided key element does not match the schema")
            if value is None:
                invalid("One or more parameter values were invalid: Missing the key "
                        f"{name} in the item")  # fmt: skip
            invalid(f"One or more parameter values were invalid: Type mismatch for key {name} "
                    f"expected: {wanted} actual: {next(iter(value))}")  # fmt: skip
        content = value[wanted]
        if wanted == "N":
            return plain(value)
        if not content:
            invalid("One or more parameter values are not valid. The AttributeValue for a key "
                    f"attribute cannot contain an empty string value. Key: {name}")  # fmt: skip
        if len(content.encode() if wanted == "S" else content) > KEY_BYTES[position]:
            invalid("One or more parameter values were invalid: Size of a key has exceeded the "
                    f"maximum size limit of {KEY_BYTES[position]} bytes")  # fmt: skip
        return content if wanted == "S" else bytes(content)

    def check_index_keys(self, item: Item) -> None:
        """Refuse an item whose index keys are of a wrong type or empty."""
        for name in self._checked if self.indexes else ():
            value = item.get(name)
            if value is None or name in self.keys:
                continue
            wanted = self.types.get(name)
            if wanted is not None and wanted not in value:
                invalid("One or more parameter values were invalid: Type mismatch for Index Key "
                        f"{name} Expected: {wanted} Actual: {next(iter(value))}")  # fmt: skip
            if next(iter(value.values())) in ("", b""):
                invalid("One or more parameter values are not valid. A value specified for a "
                        f"secondary index key is not supported. IndexKey: {name}")  # fmt: skip

    def get(self, key: Key) -> Item | None:
        """Return the item as it now is; what expired two days ago is gone."""
        item = self.items.get(key)
        if item is not None and self.ttl in item and self._expired(item, TTL_LATE_MS):
            self.replace(key, None, 0, expired=True)
            return None
        return item

    def replace(self, key: Key, item: Item | None, size: int, *, expired: bool = False) -> None:
        """Put the item in the place of what is there; None removes it."""
        old, now = self.items.get(key), self.clock.now_ms
        self.before[key] = (old, now)
        if item is None:
            if old is None:
                return
            del self.items[key], self.sizes[key]
            if len(key) == 2:
                del self._partitions[key[0]][key]
        else:
            self.items[key], self.sizes[key] = item, size
            if old is None and len(key) == 2:
                self._partitions.setdefault(key[0], {})[key] = None
        for index in self.indexes.values():
            index.replace(key, old, item)
        if self.streamed and not _unchanged(old, item):
            self._record(key, old, item, expired)

    def _record(self, key: Key, old: Item | None, new: Item | None, expired: bool) -> None:
        shown = new if new is not None else old or {}
        keys = {name: shown[name] for name in self.keys}
        number = len(self.stream) + 1
        self.stream.append(
            StreamRecord(
                self.name, key, keys, number, old, new, self.clock.now_ms, expired, self.region
            )
        )

    def partition(self, hash_value: Any) -> Iterable[Key]:
        """Return the keys that share a hash key."""
        if len(self.keys) == 1:
            return [(hash_value,)] if (hash_value,) in self.items else []
        return list(self._partitions.get(hash_value, ()))

    def write_throttled(self, key: Key) -> bool:
        """Tell whether the partition of a key takes no write now."""
        return self.bears and self._writes.refuses(key[0], self.clock.now_ms)

    def read_throttled(self, key: Key) -> bool:
        """Tell whether the partition of a key gives no item now."""
        return self.bears and self._reads.refuses(key[0], self.clock.now_ms)

    def charge_write(self, key: Key, units: int) -> None:
        """Take units from what the partition of a key bears."""
        if self.bears:
            self._writes.charge(key[0], units)

    def charge_read(self, key: Key, units: float) -> None:
        """Take units from what the partition of a key gives."""
        if self.bears:
            self._reads.charge(key[0], units)

    def expired(self, late_ms: int = 0) -> list[Key]:
        """Return the keys of what expired at least `late_ms` ago."""
        if self.ttl is None:
            return []
        return [k for k, i in self.items.items() if self.ttl in i and self._expired(i, late_ms)]

    def _expired(self, item: Item, late_ms: int) -> bool:
        text = item[self.ttl].get("N") if self.ttl else None
        if text is None:
            return False
        age = self.clock.now_ms - int(float(text)) * 1000
        return late_ms < age < 5 * 365 * 24 * HOUR_MS  # older times are taken for mistakes


def _unchanged(old: Item | None, new: Item | None) -> bool:
    if old is None or new is None:
        return old is new
    return old.keys() == new.keys() and all(same(value, new[name]) for name, value in old.items())
