"""A year of earlier customers, what the models learn from them, and who is about to leave."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from botocore.config import Config

from portrait.learning.scores import held
from tests.demo import report
from tests.demo.diary import PRODUCTS, Body, Post, Said, track
from tests.demo.measure import Found, find
from tests.demo.ministack import CREDENTIALS
from tests.demo.oracle import home
from tests.demo.play import Player
from tests.demo.quiet import wait_until_quiet
from tests.demo.shop_day import WRITE_KEYS, operate, read_secret
from tests.demo.stack import SESSION, Stack

CUSTOMERS = 600
"""Of whom about 540 are there at a cut-off; from 500 on, more than a rule is learned."""

DAY_S = 86_400
DAYS = 400
PER_REQUEST, LANES = 100, 2
RISK = 0.7
"""The line of the starter campaign."""

TRAINING_SECONDS = 300
SHOWN = 3
"""Customers who are told of by name."""


def learn_from_a_year(stack: Stack, seed: int) -> list[str]:
    """Import the past of a shop, let the models learn, score everybody; return what is wrong."""
    orders = list(past_orders(Random(seed)))
    report.headline(f"what is learned from {CUSTOMERS:,} customers of the last {DAYS} days")
    player = Player(stack, WRITE_KEYS)
    with report.Progress(stack, "past orders", lambda: len(player.sent)) as progress:
        player.play(_posts(orders))
        progress.played()
        wait_until_quiet(stack, due=0)
    began = time.monotonic()
    learned = _invoke(stack, "RetrainFunction", _moment())
    for one in learned["models"]:
        _tell(one, stack)
    print(f"  trained and judged in {time.monotonic() - began:.0f} s", flush=True)
    _invoke(stack, "ScoreFunction", _moment())
    wait_until_quiet(stack, due=0)
    found = find(stack)
    differences = [*player.faults, *_misplaced(found, read_secret(stack))]
    _figures(found, read_secret(stack))
    differences += _recommended(stack, orders[-1][1]["userId"])
    report.verdict("everybody whose churn score is over the line is in its campaign", differences)
    return differences


def past_orders(random: Random) -> Iterator[tuple[int, Body]]:
    """Yield the orders of customers who came, bought and went: seconds ago, and the event."""
    for number in range(CUSTOMERS):
        gap, (joined, left) = random.uniform(25, 90), _stay(random)
        ago = min(joined, DAYS - random.uniform(0, gap))
        while ago > max(left, 1):
            sku, name, price = random.choice(PRODUCTS)
            product = {"product_id": sku, "name": name, "price": price}
            who = {"userId": f"regular-{number}"}
            id_ = {"messageId": f"regular-{number}-{ago:.3f}"}
            order = track(who, "Order Completed", revenue=price, products=[product])
            yield int(ago * DAY_S), id_ | order
            ago -= max(1.0, random.expovariate(1 / gap))


def _stay(random: Random) -> tuple[float, float]:
    """Return how many days ago somebody came and left (below 0: is still there).

    As many come as go, in the year that is told.
    """
    while True:
        joined = random.uniform(20, 1000)
        left = joined - random.uniform(100, 700)
        if left < DAYS - 60:
            return joined, left


def _posts(orders: list[tuple[int, Body]]) -> list[Post]:
    return [
        Post(0, "import", f"import {start // PER_REQUEST % LANES}",
             [Said(body, ago) for ago, body in orders[start : start + PER_REQUEST]])
        for start in range(0, len(orders), PER_REQUEST)
    ]  # fmt: skip


def _moment() -> dict[str, Any]:
    return {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def _invoke(stack: Stack, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Invoke a function as its schedule would, and return its answer."""
    patient = SESSION.create_client(
        "lambda", region_name=stack.region, endpoint_url=stack.endpoint_url,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(read_timeout=TRAINING_SECONDS, retries={"total_max_attempts": 1}),
    )  # fmt: skip
    names = [one["FunctionName"] for one in patient.list_functions()["Functions"]]
    name = next(one for one in names if function in one)
    answer = patient.invoke(FunctionName=name, Payload=json.dumps(event))
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    return said


def _tell(one: Mapping[str, Any], stack: Stack) -> None:
    """Print the headline of a model's card, or by which gates it was refused."""
    report.row(one["model"], one["rows"], f"rows, {one['what']}: {one['version']}")
    print(f"    {one['reason'].partition(' (')[0]}", flush=True)
    for refusal in one["refusals"]:
        print(f"    refused: {refusal[-1]}", flush=True)
    if one["version"]:
        key = f"models/{one['model']}/{one['version']}/card.json"
        card = stack.client("s3").get_object(Bucket=stack.data_bucket, Key=key)["Body"].read()
        for name, figure in json.loads(card)["metrics"].items():
            low, high = figure["low"], figure["high"]
            print(f"    {name:32}{figure['value']:10.3f}   {low:.3f} to {high:.3f}", flush=True)


def _recommended(stack: Stack, customer: str) -> Iterator[str]:
    """Print what a customer is offered next; yield why nothing is."""
    command = [sys.executable, "-m", "portrait.learning", "recommend", f"user_id:{customer}"]
    done = operate(stack, [*command, "--number", "3"])
    for line in done.stdout.splitlines():
        print(f"    {line}", flush=True)
    if done.returncode:
        yield f"nothing is recommended: {done.stderr.strip()}"


def _misplaced(found: Found, secret: bytes) -> Iterator[str]:
    inside = {one["subject"] for one in found.entries if one["campaign"] == "churn_risk"}
    for number in range(CUSTOMERS):
        at = home(secret, "user_id", f"regular-{number}")
        chance = held(found.portraits[at]).get("churn") if at in found.portraits else None
        if (chance is not None and chance >= RISK) != (at in inside):
            where = "in" if at in inside else "not in"
            yield f"customer {number}: a churn score of {chance}, and {where} churn_risk"


def _figures(found: Found, secret: bytes) -> None:
    scores = [held(portrait) for portrait in found.portraits.values()]
    report.row("scored", sum("churn" in one for one in scores))
    entries = {one["subject"]: one for one in found.entries if one["campaign"] == "churn_risk"}
    mine = {home(secret, "user_id", f"regular-{n}"): f"regular-{n}" for n in range(CUSTOMERS)}
    told = [(at, entries[at]["arm"]) for at in mine if at in entries]
    arms = Counter(arm for _, arm in told)
    said = ", ".join(f"{number} {arm}" for arm, number in sorted(arms.items()))
    report.row("churn_risk", len(told), f"entered by their score: {said}")
    for at, arm in told[:SHOWN]:
        chance = held(found.portraits[at])["churn"]
        print(f"    {mine[at]:16} {chance:.0%} likely to buy nothing more, {arm}", flush=True)
