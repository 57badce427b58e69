"""What each kind of step of a dialogue takes, as the difference of two scenes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from tests.bench.aws.ledger import Ledger
from tests.bench.meter import Log
from tests.bench.pipeline import STAGES
from tests.bench.prices import dollars
from tests.bench.scenes import Said, Scene, play
from tests.bench.shop import DAY_MS
from tests.bench.tables import Cell, paragraph, table

HOUR_MS = 3_600_000
MANY = 20
"""Customers who do the same at the same instant, so that what is done shares its requests."""

Document = Mapping[str, Any]

SHOP: Sequence[Document] = (
    {"kind": "source", "key": "shop", "name": "Shop", "type": "server"},
    {
        "kind": "template", "key": "letter", "channel": "email", "subject": "A word",
        "text": "Hello {{ customer.firstName }}. No more of these: {{ unsubscribe_url }}",
    },
    {"kind": "template", "key": "offer", "channel": "inbox", "title": "A word", "text": "For you.",
     "accept": "Yes", "decline": "No"},
)  # fmt: skip
POLICY: Document = {"kind": "policy", "key": "default", "control": 0}
QUIET = {**POLICY, "quiet_hours": {"from": "09:00", "to": "15:00", "time_zone": "UTC"}}

DAY: Document = {"name": "a_day", "wait": {"for": "1d"}}
MONTH: Document = {"name": "a_month", "wait": {"for": "30d"}}
SEND: Document = {"name": "letter", "send": {"channel": "email", "template": "letter"}}
LISTEN: Document = {
    "name": "listen",
    "wait_for": {"branches": [{"name": "said", "event": "Said"}], "timeout": "12h"},
}
SPLIT: Document = {
    "name": "part",
    "split": {"branches": [{"name": "told", "when": {"trait": "email", "exists": True}}]},
}
GOAL = {"event": "Said", "within": "14d"}

STARTED = Said(0, "Started")
LATER = Said(DAY_MS + HOUR_MS, "Said")
REFUSED = Said(2000, "Consent Withdrawn", {"channel": "email", "purpose": "marketing"})


def scene(
    *steps: Document, script: Sequence[Said] = (STARTED, LATER), policy: Document = POLICY,
    before: Sequence[Said] = (), lasts: int = 2 * DAY_MS, customers: int = 1, **more: Any,
) -> Scene:  # fmt: skip
    """Return a scene with one campaign of these steps, or with none."""
    campaign = {
        "kind": "campaign", "key": "bench", "name": "Bench", "purpose": "marketing", "control": 0,
        "entry": {"event": "Started"}, "steps": list(steps), **more,
    }  # fmt: skip
    documents = [*SHOP, policy, *([campaign] if steps else [])]
    return Scene(documents, script=script, before=before, lasts=lasts, customers=customers)


class Step(NamedTuple):
    """A kind of step: what it takes is what the first scene takes more than the second."""

    name: str
    with_it: Scene
    without: Scene


def steps() -> Iterator[Step]:
    """Yield every kind of step, each between a wait of a day and one of a month."""
    start = (STARTED,)
    nothing, begun = scene(script=start), scene(MONTH, script=start)
    absent = {"event": "Started", "absent": {"event": "Said", "within": "3h"}}
    soon = Said(HOUR_MS, "Said")
    held = scene(MONTH, script=start, entry=absent, lasts=HOUR_MS)
    yield Step("entry, treated", begun, nothing)
    control = scene(MONTH, script=start, control=1, goal=GOAL)
    yield Step("entry, control", control, nothing)
    yield Step("absence begins", held, scene(script=start, lasts=HOUR_MS))
    deaf = {**absent, "absent": {"event": "Else", "within": "3h"}}
    followed, ignored = (
        scene(MONTH, script=(STARTED, soon), entry=entry, lasts=2 * HOUR_MS)
        for entry in (absent, deaf)
    )
    yield Step("  followed", followed, ignored)
    alone = scene(MONTH, script=start, entry=absent)
    yield Step("  not followed: entry", alone, held)
    plain = scene(DAY, MONTH)

    def between(*several: Document, **more: Any) -> Scene:
        return scene(DAY, *several, MONTH, **more)

    yield Step("wait", plain, scene(MONTH))
    yield Step("send, goes", between(SEND), plain)
    refused = scene(DAY, MONTH, before=[REFUSED])
    yield Step("send, held: no consent", between(SEND, before=[REFUSED]), refused)
    quiet = scene(DAY, MONTH, policy=QUIET)
    yield Step("send, waits for quiet hours", between(SEND, policy=QUIET), quiet)
    yield Step("wait_for, branch taken", between(LISTEN), plain)
    silent = scene(DAY, LISTEN, MONTH, script=start)
    yield Step("wait_for, timed out", silent, scene(DAY, MONTH, script=start))
    yield Step("split", between(SPLIT), plain)
    yield Step("update", between({"update": {"traits": {"tier": "gold"}}}), plain)
    yield Step("emit", between({"emit": {"fact": "Reached a Day"}}), plain)
    offer = {"name": "offer", "offer": {"template": "offer"}}
    yield Step("offer", between(offer), plain)
    yield Step("goal (as a step)", between({"goal": {}}), plain)
    yield Step("exit, rather than the wait", scene(DAY, {"exit": {}}), plain)
    yield Step("goal or exit, by an event", scene(DAY, MONTH, goal=GOAL), plain)
    yield Step("whole: entry, send, over", scene(SEND, script=start), nothing)
    yield Step("whole: entry, control", scene(SEND, script=start, control=1), nothing)


def less(one: Mapping[str, Ledger], other: Mapping[str, Ledger]) -> dict[str, Ledger]:
    """Return by stage what one spends more than the other; it may be less."""
    found = {}
    for stage in STAGES:
        mine, theirs = one.get(stage, Ledger()), other.get(stage, Ledger())
        rest = Ledger(cpu=mine.cpu - theirs.cpu, fired=mine.fired - theirs.fired)
        for name in ("requests", "polls", "charges"):
            getattr(rest, name).update(getattr(mine, name))
            getattr(rest, name).subtract(getattr(theirs, name))
        found[stage] = rest
    return found


def steps_table(log: Log, *, quick: bool) -> str:
    """Return what each kind of step takes of AWS."""
    known: dict[int, dict[str, Ledger]] = {}

    def spent(one: Scene) -> dict[str, Ledger]:
        key = id(one)
        if key not in known:
            known[key] = play(one, log)
        return known[key]

    rows: list[list[Cell]] = []
    every = list(steps())
    play(every[6].with_it, log)  # clients are made and templates read before anything is measured
    for step in every[:2] if quick else every:
        alone = less(spent(step.with_it), spent(step.without))
        many = less(
            play(replace(step.with_it, customers=MANY), log),
            play(replace(step.without, customers=MANY), log),
        )
        rows.append([step.name, *_row(alone), f"{_dollars(many) / MANY:.2f}"])
    headers = [
        "", "trigger", "journey", "dispatch", "timers", "write", "read", "SQS", "bus", "invo-",
        "$ per", f"$ with {MANY}",
    ]  # fmt: skip
    units = [
        "", "requests", "requests", "requests", "set/fired/away", "units", "units", "requests",
        "entries", "cations", "million", "at once",
    ]  # fmt: skip
    title = "What each step of a dialogue takes of AWS, beside the event that it answers"
    remarks = [
        "each is played between a wait of a day and one of a month, less the same without it, so",
        "the timer of the wait is with the wait. One customer, all alone; to the right, as many as",
        "share batches. SQS: sent, received and deleted. S3: nothing, only profile archives.",
        "SES is not in it. Setting and putting away a timer costs nothing but the request.",
    ]
    return table(title, headers, [list(units), *rows]) + "\n\n" + paragraph(remarks)


def _row(ledgers: Mapping[str, Ledger]) -> list[Cell]:
    told = {stage: sum(ledgers[stage].requests.values()) for stage in STAGES}
    charges = {
        name: sum(ledger.charges[name] for ledger in ledgers.values())
        for name in (
            "dynamodb_write", "dynamodb_read", "sqs", "eventbridge", "lambda_request",
        )
    }  # fmt: skip
    requests = ledgers["trigger"].requests
    fired = sum(ledger.fired for ledger in ledgers.values())
    timers = f"{requests['scheduler', 'POST']}/{fired}/{requests['scheduler', 'DELETE']}"
    return [
        *(str(told[stage]) for stage in ("trigger", "journey", "dispatch")),
        timers,
        *(f"{amount:g}" for amount in charges.values()),
        f"{_dollars(ledgers):.2f}",
    ]


def _dollars(ledgers: Mapping[str, Ledger]) -> float:
    """Return dollars per million, without what SES takes."""
    charges = [
        {name: amount for name, amount in ledgers[stage].charges.items() if name != "ses"}
        for stage in ("trigger", "journey", "dispatch")
    ]
    return sum(map(dollars, charges)) * 1e6
