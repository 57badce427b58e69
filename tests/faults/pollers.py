"""What Lambda does between a queue or a stream and a function: batches, deletions, repeats."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from zlib import crc32

from tests.faults.ages import MINUTE_MS
from tests.faults.deployment import batch_size, variables

if TYPE_CHECKING:
    from tests.faults.world import World

SHARDS = 3
WINDOW_MS = 5 * MINUTE_MS


class Patience:
    """How long a poller waits for a batch to fill: not at all, or up to some minutes."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._until: int | None = None

    def over(self, waiting: bool) -> bool:
        """Tell whether it has waited long enough, from when there was something to wait with."""
        if not waiting:
            self._until = None
            return False
        if self._until is None:
            random = self._world.random
            self._until = self._world.now + random.choice(
                (0, 0, *[random.randrange(WINDOW_MS)] * 6)
            )
        return self._until <= self._world.now

    def ends_at(self, otherwise: int | None) -> int | None:
        """Return when it will have waited long enough."""
        return otherwise if self._until is None else self._until


class QueuePoller:
    """Hands batches of a queue to a function, and deletes what it did not give back."""

    def __init__(self, world: "World", function: str, queue: str) -> None:
        self._world = world
        self._function = function
        self._queue = world.account.queues[queue]
        self._dead = world.account.queues[f"{queue}-dlq"]
        self._to = variables()[f"{queue.upper()}_QUEUE_URL"]
        self._patience = Patience(world)
        self.deliveries = self.received = 0
        self.handed: set[str] = set()

    @property
    def waiting(self) -> bool:
        """Tell whether anything lies in the queue, visible or not, or in its dead letters."""
        return len(self._queue) + len(self._dead) > 0

    def ready(self) -> list[Callable[[], None]]:
        visible = self._queue.visible(self._world.now)
        return [self._poll] * min(2, visible) if self._patience.over(visible > 0) else []

    def next_instant(self) -> int | None:
        return self._patience.ends_at(self._queue.next_at())

    def bury(self, body: str) -> None:
        """Put a body among the dead letters."""
        self._dead.send(body)

    def redrive(self) -> bool:
        """Put dead letters back, as a person does once the cause is mended: as new messages."""
        redriven = False
        while records := self._dead.receive(10, self._world.now):
            for record in records:
                self._world.account.put(self._to, record["body"])
                self._dead.delete(record["receiptHandle"])
            redriven = True
        return redriven

    def _poll(self) -> None:
        world = self._world
        most = world.random.choice((1, 3, 10, batch_size(self._function)))
        records = self._queue.receive(min(most, batch_size(self._function)), world.now)
        if not records:  # somebody else of this round was faster
            return
        self.received += len(records)
        self.deliveries += sum(record["body"].count('{"id":') or 1 for record in records)
        self.handed.update(record["body"] for record in records)
        world.random.shuffle(records)
        answer = world.invoke(self._function, {"Records": records})
        kept = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        for record in records:
            lost = world.random.random() < world.weather.again
            if record["messageId"] not in kept and not lost:
                self._queue.delete(record["receiptHandle"])


class StreamPoller:
    """Hands a table's stream to a function: in order per shard, and again from where it failed."""

    def __init__(self, world: "World", function: str, table: str) -> None:
        self._world = world
        self._function = function
        self._stream: list[Any] = world.account.tables[table].stream
        self._read = 0
        self._shards: list[list[Any]] = [[] for _ in range(SHARDS)]
        self._patience = Patience(world)
        self._half: dict[int, int] = {}

    @property
    def waiting(self) -> bool:
        """Tell whether a record waits for its function."""
        self._sort()
        return any(self._shards)

    def ready(self) -> list[Callable[[], None]]:
        if not self._patience.over(self.waiting):
            return []
        return [partial(self._poll, shard) for shard in range(SHARDS) if self._shards[shard]]

    def next_instant(self) -> int | None:
        return self._patience.ends_at(None)

    def _sort(self) -> None:
        """Put what is new into its shard; only what passes the template's filter wakes anybody."""
        new = self._stream[self._read :]
        self._read = len(self._stream)
        for record in new:
            told = record.lambda_record()
            image = told["dynamodb"].get("NewImage", {})
            if "B" in image.get("changes", {}) or "N" in image.get("timer", {}):
                self._shards[crc32(str(record.key).encode()) % SHARDS].append(told)

    def _poll(self, shard: int) -> None:
        world, records = self._world, self._shards[shard]
        most = self._half.pop(shard, None) or world.random.choice(
            (1, 5, batch_size(self._function))
        )
        batch = records[:most]
        self._half[shard] = max(1, len(batch) // 2)  # bisected, should it fail
        answer = world.invoke(self._function, {"Records": batch})
        del self._half[shard]
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        if failed or world.random.random() < world.weather.again:
            return
        del records[: len(batch)]


class Timers:
    """Fires the schedules whose time has come, each onto the queue that it names.

    Attributes:
        until: how far the clock may be put forward for the next of them (UTC ms).
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self.until = 0
        self.fired = 0

    def ready(self) -> list[Callable[[], None]]:
        at = self._next_at()
        return [self._fire] if at is not None and at <= self._world.now else []

    def next_instant(self) -> int | None:
        at = self._next_at()
        return at if at is not None and at <= self.until else None

    def _next_at(self) -> int | None:
        at: int | None = self._world.account.schedules.next_at()
        return at

    def _fire(self) -> None:
        account = self._world.account
        for one in account.schedules.due(self._world.now):
            self.fired += 1
            twice = self._world.random.random() < self._world.weather.again
            for _ in range(2 if twice else 1):
                account.put(one["Target"]["Arn"].rpartition(":")[2], one["Target"]["Input"])
