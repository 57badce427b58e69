"""What models learn from is counted from the archive, as if the document had always been there."""

import time
from random import Random
from typing import Any

import pytest

from functions.profile.handler import handler as profile
from models.churn import features as churn
from models.value import features as value
from portrait.backfill.__main__ import main as backfill
from portrait.catalogue import Catalogue
from portrait.definitions.documents import canonical
from portrait.definitions.reading import STARTERS, read_folder
from portrait.event import Event, encode_envelope
from portrait.identity import home
from portrait.learning.behaviour import behaviour, cut_at
from portrait.learning.document import series_of
from portrait.metrics import DAY_MS
from portrait.portrait import Portrait
from portrait.seen import message_hash
from portrait.store import definitions, portraits
from tests.integration.test_profile_function import a_batch
from tests.local_aws import SECRET, LocalAws
from tests.unit.core.worlds import an_event

DOCUMENTS = [
    {**canonical(draft.definition), "version": 1}
    for folder in ("learning", "policies")
    for draft in read_folder(STARTERS / folder)
]
CATALOGUE = Catalogue.compile(DOCUMENTS)
LEARNING = CATALOGUE.learning
USERS = [f"u{number}" for number in range(12)]
NAMES = ("Order Completed", "Order Completed", "Order Refunded", "Email Opened", "Product Viewed")


def now() -> int:
    return time.time_ns() // 1_000_000


def a_year(random: Random) -> list[Event]:
    """Return what the customers did, in no order; the shop's past is sent all at once."""
    began = now() - 380 * DAY_MS
    return [
        an_event(
            f"{user}-{number}", name=random.choice(NAMES), who={"user_id": user},
            at=began + random.randrange(379 * DAY_MS), received_at=now(), properties={
                "revenue": random.randrange(1, 9_000) / 100, "total": 5.5,
                "products": [{"product_id": f"P-{random.randrange(5)}"}] * random.randint(1, 3),
            },
        )
        for user in USERS
        for number in range(random.randint(2, 15))
    ]  # fmt: skip


def told(events: list[Event]) -> None:
    batch = a_batch(*(encode_envelope((one,)) for one in events), sent_at=now())
    assert profile(batch, None) == {"batchItemFailures": []}


def publish() -> None:
    for document in DOCUMENTS:
        definitions.publish(document, now=1, expected_version=0)


def kept(user: str) -> Portrait:
    record = portraits.follow(home(SECRET.encode(), "user_id", user))
    assert record is not None
    return record.portrait


def expected(user: str, events: list[Event]) -> Portrait:
    """Return the portrait of a customer whose every event was counted as it came."""
    portrait = Portrait(home(SECRET.encode(), "user_id", user))
    for event in events:
        if event.identifiers[0][1] == user:
            message = message_hash(SECRET.encode(), event.source, event.id)
            portrait.strand(portrait.home).fold(event, message, CATALOGUE.metrics)
    return portrait


def learned(portrait: Portrait) -> list[Any]:
    """Return the behaviour as of several days, and the rows that a training makes of it."""
    today = cut_at(now())
    cuts = (today - 200, today - 90, today)
    known = [behaviour(portrait, LEARNING, cut) for cut in cuts]
    rows = [repr(list(churn.examples(portrait, LEARNING, cuts[:2], 60)))]
    return [*known, *rows, repr(list(value.examples(portrait, LEARNING, cuts[:2], 90, today)))]


def test_what_came_before_the_document_is_learned_from_once_it_is_backfilled(
    aws: LocalAws, capsys: pytest.CaptureFixture[str]
):
    events = a_year(Random(5))
    half = len(events) // 2
    told(events[:half])
    publish()
    told(events[half:])
    assert any(learned(kept(user)) != learned(expected(user, events)) for user in USERS)

    assert backfill(["learning"]) == 0
    first = capsys.readouterr().out
    assert backfill(["learning"]) == 0  # safe to repeat

    for user in USERS:
        assert learned(kept(user)) == learned(expected(user, events)), user
    assert {line.rpartition(": ")[0] for line in first.splitlines()} == set(series_of(LEARNING))


def test_a_day_that_begins_it_leaves_what_is_known_of_before(aws: LocalAws):
    publish()
    events = a_year(Random(6))
    told(events)

    tomorrow = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400))
    assert backfill(["learning", "--from", tomorrow]) == 0

    for user in USERS:
        assert learned(kept(user)) == learned(expected(user, events)), user


def test_without_a_document_it_says_what_there_is(
    aws: LocalAws, capsys: pytest.CaptureFixture[str]
):
    assert backfill(["learning"]) == 1
    assert "there is no trait 'learning'" in capsys.readouterr().err
