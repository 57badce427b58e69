"""Tables of what events cost: requests, invocations, units, bytes, dollars, processor time."""

from collections.abc import Callable, Sequence
from statistics import median

from tests.bench.aws.ledger import Ledger
from tests.bench.experiment import Outcome
from tests.bench.pipeline import STAGES
from tests.bench.prices import AS_OF, DOLLARS, dollars
from tests.bench.tables import Cell, paragraph, table

PATH = ("ingest", "profile")


def requests(ledger: Ledger, *, polled: bool = False) -> int:
    """Return how many AWS requests our code made, with those of Lambda's pollers if asked."""
    return ledger.requests.total() + (ledger.polls.total() if polled else 0)


def without_ses(ledger: Ledger) -> float:
    """Return the dollars of a ledger; what SES takes for an e-mail would hide all the rest."""
    return dollars({name: amount for name, amount in ledger.charges.items() if name != "ses"})


def counts_table(outcomes: Sequence[Outcome], customers: int) -> str:
    """Return what an event takes of AWS under each load."""
    headers = [
        "POST", "fold", "messages", "batch", "requests", "of all", "billed",
        "invocations", "write", "read", "log", "$ per", "$ per",
    ]  # fmt: skip
    units = [
        "", "", "a batch", "events", "ingest+profile", "functions", "+ pollers",
        "per 1,000", "units", "units", "bytes", "1,000", "million",
    ]  # fmt: skip
    rows: list[list[Cell]] = [list(units), *(_counts(outcome) for outcome in outcomes)]
    title = (
        f"{outcomes[0].events:,} events of {customers:,} customers with a past of two months: "
        "what each event takes of AWS"
    )
    remarks = [
        "fold: events of one customer in one batch of profile. A POST is one queue message.",
        "requests are those our code makes; pollers receive and delete up to 10 messages at once.",
        "write and read units are those of ingest and profile; invocations and dollars are of all",
        "five functions, without what SES takes for e-mails. Trigger, journey and dispatch have a",
        "turn after each batch; a dialogue goes on with the next one's. Timers fire later.",
        "2 % of the events are ones that campaigns start on, and one visitor in fifteen signs up.",
        "every event was counted in a portrait exactly once (checked after each load).",
    ]
    return table(title, headers, rows) + "\n\n" + paragraph(remarks)


def _counts(outcome: Outcome) -> list[Cell]:
    load, n = outcome.load, outcome.events
    path, everything = outcome.total(*PATH), outcome.total(*STAGES)
    cost = without_ses(everything) / n
    return [
        str(load.per_post),
        load.fold,
        load.messages,
        min(load.batch, n),
        requests(path) / n,
        requests(everything) / n,
        requests(everything, polled=True) / n,
        everything.charges["lambda_request"] / n * 1000,
        path.charges["dynamodb_write"] / n,
        path.charges["dynamodb_read"] / n,
        everything.log_bytes / n,
        f"{cost * 1e3:.6f}",
        f"{cost * 1e6:.3f}",
    ]


def bill_table(outcome: Outcome) -> str:
    """Return the bill of one load, line by line and function by function."""
    rows: list[list[Cell]] = []
    for price in DOLLARS:
        if price != "ses" and any(outcome.ledgers[s].charges[price] for s in STAGES):
            lines = [
                DOLLARS[price] * outcome.ledgers[stage].charges[price] / outcome.events * 1e6
                for stage in STAGES
            ]
            rows.append([price, *(f"{line:.4f}" for line in (*lines, sum(lines)))])
    totals = [without_ses(outcome.ledgers[stage]) / outcome.events * 1e6 for stage in STAGES]
    rows.append(["total", *(f"{line:.4f}" for line in (*totals, sum(totals)))])
    emails = outcome.ledgers["dispatch"].charges["ses"]
    load = outcome.load
    title = (
        f"Dollars per million events at {load.per_post} a POST and fold {load.fold}, "
        f"{load.batch} events a batch (list prices of us-east-1, {AS_OF})"
    )
    remarks = [
        f"beside it, SES: {emails / outcome.events * 1000:.1f} e-mails per 1,000 events, "
        f"${DOLLARS['ses'] * 1000:.2f} per 1,000 e-mails.",
        "lambda_gb_second is estimated: this machine's processor time, and assumed waits "
        "(prices.py), one call at a time.",
    ]
    return table(title, ["", *STAGES, "total"], rows) + "\n\n" + paragraph(remarks)


def later_table(outcome: Outcome) -> str:
    """Return what the timers that the events set bring about in the month after."""
    from tests.bench.experiment import MONTH_DAYS

    stages = ("trigger", "journey", "dispatch")
    rows: list[list[Cell]] = [
        ["AWS requests", *_later(outcome, stages, requests)],
        ["write units", *_later(outcome, stages, lambda one: one.charges["dynamodb_write"])],
        ["invocations", *_later(outcome, stages, lambda one: one.charges["lambda_request"])],
        ["timers that fire", *_later(outcome, stages, lambda one: one.fired)],
        ["$ per million events", *_later(outcome, stages, lambda one: without_ses(one) * 1e3)],
    ]
    title = f"The {MONTH_DAYS} days after: what timers bring about, for each 1,000 of the events"
    remarks = [
        "each timer fires when it is due, alone, and is acted on in invocations of its own, which",
        "is the most that it can take; where there are many customers they share batches.",
    ]
    return table(title, ["", *stages, "total"], rows) + "\n\n" + paragraph(remarks)


def _later(outcome: Outcome, stages: Sequence[str], of: Callable[[Ledger], float]) -> list[Cell]:
    each = [of(outcome.later.get(stage, Ledger())) / outcome.events * 1000 for stage in stages]
    return [f"{amount:.3f}" for amount in (*each, sum(each))]


def processor_table(outcomes: Sequence[Outcome]) -> str:
    """Return processor time per event as a multiple of bare validation of the same bytes."""
    headers = ["POST", "fold", "messages", *(f"{stage} x" for stage in STAGES)]
    headers += [f"{stage} us" for stage in ("ingest", "profile", "validation")]
    rows = [_processor(outcome) for outcome in outcomes]
    title = "Processor time per event, as a multiple of pydantic's model_validate_json of its bytes"
    remarks = [
        "medians over the batches, validation measured in turns with them in the same process.",
        "botocore, urllib3 and http.client are in it; the kernel, TLS and the network are not.",
    ]
    return table(title, headers, rows) + "\n\n" + paragraph(remarks)


def _processor(outcome: Outcome) -> list[Cell]:
    load, measured = outcome.load, outcome.microseconds
    ratios = [outcome.ratio(stage) for stage in STAGES]
    times = [median(measured[stage]) for stage in ("ingest", "profile", "validation")]
    return [str(load.per_post), load.fold, load.messages, *map(float, (*ratios, *times))]
