"""Requests for first invocations, as files: an account as it stands, and an event."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.bench.aws.cloud import Cloud
from tests.bench.aws.wire import connected
from tests.bench.meter import Log
from tests.bench.pipeline import Pipeline, handlers
from tests.bench.shop import SECRET, open_shop, record
from tests.bench.shoppers import shoppers
from tests.bench.traffic import Load, batches, posts, request

USUAL = Load(per_post=20, fold=4, messages=10)
FULL = Load(per_post=20, fold=4, messages=100)


def write_requests(folder: Path, log: Log) -> dict[str, Path]:
    """Write one file for each first invocation that is measured; return them by what it is."""
    queued, account = _queued(USUAL, log)
    full, large_account = _queued(FULL, log)
    return {
        "ingest": _write(folder / "ingest.json", _posted(USUAL), account),
        "profile": _write(folder / "profile.json", queued, account),
        "profile, full batch": _write(folder / "full.json", full, large_account),
    }


def _posted(load: Load) -> dict[str, Any]:
    """Return one POST as API Gateway hands it over."""
    people, now = shoppers(load.per_post, Random(1)), time.time_ns() // 1_000_000
    (calls,) = batches(Load(load.per_post, 1, 1), people, load.per_post, Random(2))
    return request(posts(calls, load, now=now)[0], now=now)


def _queued(load: Load, log: Log) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one batch of profile as ingest queues it, and the account that it falls into."""
    shop = open_shop(load.batch // load.fold, handlers()["profile"], Random(1))
    (calls,) = batches(load, shop.people, load.batch, Random(2))
    now = time.time_ns() // 1_000_000
    with connected(shop.account()) as cloud:
        pipeline = Pipeline(cloud, log, handlers())
        for post in posts(calls, load, now=now):
            pipeline.post(request(post, now=now))
        messages: Sequence[Any] = cloud.queues["events"]
    records = [record(each.body, each.sent_at, id=each.id) for each in messages]
    return {"Records": records}, _tables(shop.account())


def _tables(cloud: Cloud) -> dict[str, Any]:
    return {
        name: (list(table.keys), table.indexes, list(table.items.values()))
        for name, table in cloud.dynamodb.tables.items()
    }


def _write(path: Path, event: Mapping[str, Any], account: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps({"event": event, "tables": account, "secret": SECRET}))
    return path
