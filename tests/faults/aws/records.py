"""The services that only take note: the bus, the mailer, the texter, and the keeper of secrets.

Source: API References of Amazon EventBridge, SES v2, End User Messaging SMS v2, Secrets Manager.
"""

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

from tests.faults.aws.clock import Clock
from tests.faults.aws.faults import Faults
from tests.faults.aws.refusals import Refused, invalid

Request = Mapping[str, Any]
MAX_ENTRIES = 10
MAX_ENTRY_BYTES = 2**20


class Bus:
    """EventBridge: what was put on any bus, in order.

    Attributes:
        taken: each entry as it came, with the time at which it did (`At`, UTC ms).
    """

    def __init__(self, clock: Clock, faults: Faults) -> None:
        self.clock, self.faults = clock, faults
        self.taken: list[dict[str, Any]] = []
        self._numbers = count(1)

    def answer(self, operation: str, request: Request, fault: str = "") -> dict[str, Any]:
        """Answer a PutEvents; `partial` lets part of it fail."""
        entries = request["Entries"]
        if operation != "PutEvents":
            raise NotImplementedError(operation)
        if not 1 <= len(entries) <= MAX_ENTRIES:
            invalid("Member must have length less than or equal to 10, and at least 1")
        if sum(map(_size, entries)) > MAX_ENTRY_BYTES:
            invalid("Total size of the entries in the request is over the limit.")
        rng, unlucky = self.faults.rng, set[int]()
        if fault == "partial":
            unlucky = set(rng.sample(range(len(entries)), rng.randint(1, len(entries))))
        answers = [self._take(e, number in unlucky) for number, e in enumerate(entries)]
        failed = sum("ErrorCode" in answer for answer in answers)
        return {"FailedEntryCount": failed, "Entries": answers}

    def _take(self, entry: Mapping[str, Any], fails: bool) -> dict[str, str]:
        if fails:
            return {"ErrorCode": "InternalFailure", "ErrorMessage": "simulated"}
        if missing := [f for f in ("Source", "DetailType", "Detail") if not entry.get(f)]:
            message = f"Parameter {missing[0]} is not valid. Reason: {missing[0]} is required."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
        if not _is_object(entry["Detail"]):
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        self.taken.append({**entry, "At": self.clock.now_ms})
        return {"EventId": f"event-{next(self._numbers):010d}"}


def _size(entry: Mapping[str, Any]) -> int:
    fields = ("Source", "DetailType", "Detail", *entry.get("Resources", ()))
    return 14 * ("Time" in entry) + sum(len(str(entry.get(f, "")).encode()) for f in fields)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


class Mailer:
    """SES: every e-mail that it took, with the `MessageId` that it answered."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sent: list[dict[str, Any]] = []

    def answer(self, operation: str, request: Request, fault: str = "") -> dict[str, Any]:
        """Answer a SendEmail."""
        if operation != "SendEmail":
            raise NotImplementedError(operation)
        id_ = f"email-{len(self.sent) + 1:010d}"
        self.sent.append({**request, "MessageId": id_, "At": self.clock.now_ms})
        return {"MessageId": id_}


class Texter:
    """End User Messaging: every text message that it took, with its `MessageId`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sent: list[dict[str, Any]] = []

    def answer(self, operation: str, request: Request, fault: str = "") -> dict[str, Any]:
        """Answer a SendTextMessage."""
        if operation != "SendTextMessage":
            raise NotImplementedError(operation)
        id_ = f"text-{len(self.sent) + 1:010d}"
        self.sent.append({**request, "MessageId": id_, "At": self.clock.now_ms})
        return {"MessageId": id_}


class Secrets:
    """Secrets Manager: one text per name."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def answer(self, operation: str, request: Request, fault: str = "") -> dict[str, Any]:
        """Answer a GetSecretValue.

        Raises:
            Refused: there is no such secret.
        """
        if operation != "GetSecretValue":
            raise NotImplementedError(operation)
        name = request["SecretId"]
        if name not in self.values:
            raise Refused(
                "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
            )
        return {"Name": name, "SecretString": self.values[name]}
