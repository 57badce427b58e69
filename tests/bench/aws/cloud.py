"""The AWS that the measured code talks to: real requests in, real answers out, all counted."""

import hashlib
import json
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.bench.aws.dynamodb import DynamoDB, Refused, Table
from tests.bench.aws.ledger import Ledger, chunks_of_64_kb

SERVICES = ("dynamodb", "sqs", "s3", "secretsmanager", "events", "scheduler", "email")


class Message(NamedTuple):
    """One message on a queue; `sent_at` is UTC milliseconds."""

    id: str
    body: str
    sent_at: int


class Schedule(NamedTuple):
    """A one-shot timer: when it fires (UTC ms), on which queue it then puts what."""

    at: int
    queue: str
    body: str


class Cloud:
    """Tables, queues, timers, one secret, and a ledger for each stage that spends.

    Attributes:
        schedules: timers that are set, by name.
        stage: whose ledger the next request is entered in.
        spent: seconds of processor time that answering took, which is not the code's own.
    """

    def __init__(self, tables: Mapping[str, Table], *, secret: str = "") -> None:
        self.dynamodb = DynamoDB(dict(tables))
        self.queues: dict[str, list[Message]] = defaultdict(list)
        self.schedules: dict[str, Schedule] = {}
        self.ledgers: dict[str, Ledger] = defaultdict(Ledger)
        self.stage = "setup"
        self.spent = 0.0
        self._secret = secret
        self._number = count(1)
        self._lock = threading.Lock()

    @property
    def ledger(self) -> Ledger:
        return self.ledgers[self.stage]

    def exchange(self, host: str, request: bytes) -> bytes:
        """Answer one HTTP request; safe to call from several threads."""
        began = time.thread_time()
        with self._lock:
            answer = self._exchange(host, request)
            self.spent += time.thread_time() - began
        return answer

    def _exchange(self, host: str, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {key.lower(): value for key, value in (line.split(": ", 1) for line in lines[1:])}
        service = next(name for name in SERVICES if name in host.split("."))
        verb, target, _ = lines[0].split(" ")
        operation = headers.get("x-amz-target", verb).rpartition(".")[2]
        self.ledger.requests[service, operation] += 1
        if service == "s3":
            self.ledger.charge("s3_put", 1)
            return _response(200, b"", {"ETag": '"0"'})
        try:
            said = {"Path": urlsplit(target).path, **json.loads(body or "{}")}
            answer, status = getattr(self, f"_{service}")(operation, said), 200
        except Refused as fault:
            answer, status = {"__type": fault.code, **fault.details}, 400
        return _response(status, json.dumps(answer).encode())

    def _dynamodb(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        return self.dynamodb.answer(operation, request, self.ledger)

    def _sqs(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        entries = request.get("Entries", [request])
        size = sum(len(entry["MessageBody"].encode()) for entry in entries)
        self.ledger.charge("sqs", chunks_of_64_kb(size))
        queue = self.queues[request["QueueUrl"].rpartition("/")[2]]
        taken = [self._enqueue(queue, entry) for entry in entries]
        return taken[0] if operation == "SendMessage" else {"Successful": taken, "Failed": []}

    def _enqueue(self, queue: list[Message], entry: Mapping[str, Any]) -> dict[str, str]:
        body = entry["MessageBody"]
        message = Message(f"m-{next(self._number):08x}", body, time.time_ns() // 1_000_000)
        queue.append(message)
        digest = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
        return {"Id": entry.get("Id", ""), "MessageId": message.id, "MD5OfMessageBody": digest}

    def _secretsmanager(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.ledger.charge("secrets", 1)
        return {"Name": request["SecretId"], "SecretString": self._secret}

    def _events(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        for entry in request["Entries"]:
            self.ledger.charge("eventbridge", chunks_of_64_kb(len(entry["Detail"].encode())))
        taken = [{"EventId": f"e-{next(self._number)}"} for _ in request["Entries"]]
        return {"Entries": taken, "FailedEntryCount": 0}

    def _scheduler(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["Path"].rpartition("/")[2]
        if (operation == "POST") == (name in self.schedules):
            code = "ConflictException" if operation == "POST" else "ResourceNotFoundException"
            raise Refused(code, Message=name)
        if operation == "DELETE":
            del self.schedules[name]
            return {}
        moment = datetime.fromisoformat(request["ScheduleExpression"][3:-1]).replace(tzinfo=UTC)
        queue, body = request["Target"]["Arn"].rpartition(":")[2], request["Target"]["Input"]
        self.schedules[name] = Schedule(round(moment.timestamp() * 1000), queue, body)
        return {"ScheduleArn": f"schedule-{next(self._number)}"}

    def fire(self, name: str) -> None:
        """Let a timer fire: that, not setting it, is what is paid for, and the queue takes it."""
        timer = self.schedules.pop(name)
        self.ledger.fired += 1
        self.ledger.charge("scheduler", 1)
        self.ledger.charge("sqs", chunks_of_64_kb(len(timer.body)))
        self._enqueue(self.queues[timer.queue], {"MessageBody": timer.body})

    def _email(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.ledger.charge("ses", len(request["Destination"]["ToAddresses"]))
        return {"MessageId": f"ses-{next(self._number)}"}


def _response(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    lines = {
        "Server": "Server",
        "Date": "Thu, 01 Jan 2026 00:00:00 GMT",
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": str(len(body)),
        "Connection": "keep-alive",
        "x-amzn-RequestId": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEF",
        "x-amz-crc32": str(zlib.crc32(body)),
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    reason = "OK" if status == 200 else "Bad Request"
    return f"HTTP/1.1 {status} {reason}\r\n{head}\r\n".encode() + body
