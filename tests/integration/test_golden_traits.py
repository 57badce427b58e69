"""Computed traits of a real shop's customers, event by event, against exact answers."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
from msgspec import structs

from portrait.backfill import __main__ as backfill
from portrait.comparisons import instant as as_instant
from portrait.definitions.documents import canonical, parse
from portrait.event import Event, encode_envelope
from portrait.identity import home
from portrait.portrait import Portrait
from portrait.store import definitions, portraits
from tests.faults import deployment
from tests.faults.aws import Clock, Cloud, Faults, installed
from tests.integration.invoices import data, golden, instant, sales

SEED = 20_110_115
MOMENTS = ("2011-01-15 00:00:00", "2011-09-09 12:00:00")
FILES = [f"golden/asof_{moment.replace(' ', 'T').replace(':', '')}.csv" for moment in MOMENTS]
OPENS = {"property": "opens", "equals": True}
IN_A_MESSAGE, IN_A_BATCH = 20, 10


def trait(key: str, operation: str, **fields: Any) -> dict[str, Any]:
    raw = {
        "kind": "trait",
        "key": key,
        "event": "Order Completed",
        "operation": operation,
        **fields,
    }
    return canonical(parse(raw))


TRAITS = [
    *(
        trait(f"transactions_{window}", "count", where=OPENS, window=window, exact=True)
        for window in ("7d", "30d", "90d")
    ),
    trait("transactions_all", "count", where=OPENS),
    # The same, by the invoices' numbers rather than by what opens them.
    trait("invoices_30d", "unique_count", property="order_id", window="30d"),
    trait("invoices_all", "unique_count", property="order_id"),
    trait("distinct_products_30d", "unique_count", property="products.sku", window="30d"),
    *(
        trait(f"spend_{window}", "sum", property="revenue", window=window, exact=True)
        for window in ("30d", "90d")
    ),
    trait("spend_all", "sum", property="revenue"),
    trait("first_at", "first"),
    trait("last_at", "last"),
]
SAME = {"invoices_30d": "transactions_30d", "invoices_all": "transactions_all"}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """An account of its own, with everything deployed and nothing in it, reached by the store."""
    account = Cloud(clock=Clock(instant(MOMENTS[0])), faults=Faults(), region="eu-north-1")
    deployment.create(account)
    with installed(account, environment=deployment.variables()):
        yield account


def publish(cloud: Cloud) -> None:
    for document in TRAITS:
        definitions.publish(document, now=cloud.clock.now_ms, expected_version=0)


def shuffled(events: Sequence[Event], random: Random) -> list[Event]:
    """Return the events in no order, one in twenty of them twice, one in twenty long after all."""
    events = [*events, *random.sample(events, len(events) // 20)]
    random.shuffle(events)
    late = set(random.sample(range(len(events)), len(events) // 20))
    on_time = [event for place, event in enumerate(events) if place not in late]
    return on_time + [events[place] for place in sorted(late)]


def play(events: Sequence[Event], cloud: Cloud) -> None:
    """Let the real profile handler have the events, as the queue would hand them over."""
    from functions.profile.handler import handler

    messages = [events[n : n + IN_A_MESSAGE] for n in range(0, len(events), IN_A_MESSAGE)]
    for start in range(0, len(messages), IN_A_BATCH):
        now = cloud.clock.now_ms
        records = [
            {
                "messageId": f"m{start + place}",
                "body": encode_envelope(
                    tuple(structs.replace(each, received_at=now) for each in message)
                ),
                "attributes": {"SentTimestamp": str(now)},
            }
            for place, message in enumerate(messages[start : start + IN_A_BATCH])
        ]
        assert handler({"Records": records}, None) == {"batchItemFailures": []}


def customers(ids: Sequence[str]) -> Iterator[Portrait]:
    """Yield the portraits of the customers as they are stored, in order."""
    secret = deployment.SECRET.encode()
    homes = [home(secret, "user_id", id_) for id_ in ids]
    for start in range(0, len(homes), 100):
        few = homes[start : start + 100]
        found = portraits.load_resolved(few, consistent=True)
        yield from (found[each].portrait if each in found else Portrait(each) for each in few)


def wrong(path: Any, moment: str) -> tuple[int, list[str]]:
    """Return how many answers were compared, and those that differ."""
    answers, now = list(golden(path)), instant(moment)
    catalogue = definitions.catalogue(now)
    compared, found = 0, []
    for answer, portrait in zip(
        answers, customers([each["customer_id"] for each in answers]), strict=True
    ):
        view = portrait.view(catalogue, now)
        for document in TRAITS:
            name = document["key"]
            expected, value = answer[SAME.get(name, name)], view.trait(name)
            compared += 1
            if (as_instant(value) if name.endswith("_at") else value) != expected:
                found.append(f"{answer['customer_id']} {name}: {value}, not {expected}")
    return compared, found


def test_every_trait_of_every_customer_equals_the_golden_answer_at_both_instants(cloud: Cloud):
    """18,562 events, shuffled, 5 % twice and 5 % late; seed 20110115; every column of the files."""
    source, *files = data("online_retail.csv.gz", *FILES)
    random, events, since = Random(SEED), sales(source), 0
    publish(cloud)

    for path, moment in zip(files, MOMENTS, strict=True):
        until = instant(moment)
        cloud.clock.advance_to(until)
        news = [event for event in events if since < event.timestamp <= until]
        play(shuffled(news, random), cloud)
        compared, differing = wrong(path, moment)
        print(f"{moment}: {len(news)} events, {compared} answers compared, {len(differing)} differ")
        assert differing == []
        assert compared > 10_000
        since = until


def test_traits_that_are_published_later_equal_the_golden_answers_once_they_are_backfilled(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
):
    """Half of the events come before the traits, half after; the command fills in the first."""
    source, path = data("online_retail.csv.gz", FILES[0])
    random, until = Random(SEED), instant(MOMENTS[0])
    events = [event for event in shuffled(sales(source), random) if event.timestamp <= until]
    half = len(events) // 2

    play(events[:half], cloud)
    publish(cloud)
    cloud.clock.advance(61_000)
    play(events[half:], cloud)
    for key in ["transactions_7d", "invoices_30d", "invoices_all", "distinct_products_30d"]:
        assert backfill.main([key]) == 0
    for key in ["spend_30d", "first_at"]:
        assert backfill.main([key]) == 0
    compared, differing = wrong(path, MOMENTS[0])

    assert differing == []
    assert compared > 10_000
    assert "filled" in capsys.readouterr().out


def test_a_trait_that_is_none_is_refused_by_name(cloud: Cloud, capsys: pytest.CaptureFixture[str]):
    publish(cloud)

    assert backfill.main(["spend_9d"]) == 1
    assert "expected one of distinct_products_30d, first_at" in capsys.readouterr().err
