"""Play the simulated day against a running stack, phase by phase, and judge what came of it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.demo import dossiers, feedback, messages, report, scenario, verdict
from tests.demo.diary import PHASES, Post
from tests.demo.environments import ROOT
from tests.demo.measure import Found, emails, find
from tests.demo.ministack import CREDENTIALS
from tests.demo.play import Player, clock
from tests.demo.quiet import dead_letters, wait_until_quiet
from tests.demo.receiver import Receiver
from tests.demo.stack import Stack

WRITE_KEYS = {
    "web": "demo-web-write-key-0001",
    "shop": "demo-shop-write-key-0001",
    "till": "demo-till-write-key-0001",
    "import": "demo-import-write-key-0001",
}
WAYS_OUT = 8
"""Recipients who click the way out that their e-mail shows."""


class NotPublished(Exception):
    """The starter definitions were refused; the text says why."""


@dataclass(frozen=True)
class Day:
    """Which day is played."""

    seed: int
    people: int


def publish(stack: Stack, settings: dict[str, str]) -> None:
    """Publish the starter definitions with the demo's write keys, as an operator does.

    Raises:
        NotPublished: the publish command refused them.
    """
    command = [sys.executable, "-m", "portrait.definitions", "publish"]
    command += ["--table", stack.definitions_table]
    command += [f"--write-key={source}={key}" for source, key in WRITE_KEYS.items()]
    command += [f"--set={name}={value}" for name, value in settings.items()]
    done = operate(stack, command)
    if done.returncode:
        raise NotPublished(f"the starter definitions were not published: {done.stderr.strip()}")


def operate(stack: Stack, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run one of the product's commands on the stack, as an operator does."""
    place = {
        "AWS_ENDPOINT_URL": stack.endpoint_url, "AWS_DEFAULT_REGION": stack.region,
        "PORTRAITS_TABLE": stack.portraits_table, "DEFINITIONS_TABLE": stack.definitions_table,
        "DATA_BUCKET": stack.data_bucket, "SECRET_ARN": stack.secret_arn,
    }  # fmt: skip
    environment = {**os.environ, **CREDENTIALS, **place, "PYTHONPATH": str(ROOT / "layers/core")}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def play_day(stack: Stack, receiver: Receiver, day: Day) -> list[str]:
    """Play and judge the day, print the report, and return every difference that was found."""
    publish(stack, {"template/high_value_order.url": f"{receiver.url}/high-value-orders"})
    secret = read_secret(stack)
    player = Player(stack, WRITE_KEYS)
    report.headline(f"a shop day of {day.people} people, seed {day.seed}")
    for phase, posts in enumerate(scenario.day(day.seed, day.people)):
        if PHASES[phase] == "second thoughts":
            posts += _reports(stack, Random(day.seed), phase)
        if PHASES[phase] == "evening":
            _ways_out(stack, player, phase)
        _play_phase(stack, player, posts, secret)
    found, expected = find(stack), verdict.expect(player.sent, secret)
    report.figures(expected, found, receiver.deliveries)
    differences = player.faults + judge(expected, found, receiver, secret)
    differences += messages.lost(dead_letters(stack))
    what = f"{len(expected.customers):,} portraits, {len(expected.entries):,} campaign entries, "
    report.verdict(what + "every message", differences)
    return differences


def _play_phase(stack: Stack, player: Player, posts: Sequence[Post], secret: bytes) -> None:
    name, before = PHASES[posts[0].phase], len(player.sent)
    with report.Progress(stack, name, lambda: len(player.sent) - before) as progress:
        player.play(posts)
        progress.played()
        wait_until_quiet(stack, due=verdict.expect(player.sent, secret).notes)


def judge(expected: verdict.Expected, found: Found, receiver: Receiver, secret: bytes) -> list[str]:
    """Return every difference between the stores and the oracle."""
    now = clock()
    return [
        *verdict.balance(expected, found),
        *verdict.portraits(expected, found, now),
        *dossiers.journeys(expected, found),
        *dossiers.baskets(expected, found, now),
        *messages.emails(expected, found),
        *messages.offers(expected, found, now),
        *messages.webhooks(expected, receiver.deliveries, secret),
    ]


def read_secret(stack: Stack) -> bytes:
    """Return the secret that the template generated for this stack."""
    answer = stack.client("secretsmanager").get_secret_value(SecretId=stack.secret_arn)
    return str(answer["SecretString"]).encode()


def _reports(stack: Stack, random: Random, phase: int) -> list[Post]:
    """Return what SES reports about the messages that were sent so far."""
    found = find(stack)
    subjects = {(one.to, messages.campaign(one)): one.subject for one in found.emails}
    sent = []
    for portrait in found.portraits.values():
        view = portrait.view(found.catalogue, clock())
        address = view.address("email") or ""
        sent += [
            feedback.Delivered(one.id, address, subjects[address, one.campaign])
            for one in view.contacts
            if (address, one.campaign) in subjects and one.state == "sent"
        ]
    return list(feedback.reports(sent, random, phase=phase, now=clock()))


def _ways_out(stack: Stack, player: Player, phase: int) -> None:
    """Let some recipients use the way out that their e-mail shows."""
    sent = emails(stack)
    for email in sent[:: max(1, len(sent) // WAYS_OUT)][:WAYS_OUT]:
        link = next(word for word in email.text.split() if "/unsubscribe/" in word)
        player.leave(link, email.to, phase)
