"""Timers of a customer: how many each starter dialogue sets, lets fire and puts away."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tests.bench.meter import Log
from tests.bench.scenes import Playing, Said, Scene, staged
from tests.bench.shop import DAY_MS
from tests.bench.tables import Cell, paragraph, table

HOUR_MS = 3_600_000
CAMPAIGNS = (
    "abandoned_basket", "birthday", "churn_risk", "high_value_order", "onboarding",
    "post_purchase", "replenishment", "win_back",
)  # fmt: skip

YES = {"channel": "email", "purpose": "marketing"}
ORDER = {"order_id": "W-1", "revenue": 40.0, "value": 40.0, "products": []}
BORN = {"birthday": "1990-03-20"}

Clicked = Callable[[Playing], Mapping[str, Any]]


class Life(NamedTuple):
    """One customer in one starter dialogue: what they do, and for how long they are watched."""

    campaign: str
    what: str
    script: Sequence[Said]
    days: int
    traits: Mapping[str, Any] = {}
    before: Sequence[Said] = ()
    clicks_after: int = 0


def _order(after: int, number: int = 1) -> Said:
    return Said(after, "Order Completed", {**ORDER, "order_id": f"W-{number}"})


CHECKOUT = Said(0, "Checkout Started", {"value": 40.0})
VISITS = [Said(day * DAY_MS, "$page") for day in range(10)]
HABIT = [_order(day * DAY_MS, day) for day in (0, 10, 20, 30)]
SCORES = [Said(0, "$identify")]
ONBOARDED = [Said(1000, "Consent Granted", YES)]

LIVES = (
    Life("", "a quiet customer, ten visits", VISITS, 40),
    Life("onboarding", "never reacts", ONBOARDED, 40),
    Life("onboarding", "clicks after an hour", ONBOARDED, 40, clicks_after=HOUR_MS),
    Life("onboarding", "orders on the second day", [*ONBOARDED, _order(DAY_MS)], 40),
    Life("abandoned_basket", "never orders", [CHECKOUT], 10),
    Life("abandoned_basket", "orders after ten minutes", [CHECKOUT, _order(600_000)], 10),
    Life("birthday", "once in a year", [Said(0, "$identify")], 365, BORN),
    Life("replenishment", "a habit, then nothing", HABIT, 90),
    Life("win_back", "an order, then nothing", [_order(0)], 240),
    Life("post_purchase", "an order", [_order(0)], 10),
    Life("churn_risk", "the score rises", SCORES, 40, {"score.churn": 0.9}),
)


def timers_table(log: Log, *, quick: bool) -> str:
    """Return the timers of one customer in every starter dialogue."""
    rows: list[list[Cell]] = []
    for life in LIVES[:3] if quick else LIVES:
        with_it, journeys = _timers(life, log, paused=False)
        without, _ = _timers(life, log, paused=True)
        name = f"{life.campaign}: {life.what}" if life.campaign else life.what
        rows.append([name, journeys, *with_it, *without])
    headers = ["", "entries", "set", "fired", "put away", "set", "fired", "put away"]
    title = "Timers of one customer, with a starter dialogue (left) and with all paused (right)"
    remarks = [
        "nobody is held out; other campaigns are paused. The timers to the right are those of",
        "segments and dates, which a portrait has in any case; it never has more than one.",
    ]
    return table(title, headers, rows) + "\n\n" + paragraph(remarks)


def _timers(life: Life, log: Log, *, paused: bool) -> tuple[list[int], int]:
    settings = {f"campaign/{key}.control": "0" for key in CAMPAIGNS}
    settings["policy/default.control"] = "0"
    for key in CAMPAIGNS:
        if paused or key != life.campaign:
            settings[f"campaign/{key}.status"] = "paused"
    scene = Scene(settings=settings, traits=life.traits, introduced=False)
    with staged(scene, log) as playing:
        script = [Said(0, "$identify"), *([] if life.campaign == "onboarding" else ONBOARDED)]
        first = life.clicks_after or life.days * DAY_MS
        playing.run([*script, *life.script], first)
        if life.clicks_after:
            playing.say("Email Link Clicked", {"message_id": _message(playing)})
            playing.run([], life.days * DAY_MS)
        requests: Counter[str] = Counter()
        fired = sum(ledger.fired for ledger in playing.pipeline.cloud.ledgers.values())
        for ledger in playing.pipeline.cloud.ledgers.values():
            requests["set"] += ledger.requests["scheduler", "POST"]
            requests["away"] += ledger.requests["scheduler", "DELETE"]
        entered = [
            item
            for item in playing.pipeline.cloud.dynamodb.tables["journeys"].items.values()
            if "entered_at" in item
        ]
        return [requests["set"], fired, requests["away"]], len(entered)


def _message(playing: Playing) -> str:
    """Return the id of the first message that the customer was sent, if any."""
    from portrait.record import Record

    for item in playing.pipeline.cloud.dynamodb.tables["portraits"].items.values():
        if "state" in item:
            for strand in Record.from_image(item).portrait.strands.values():
                for id_ in strand.contacts:
                    return id_
    return "none"
