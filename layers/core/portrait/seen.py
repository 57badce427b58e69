"""Which messages were counted: short keyed hashes by day of receipt, packed and sorted."""

from functools import lru_cache
from hashlib import blake2b

HASH_SIZE = 6
"""Bytes of a message hash: among 4,096 others, a new one is taken for known once in 7e10."""

SEEN_DAYS = 35
"""Longer than the 14 days a queue and its DLQ can hold a message, twice, and than 30 by design."""

MAX_SEEN = 4096

Seen = list[tuple[int, bytes]]
"""(day of receipt since the epoch, sorted hashes run together), in order of days."""


def message_hash(secret: bytes, source: str, message_id: str) -> bytes:
    """Return the 48 bits a message is remembered by; message ids are scoped to a source."""
    keyed = _keyed(secret).copy()
    keyed.update(f"{source}\0{message_id}".encode())
    return keyed.digest()


@lru_cache(4)
def _keyed(secret: bytes) -> blake2b:
    """Return the hash with the key taken in, which is half of the work of a short message."""
    return blake2b(digest_size=HASH_SIZE, key=secret[:64])


def contains(seen: Seen, message: bytes) -> bool:
    """Tell whether the message was counted, on whichever day."""
    for _, packed in seen:  # noqa: SIM110 - every event passes here: any() takes twice as long
        if packed.find(message) >= 0 and _index(packed, message) >= 0:
            return True
    return False


def is_forgotten(seen: Seen, day: int) -> bool:
    """Tell whether messages received on `day` are no longer remembered, so nobody can tell."""
    return bool(seen) and day <= seen[-1][0] - SEEN_DAYS


def add(seen: Seen, day: int, message: bytes) -> None:
    """Remember a message that `contains` did not know, forgetting the oldest beyond the bounds."""
    place = len(seen)
    while place and seen[place - 1][0] > day:  # nearly all that comes is of the newest day
        place -= 1
    if place and seen[place - 1][0] == day:
        seen[place - 1] = (day, _insert(seen[place - 1][1], message))
    else:
        seen.insert(place, (day, message))
    _forget(seen)


def union(one: Seen, other: Seen) -> Seen:
    """Return what either remembers, within the bounds."""
    days: dict[int, set[bytes]] = {}
    for day, packed in (*one, *other):
        messages = days.setdefault(day, set())
        messages.update(packed[i : i + HASH_SIZE] for i in range(0, len(packed), HASH_SIZE))
    both = [(day, b"".join(sorted(messages))) for day, messages in sorted(days.items())]
    if both:
        _forget(both)
    return both


def _insert(packed: bytes, message: bytes) -> bytes:
    low, high = 0, len(packed) // HASH_SIZE
    while low < high:
        middle = (low + high) // 2
        if packed[middle * HASH_SIZE : (middle + 1) * HASH_SIZE] < message:
            low = middle + 1
        else:
            high = middle
    cut = low * HASH_SIZE
    return packed[:cut] + message + packed[cut:]


def _forget(seen: Seen) -> None:
    horizon = seen[-1][0] - SEEN_DAYS
    while seen[0][0] <= horizon:
        del seen[0]
    surplus = sum([len(packed) for _, packed in seen]) - MAX_SEEN * HASH_SIZE
    while surplus > 0:
        day, packed = seen[0]
        if len(packed) > surplus:
            seen[0] = (day, packed[surplus:])
        else:
            del seen[0]
        surplus -= len(packed)


def _index(packed: bytes, message: bytes) -> int:
    at = packed.find(message)
    while at >= 0 and at % HASH_SIZE:
        at = packed.find(message, at + 1)
    return at
