"""What a step of a dialogue costs: one customer taken through one, everything that follows counted.

Waits are a minute long, and the timer that ends one is told a minute early, which the journey
function takes for the moment itself. What EventBridge Scheduler does between is not AWS requests of
ours.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.bench.aws.ledger import Ledger
from tests.bench.aws.wire import connected
from tests.bench.meter import Log
from tests.bench.pipeline import Pipeline
from tests.bench.prices import dollars
from tests.bench.shop import ENVIRONMENT, Handler, account, tell
from tests.bench.tables import Cell, paragraph, table
from tests.bench.traffic import iso

STAGES = ("trigger", "journey", "dispatch")
WHO = {"userId": "u-1", "context": {"traits": {"email": "ada@shop.example"}}}
LETTER = {"send": {"channel": "email", "template": "letter"}}
LISTEN = {"wait_for": {"branches": [{"name": "b", "event": "Clicked"}], "timeout": "1m"}}
WAIT = {"wait": {"for": "1m"}}

Act = Callable[["Bench"], None]
CASES: Mapping[str, tuple[list[Any], dict[str, Any], Act]] = {
    "an event nobody listens to": ([WAIT], {}, lambda bench: bench.says("Page Read")),
    "entry, control group": ([WAIT], {"control": 1}, lambda bench: bench.says("Started")),
    "entry and a wait": ([WAIT], {}, lambda bench: bench.says("Started")),
    "entry and an e-mail, the last step": ([LETTER], {}, lambda bench: bench.says("Started")),
    "entry and an e-mail, then a wait": ([LETTER, WAIT], {}, lambda bench: bench.says("Started")),
    "entry and an e-mail without consent": (
        [LETTER], {"purpose": "news"}, lambda bench: bench.says("Started"),
    ),
    "an absence begins to be waited for": (
        [LETTER], {"entry": {"event": "Started", "absent": {"event": "Done", "within": "1m"}}},
        lambda bench: bench.says("Started"),
    ),
    "a wait ends, and the dialogue": ([WAIT], {}, lambda bench: bench.wakes()),
    "a wait ends, and another begins": ([WAIT, WAIT], {}, lambda bench: bench.wakes()),
    "a wait ends with an e-mail": ([WAIT, LETTER], {}, lambda bench: bench.wakes()),
    "a branch is taken by an event": ([LISTEN], {}, lambda bench: bench.says("Clicked")),
    "nothing happens in time": ([LISTEN], {}, lambda bench: bench.wakes()),
    "an exit in a wait": (
        [WAIT], {"exits": [{"event": "Clicked"}]}, lambda bench: bench.says("Clicked"),
    ),
    "an offer into the inbox": (
        [WAIT, {"offer": {"template": "offer"}}], {}, lambda bench: bench.wakes(),
    ),
    "a split, a trait and a fact": (
        [WAIT, {"split": {"branches": [{"name": "a", "share": 1.0, "steps": []}]}},
         {"update": {"traits": {"seen": True}}}, {"emit": {"fact": "Seen"}}, WAIT],
        {}, lambda bench: bench.wakes(),
    ),
}  # fmt: skip
"""By what happens: the steps of the campaign, what else it says, and what brings it about."""


class Bench:
    """One customer, one campaign, and the functions."""

    def __init__(self, pipeline: Pipeline, profile: Handler) -> None:
        self.pipeline, self._profile = pipeline, profile
        self._number = 0

    def says(self, event: str) -> None:
        """Let the customer do something, and all that follows from it."""
        now = time.time_ns() // 1_000_000
        self._number += 1
        call = {
            "type": "track", "event": event, "messageId": f"m{self._number}",
            "timestamp": iso(now), **WHO,
        }  # fmt: skip
        self.pipeline.cloud.stage = "profile"
        tell(self._profile, [({"batch": [call], "sentAt": iso(now)}, now)])
        self.pipeline.follow()

    def wakes(self) -> None:
        """Let the customer's timer fire, and all that follows from it."""
        from portrait.store.queues import send
        from portrait.waking import Wake, encode_wake

        ((key, item),) = (
            (key, item)
            for key, item in self.pipeline.cloud.dynamodb.tables["portraits"].items.items()
            if "due_at" in item
        )
        self.pipeline.cloud.stage = "timer"
        wake = Wake(home=key[0], due_at=int(item["due_at"]["N"]))
        send(ENVIRONMENT["JOURNEYS_QUEUE_URL"], [encode_wake(wake)])
        self.pipeline.follow()


