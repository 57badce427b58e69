"""The AWS of a simulation: every service, one clock, and what goes wrong at each call."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError

from tests.faults.aws.clock import Clock
from tests.faults.aws.dynamodb import DynamoDB
from tests.faults.aws.faults import Call, Crash, Faults
from tests.faults.aws.queues import RETENTION_S, Queue
from tests.faults.aws.records import Bus, Mailer, Secrets, Texter
from tests.faults.aws.refusals import Refused, failed, throttled
from tests.faults.aws.s3 import S3
from tests.faults.aws.scheduler import Scheduler
from tests.faults.aws.sqs import Sqs
from tests.faults.aws.table import Table

TOKENS = {"TransactWriteItems": "ClientRequestToken", "CreateSchedule": "ClientToken"}
"""What botocore fills in by itself, once per call, so that its own retries are recognised."""
_THROTTLED = frozenset(
    {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestThrottled"}
)


class Service(Protocol):
    """What the cloud asks of a service."""

    def answer(self, operation: str, request: Mapping[str, Any], fault: str = "") -> dict[str, Any]:
        """Do what the request says."""


class Cloud:
    """Tables, queues, buckets and the rest, empty at first.

    Attributes:
        principal: whose calls these are, for the log.
        log: (service, operation, principal) of every call, in order.
        on_call: called before each call; whoever runs another invocation in it has the two
            interleave there.
        latency_ms: what every call takes of the clock.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        faults: Faults,
        account: str = "000000000000",
        region: str = "us-east-1",
    ) -> None:
        self.clock, self.faults, self.account, self.region = clock, faults, account, region
        self.principal = ""
        self.log: list[tuple[str, str, str]] = []
        self.on_call: Callable[[str, str], None] | None = None
        self.latency_ms = 0
        self.dynamodb, self.sqs, self.s3 = DynamoDB(clock, faults), Sqs(clock, faults), S3()
        self.scheduler = Scheduler(clock, region, account)
        self.bus, self.mailer, self.secrets = Bus(clock, faults), Mailer(clock), Secrets()
        self.texter = Texter(clock)
        self.services: dict[str, Service] = {
            "dynamodb": self.dynamodb,
            "events": self.bus,
            "pinpoint-sms-voice-v2": self.texter,
            "s3": self.s3,
            "scheduler": self.scheduler,
            "secretsmanager": self.secrets,
            "sesv2": self.mailer,
            "sqs": self.sqs,
        }
        self.tables, self.queues, self.buckets = (
            self.dynamodb.tables, self.sqs.queues, self.s3.buckets,
        )  # fmt: skip
        self.schedules = self.scheduler.schedules
        self.put_events = self.bus.taken
        self.sent_emails, self.sent_texts = self.mailer.sent, self.texter.sent
        self._late: list[tuple[int, str, str, Mapping[str, Any]]] = []
        self._calls: dict[tuple[str, str, str], tuple[Call, tuple[str, str, str]]] = {}

    def create_table(
        self,
        name: str,
        hash_key: str,
        range_key: str | None = None,
        indexes: Mapping[str, Sequence[Any]] | None = None,
        ttl: str | None = None,
        stream: bool = False,
        types: Mapping[str, str] | None = None,
    ) -> Table:
        """Create a table.

        Args:
            indexes: by name: hash key, range key or None, and the attributes that it carries
                beside the keys, if not all.
            ttl: the attribute with the second at which an item expires.
            types: S, N or B of key attributes; those of the table are S if nothing is said.
        """
        keys = [hash_key, range_key] if range_key else [hash_key]
        table = Table(
            name, keys, self.clock,
            indexes=indexes, types=types, ttl=ttl, stream=stream, region=self.region,
        )  # fmt: skip
        self.tables[name] = table
        return table

    def create_queue(
        self,
        name: str,
        *,
        visibility_s: float,
        max_receives: int | None = None,
        dlq: str | None = None,
        delay_s: float = 0,
        retention_s: float = RETENTION_S,
    ) -> str:
        """Create a queue and return its URL; `dlq` is the name of one that exists."""
        self.queues[name] = Queue(
            name, self.clock, self.faults,
            visibility_s=visibility_s, max_receives=max_receives,
            dlq=None if dlq is None else self.queues[dlq.rpartition("/")[2]],
            delay_s=delay_s, retention_s=retention_s, siblings=self.queues,
        )  # fmt: skip
        return f"https://sqs.{self.region}.amazonaws.com/{self.account}/{name}"

    def create_bucket(self, name: str) -> dict[str, bytes]:
        """Create an empty bucket."""
        return self.buckets.setdefault(name, {})

    def create_secret(self, name: str, text: str) -> str:
        """Keep a secret and return the name that it is asked for by."""
        self.secrets.values[name] = text
        return name

    def expire(self) -> int:
        """Let TTL come by, as late as it likes; return how many items it removed."""
        return self.dynamodb.expire()

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, attempts: int = 1
    ) -> dict[str, Any]:
        """Do one call as a client sees it, its own retries included.

        Args:
            attempts: how often the client tries in all.

        Raises:
            Refused: AWS answered with an error.
            ConnectTimeoutError: it never left.
            ConnectionClosedError, ReadTimeoutError: the answer was lost; it may have been done.
            Crash: the sandbox died.
        """
        call = self._noted(service, operation)
        if self._late:
            self.arrive(everything=not self.faults.active)
        fault = self.faults.before(call)
        if fault == "crash_before":
            raise Crash(f"before {service} {operation}")
        if fault == "unreachable":
            raise ConnectTimeoutError(
                endpoint_url=f"https://{service}.{self.region}.amazonaws.com/"
            )
        if fault == "throttled":
            raise throttled(service)
        if fault == "failed":
            raise failed(service)
        fate = self.faults.after(call)
        if fate == "late":
            self._late.append((len(self.log) + self.faults.rng.randint(1, 20), service, operation,
                               params))  # fmt: skip
            raise self._lost(service)
        retried = fate == "reply_lost" and attempts > 1 and self.faults.retries()
        if retried and (token := TOKENS.get(operation)) and token not in params:
            params = {**params, token: f"{self.faults.rng.getrandbits(128):032x}"}
        try:
            answer = self._tried(service, operation, params, fault, attempts)
        except Refused:
            if not fate:
                raise
        else:
            if not fate:
                return answer
        if fate == "crash_after":
            raise Crash(f"after {service} {operation}")
        if fate == "failed_applied":
            raise failed(service)
        if not retried:
            raise self._lost(service)
        if self.on_call is not None:  # others go on while the SDK waits before its next attempt
            self.on_call(service, operation)
        return self._tried(service, operation, params, "", attempts - 1)

    def arrive(self, *, everything: bool = True) -> None:
        """Do what clients have long given up: everything, or what is due by the count of calls."""
        due = [late for late in self._late if everything or late[0] <= len(self.log)]
        self._late = [late for late in self._late if late not in due]
        for _, service, operation, params in due:
            with suppress(Refused):  # nobody is there to be told
                self.services[service].answer(operation, params)

    def _noted(self, service: str, operation: str) -> Call:
        key = (service, operation, self.principal)
        known = self._calls.get(key)
        if known is None:
            known = self._calls[key] = Call(service, operation), key
        self.log.append(known[1])
        if self.on_call is not None:
            self.on_call(service, operation)
        if self.latency_ms:
            self.clock.advance(self.latency_ms)
        return known[0]

    def _tried(
        self, service: str, operation: str, params: Mapping[str, Any], fault: str, attempts: int
    ) -> dict[str, Any]:
        """Do the work; where a partition is worn out, wait and try again as the SDK does."""
        for waiting in self._waits(attempts):
            try:
                return self.services[service].answer(operation, params, fault)
            except Refused as refused:
                if refused.code not in _THROTTLED or waiting is None:
                    raise
            self.clock.advance(waiting)
        raise AssertionError("the last attempt returns or raises")

    def _waits(self, attempts: int) -> Iterator[float | None]:
        """Yield the ms to wait after each attempt that was throttled; None after the last.

        Source: AWS SDKs and Tools Reference Guide, "Retry behavior", standard mode.
        """
        for attempt in range(attempts - 1):
            yield self.faults.rng.random() * min(20_000, 1000 * 2**attempt)
        yield None

    def _lost(self, service: str) -> ConnectionClosedError | ReadTimeoutError:
        kind = ConnectionClosedError if self.faults.rng.random() < 0.5 else ReadTimeoutError
        return kind(endpoint_url=f"https://{service}.{self.region}.amazonaws.com/")
