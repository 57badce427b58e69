"""SQS in memory: its operations, on queues by URL.

Source: Amazon SQS API Reference; error codes as its JSON protocol gives them to botocore.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.faults.aws.clock import Clock
from tests.faults.aws.faults import Faults
from tests.faults.aws.messages import MAX_BYTES, Message, attributes, md5, size
from tests.faults.aws.queues import Queue
from tests.faults.aws.refusals import Refused

Request = Mapping[str, Any]
MAX_DELAY_S, MAX_VISIBILITY_S = 900, 43_200
MAX_BATCH = 10
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


class Sqs:
    """Queues by name, and what their clients may ask of them."""

    def __init__(self, clock: Clock, faults: Faults) -> None:
        self.clock, self.faults = clock, faults
        self.queues: dict[str, Queue] = {}
        self._operations: dict[str, Callable[[Queue, Request, str], dict[str, Any]]] = {
            "ChangeMessageVisibility": self._change_visibility,
            "DeleteMessage": self._delete,
            "DeleteMessageBatch": self._delete_batch,
            "GetQueueAttributes": self._attributes,
            "ReceiveMessage": self._receive,
            "SendMessage": self._send,
            "SendMessageBatch": self._send_batch,
        }

    def answer(self, operation: str, request: Request, fault: str = "") -> dict[str, Any]:
        """Do what the request says.

        Args:
            fault: partial lets part of a batch fail.

        Raises:
            Refused: the request is wrong.
        """
        queue = self.queues.get(request["QueueUrl"].rpartition("/")[2])
        if queue is None:
            raise Refused("AWS.SimpleQueueService.NonExistentQueue",
                          "The specified queue does not exist.")  # fmt: skip
        return self._operations[operation](queue, request, fault)

    def _send(self, queue: Queue, request: Request, fault: str) -> dict[str, Any]:
        delay = request.get("DelaySeconds")
        if delay is not None and not 0 <= delay <= MAX_DELAY_S:
            raise _invalid("DelaySeconds must be >= 0 and <= 900")
        message = queue.send(
            request["MessageBody"], delay_s=delay, attributes=request.get("MessageAttributes")
        )
        return {"MessageId": message.id, "MD5OfMessageBody": md5(message.body)}

    def _send_batch(self, queue: Queue, request: Request, fault: str) -> dict[str, Any]:
        entries = request["Entries"]
        check_ids(entries)
        if sum(size(entry["MessageBody"]) for entry in entries) > MAX_BYTES:
            raise Refused("AWS.SimpleQueueService.BatchRequestTooLong",
                          f"Batch requests cannot be longer than {MAX_BYTES} bytes.")  # fmt: skip
        answer: dict[str, list[Any]] = {"Successful": [], "Failed": []}
        unlucky = self._unlucky(len(entries)) if fault == "partial" else frozenset()
        for number, entry in enumerate(entries):
            try:
                if number in unlucky:
                    raise Refused("InternalError", "simulated", status=500)  # noqa: TRY301
                sent = {"Id": entry["Id"], **self._send(queue, entry, "")}
                answer["Successful"].append(sent)
            except Refused as refused:
                answer["Failed"].append(_failed(entry["Id"], refused))
        return {name: entries for name, entries in answer.items() if entries}

    def _unlucky(self, count: int) -> frozenset[int]:
        return frozenset(self.faults.rng.sample(range(count), self.faults.rng.randint(1, count)))

    def _receive(self, queue: Queue, request: Request, fault: str) -> dict[str, Any]:
        wanted = request.get("MaxNumberOfMessages", 1)
        if not 1 <= wanted <= MAX_BATCH:
            raise _invalid(f"Value {wanted} for parameter MaxNumberOfMessages is invalid.")
        visibility = request.get("VisibilityTimeout", queue.visibility_s)
        taken = queue.take(wanted, self.clock.now_ms, visibility)
        names = set(request.get("AttributeNames") or request.get("MessageSystemAttributeNames", ()))
        messages = [_told(message, names) for message in taken]
        return {"Messages": messages} if messages else {}

    def _delete(self, queue: Queue, request: Request, fault: str) -> dict[str, Any]:
        _check_receipt(request["ReceiptHandle"])
        queue.delete(request["ReceiptHandle"])
        return {}

    def _delete_batch(self, queue: Queue, request: Request, fault: str) -> dict[str, Any]:
        check_ids(request["Entries"])
        answer: dict[str, list[Any]] = {"Successful": [], "Failed": []}
        for entry in request["Entries"]:
            try:
                self._delete(queue, entry, "")
                answer["Successful"].append({"Id": entry["Id"]})
            except Refused as refused:
                answer["Failed"].append(_failed(entry["Id"], refused))
        return {name: entries for name, entries in answer.items() if entries}

    def _change_visibility(self, queue: Queue, request: Request, fault: str) -> dict[str, Any]:
        _check_receipt(request["ReceiptHandle"])
        seconds = request["VisibilityTimeout"]
        if not 0 <= seconds <= MAX_VISIBILITY_S:
            raise _invalid(f"Value {seconds} for parameter VisibilityTimeout is invalid.")
        if not queue.change_visibility(request["ReceiptHandle"], seconds):
            raise _invalid("The message does not exist or is not in flight")
        return {}

    def _attributes(self, queue: Queue, request: Request, fault: str) -> dict[str, Any]:
        visible = queue.visible(self.clock.now_ms)
        told = {
            "ApproximateNumberOfMessages": str(visible),
            "ApproximateNumberOfMessagesNotVisible": str(len(queue) - visible),
            "VisibilityTimeout": str(int(queue.visibility_s)),
            "QueueArn": f"arn:aws:sqs:us-east-1:000000000000:{queue.name}",
        }
        names = request.get("AttributeNames", ())
        return {"Attributes": {k: v for k, v in told.items() if "All" in names or k in names}}


def _told(message: Message, names: set[str]) -> dict[str, Any]:
    told = {
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "MD5OfBody": md5(message.body),
        "Body": message.body,
    }
    shown = {k: v for k, v in attributes(message).items() if "All" in names or k in names}
    return {**told, "Attributes": shown} if shown else told


def _failed(id_: str, refused: Refused) -> dict[str, Any]:
    return {
        "Id": id_,
        "SenderFault": refused.status < 500,
        "Code": refused.code,
        "Message": refused.message,
    }


def _check_receipt(receipt: str) -> None:
    if "#" not in receipt:
        raise Refused("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")


def _invalid(reason: str) -> Refused:
    return Refused("InvalidParameterValue", reason)


def check_ids(entries: list[Mapping[str, Any]]) -> None:
    """Hold a batch to its limits.

    Raises:
        Refused: it has no entries, more than ten, or an id that is malformed or there twice.
    """
    prefix = "AWS.SimpleQueueService."
    if not entries:
        raise Refused(f"{prefix}EmptyBatchRequest", "There should be at least one entry.")
    if len(entries) > MAX_BATCH:
        raise Refused(f"{prefix}TooManyEntriesInBatchRequest",
                      f"Maximum number of entries per request are {MAX_BATCH}.")  # fmt: skip
    ids = [entry["Id"] for entry in entries]
    if not all(map(_ID.fullmatch, ids)):
        raise Refused(f"{prefix}InvalidBatchEntryId", "An id is malformed.")
    if len(set(ids)) < len(ids):
        raise Refused(f"{prefix}BatchEntryIdsNotDistinct", "An id is there twice.")
