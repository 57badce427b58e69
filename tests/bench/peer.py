"""The textbook handlers under the same load, beside ours."""

from random import Random

from tests.bench.aws.ledger import Ledger
from tests.bench.aws.wire import connected
from tests.bench.event_tables import requests, without_ses
from tests.bench.experiment import SEED, Outcome, play_batch
from tests.bench.meter import Log
from tests.bench.pipeline import Pipeline
from tests.bench.prices import gb_seconds
from tests.bench.shop import account
from tests.bench.shoppers import shoppers
from tests.bench.tables import Cell, paragraph, table
from tests.bench.traffic import Load, batches

MEMORY_MB = {"ingest": 512, "profile": 1024}
QUEUE_BATCH = 10
"""Lambda's own default, one message an event."""


def play_textbook(load: Load, log: Log, *, events: int) -> Outcome:
    """Send events through the textbook handlers, after as many that give the customers a past."""
    from tests.bench import textbook

    random = Random(SEED)
    people = shoppers(load.batch // load.fold, random)
    with connected(account()) as cloud:
        handlers = {"ingest": textbook.ingest, "profile": textbook.profile}
        pipeline = Pipeline(cloud, log, handlers)

        def stages() -> dict[str, float]:
            return {"profile": pipeline.drain("textbook", "profile", QUEUE_BATCH)}

        for calls in batches(load, people, events, random):
            play_batch(calls, pipeline, Outcome(load, events), stages)
        cloud.ledgers.clear()
        outcome = Outcome(load, events)
        for calls in batches(load, people, events, random):
            play_batch(calls, pipeline, outcome, stages)
    for stage, ledger in cloud.ledgers.items():
        ledger.charge("lambda_gb_second", gb_seconds(ledger, MEMORY_MB[stage]))
    outcome.ledgers = dict(cloud.ledgers)
    return outcome


def peer_table(ours: Outcome, peers: Outcome) -> str:
    """Return both side by side, and how many times less ours takes."""
    pairs = zip(_figures(ours), _figures(peers), strict=True)
    rows: list[list[Cell]] = [
        [name, mine, theirs, f"{theirs / mine:.1f} x"] for (name, mine), (_, theirs) in pairs
    ]
    load = ours.load
    title = f"Beside the textbook way, at {load.per_post} events a POST and fold {load.fold}"
    remarks = [
        "textbook.py: Powertools' resolver with validation, batch and idempotency in DynamoDB;",
        "PynamoDB's get and save; an item, a queue message and a PutEvents for each event.",
        f"ingest and profile alone; the textbook played {peers.events:,} events after as many to "
        "warm up.",
    ]
    headers = ["per event", "ours", "textbook", "less"]
    return table(title, headers, rows) + "\n\n" + paragraph(remarks)


def _figures(outcome: Outcome) -> list[tuple[str, float]]:
    n, path = outcome.events, outcome.total("ingest", "profile")
    stages: dict[str, Ledger] = outcome.ledgers
    return [
        ("AWS requests", requests(path) / n),
        ("write units", path.charges["dynamodb_write"] / n),
        ("read units", path.charges["dynamodb_read"] / n),
        ("invocations per 1,000", path.charges["lambda_request"] / n * 1000),
        ("log bytes", path.log_bytes / n),
        ("ingest, x bare validation", outcome.ratio("ingest")),
        ("profile, x bare validation", outcome.ratio("profile")),
        ("ingest, $ per million", without_ses(stages["ingest"]) / n * 1e6),
        ("profile, $ per million", without_ses(stages["profile"]) / n * 1e6),
        ("$ per million", without_ses(path) / n * 1e6),
    ]
