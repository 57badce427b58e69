"""Standard queues of SQS: visibility, delay, redrive, and what a message may hold.

Source: Amazon SQS Developer Guide and API Reference.
"""

import heapq
from collections import deque
from collections.abc import Mapping
from itertools import count
from typing import Any

from tests.faults.aws.clock import Clock
from tests.faults.aws.faults import Faults
from tests.faults.aws.messages import Message, attributes, check_body, md5

RETENTION_S = 345_600


class Queue:
    """One queue.

    Attributes:
        reorder: how far behind its turn a message may be received; 0 keeps the order.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        faults: Faults,
        *,
        visibility_s: float,
        max_receives: int | None = None,
        dlq: "Queue | None" = None,
        delay_s: float = 0,
        retention_s: float = RETENTION_S,
        siblings: "Mapping[str, Queue] | None" = None,
    ) -> None:
        self.name, self.clock, self.faults = name, clock, faults
        self.visibility_s, self.delay_s, self.retention_s = visibility_s, delay_s, retention_s
        self.max_receives, self.dlq, self.reorder = max_receives, dlq, 0
        self._siblings: Mapping[str, Queue] = siblings if siblings is not None else {}
        self._numbers = count(1)
        self._ready: deque[Message] = deque()
        self._later: list[tuple[int, int, Message]] = []
        self._hidden_until: dict[str, int] = {}
        self._all: dict[str, Message] = {}

    def __len__(self) -> int:
        return len(self._all)

    def send(self, body: str, *, delay_s: float | None = None, attributes: Any = None) -> Message:
        """Put a body on the queue.

        Raises:
            Refused: it is empty, too long, or holds a character that SQS does not take.
        """
        check_body(body)
        message = Message(self._name("m"), body, self.clock.now_ms, attributes)
        self._add(message, self.delay_s if delay_s is None else delay_s)
        return message

    def _name(self, kind: str) -> str:
        return f"{kind}-{self.name}-{next(self._numbers):010d}"

    def _add(self, message: Message, delay_s: float) -> None:
        self._all[message.id] = message
        if delay_s > 0:
            self._hide(message, delay_s)
        else:
            self._ready.append(message)

    def _hide(self, message: Message, seconds: float) -> None:
        until = self.clock.now_ms + int(seconds * 1000)
        self._hidden_until[message.id] = until
        heapq.heappush(self._later, (until, next(self._numbers), message))

    def _wake(self, now: int) -> None:
        while self._later and self._later[0][0] <= now:
            until, _, message = heapq.heappop(self._later)
            if self._hidden_until.get(message.id) == until:  # not changed or deleted meanwhile
                del self._hidden_until[message.id]
                self._ready.append(message)

    def visible(self, now: int) -> int:
        """Return how many messages could be received at `now`."""
        self._wake(now)
        return len(self._all) - len(self._hidden_until)

    def next_at(self) -> int | None:
        """Return when the next hidden message shows itself (UTC ms), or None."""
        while self._later and self._hidden_until.get(self._later[0][2].id) != self._later[0][0]:
            heapq.heappop(self._later)
        return self._later[0][0] if self._later else None

    def receive(
        self, n: int, now: int, *, visibility_s: float | None = None
    ) -> list[dict[str, Any]]:
        """Return up to `n` messages as Lambda hands them over, and hide them for a while."""
        return [
            self._as_record(message)
            for message in self.take(n, now, self.visibility_s if visibility_s is None
                                     else visibility_s)
        ]  # fmt: skip

    def take(self, n: int, now: int, visibility_s: float) -> list[Message]:
        """Receive up to `n` messages; those received too often go to the dead-letter queue."""
        self._wake(now)
        taken: list[Message] = []
        again: list[Message] = []
        while self._ready and len(taken) < n:
            message = self._next()
            if message.id not in self._all:
                continue
            if now - message.sent_at >= self.retention_s * 1000:
                del self._all[message.id]
            elif self.max_receives is not None and message.received >= self.max_receives:
                self._bury(message)
            else:
                taken.append(message)
                message.received += 1
                message.first_at = message.first_at or now
                message.receipt = f"{message.id}#{message.received}"
                if visibility_s > 0:
                    self._hide(message, visibility_s)
                else:
                    again.append(message)
        self._ready.extend(again)
        return taken

    def _next(self) -> Message:
        behind = min(self.reorder, len(self._ready) - 1)
        if behind <= 0:
            return self._ready.popleft()
        turn = self.faults.rng.randint(0, behind)
        self._ready.rotate(-turn)
        message = self._ready.popleft()
        self._ready.rotate(turn)
        return message

    def _bury(self, message: Message) -> None:
        del self._all[message.id]
        if self.dlq is not None:
            message.source, message.received = self.name, 0
            self.dlq._add(message, 0)

    def delete(self, receipt: str) -> bool:
        """Delete what was received last under a receipt; return whether it was still there."""
        message = self._all.get(receipt.rpartition("#")[0])
        if message is None or message.receipt != receipt:
            return False
        del self._all[message.id]
        self._hidden_until.pop(message.id, None)
        return True

    def change_visibility(self, receipt: str, seconds: float) -> bool:
        """Hide what was received under a receipt for so long from now; 0 shows it at once."""
        message = self._all.get(receipt.rpartition("#")[0])
        if message is None or message.receipt != receipt or message.id not in self._hidden_until:
            return False
        if seconds > 0:
            self._hide(message, seconds)
        else:
            del self._hidden_until[message.id]
            self._ready.append(message)
        return True

    def start_message_move(self, to: "Queue | None" = None) -> int:
        """Send everything in this dead-letter queue back to where it came from, or to `to`.

        As in AWS, what moves is a new message, with a new id and time. Returns how many moved.
        """
        moved = 0
        for message in list(self._all.values()):
            target = to or self._siblings.get(message.source)
            if target is None or message.id in self._hidden_until:
                continue
            del self._all[message.id]
            target.send(message.body, delay_s=0, attributes=message.attributes)
            moved += 1
        return moved

    def all_bodies(self) -> list[str]:
        """Return every body on the queue, hidden ones included."""
        return [message.body for message in self._all.values()]

    def _as_record(self, message: Message) -> dict[str, Any]:
        return {
            "messageId": message.id,
            "receiptHandle": message.receipt,
            "body": message.body,
            "attributes": attributes(message),
            "messageAttributes": {},
            "md5OfBody": md5(message.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{self.name}",
            "awsRegion": "us-east-1",
        }