def dialogue_table(real: Mapping[str, Handler], log: Log) -> str:
    """Return what each of the cases takes."""
    rows = [_row(name, _measured(name, real, log)) for name in CASES]
    headers = [
        "what happens", "DynamoDB", "SQS", "bus", "Scheduler", "SES", "requests", "write units",
        "read units", "$ per million",
    ]  # fmt: skip
    remarks = [
        "trigger, journey and dispatch together, one customer at a time; ingest and profile are in "
        "the tables above.",
        "Thick traffic shares requests: trigger puts up to ten bodies in one, and reads dossiers a "
        "hundred at a time.",
    ]
    title = "What a step of a dialogue takes of AWS"
    return table(title, headers, rows) + "\n\n" + paragraph(remarks)


def _measured(name: str, real: Mapping[str, Handler], log: Log) -> Ledger:
    steps, more, act = CASES[name]
    with connected(account()) as cloud:
        _publish(steps, more)
        pipeline = Pipeline(cloud, log, dict(real))
        bench = Bench(pipeline, real["profile"])
        tell_consent(bench)
        first = "Started" if not name.startswith(("entry", "an absence", "an event")) else None
        if first:
            bench.says(first)
        _forget(cloud)
        act(bench)
        ledgers = pipeline.settle()
        found = sum((ledgers.get(stage, Ledger()) for stage in STAGES), Ledger())
    _reset()
    return found


def tell_consent(bench: Bench) -> None:
    """Let the customer be known, and have said yes."""
    now = time.time_ns() // 1_000_000
    call = {
        "type": "track", "event": "Consent Granted", "messageId": "m0", "timestamp": iso(now),
        "properties": {"channel": "email", "purpose": "marketing"}, **WHO,
    }  # fmt: skip
    identify = {
        "type": "identify", "messageId": "m00", "timestamp": iso(now), "userId": "u-1",
        "traits": {"email": "ada@shop.example"},
    }  # fmt: skip
    bench.pipeline.cloud.stage = "profile"
    tell(bench._profile, [({"batch": [identify, call], "sentAt": iso(now)}, now)])
    bench.pipeline.follow()


def _forget(cloud: Any) -> None:
    for ledger in cloud.ledgers.values():
        ledger.requests.clear()
        ledger.charges.clear()


def _row(name: str, found: Ledger) -> list[Cell]:
    by_service = {service: 0 for service in ("dynamodb", "sqs", "events", "scheduler", "email")}
    for (service, _), times in found.requests.items():
        if service in by_service:
            by_service[service] += times
    counts = [by_service[each] for each in ("dynamodb", "sqs", "events", "scheduler", "email")]
    without = {name: amount for name, amount in found.charges.items() if name != "ses"}
    return [
        name, *counts, sum(counts), float(found.charges["dynamodb_write"]),
        float(found.charges["dynamodb_read"]), f"{dollars(without) * 1e6:.2f}",
    ]  # fmt: skip


def _publish(steps: list[Any], more: Mapping[str, Any]) -> None:
    from portrait.definitions.documents import canonical, parse
    from portrait.store import definitions

    now = time.time_ns() // 1_000_000
    text = "Hello {{ unsubscribe_url }}"
    raws: list[dict[str, Any]] = [
        {
            "kind": "campaign", "key": "c", "name": "C", "purpose": "marketing", "control": 0,
            "entry": {"event": "Started"}, "steps": steps, **more,
        },
        {"kind": "policy", "key": "default", "control": 0},
        {"kind": "template", "key": "letter", "channel": "email", "subject": "s", "text": text},
        {"kind": "template", "key": "offer", "channel": "inbox", "title": "o", "text": "o"},
        {"kind": "source", "key": "queue", "name": "Q", "type": "queue"},
    ]  # fmt: skip
    for raw in raws:
        definitions.publish(canonical(parse(raw)), now=now - 86_400_000, expected_version=0)
    _reset()


def _reset() -> None:
    from portrait.store import definitions

    definitions._held = definitions._Held()
