"""Every event of a load is counted once, and the bill adds up."""

import json
import subprocess
import sys
from random import Random
from typing import Any

import pytest

from tests.bench.aws.ledger import Ledger, chunks_of_64_kb
from tests.bench.bars import verdict
from tests.bench.prices import DOLLARS, dollars, gb_seconds
from tests.bench.shoppers import shoppers
from tests.bench.tables import table
from tests.bench.traffic import Load, batches, posts
from tests.demo.environments import ROOT

PLAY = """
import json
from random import Random
from tests.bench.shop import open_shop, settle
settle()
from tests.bench.experiment import play
from tests.bench.meter import logged
from tests.bench.peer import play_textbook
from tests.bench.pipeline import handlers
from tests.bench.traffic import Load

def told(outcome):
    return {
        stage: {
            "requests": {"/".join(key): n for key, n in ledger.requests.items()},
            "charges": ledger.charges,
            "cpu": ledger.cpu,
        }
        for stage, ledger in outcome.ledgers.items()
    }

load = Load(per_post=8, fold=4, messages=5)
with logged() as log:
    shop = open_shop(20, handlers()["profile"], Random(1))
    ours = play(load, shop, log, events=80)
    peers = play_textbook(load, log, events=40)
print(json.dumps({"ours": told(ours), "counted": ours.counted, "peers": told(peers)}))
"""


@pytest.fixture(scope="module")
def played() -> dict[str, Any]:
    """What a small load took; in a process of its own, because it wants another environment."""
    answer = subprocess.run(
        [sys.executable, "-c", PLAY],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'core'}"},
        capture_output=True,
        text=True,
    )
    assert not answer.returncode, answer.stderr
    return json.loads(answer.stdout)


def test_every_event_is_counted_once(played):
    assert played["counted"] == 80


def test_ingest_makes_one_request_a_post_and_writes_nothing(played):
    ingest = played["ours"]["ingest"]

    assert ingest["requests"]["sqs/SendMessage"] == 10
    assert ingest["charges"]["lambda_request"] == ingest["charges"]["http_api"] == 10
    assert "dynamodb_write" not in ingest["charges"]


def test_profile_writes_once_for_each_customer_of_a_batch(played):
    requests = played["ours"]["profile"]["requests"]
    writes = requests["dynamodb/PutItem"] + requests.get("dynamodb/TransactWriteItems", 0)

    assert writes == 2 * 40 // 4
    assert requests["s3/PUT"] == 2


def test_the_textbook_takes_seven_requests_and_five_units_for_each_event(played):
    peers = played["peers"]
    requests = sum(sum(stage["requests"].values()) for stage in peers.values())

    assert requests == 7 * 40
    assert peers["profile"]["charges"]["dynamodb_write"] == 5 * 40


def test_the_handlers_own_time_is_measured_without_that_of_the_counted_aws(played):
    assert all(stage["cpu"] > 0 for stage in played["ours"].values())


def test_a_million_of_each_costs_its_list_price():
    million = dict.fromkeys(DOLLARS, 1_000_000)

    assert dollars({"http_api": 1e6}) == pytest.approx(1.00)
    assert dollars({"dynamodb_write": 250_000, "dynamodb_read": 125_000}) == pytest.approx(0.171875)
    assert dollars(million) == pytest.approx(1e6 * sum(DOLLARS.values()))


def test_billed_time_is_the_slowed_processor_and_the_waits():
    ledger = Ledger(cpu=1.0)
    ledger.requests["dynamodb", "PutItem"] = 100

    assert gb_seconds(ledger, 1769) == pytest.approx((1.0 + 100 * 0.005) * 1769 / 1024)
    assert gb_seconds(ledger, 512) == pytest.approx((1769 / 512 + 0.5) * 0.5)


def test_ledgers_add_up():
    one, other = Ledger(log_bytes=1), Ledger(log_bytes=2, cpu=0.5)
    one.charge("dynamodb_read", 0.5)
    other.charge("dynamodb_read", 1)

    assert (one + other).charges == {"dynamodb_read": 1.5}
    assert (one + other).log_bytes == 3


@pytest.mark.parametrize(("size", "requests"), [(0, 1), (65_536, 1), (65_537, 2), (230_000, 4)])
def test_a_payload_is_billed_by_64_kilobytes(size, requests):
    assert chunks_of_64_kb(size) == requests


@pytest.mark.parametrize("load", [Load(1, 1, 100), Load(20, 4, 10), Load(100, 10, 10)])
def test_each_customer_of_a_batch_has_as_many_events_as_the_fold_says(load):
    people = shoppers(1000, Random(1))

    for calls in batches(load, people, 2 * load.batch, Random(2)):
        told = [one["anonymousId"] for one in calls]
        assert {told.count(device) for device in set(told)} == {load.fold}
        assert {len(post) for post in posts(calls, load, now=0)} == {load.per_post}


def test_a_verdict_is_a_plain_word():
    assert verdict(0.35, 0.35) == "0.35 met"
    assert verdict(0.36, 0.35) == "0.35 MISSED"
    assert verdict(1.0, None) == ""


def test_columns_of_a_table_align():
    lines = table("Title", ["name", "n"], [["a", 1], ["longer", 12_345]]).splitlines()

    assert lines[3:] == ["name         n", "------  ------", "a            1", "longer  12,345"]
